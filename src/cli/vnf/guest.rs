//! Looking into the components of a VNF.

use std::io::Write;

use anyhow::Result;
use clap::Args;
use windlass_api::windlass::{GuestExecRequest, GuestExecResponse, GuestStats};

use super::super::context::Context;
use super::super::draw::{self, Cell, Grid, Style};
use super::super::options::Format;
use super::super::outcome::Outcome;
use super::{component, find};

/// Runs a program in a component.
#[derive(Args, Debug)]
pub struct Exec {
    /// The VNF
    vnf: String,
    /// The component
    vnfc: String,
    /// How long the program may run
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<u32>,
    /// The program and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<String>,
}

/// Prints what a component wrote to its console last.
pub async fn console(context: &Context, vnf: &str, vnfc: &str, lines: u32) -> Result<Outcome> {
    let vnf = find(context, vnf).await?;
    let vnfc = component(&vnf, vnfc)?;
    let tail = context.vnfm.guest_console(&vnf.id, &vnfc, lines).await?;
    if tail.truncated {
        context.output.note("… (`--lines` shows more)");
    }
    context.output.result(&tail, |_style| tail.lines.join("\n"))?;
    Ok(Outcome::Done)
}

/// Prints what each component of a VNF uses.
pub async fn stats(context: &Context, vnf: &str) -> Result<Outcome> {
    let vnf = find(context, vnf).await?;
    let components = vnf.instantiated_vnf_info.iter().flat_map(|info| &info.vnfc_resource_info);
    let mut stats = Vec::new();
    for component in components {
        stats.push(context.vnfm.guest_stats(&vnf.id, &component.id).await?);
    }
    context.output.result(&stats, |style| stats_table(&stats, style))?;
    Ok(Outcome::Done)
}

fn stats_table(stats: &[GuestStats], style: &Style) -> String {
    let headings = [
        "component",
        "CPU s",
        "memory MiB",
        "disk read KiB",
        "disk written KiB",
        "net received KiB",
        "net sent KiB",
    ];
    let mut grid = Grid::new(style, &headings);
    for guest in stats {
        let seconds = format!("{}.{}", guest.cpu_time_ms / 1000, guest.cpu_time_ms % 1000 / 100);
        grid.row([
            Cell::from(&guest.vnfc_resource_info_id),
            Cell::from(seconds),
            Cell::from(guest.memory_mib),
            Cell::from(guest.disk_read_bytes / 1024),
            Cell::from(guest.disk_written_bytes / 1024),
            Cell::from(guest.net_received_bytes / 1024),
            Cell::from(guest.net_sent_bytes / 1024),
        ]);
    }
    grid.to_string()
}

impl Exec {
    /// Asks the guest, and ends as its program did.
    pub async fn run(self, context: &Context) -> Result<Outcome> {
        let vnf = find(context, &self.vnf).await?;
        let vnfc = component(&vnf, &self.vnfc)?;
        let mut command = self.command.into_iter();
        let request = GuestExecRequest {
            path: command.next().unwrap_or_default(),
            arguments: command.collect(),
            timeout_seconds: self.timeout,
        };
        let answer = context.vnfm.guest_exec(&vnf.id, &vnfc, &request).await?;
        if context.output.format == Format::Table {
            pass_on(&answer)?;
        } else {
            context.output.result(&answer, |_style| String::new())?;
        }
        if answer.truncated {
            context.output.note("… the program wrote more than this");
        }
        Ok(outcome(answer.exit_code))
    }
}

/// Writes what the program wrote, each to its own stream.
fn pass_on(answer: &GuestExecResponse) -> Result<()> {
    if !answer.stdout.is_empty() {
        draw::print(&answer.stdout)?;
    }
    std::io::stderr().write_all(answer.stderr.as_bytes())?;
    Ok(())
}

/// A program that a signal ended has a code that is none.
fn outcome(exit_code: i32) -> Outcome {
    match u8::try_from(exit_code) {
        Ok(0) => Outcome::Done,
        Ok(code) => Outcome::Guest(code),
        Err(_) => Outcome::Failed,
    }
}
