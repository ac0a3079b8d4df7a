//! When a VNF heals by itself, and when it stops trying. Pure.
//!
//! What was tried is read from the operations themselves, so that it is the same for every process
//! and after every restart.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize as _;
use windlass_api::vnflcm::HealVnfRequest;
use windlass_model::alarm::{Alarm, Fault, HealAttempt, Part};
use windlass_model::vnf::VnfInstance;
use windlass_model::{OperationId, OperationState};
use windlass_store::{Occurrence, Unfinished};

use super::judge::{Judgement, should_run};
use crate::operations::HEAL;

/// The property of a VNF that lets it heal by itself (SOL001 `is_autoheal_enabled`).
pub const PROPERTY: &str = "isAutohealEnabled";

/// How long before each attempt of an hour; there are no more than these.
const PAUSES: [TimeDelta; MOST] = [
    TimeDelta::zero(),
    TimeDelta::seconds(15),
    TimeDelta::minutes(1),
    TimeDelta::minutes(4),
    TimeDelta::minutes(16),
];
/// Automatic heals of a component within [`WINDOW`].
const MOST: usize = 5;
const WINDOW: TimeDelta = TimeDelta::hours(1);

/// What to do about a component that does not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Heal it.
    Heal,
    /// Leave it alone until then.
    Wait(DateTime<Utc>),
    /// Leave it to people.
    GiveUp,
}

/// What to do after attempts that began at these times, the latest first.
pub fn next(begun: &[DateTime<Utc>], now: DateTime<Utc>) -> Next {
    let recent = begun.iter().filter(|at| now - **at < WINDOW).count();
    let (Some(pause), last) = (PAUSES.get(recent), begun.first()) else { return Next::GiveUp };
    match last.map(|last| *last + *pause) {
        Some(at) if at > now => Next::Wait(at),
        Some(_) | None => Next::Heal,
    }
}

/// The component that an alarm asks to heal: its machine should run and does not, as was seen just
/// now on a host that answers.
///
/// A paused machine holds its memory, and one on a lost host may run on: replacing either would
/// lose what is there, or have two of it. These are left to people.
pub fn component<'a>(
    vnf: &VnfInstance,
    judgement: &Judgement,
    alarm: &'a Alarm,
) -> Option<&'a str> {
    let Part::Vnfc(name) = &alarm.part else { return None };
    let heals = |fault: Fault| match fault {
        Fault::VmCrashed | Fault::VmStopped | Fault::VmRemoved => true,
        Fault::VmPaused | Fault::VmUnknown | Fault::HostUnreachable => false,
    };
    let mut findings = judgement.findings.iter();
    let seen = findings.any(|finding| finding.part == alarm.part && heals(finding.fault));
    let runs = vnf.instantiated.as_ref().zip(vnf.vnfc(name));
    let meant = runs.is_some_and(|(instantiated, vnfc)| should_run(instantiated, vnfc));
    (seen && meant && heals(alarm.fault)).then_some(name)
}

/// Whether a component's machine is missing on its host: it may have been moved to another one.
pub fn is_missing(judgement: &Judgement, alarm: &Alarm) -> bool {
    let mut findings = judgement.findings.iter();
    findings.any(|finding| finding.part == alarm.part && finding.fault == Fault::VmRemoved)
}

/// Since when automatic heals matter: those that count as attempts, and those whose outcome an
/// alarm does not tell yet.
pub fn since<'a>(active: impl Iterator<Item = &'a Alarm>, now: DateTime<Utc>) -> DateTime<Utc> {
    let untold =
        |alarm: &&Alarm| alarm.healing.attempts.iter().any(|attempt| attempt.outcome.is_none());
    let raised = active.filter(untold).map(|alarm| alarm.raised_at);
    raised.chain([now - WINDOW]).min().unwrap_or(now)
}

/// Whether a VNF heals by itself.
pub fn is_enabled(vnf: &VnfInstance) -> bool {
    let property = vnf.configurable_properties.get(PROPERTY);
    property.and_then(serde_json::Value::as_bool).unwrap_or(false)
}

/// True for a heal that nobody asked for.
fn is_ours(operation: &Occurrence) -> bool {
    operation.automatic && operation.kind == HEAL
}

/// True for such a heal that waits for somebody to decide.
pub fn is_stuck(operation: &Unfinished) -> bool {
    operation.automatic && operation.kind == HEAL && operation.state == OperationState::FailedTemp
}

/// When the automatic heals of a component began, the latest first.
pub fn attempts(operations: &[Occurrence], vnfc: &str) -> Vec<DateTime<Utc>> {
    let mut begun: Vec<_> = operations
        .iter()
        .filter(|operation| is_ours(operation) && names(operation).iter().any(|name| name == vnfc))
        .map(|operation| operation.started_at)
        .collect();
    begun.sort_unstable_by(|one, other| other.cmp(one));
    begun
}

/// The alarm with what has become of the attempts to heal it.
pub fn told(alarm: &Alarm, operations: &[Occurrence]) -> Alarm {
    let mut alarm = alarm.clone();
    for attempt in alarm.healing.attempts.iter_mut().filter(|attempt| attempt.outcome.is_none()) {
        let operation = operations.iter().find(|operation| operation.id == attempt.operation);
        attempt.outcome = operation.and_then(outcome);
    }
    alarm
}

/// The alarm with one more attempt.
pub fn tried(alarm: &Alarm, operation: OperationId) -> Alarm {
    let mut alarm = alarm.clone();
    alarm.healing.attempts.push(HealAttempt { operation, outcome: None });
    alarm.healing.held_back = None;
    alarm
}

fn outcome(operation: &Occurrence) -> Option<String> {
    let ended = operation.state.is_final() || operation.state == OperationState::FailedTemp;
    ended.then(|| match &operation.error {
        Some(error) => format!("{}: {error}", operation.state),
        None => operation.state.to_string(),
    })
}

/// The components that a heal was asked to replace.
fn names(operation: &Occurrence) -> Vec<String> {
    let request = HealVnfRequest::deserialize(&operation.params);
    request.map(|request| request.vnfc_instance_id).unwrap_or_default()
}
