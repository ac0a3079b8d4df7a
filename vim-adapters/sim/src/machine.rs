//! A machine: its definition, its power, and what follows from how long it has run.

use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;
use windlass_model::HostId;
use windlass_vim::{Readiness, Vm, VmSpec, VmState, VmStats};

use crate::power::{Happening, Power};
use crate::script::{Habit, Lines};

/// What a guest writes to its console, with its name, when it is ready.
pub const READY_LINE: &str = "WINDLASS-GUEST READY";

#[derive(Debug)]
pub(crate) struct Machine {
    pub(crate) spec: VmSpec,
    pub(crate) power: Power,
    pub(crate) run: Option<Run>,
    /// Wakes those who wait for the machine when its power changes.
    pub(crate) changed: Arc<Notify>,
}

/// The present or last run of a machine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    since: Instant,
    until: Option<Instant>,
    /// How long it takes to be ready; `None` when it never is.
    boot: Option<Duration>,
    /// How long a shutdown takes; `None` when it ignores the request.
    pub(crate) shutdown: Option<Duration>,
}

impl Machine {
    pub(crate) fn new(spec: VmSpec) -> Self {
        Self { spec, power: Power::Off, run: None, changed: Arc::default() }
    }

    /// Takes the machine's power through a transition; true when it changed.
    pub(crate) fn happens(&mut self, happening: Happening, script: &Lines, now: Instant) -> bool {
        let after = self.power.after(happening);
        if after == self.power {
            return false;
        }
        match (self.power, after) {
            (_, Power::On) => self.run = Some(Run::new(script, script.habit_of(&self.spec), now)),
            (Power::On, Power::Off | Power::Dead) => {
                self.run.iter_mut().for_each(|run| run.until = Some(now));
            }
            (Power::Off | Power::Dead, Power::Off | Power::Dead) => {}
        }
        self.power = after;
        self.changed.notify_waiters();
        true
    }

    /// When the guest becomes ready; `None` when that cannot be told or never happens.
    pub(crate) fn ready_at(&self) -> Option<Instant> {
        let run = self.run.filter(|_| self.power == Power::On)?;
        run.since.checked_add(run.boot?)
    }

    /// True while the guest is up: its agent answers, its addresses work.
    pub(crate) fn is_up(&self, now: Instant) -> bool {
        self.ready_at().is_some_and(|at| at <= now)
    }

    pub(crate) fn is_ready(&self, readiness: &Readiness, now: Instant) -> bool {
        self.power == Power::On
            && match readiness {
                Readiness::Running => true,
                Readiness::GuestAgent => self.is_up(now),
                Readiness::Console(text) => self.console(now).contains(text),
            }
    }

    /// What the guest has written in its present or last run.
    pub(crate) fn console(&self, now: Instant) -> String {
        let Some(run) = self.run else { return String::new() };
        let name = &self.spec.name;
        let mut text = format!(
            "[    0.000000] Booting a simulated guest\n[    0.000001] Memory: {} MiB, {} CPUs\n",
            self.spec.memory_mib, self.spec.vcpus
        );
        let lived = run.lived(now);
        // Writing to a string cannot fail.
        if let Some(boot) = run.boot.filter(|boot| *boot <= lived) {
            let _ = writeln!(text, "[{:>12.6}] {READY_LINE} {name}", boot.as_secs_f64());
        }
        let end = lived.as_secs_f64();
        let _ = match self.power {
            Power::On => Ok(()),
            Power::Off => writeln!(text, "[{end:>12.6}] Power down"),
            Power::Dead => writeln!(text, "[{end:>12.6}] Kernel panic - not syncing"),
        };
        text
    }

    pub(crate) fn view(&self, host: HostId, now: Instant) -> Vm {
        Vm {
            id: self.spec.id,
            tag: self.spec.tag.clone(),
            name: self.spec.name.clone(),
            host,
            state: self.state(),
            addresses: if self.is_up(now) { self.addresses().collect() } else { Vec::new() },
        }
    }

    pub(crate) fn state(&self) -> VmState {
        self.power.state()
    }

    pub(crate) fn addresses(&self) -> impl Iterator<Item = Ipv4Addr> {
        self.spec.nics.iter().filter_map(|nic| nic.address).map(|(address, _)| address)
    }

    /// What it uses: a start-up's worth at once, and then a tenth of its CPUs and a trickle on
    /// its disks and cards.
    pub(crate) fn stats(&self, now: Instant) -> VmStats {
        let Some(run) = self.run.filter(|_| self.power == Power::On) else {
            return VmStats::default();
        };
        let millis = u64::try_from(run.lived(now).as_millis()).unwrap_or(u64::MAX);
        let cards = u64::try_from(self.spec.nics.len()).unwrap_or(u64::MAX);
        let cpus = u64::from(self.spec.vcpus);
        VmStats {
            cpu_time_ns: 1_000_000 + millis.saturating_mul(cpus).saturating_mul(100_000),
            memory_mib: (self.spec.memory_mib / 2).max(1),
            disk_read_bytes: 1 << 20,
            disk_written_bytes: millis.saturating_mul(4),
            net_received_bytes: millis.saturating_mul(cards).saturating_mul(2),
            net_sent_bytes: millis.saturating_mul(cards),
        }
    }
}

impl Run {
    fn new(script: &Lines, habit: Option<Habit>, now: Instant) -> Self {
        Self {
            since: now,
            until: None,
            boot: (habit != Some(Habit::NeverReady)).then_some(script.boot_time),
            shutdown: (habit != Some(Habit::IgnoresShutdown)).then_some(script.shutdown_time),
        }
    }

    fn lived(&self, now: Instant) -> Duration {
        self.until.unwrap_or(now).saturating_duration_since(self.since)
    }

    /// True when this is still the run that began then.
    pub(crate) fn began(&self, since: Instant) -> bool {
        self.since == since && self.until.is_none()
    }

    pub(crate) fn since(&self) -> Instant {
        self.since
    }
}

/// The last bytes of a text, cut at a character.
pub(crate) fn tail(text: &str, max_bytes: u32) -> &str {
    let wanted = usize::try_from(max_bytes).unwrap_or(usize::MAX);
    let from = text.len().saturating_sub(wanted);
    &text[text.ceil_char_boundary(from)..]
}
