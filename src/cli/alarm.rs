//! `windlass alarm`: what is wrong with VNFs.

use anyhow::Result;
use chrono::{DateTime, Utc};
use clap::Subcommand;
use windlass_api::vnffm::{AckState, Alarm};
use windlass_client::ListOptions;

use super::context::Context;
use super::draw::{Cell, Grid, Page, Style, ago};
use super::outcome::Outcome;
use super::progress;
use super::resolve::{Candidate, resolve};

/// What can be asked of alarms.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List what is wrong with VNFs, the latest first
    List {
        /// Also what is over
        #[arg(long)]
        all: bool,
    },
    /// Show an alarm
    Show {
        /// The alarm
        alarm: String,
    },
    /// Say that somebody takes care of an alarm
    Ack {
        /// The alarm
        alarm: String,
        /// Say that nobody does any more
        #[arg(long)]
        undo: bool,
    },
}

impl Verb {
    /// Asks it.
    pub async fn run(self, context: &Context) -> Result<Outcome> {
        match self {
            Self::List { all } => {
                let mut alarms = list(context).await?;
                alarms.retain(|alarm| all || alarm.alarm_cleared_time.is_none());
                alarms.sort_by_key(|alarm| std::cmp::Reverse(alarm.alarm_raised_time));
                let now = progress::now();
                context.output.result(&alarms, |style| grid(&alarms, now, style).to_string())?;
            }
            Self::Show { alarm } => {
                let alarm = context.vnfm.alarm_read(&find(context, &alarm).await?).await?;
                context.output.result(&alarm, |style| page(&alarm, style))?;
            }
            Self::Ack { alarm, undo } => {
                let id = find(context, &alarm).await?;
                let state = if undo { AckState::Unacknowledged } else { AckState::Acknowledged };
                context.vnfm.alarm_acknowledge(&id, state).await?;
                let alarm = context.vnfm.alarm_read(&id).await?;
                context.output.result(&alarm, |style| page(&alarm, style))?;
            }
        }
        Ok(Outcome::Done)
    }
}

async fn list(context: &Context) -> Result<Vec<Alarm>> {
    Ok(context.vnfm.alarm_list(&ListOptions::default()).await?)
}

async fn find(context: &Context, wanted: &str) -> Result<String> {
    let nameless: [&str; 0] = [];
    let candidate = |alarm: &Alarm| Candidate::new(&alarm.id, nameless);
    Ok(resolve("alarm", wanted, list(context).await?.iter().map(candidate).collect())?)
}

fn grid(alarms: &[Alarm], now: DateTime<Utc>, style: &Style) -> Grid {
    let headings = ["id", "severity", "what", "VNF", "part", "raised", "acknowledged"];
    let mut grid = Grid::new(style, &headings);
    for alarm in alarms {
        grid.row([
            Cell::id(&alarm.id),
            Cell::state(alarm.perceived_severity),
            Cell::maybe(alarm.fault_type.as_ref()),
            Cell::id(&alarm.managed_object_id),
            Cell::maybe(alarm.fault_details.first().map(|part| short(part))),
            Cell::from(ago(alarm.alarm_raised_time, now)),
            Cell::from(if alarm.ack_state == AckState::Acknowledged { "yes" } else { "no" }),
        ]);
    }
    grid
}

/// The part without the name of its attribute: `web-0` for `vnfcInstanceId=web-0`.
fn short(part: &str) -> &str {
    part.split_once('=').map_or(part, |(_, name)| name)
}

fn page(alarm: &Alarm, style: &Style) -> String {
    let time = |time: DateTime<Utc>| time.format("%Y-%m-%d %H:%M:%S UTC").to_string();
    Page::new(style)
        .field("id", &alarm.id)
        .field("VNF", &alarm.managed_object_id)
        .state("severity", alarm.perceived_severity)
        .maybe("what", alarm.fault_type.as_ref())
        .field("cause", &alarm.probable_cause)
        .field("raised", time(alarm.alarm_raised_time))
        .maybe("changed", alarm.alarm_changed_time.map(time))
        .maybe("cleared", alarm.alarm_cleared_time.map(time))
        .maybe("acknowledged", alarm.alarm_acknowledged_time.map(time))
        .field("correlated", alarm.correlated_alarm_ids.join(", "))
        .text("Details", &alarm.fault_details.join("\n"))
        .draw()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_called_by_its_name() {
        assert_eq!(short("vnfcInstanceId=web-0"), "web-0");
        assert_eq!(short("web-0"), "web-0");
    }
}
