//! `windlass audit`: what belongs to nobody, and what is missing.

use windlass_api::windlass::AuditReport;

use super::context::Context;
use super::draw::{Cell, Grid, Page, Style};
use super::outcome::Outcome;

/// Asks for the difference between what is recorded and what is there; any is a failure.
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    let report = context.nfvo.audit().await?;
    context.output.result(&report, |style| draw(&report, style))?;
    Ok(if is_clean(&report) { Outcome::Done } else { Outcome::Failed })
}

/// A host that could not be asked may hold anything.
fn is_clean(report: &AuditReport) -> bool {
    report.orphans.is_empty() && report.missing.is_empty() && report.unreachable.is_empty()
}

fn draw(report: &AuditReport, style: &Style) -> String {
    if is_clean(report) {
        return "nothing is left over, and nothing is missing\n".to_owned();
    }
    let mut orphans = Grid::new(style, &["type", "name", "resource", "host", "made for", "by"]);
    for orphan in &report.orphans {
        orphans.row([
            Cell::from(orphan.resource_type),
            Cell::maybe(orphan.name.as_ref()),
            Cell::id(&orphan.resource_id),
            Cell::maybe(orphan.host.as_ref()),
            Cell::maybe_id(orphan.instance_id.as_ref()),
            Cell::maybe_id(orphan.operation_id.as_ref()),
        ]);
    }
    let mut missing = Grid::new(style, &["type", "resource", "host", "owner"]);
    for one in &report.missing {
        missing.row([
            Cell::from(one.resource_type),
            Cell::id(&one.resource_id),
            Cell::maybe(one.host.as_ref()),
            Cell::id(&one.instance_id),
        ]);
    }
    let page = Page::new(style)
        .table("Belongs to nobody", &orphans)
        .table("Is missing", &missing)
        .text("Could not be asked", &report.unreachable.join("\n"));
    page.draw().trim_start().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_report_says_what_is_where_and_whom_it_was_made_for() {
        let report: AuditReport = serde_json::from_value(json!({
            "orphans": [{ "vimId": "v", "host": "left", "type": "COMPUTE", "resourceId": "vm-7",
                "name": "web-0", "instanceId": "0193a1b2-c3d4-7abc-8def-0123456789ab" }],
            "unreachable": ["right"],
        }))
        .unwrap();
        assert!(!is_clean(&report));
        insta::assert_snapshot!(draw(&report, &Style::default()), @r"
        Belongs to nobody
          TYPE     NAME   RESOURCE  HOST  MADE FOR  BY
          COMPUTE  web-0  vm-7      left  456789ab

        Could not be asked
          right
        ");
    }

    #[test]
    fn nothing_to_report_is_said_in_words() {
        let clean = AuditReport::default();
        assert!(is_clean(&clean));
        assert!(draw(&clean, &Style::default()).starts_with("nothing is left over"));
    }
}
