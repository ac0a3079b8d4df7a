//! `Alarm` (SOL003 clause 7.5.2.4).

use windlass_api::api::Api;
use windlass_api::common::{Link, ResourceHandle};
use windlass_api::vnffm::{
    AckState, Alarm, AlarmLinks, EventType, FaultyResourceInfo, FaultyResourceType,
    PerceivedSeverity,
};
use windlass_model::alarm::{self, Fault, Part, Severity};

use super::instance_path;

/// An alarm as clients see it.
pub fn alarm(alarm: &alarm::Alarm) -> Alarm {
    let acknowledged = alarm.acknowledged_at.is_some();
    Alarm {
        id: alarm.id.to_string(),
        managed_object_id: alarm.vnf.to_string(),
        root_cause_faulty_resource: Some(resource(alarm)),
        alarm_raised_time: alarm.raised_at,
        alarm_changed_time: alarm.changed_at,
        alarm_cleared_time: alarm.cleared_at,
        alarm_acknowledged_time: alarm.acknowledged_at,
        ack_state: if acknowledged { AckState::Acknowledged } else { AckState::Unacknowledged },
        perceived_severity: severity(alarm),
        event_time: alarm.raised_at,
        event_type: event_type(alarm.fault),
        fault_type: Some(alarm.fault.name().to_owned()),
        probable_cause: probable_cause(alarm.fault).to_owned(),
        is_root_cause: alarm.caused_by.is_none(),
        correlated_alarm_ids: correlated(alarm),
        fault_details: details(alarm),
        links: AlarmLinks {
            this: Link::to(format!("{}/alarms/{}", Api::VnfFm.root(), alarm.id)),
            object_instance: Some(Link::to(instance_path(alarm.vnf))),
        },
    }
}

fn correlated(alarm: &alarm::Alarm) -> Vec<String> {
    alarm.caused_by.iter().chain(&alarm.causes).map(ToString::to_string).collect()
}

fn resource(alarm: &alarm::Alarm) -> FaultyResourceInfo {
    let place = &alarm.place;
    let (kind, id) = match place.vm {
        Some(vm) => ("vm", vm.to_string()),
        None => ("host", place.host.to_string()),
    };
    FaultyResourceInfo {
        faulty_resource: ResourceHandle {
            vim_connection_id: Some(place.vim.to_string()),
            resource_id: id,
            vim_level_resource_type: Some(kind.to_owned()),
            ..ResourceHandle::default()
        },
        faulty_resource_type: FaultyResourceType::Compute,
    }
}

fn severity(alarm: &alarm::Alarm) -> PerceivedSeverity {
    if !alarm.is_active() {
        return PerceivedSeverity::Cleared;
    }
    match alarm.severity {
        Severity::Critical => PerceivedSeverity::Critical,
        Severity::Major => PerceivedSeverity::Major,
        Severity::Minor => PerceivedSeverity::Minor,
        Severity::Indeterminate => PerceivedSeverity::Indeterminate,
    }
}

fn event_type(fault: Fault) -> EventType {
    match fault {
        Fault::VmCrashed | Fault::VmStopped | Fault::VmRemoved | Fault::VmPaused => {
            EventType::ProcessingErrorAlarm
        }
        Fault::VmUnknown | Fault::HostUnreachable => EventType::CommunicationsAlarm,
    }
}

/// The cause in the words of ITU-T X.733, as far as it has some.
fn probable_cause(fault: Fault) -> &'static str {
    match fault {
        Fault::VmCrashed => "SOFTWARE_PROGRAM_ABNORMALLY_TERMINATED",
        Fault::VmStopped | Fault::VmRemoved => "OUT_OF_BAND_CHANGE",
        Fault::VmPaused => "SOFTWARE_PROGRAM_SUSPENDED",
        Fault::VmUnknown => "UNDERLYING_RESOURCE_UNAVAILABLE",
        Fault::HostUnreachable => "COMMUNICATIONS_SUBSYSTEM_FAILURE",
    }
}

fn details(alarm: &alarm::Alarm) -> Vec<String> {
    let mut details = vec![match &alarm.part {
        Part::Vnfc(name) => format!("vnfcInstanceId={name}"),
        Part::Host(host) => format!("hostId={host}"),
    }];
    details.push(what(alarm.fault).to_owned());
    for attempt in &alarm.healing.attempts {
        let outcome = attempt.outcome.as_deref().unwrap_or("under way");
        details.push(format!("automatic heal {}: {outcome}", attempt.operation));
    }
    if let Some(why) = &alarm.healing.held_back {
        details.push(format!("automatic healing is held back: {why}"));
    }
    if alarm.healing.given_up {
        details.push(
            "automatic healing has given up: it was tried too often within an hour; find out why \
             and heal the VNF yourself"
                .to_owned(),
        );
    }
    details
}

fn what(fault: Fault) -> &'static str {
    match fault {
        Fault::VmCrashed => "its machine stopped by itself",
        Fault::VmStopped => "its machine was stopped by somebody else, or by its guest",
        Fault::VmRemoved => "its machine is not on its host any more",
        Fault::VmPaused => {
            "its machine is suspended: by somebody, or because its disk gave an error; it is not \
             healed by itself, since it would lose what it holds in memory"
        }
        Fault::VmUnknown => {
            "nobody can say whether its machine runs, since its host does not answer"
        }
        Fault::HostUnreachable => {
            "the host does not answer, and nobody can say whether its machines run; they are not \
             healed by themselves, lest there be two of them: once the host is off for sure, heal \
             the VNF yourself"
        }
    }
}
