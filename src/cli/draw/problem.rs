//! What a server says that went wrong.

use std::fmt::Write;

use serde_json::Value;
use windlass_api::common::ProblemDetails;
use windlass_descriptors::Finding;

use super::Style;

/// More findings than this scroll the sentence away that explains them.
const MAX_FINDINGS: usize = 40;

/// The title, the status, the sentence, and whatever else the server adds.
pub fn draw(problem: &ProblemDetails, style: &Style) -> String {
    let (what, more) = headline(problem);
    let status = match problem.status {
        0 => String::new(),
        status => style.faint(&format!(" ({status})")),
    };
    let mut text = format!("{} {}{status}\n", style.bad("error:"), style.strong(what));
    for line in more.lines() {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {}", line.trim_start());
    }
    for (name, value) in &problem.extensions {
        if let Some(members) = value.as_array().filter(|_| name == "findings") {
            text.push_str(&findings(members, style));
        } else {
            let _ = writeln!(text, "  {} {}", style.faint(&format!("{name}:")), plain(value));
        }
    }
    text
}

/// What stands in the first line, and what below it.
fn headline(problem: &ProblemDetails) -> (&str, &str) {
    match (&problem.title, problem.detail.as_str()) {
        (Some(title), detail) => (title, detail),
        (None, "") => ("the request failed", ""),
        (None, detail) => detail.split_once('\n').unwrap_or((detail, "")),
    }
}

fn findings(members: &[Value], style: &Style) -> String {
    let mut text = String::new();
    for member in members.iter().take(MAX_FINDINGS) {
        let line = match serde_json::from_value::<Finding>(member.clone()) {
            Ok(found) => finding(&found, style),
            Err(_) => format!("  {}\n", plain(member)),
        };
        text.push_str(&line);
    }
    match members.len().saturating_sub(MAX_FINDINGS) {
        0 => text,
        more => text + &format!("  … and {more} more\n"),
    }
}

/// Where it is, what is wrong, and below it what would be right.
fn finding(finding: &Finding, style: &Style) -> String {
    let place = match finding.line {
        0 => finding.file.clone(),
        line => format!("{}:{line}:{}", finding.file, finding.column),
    };
    let severity = match finding.severity {
        windlass_descriptors::Severity::Error => style.bad("error"),
        windlass_descriptors::Severity::Warning => style.paint(super::Mood::Busy, "warning"),
    };
    let mut text = format!("  {place}: {severity}: {}\n", finding.message);
    if let Some(help) = &finding.help {
        let _ = writeln!(text, "      {} {help}", style.faint("help:"));
    }
    text
}

/// A value of JSON as people would write it.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(members) if members.iter().all(|member| !member.is_object()) => {
            members.iter().map(plain).collect::<Vec<_>>().join(", ")
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            value.to_string()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_refusal_reads_like_a_sentence() {
        let problem = ProblemDetails::new(409, "VNF web has an operation under way")
            .with_title("Wrong state")
            .with_extension("operation", "op-7")
            .with_extension("hosts", json!(["left", "right"]));
        insta::assert_snapshot!(draw(&problem, &Style::default()), @r"
        error: Wrong state (409)
          VNF web has an operation under way
          operation: op-7
          hosts: left, right
        ");
    }

    #[test]
    fn findings_say_where_and_what_would_be_right() {
        let finding = |line: u32, message: &str| {
            json!({
                "severity": if line == 0 { "warning" } else { "error" }, "code": "unknown-type",
                "file": "Definitions/router.yaml", "line": line, "column": 9, "message": message,
                "help": "did you mean `tosca.nodes.nfv.VNF`?",
            })
        };
        let problem = ProblemDetails::new(422, "the VNFD has 1 error and 1 warning")
            .with_title("The descriptor is not valid")
            .with_extension(
                "findings",
                json!([finding(12, "there is no type `VFN`"), finding(0, "it is old"), "?"]),
            );
        insta::assert_snapshot!(draw(&problem, &Style::default()), @r"
        error: The descriptor is not valid (422)
          the VNFD has 1 error and 1 warning
          Definitions/router.yaml:12:9: error: there is no type `VFN`
              help: did you mean `tosca.nodes.nfv.VNF`?
          Definitions/router.yaml: warning: it is old
              help: did you mean `tosca.nodes.nfv.VNF`?
          ?
        ");
    }

    #[test]
    fn the_little_that_other_servers_say_is_drawn_too() {
        let silent = ProblemDetails { status: 502, ..Default::default() };
        assert_eq!(draw(&silent, &Style::default()), "error: the request failed (502)\n");
        let brief = ProblemDetails::new(404, "no such VNF");
        assert_eq!(draw(&brief, &Style::default()), "error: no such VNF (404)\n");
        let long = ProblemDetails::new(403, "no host has room\n  left: 2 vCPUs are missing");
        assert_eq!(
            draw(&long, &Style::default()),
            "error: no host has room (403)\n  left: 2 vCPUs are missing\n"
        );
    }

    #[test]
    fn many_findings_are_cut_short() {
        let problem = ProblemDetails::new(422, "").with_extension("findings", vec!["x"; 50]);
        assert!(draw(&problem, &Style::default()).ends_with("  … and 10 more\n"));
    }
}
