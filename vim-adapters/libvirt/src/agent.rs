//! The QEMU guest agent: is it there, which addresses does the guest have, run this.

use std::net::Ipv4Addr;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tokio::time::Instant;
use virt::domain::Domain;
use virt::error::ErrorNumber;
use windlass_model::VmId;
use windlass_vim::{Error, ExecOutput, Result};

use crate::fault::Fault;
use crate::link::Link;
use crate::machine;

/// How long the agent may take for an answer, in seconds.
const ANSWER_S: i32 = 2;
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// True when the agent answers.
pub(crate) fn answers(domain: &Domain) -> bool {
    let ping = json!({"execute": "guest-ping"});
    domain.qemu_agent_command(&ping.to_string(), ANSWER_S, 0).is_ok()
}

/// The guest's IPv4 addresses, loopback left out; none without an agent.
pub(crate) fn addresses(domain: &Domain) -> Vec<Ipv4Addr> {
    let question = json!({"execute": "guest-network-get-interfaces"});
    match domain.qemu_agent_command(&question.to_string(), ANSWER_S, 0) {
        Ok(answer) => addresses_in(&answer),
        Err(_) => Vec::new(),
    }
}

/// Runs a command in a guest and waits for its end.
pub(crate) async fn exec(
    link: &Link,
    vm: VmId,
    argv: &[String],
    limit: Duration,
) -> Result<ExecOutput> {
    let host = link.host.id;
    let action = "run a command in a guest";
    let refused = |reason: String| Error::Refused { host, action: action.to_owned(), reason };
    let Some((path, arguments)) = argv.split_first() else {
        return Err(refused("no command was given".to_owned()));
    };
    let deadline = Instant::now() + limit;
    let run = json!({"execute": "guest-exec", "arguments":
        {"path": path, "arg": arguments, "capture-output": true}});
    let started = ask(link, vm, run).await?;
    let pid =
        started["pid"].as_i64().ok_or_else(|| refused(format!("the agent said {started}")))?;
    let mut pause = FIRST_PAUSE;
    loop {
        let status = json!({"execute": "guest-exec-status", "arguments": {"pid": pid}});
        let status = ask(link, vm, status).await?;
        if status["exited"] == true {
            return Ok(output(&status));
        }
        if Instant::now() + pause > deadline {
            return Err(refused(format!("the command had not ended after {limit:?}")));
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Asks the agent and returns its `return` member.
async fn ask(link: &Link, vm: VmId, question: Value) -> Result<Value> {
    link.call("run a command in a guest", move |session| {
        let domain = machine::existing(session.connect(), vm)?;
        let answer = domain
            .qemu_agent_command(&question.to_string(), ANSWER_S, 0)
            .map_err(|error| without_agent(vm, error))?;
        let answer: Value = serde_json::from_str(&answer).map_err(|error| {
            Fault::Refused(format!("the agent did not answer in JSON: {error}"))
        })?;
        Ok(answer["return"].clone())
    })
    .await
}

/// Tells an agent that does not answer from one that says no.
fn without_agent(vm: VmId, error: virt::error::Error) -> Fault {
    let is_away = matches!(
        error.code(),
        ErrorNumber::AgentUnresponsive
            | ErrorNumber::AgentUnsynced
            | ErrorNumber::AgentCommandTimeout
            | ErrorNumber::ArgumentUnsupported
            | ErrorNumber::OperationInvalid
    );
    if is_away {
        return Fault::Vim(Error::NoAgent { vm, reason: error.message().to_owned() });
    }
    Fault::Libvirt(error)
}

fn output(status: &Value) -> ExecOutput {
    let text = |key: &str| {
        let bytes = BASE64_STANDARD.decode(status[key].as_str().unwrap_or_default());
        String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned()
    };
    // A command that was killed has a signal and no exit code; shells say 128 + signal.
    let code = status["exitcode"].as_i64();
    let code = code.or_else(|| status["signal"].as_i64().map(|signal| 128 + signal));
    ExecOutput {
        status: code.and_then(|code| i32::try_from(code).ok()).unwrap_or(-1),
        stdout: text("out-data"),
        stderr: text("err-data"),
    }
}

fn addresses_in(answer: &str) -> Vec<Ipv4Addr> {
    let answer: Value = serde_json::from_str(answer).unwrap_or_default();
    let interfaces = answer["return"].as_array().cloned().unwrap_or_default();
    interfaces
        .iter()
        .filter_map(|interface| interface["ip-addresses"].as_array())
        .flatten()
        .filter_map(|address| address["ip-address"].as_str()?.parse().ok())
        .filter(|address: &Ipv4Addr| !address.is_loopback())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_those_of_ipv4_without_loopback() {
        let answer = json!({"return": [
            {"name": "lo", "ip-addresses": [{"ip-address": "127.0.0.1"}]},
            {"name": "eth0", "ip-addresses": [
                {"ip-address": "10.1.0.5"}, {"ip-address": "fe80::1"}]},
            {"name": "eth1"},
        ]});
        assert_eq!(addresses_in(&answer.to_string()), [Ipv4Addr::new(10, 1, 0, 5)]);
        assert!(addresses_in("not JSON").is_empty());
    }

    #[test]
    fn a_command_that_was_killed_has_a_status_as_in_a_shell() {
        let killed = json!({"exited": true, "signal": 9, "out-data": "aGk="});
        let expected = ExecOutput { status: 137, stdout: "hi".to_owned(), stderr: String::new() };
        assert_eq!(output(&killed), expected);
    }
}
