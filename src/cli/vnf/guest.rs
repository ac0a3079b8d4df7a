//! Looking into the components of a VNF.

use std::io::{IsTerminal, Read, Write};

use anyhow::{Context as _, Result};
use clap::Args;
use windlass_api::windlass::{GuestExecRequest, GuestExecResponse};

use super::super::context::Context;
use super::super::draw;
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
    /// Give the program what this program reads from its standard input
    #[arg(long, short)]
    input: bool,
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

impl Exec {
    /// Asks the guest, and ends as its program did.
    pub async fn run(self, context: &Context) -> Result<Outcome> {
        let vnf = find(context, &self.vnf).await?;
        let vnfc = component(&vnf, &self.vnfc)?;
        let input = self.input.then(read_input).transpose()?;
        let mut command = self.command.into_iter();
        let request = GuestExecRequest {
            path: command.next().unwrap_or_default(),
            arguments: command.collect(),
            input,
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

fn read_input() -> Result<String> {
    let mut input = String::new();
    if std::io::stdin().is_terminal() {
        eprintln!("the program's input, up to Ctrl-D:");
    }
    std::io::stdin().read_to_string(&mut input).context("the input is not text")?;
    Ok(input)
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
