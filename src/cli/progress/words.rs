//! What happens, in words.

use chrono::{DateTime, TimeDelta, Utc};
use windlass_api::windlass::{OperationStep, StepState};

use super::super::draw::{Mood, Style, lasted};
use super::super::operation::Operation;
use super::snapshot::Event;

/// `instantiate of NS shop`.
pub fn title(operation: &Operation, name: &str) -> String {
    format!("{} of {} {name}", spoken(operation.verb()), operation.kind().noun())
}

/// A word of an API as people say it: `SCALE_TO_LEVEL` is `scale to level`.
pub fn spoken(word: &str) -> String {
    word.replace('_', " ").to_lowercase()
}

/// A state of an operation, in words and in its colour.
pub fn state(state: &str, style: &Style) -> String {
    let words = match state {
        // The standard's name says neither that it waits, nor for what.
        "FAILED_TEMP" => "stopped half way".to_owned(),
        state => spoken(state),
    };
    style.paint(Mood::of(state), &words)
}

/// What a step does, in the words of its plan, with the VNF in front where that is not clear.
pub fn step(event: &Event<'_>) -> String {
    let deed = match event.step.subject.as_str() {
        "" => spoken(&event.step.name),
        subject => subject.to_owned(),
    };
    match event.label {
        Some(label) if !deed.contains(label) => format!("{label}: {deed}"),
        Some(_) | None => deed,
    }
}

/// A step at work, and for how long: `web: wait until web-0 is ready 3.2 s`.
pub fn running(event: &Event<'_>, now: DateTime<Utc>, style: &Style) -> String {
    let since = event.step.started_at.map(|since| lasted(now - since)).unwrap_or_default();
    let undoing = if event.step.state == StepState::Undoing { "undo " } else { "" };
    let attempt = match event.step.attempt {
        0 | 1 => String::new(),
        attempt => format!(" (attempt {attempt})"),
    };
    let faint = style.faint(&format!("{since}{attempt}"));
    format!("{undoing}{} {faint}", step(event)).trim_end().to_owned()
}

/// What happened to a step, with a mark in front: `✓ web: wait until web-0 is ready 3.2 s`.
pub fn happened(event: &Event<'_>, style: &Style) -> String {
    let (mark, mood) = match event.step.state {
        StepState::Done => ("✓", Mood::Good),
        StepState::Failed => ("✗", Mood::Bad),
        StepState::Undone => ("↶", Mood::Busy),
        StepState::Undoing => ("↶", Mood::Quiet),
        StepState::Running => ("▸", Mood::Quiet),
        StepState::Skipped | StepState::Pending => ("·", Mood::Quiet),
    };
    let ending = match event.step.state {
        StepState::Done | StepState::Failed => took(event.step).map(lasted).unwrap_or_default(),
        StepState::Undone => "undone".to_owned(),
        StepState::Undoing => "undo".to_owned(),
        StepState::Skipped => "nothing to do".to_owned(),
        StepState::Running if event.step.attempt > 1 => format!("attempt {}", event.step.attempt),
        StepState::Running | StepState::Pending => String::new(),
    };
    let line = format!("{} {} {}", style.paint(mood, mark), step(event), style.faint(&ending));
    let line = line.trim_end().to_owned();
    match &event.step.error {
        Some(error) if event.step.state == StepState::Failed => format!("{line}\n    {error}"),
        _ => line,
    }
}

fn took(step: &OperationStep) -> Option<TimeDelta> {
    Some(step.ended_at? - step.started_at?)
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use windlass_api::common::ProblemDetails;
    use windlass_api::windlass::OperationProgress;

    use super::super::snapshot::{Part, Snapshot};
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        Utc.timestamp_opt(1_700_000_000 + seconds, 250_000_000).unwrap()
    }

    /// A step that began at a second, and ended at another unless that is zero.
    fn step_of(subject: &str, name: &str, state: StepState, from: i64, to: i64) -> OperationStep {
        OperationStep {
            id: format!("{name}-{subject}"),
            name: name.to_owned(),
            subject: subject.to_owned(),
            state,
            started_at: Some(at(from)),
            ended_at: (to > 0).then(|| at(to)),
            attempt: 1,
            error: None,
        }
    }

    fn part(operation: &str, label: Option<&str>, steps: Vec<OperationStep>) -> Part {
        let done = steps.iter().filter(|step| step.state == StepState::Done).count();
        let progress = OperationProgress {
            operation_id: operation.to_owned(),
            state: "PROCESSING".to_owned(),
            done: u32::try_from(done).unwrap(),
            total: u32::try_from(steps.len()).unwrap(),
            steps,
        };
        Part { label: label.map(str::to_owned), progress }
    }

    fn moment(parts: Vec<Part>) -> Snapshot {
        Snapshot { state: "PROCESSING".to_owned(), parts }
    }

    /// Everything that a file would have of these moments.
    fn transcript(moments: &[Snapshot]) -> String {
        let style = Style::default();
        let mut before = Snapshot::default();
        let mut text = String::new();
        for now in moments {
            let (done, total) = now.count();
            text.push_str(&format!("-- {done}/{total}\n"));
            for event in now.since(&before) {
                text.push_str(&happened(&event, &style));
                text.push('\n');
            }
            before = now.clone();
        }
        text
    }

    #[test]
    fn the_steps_of_a_service_and_its_vnfs_are_told_as_they_happen() {
        use StepState::{Done, Failed, Pending, Running, Undoing, Undone};
        let network = |state, to| step_of("make network lan", "ensure_network", state, 0, to);
        let vnf = |state, to| step_of("instantiate VNF web", "instantiate_vnf", state, 1, to);
        let define = |state, to| step_of("define vm-0 on left", "define_vm", state, 1, to);
        let ready = |state, to| step_of("wait until vm-0 is ready", "await_ready", state, 2, to);
        let mut failed = ready(Failed, 92);
        failed.error = Some(ProblemDetails::new(504, "the guest agent of vm-0 did not answer"));
        let mut again = ready(Running, 0);
        again.attempt = 2;
        let moments = [
            moment(vec![part("ns", None, vec![network(Running, 0), vnf(Pending, 0)])]),
            moment(vec![
                part("ns", None, vec![network(Done, 1), vnf(Running, 0)]),
                part("vnf", Some("web"), vec![define(Done, 2), ready(Running, 0)]),
            ]),
            moment(vec![
                part("ns", None, vec![network(Done, 1), vnf(Running, 0)]),
                part("vnf", Some("web"), vec![define(Done, 2), again]),
            ]),
            moment(vec![
                part("ns", None, vec![network(Done, 1), vnf(Failed, 93)]),
                part("vnf", Some("web"), vec![define(Undoing, 2), failed]),
            ]),
            moment(vec![
                part("ns", None, vec![network(Undone, 95), vnf(Failed, 93)]),
                part("vnf", Some("web"), vec![define(Undone, 94)]),
            ]),
        ];
        insta::assert_snapshot!(transcript(&moments), @r"
        -- 0/2
        ▸ make network lan
        -- 2/4
        ✓ make network lan 1.0 s
        ▸ instantiate VNF web
        ✓ web: define vm-0 on left 1.0 s
        ▸ web: wait until vm-0 is ready
        -- 2/4
        ▸ web: wait until vm-0 is ready attempt 2
        -- 1/4
        ↶ web: define vm-0 on left undo
        ✗ web: wait until vm-0 is ready 1 min 30 s
            the guest agent of vm-0 did not answer
        ✗ instantiate VNF web 1 min 32 s
        -- 0/3
        ↶ web: define vm-0 on left undone
        ↶ make network lan undone
        ");
    }

    #[test]
    fn a_running_step_says_for_how_long() {
        let style = Style::default();
        let ready = step_of("wait until web-0 is ready", "await_ready", StepState::Running, 0, 0);
        let event = Event { label: Some("web"), step: &ready };
        assert_eq!(running(&event, at(3), &style), "wait until web-0 is ready 3.0 s");
        let nameless = OperationStep { subject: String::new(), ..ready };
        let event = Event { label: Some("web"), step: &nameless };
        assert_eq!(running(&event, at(-1), &style), "web: await ready 0.0 s");
    }
}
