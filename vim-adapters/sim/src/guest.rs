//! The commands that a simulated guest knows.

use std::net::Ipv4Addr;

use tokio::time::Instant;
use windlass_model::HostId;
use windlass_vim::ExecOutput;

use crate::machine::Machine;
use crate::world::World;

impl World {
    /// Runs a command in a guest that is up.
    pub(crate) fn run(
        &self,
        vm: &Machine,
        host: HostId,
        argv: &[String],
        now: Instant,
    ) -> ExecOutput {
        let mut words = argv.iter().map(String::as_str);
        match words.next().map(program) {
            Some("true") => done(0, String::new()),
            Some("false") => done(1, String::new()),
            Some("hostname") => done(0, format!("{}\n", vm.spec.name)),
            Some("echo") => done(0, format!("{}\n", words.collect::<Vec<_>>().join(" "))),
            Some("ping") => self.ping(vm, host, argv, now),
            Some(other) => failed(127, format!("{other}: not found\n")),
            None => failed(127, "no command\n".to_owned()),
        }
    }

    fn ping(&self, vm: &Machine, host: HostId, argv: &[String], now: Instant) -> ExecOutput {
        let Some(to) = argv.last().and_then(|word| word.parse::<Ipv4Addr>().ok()) else {
            return failed(2, "ping: an IPv4 address is wanted last\n".to_owned());
        };
        let flag = argv.iter().position(|word| word == "-c");
        let count = flag.and_then(|at| argv.get(at + 1)?.parse::<u32>().ok()).unwrap_or(4);
        let reached = self.pings(vm, host, to, now);
        let (received, loss) = if reached { (count, 0) } else { (0, 100) };
        let told = format!(
            "--- {to} ping statistics ---\n\
             {count} packets transmitted, {received} packets received, {loss}% packet loss\n"
        );
        done(i32::from(!reached), told)
    }
}

/// The program's name without its folder.
fn program(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn done(status: i32, stdout: String) -> ExecOutput {
    ExecOutput { status, stdout, stderr: String::new() }
}

fn failed(status: i32, stderr: String) -> ExecOutput {
    ExecOutput { status, stdout: String::new(), stderr }
}
