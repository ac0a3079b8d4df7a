//! What is wrong with a VNF, from what should be and what was seen. Pure.

use std::collections::{BTreeMap, BTreeSet};

use windlass_model::alarm::{Fault, Part, Place, Severity};
use windlass_model::vnf::{InstantiatedVnf, Vnfc};
use windlass_model::{HostId, VmId};
use windlass_vim::VmState;

/// What was seen of machines and hosts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sighting {
    /// What is known of each machine; of those that are not named nobody could say.
    pub machines: BTreeMap<VmId, Seen>,
    /// Hosts that have not answered for so long that they count as lost.
    pub lost: BTreeSet<HostId>,
}

/// What was seen of a machine on a host that answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Seen {
    /// It is there.
    There(VmState),
    /// It is not.
    Gone,
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// With which part.
    pub part: Part,
    /// Where that is.
    pub place: Place,
    /// What.
    pub fault: Fault,
    /// How much it matters.
    pub severity: Severity,
}

/// What is wrong with a VNF.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judgement {
    /// What is wrong for sure.
    pub findings: Vec<Finding>,
    /// Parts of which nobody can say whether anything is wrong: what was said of them stands.
    pub undecided: BTreeSet<Part>,
}

/// How a component is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Condition {
    Well,
    Faulty(Fault),
    /// Its host has not answered for a long time.
    Lost,
    /// Its host did not answer this time.
    Hidden,
}

/// Judges an instantiated VNF that no operation works on.
pub fn judge(vnf: &InstantiatedVnf, seen: &Sighting) -> Judgement {
    let conditions: Vec<(&Vnfc, Condition)> =
        vnf.vnfcs.iter().map(|vnfc| (vnfc, condition(vnf, vnfc, seen))).collect();
    let serves = |(vnfc, condition): &(&Vnfc, Condition)| {
        should_run(vnf, vnfc) && matches!(condition, Condition::Well | Condition::Hidden)
    };
    let outage = if conditions.iter().any(serves) { Severity::Major } else { Severity::Critical };

    let mut judgement = Judgement::default();
    let mut lost: BTreeMap<HostId, &Vnfc> = BTreeMap::new();
    for (vnfc, condition) in conditions {
        match condition {
            Condition::Well => {}
            Condition::Faulty(fault) => {
                let severity = if should_run(vnf, vnfc) { outage } else { Severity::Minor };
                judgement.add(component(vnfc), vnfc, fault, severity);
            }
            Condition::Lost => {
                judgement.undecided.insert(component(vnfc));
                judgement.add(component(vnfc), vnfc, Fault::VmUnknown, Severity::Indeterminate);
                lost.insert(vnfc.host, vnfc);
            }
            Condition::Hidden => {
                judgement.undecided.extend([component(vnfc), Part::Host(vnfc.host)]);
            }
        }
    }
    for (host, vnfc) in lost {
        judgement.add(Part::Host(host), vnfc, Fault::HostUnreachable, outage);
    }
    judgement
}

/// Whether a component's machine is meant to run.
pub fn should_run(vnf: &InstantiatedVnf, vnfc: &Vnfc) -> bool {
    vnf.started && !vnf.stopped.contains(&vnfc.vm)
}

fn component(vnfc: &Vnfc) -> Part {
    Part::Vnfc(vnfc.name.clone())
}

fn condition(vnf: &InstantiatedVnf, vnfc: &Vnfc, seen: &Sighting) -> Condition {
    let Some(machine) = seen.machines.get(&vnfc.vm) else {
        let lost = seen.lost.contains(&vnfc.host);
        return if lost { Condition::Lost } else { Condition::Hidden };
    };
    match machine {
        Seen::Gone => Condition::Faulty(Fault::VmRemoved),
        Seen::There(VmState::Running) => Condition::Well,
        Seen::There(_) if !should_run(vnf, vnfc) => Condition::Well,
        Seen::There(VmState::Crashed) => Condition::Faulty(Fault::VmCrashed),
        Seen::There(VmState::Stopped) => Condition::Faulty(Fault::VmStopped),
        Seen::There(VmState::Paused) => Condition::Faulty(Fault::VmPaused),
    }
}

impl Judgement {
    fn add(&mut self, part: Part, vnfc: &Vnfc, fault: Fault, severity: Severity) {
        let vm = matches!(part, Part::Vnfc(_)).then_some(vnfc.vm);
        let place = Place { vim: vnfc.vim, host: vnfc.host, vm };
        self.findings.push(Finding { part, place, fault, severity });
    }
}
