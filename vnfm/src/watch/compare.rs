//! What becomes of a VNF's alarms when it is judged anew. Pure.

use chrono::{DateTime, Utc};
use windlass_model::alarm::{Alarm, Fault, Healing, Part};
use windlass_model::{AlarmId, VnfInstanceId};

use super::judge::{Finding, Judgement};

/// The alarms that have to be written: new ones, and active ones that have changed or are over.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Faults that nobody knew of.
    pub raised: Vec<Alarm>,
    /// Alarms that say something else now; those with `cleared_at` are over.
    pub changed: Vec<Alarm>,
}

impl Changes {
    /// True when everything is as it was.
    pub fn is_empty(&self) -> bool {
        self.raised.is_empty() && self.changed.is_empty()
    }
}

/// Compares what is wrong now with the active alarms of the VNF.
pub fn compare(
    vnf: VnfInstanceId,
    judgement: &Judgement,
    active: &[Alarm],
    now: DateTime<Utc>,
) -> Changes {
    let mut wanted: Vec<(Alarm, bool)> = judgement
        .findings
        .iter()
        .map(|finding| match known(finding, active) {
            Some(alarm) => (updated(alarm, finding), false),
            None => (new(vnf, finding, now), true),
        })
        .collect();
    correlate(&mut wanted);

    let mut changes = Changes::default();
    for alarm in active {
        match wanted.iter().find(|(wanted, _)| wanted.id == alarm.id) {
            Some((same, _)) if same == alarm => {}
            Some((other, _)) => {
                changes.changed.push(Alarm { changed_at: Some(now), ..other.clone() });
            }
            None if judgement.undecided.contains(&alarm.part) => {}
            None => changes.changed.push(Alarm { cleared_at: Some(now), ..alarm.clone() }),
        }
    }
    changes.raised = wanted.into_iter().filter(|(_, new)| *new).map(|(alarm, _)| alarm).collect();
    changes
}

/// The active alarm that is about a finding. How a machine came to stop is known best when it does:
/// a crash that is later seen as a stop is still that crash.
fn known<'a>(finding: &Finding, active: &'a [Alarm]) -> Option<&'a Alarm> {
    let about = |fault: Fault| {
        active.iter().find(move |alarm| alarm.part == finding.part && alarm.fault == fault)
    };
    let also = match finding.fault {
        Fault::VmStopped => about(Fault::VmCrashed),
        Fault::VmCrashed => about(Fault::VmStopped),
        Fault::VmRemoved | Fault::VmPaused | Fault::VmUnknown | Fault::HostUnreachable => None,
    };
    about(finding.fault).or(also)
}

fn updated(alarm: &Alarm, finding: &Finding) -> Alarm {
    Alarm { place: finding.place.clone(), severity: finding.severity, ..alarm.clone() }
}

fn new(vnf: VnfInstanceId, finding: &Finding, now: DateTime<Utc>) -> Alarm {
    Alarm {
        id: AlarmId::new(),
        vnf,
        part: finding.part.clone(),
        place: finding.place.clone(),
        fault: finding.fault,
        severity: finding.severity,
        raised_at: now,
        changed_at: None,
        cleared_at: None,
        acknowledged_at: None,
        caused_by: None,
        causes: Vec::new(),
        healing: Healing::default(),
    }
}

/// Nobody knows how a machine is because its host is lost: the one alarm follows from the other.
fn correlate(wanted: &mut [(Alarm, bool)]) {
    let hosts: Vec<_> = wanted
        .iter()
        .filter(|(alarm, _)| matches!(alarm.part, Part::Host(_)))
        .map(|(alarm, _)| (alarm.id, alarm.place.host))
        .collect();
    for (root, host) in hosts {
        let mut follow = Vec::new();
        for (alarm, _) in wanted.iter_mut() {
            if alarm.fault == Fault::VmUnknown && alarm.place.host == host {
                alarm.caused_by = Some(root);
                follow.push(alarm.id);
            }
        }
        if let Some((alarm, _)) = wanted.iter_mut().find(|(alarm, _)| alarm.id == root) {
            alarm.causes = follow;
        }
    }
}
