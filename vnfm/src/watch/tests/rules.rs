//! The rules: what is wrong, what becomes of alarms, and when a VNF heals by itself.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use windlass_model::alarm::{Alarm, Fault, Part, Severity};
use windlass_model::vnf::InstantiatedVnf;
use windlass_model::{HostId, VmId, VnfInstanceId};
use windlass_vim::VmState;

use super::stage::vnf_of;
use crate::watch::compare::{Changes, compare};
use crate::watch::healing::{Next, next};
use crate::watch::judge::{Judgement, Seen, Sighting, judge};

const RUNNING: Option<Seen> = Some(Seen::There(VmState::Running));
const STOPPED: Option<Seen> = Some(Seen::There(VmState::Stopped));
const CRASHED: Option<Seen> = Some(Seen::There(VmState::Crashed));
const PAUSED: Option<Seen> = Some(Seen::There(VmState::Paused));
const GONE: Option<Seen> = Some(Seen::Gone);
const HIDDEN: Option<Seen> = None;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::seconds(seconds)
}

/// Two components on a host each, seen so.
fn sighting(vnf: &InstantiatedVnf, seen: [Option<Seen>; 2], lost: bool) -> Sighting {
    let machines = vnf.vnfcs.iter().zip(seen);
    Sighting {
        machines: machines.filter_map(|(vnfc, seen)| Some((vnfc.vm, seen?))).collect(),
        lost: if lost { vnf.vnfcs.iter().map(|vnfc| vnfc.host).collect() } else { BTreeSet::new() },
    }
}

fn pair() -> InstantiatedVnf {
    vnf_of(&[(HostId::new(), VmId::new()), (HostId::new(), VmId::new())])
}

fn found(judgement: &Judgement) -> Vec<(Fault, Severity)> {
    judgement.findings.iter().map(|finding| (finding.fault, finding.severity)).collect()
}

/// How two machines are seen, whether their host is lost, and what that means.
type Sight = ([Option<Seen>; 2], bool, &'static [(Fault, Severity)]);

#[test]
fn each_sight_of_a_machine_means_one_thing() {
    use Severity::{Critical, Indeterminate, Major};
    let table: [Sight; 8] = [
        ([RUNNING, RUNNING], false, &[]),
        ([CRASHED, RUNNING], false, &[(Fault::VmCrashed, Major)]),
        ([STOPPED, PAUSED], false, &[(Fault::VmStopped, Critical), (Fault::VmPaused, Critical)]),
        ([GONE, RUNNING], false, &[(Fault::VmRemoved, Major)]),
        ([HIDDEN, RUNNING], false, &[]),
        ([HIDDEN, CRASHED], false, &[(Fault::VmCrashed, Major)]),
        (
            [HIDDEN, RUNNING],
            true,
            &[(Fault::VmUnknown, Indeterminate), (Fault::HostUnreachable, Major)],
        ),
        (
            [HIDDEN, CRASHED],
            true,
            &[
                (Fault::VmUnknown, Indeterminate),
                (Fault::VmCrashed, Critical),
                (Fault::HostUnreachable, Critical),
            ],
        ),
    ];
    let vnf = pair();
    for (seen, lost, expected) in table {
        let judgement = judge(&vnf, &sighting(&vnf, seen, lost));
        assert_eq!(found(&judgement), expected, "{seen:?}, lost: {lost}");
    }
}

#[test]
fn what_was_stopped_on_purpose_may_stand_but_not_vanish() {
    let stopped = InstantiatedVnf { started: false, ..pair() };
    for seen in [[STOPPED, CRASHED], [PAUSED, RUNNING]] {
        assert_eq!(found(&judge(&stopped, &sighting(&stopped, seen, false))), []);
    }
    let gone = judge(&stopped, &sighting(&stopped, [GONE, STOPPED], false));
    assert_eq!(found(&gone), [(Fault::VmRemoved, Severity::Minor)]);

    let mut one = pair();
    one.stopped = BTreeSet::from([one.vnfcs[0].vm]);
    assert_eq!(found(&judge(&one, &sighting(&one, [STOPPED, RUNNING], false))), []);
    let both = judge(&one, &sighting(&one, [STOPPED, STOPPED], false));
    assert_eq!(found(&both), [(Fault::VmStopped, Severity::Critical)], "the other should run");
}

#[test]
fn the_alarms_of_machines_follow_from_that_of_their_lost_host() {
    let vnf = pair();
    let judgement = judge(&vnf, &sighting(&vnf, [HIDDEN, HIDDEN], true));
    let Changes { raised, changed } = compare(VnfInstanceId::new(), &judgement, &[], at(0));
    assert_eq!((raised.len(), changed.len()), (4, 0));
    for host in raised.iter().filter(|alarm| alarm.fault == Fault::HostUnreachable) {
        let follow: Vec<_> =
            raised.iter().filter(|alarm| alarm.caused_by == Some(host.id)).collect();
        assert_eq!(follow.len(), 1);
        assert_eq!(follow[0].place.host, host.place.host);
        assert_eq!(host.causes, [follow[0].id]);
    }
}

#[test]
fn a_crash_that_is_later_seen_as_a_stop_stays_that_crash() {
    let (vnf, id) = (pair(), VnfInstanceId::new());
    let crash = judge(&vnf, &sighting(&vnf, [CRASHED, RUNNING], false));
    let active = compare(id, &crash, &[], at(0)).raised;
    let stop = judge(&vnf, &sighting(&vnf, [STOPPED, RUNNING], false));
    assert!(compare(id, &stop, &active, at(1)).is_empty());
}

#[test]
fn a_vnf_heals_at_once_then_later_and_later_and_then_no_more() {
    let ago = |seconds: &[i64]| -> Vec<_> { seconds.iter().map(|s| at(-s)).collect() };
    let table: [(&[i64], Next); 7] = [
        (&[], Next::Heal),
        (&[10], Next::Wait(at(5))),
        (&[20], Next::Heal),
        (&[20, 40], Next::Wait(at(40))),
        (&[300, 400, 500], Next::Heal),
        (&[1, 100, 500, 1000, 2000], Next::GiveUp),
        (&[3601, 3700, 3800, 3900, 4000], Next::Heal),
    ];
    for (begun, expected) in table {
        assert_eq!(next(&ago(begun), at(0)), expected, "after heals {begun:?} seconds ago");
    }
}

fn any_seen() -> impl Strategy<Value = Option<Seen>> {
    prop::sample::select(vec![RUNNING, STOPPED, CRASHED, PAUSED, GONE, HIDDEN])
}

fn apply(active: &mut Vec<Alarm>, Changes { raised, changed }: Changes) {
    for alarm in changed {
        active.retain(|known| known.id != alarm.id);
        if alarm.is_active() {
            active.push(alarm);
        }
    }
    active.extend(raised);
}

proptest! {
    /// Whatever is seen, in whatever order: no fault has two alarms, looking again at the same
    /// changes nothing, what nobody can see is not over, and when all is well no alarm is left.
    #[test]
    fn alarms_follow_what_is_seen(
        history in prop::collection::vec(([any_seen(), any_seen()], any::<bool>()), 1..20),
    ) {
        let (vnf, id) = (pair(), VnfInstanceId::new());
        let mut active: Vec<Alarm> = Vec::new();
        for (seen, lost) in history {
            let judgement = judge(&vnf, &sighting(&vnf, seen, lost));
            let before = active.clone();
            let changes = compare(id, &judgement, &active, at(1));
            apply(&mut active, changes);

            let identities: BTreeSet<_> = active.iter().map(Alarm::identity).collect();
            prop_assert_eq!(identities.len(), active.len());
            prop_assert!(compare(id, &judgement, &active, at(2)).is_empty());
            for (vnfc, seen) in vnf.vnfcs.iter().zip(seen) {
                let part = Part::Vnfc(vnfc.name.clone());
                let kept = |alarm: &Alarm| active.iter().any(|other| other.id == alarm.id);
                let about = before.iter().filter(|alarm| alarm.part == part);
                prop_assert!(seen.is_some() || about.into_iter().all(kept));
            }
        }
        let well = judge(&vnf, &sighting(&vnf, [RUNNING, RUNNING], false));
        let changes = compare(id, &well, &active, at(3));
        apply(&mut active, changes);
        prop_assert!(active.is_empty());
    }
}
