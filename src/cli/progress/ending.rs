//! How an operation ended, why, and what can be done next.

use std::fmt::Write;

use super::super::draw::{Mood, Style, lasted, problem};
use super::super::operation::Operation;
use super::words::{state, title};

/// The end state and the duration; after a failure the reason, and what can be done next.
pub fn draw(operation: &Operation, name: &str, style: &Style) -> String {
    let (mark, mood) =
        if operation.is_completed() { ("✓", Mood::Good) } else { ("✗", Mood::Bad) };
    let title = title(operation, name);
    let state = state(operation.state(), style);
    let mut text = format!("{} {} {state}", style.paint(mood, mark), style.strong(&title));
    if let Some(entered) = operation.entered() {
        let took = lasted(entered - operation.started());
        // Writing to a String cannot fail.
        let _ = write!(text, " {}", style.faint(&format!("after {took}")));
    }
    text.push('\n');
    if let Some(error) = operation.error() {
        text.push_str(&problem::draw(error, style));
    }
    if operation.is_completed() { text } else { text + &next(operation, style) }
}

/// The verbs that the server allows now.
fn next(operation: &Operation, style: &Style) -> String {
    let why = |task| match task {
        "retry" => Some("try again what is left"),
        "rollback" => Some("undo what was done"),
        "fail" => Some("give up and leave it as it is"),
        _ => None,
    };
    let mut text = String::new();
    for task in operation.tasks() {
        if let Some(why) = why(task) {
            let verb = format!("windlass op {task} {}", style.id(operation.id()));
            let _ = writeln!(text, "  {verb:32}  {}", style.faint(why));
        }
    }
    if text.is_empty() { text } else { format!("What can be done next:\n{text}") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn scale(
        state: &str,
        error: Option<serde_json::Value>,
        links: &serde_json::Value,
    ) -> Operation {
        let mut operation = json!({
            "id": "0193a1b2-c3d4-7abc-8def-0123456789ab",
            "operationState": state,
            "stateEnteredTime": "2026-01-01T00:01:05Z",
            "startTime": "2026-01-01T00:00:00Z",
            "vnfInstanceId": "vnf-1",
            "operation": "SCALE_TO_LEVEL",
            "isAutomaticInvocation": false,
            "isCancelPending": false,
            "_links": links,
        });
        if let Some(error) = error {
            operation["error"] = error;
        }
        Operation::Vnf(serde_json::from_value(operation).unwrap())
    }

    #[test]
    fn success_is_one_line() {
        let links = json!({ "self": { "href": "/" }, "vnfInstance": { "href": "/" } });
        let done = scale("COMPLETED", None, &links);
        insta::assert_snapshot!(
            draw(&done, "web", &Style::default()),
            @"✓ scale to level of VNF web completed after 1 min 5 s"
        );
    }

    #[test]
    fn failure_says_why_and_what_can_be_done() {
        let error =
            json!({ "title": "No room", "status": 507, "detail": "no host has 8 vCPUs left" });
        let link = json!({ "href": "/" });
        let links = json!({ "self": link, "vnfInstance": link, "retry": link, "rollback": link, "fail": link });
        let failed = scale("FAILED_TEMP", Some(error), &links);
        insta::assert_snapshot!(draw(&failed, "web", &Style::default()), @r"
        ✗ scale to level of VNF web stopped half way after 1 min 5 s
        error: No room (507)
          no host has 8 vCPUs left
        What can be done next:
          windlass op retry 456789ab        try again what is left
          windlass op rollback 456789ab     undo what was done
          windlass op fail 456789ab         give up and leave it as it is
        ");
    }
}
