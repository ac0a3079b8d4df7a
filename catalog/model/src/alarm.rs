//! Alarms: what is wrong with a VNF, from when it was noticed until it is well again.
//!
//! ```text
//!   raised ──▶ active ── changed ─┐ ──▶ cleared
//!                ▲────────────────┘
//! ```
//! The same fault of the same part is the same alarm for as long as it lasts; when it comes back
//! after it was cleared it is a new one. Source: SOL003 clause 7.5.2.4.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::id::{AlarmId, HostId, OperationId, VimId, VmId, VnfInstanceId};

/// What can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Fault {
    /// A machine stopped by itself.
    VmCrashed,
    /// A machine that should run was stopped by somebody else, or by its guest.
    VmStopped,
    /// A machine is not there any more.
    VmRemoved,
    /// A machine is suspended: by somebody, or because its disk gave an error.
    VmPaused,
    /// Nobody can say how a machine is, since its host does not answer.
    VmUnknown,
    /// A host does not answer.
    HostUnreachable,
}

/// How much a fault matters (SOL003 clause 7.5.4.3). That it is over is said by
/// [`Alarm::cleared_at`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Severity {
    /// The VNF is out of service.
    Critical,
    /// The VNF is degraded.
    Major,
    /// The VNF does its service; that may change.
    Minor,
    /// Nobody can say.
    Indeterminate,
}

/// The part of a VNF that a fault is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// A host that carries components of the VNF.
    Host(HostId),
    /// A component, by its name.
    Vnfc(String),
}

/// An alarm of a VNF (SOL003 clause 7.5.2.4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// Its id.
    pub id: AlarmId,
    /// The VNF.
    pub vnf: VnfInstanceId,
    /// The part of it that is at fault.
    pub part: Part,
    /// Where that part is.
    pub place: Place,
    /// What is wrong.
    pub fault: Fault,
    /// How much it matters.
    pub severity: Severity,
    /// When it was noticed.
    pub raised_at: DateTime<Utc>,
    /// When it last changed, if it did.
    pub changed_at: Option<DateTime<Utc>>,
    /// When it was over, if it is.
    pub cleared_at: Option<DateTime<Utc>>,
    /// When somebody took note of it, if somebody did.
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// The alarm that this one follows from.
    pub caused_by: Option<AlarmId>,
    /// The alarms that follow from this one.
    pub causes: Vec<AlarmId>,
    /// What was done about it unasked.
    #[serde(default)]
    pub healing: Healing,
}

/// Where the faulty part is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The VIM.
    pub vim: VimId,
    /// The host.
    pub host: HostId,
    /// The machine, where the part is a component.
    pub vm: Option<VmId>,
}

/// What was done about a fault unasked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Healing {
    /// Every attempt, the oldest first.
    pub attempts: Vec<HealAttempt>,
    /// True when no further attempt is made: too many failed, or did not last.
    pub given_up: bool,
    /// Why no attempt is made for now; `None` when nothing speaks against it.
    #[serde(default)]
    pub held_back: Option<String>,
}

/// An operation that was started because of an alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealAttempt {
    /// The operation.
    pub operation: OperationId,
    /// How it ended; `None` while it is not known to have.
    pub outcome: Option<String>,
}

impl Fault {
    /// Every fault, for tests and tables.
    pub const ALL: [Self; 6] = [
        Self::VmCrashed,
        Self::VmStopped,
        Self::VmRemoved,
        Self::VmPaused,
        Self::VmUnknown,
        Self::HostUnreachable,
    ];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::VmCrashed => "VM_CRASHED",
            Self::VmStopped => "VM_STOPPED",
            Self::VmRemoved => "VM_REMOVED",
            Self::VmPaused => "VM_PAUSED",
            Self::VmUnknown => "VM_UNKNOWN",
            Self::HostUnreachable => "HOST_UNREACHABLE",
        }
    }
}

impl Alarm {
    /// True while the fault lasts.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.cleared_at.is_none()
    }

    /// What only one active alarm can be: this fault of this part of this VNF.
    #[must_use]
    pub fn identity(&self) -> String {
        let (kind, name) = match &self.part {
            Part::Host(host) => ("host", host.to_string()),
            Part::Vnfc(name) => ("vnfc", name.clone()),
        };
        format!("{}/{kind}/{name}/{}", self.vnf, self.fault.name())
    }
}
