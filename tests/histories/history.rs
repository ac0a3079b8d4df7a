//! One history: requests and faults as the dice fall, then calm, then everything goes.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hasher};
use std::time::Duration;

use windlass_model::{NsInstanceId, VnfInstanceId};
use windlass_vim_sim::Gate;

use crate::acts;
use crate::invariants;
use crate::operator;
use crate::sim::wire::Weather;
use crate::sim::{Dice, World};

/// How much virtual time the operator has until everything is final.
const PATIENCE: Duration = Duration::from_hours(2);

pub struct History {
    pub dice: Dice,
    pub world: World,
    /// Calls that hang until calm returns.
    pub gates: Vec<Gate>,
    pub trace: Trace,
    /// The last generation that was seen of each instance.
    pub generations: (BTreeMap<NsInstanceId, i64>, BTreeMap<VnfInstanceId, i64>),
}

/// What happened, with the virtual time.
#[derive(Default)]
pub struct Trace {
    lines: String,
    aloud: bool,
}

impl Trace {
    pub fn of_env() -> Self {
        Self { lines: String::new(), aloud: std::env::var_os("SEED").is_some() }
    }

    fn add(&mut self, at: Duration, line: &str) {
        if self.aloud {
            eprintln!("{:>10.3} {line}", at.as_secs_f64());
        }
        let _infallible = writeln!(self.lines, "{} {line}", at.as_micros());
    }

    fn hash(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        hasher.write(self.lines.as_bytes());
        hasher.finish()
    }
}

impl History {
    pub fn note(&mut self, line: impl AsRef<str>) {
        self.trace.add(self.world.clock.elapsed(), line.as_ref());
    }

    /// Runs a history to its end, and tells what it was by a number.
    pub async fn run(dice: Dice) -> u64 {
        let hosts = usize::try_from(1 + dice.below(3)).unwrap();
        let world = World::build(&dice, hosts).await;
        let (gates, trace) = (Vec::new(), Trace::of_env());
        let mut history = Self { dice, world, gates, trace, generations: Default::default() };
        history.takes_its_time();
        for _ in 0..6 + history.dice.below(10) {
            acts::next(&mut history).await;
            invariants::always(&mut history).await;
        }
        history.calm().await;
        operator::finish_everything(&mut history, PATIENCE).await;
        invariants::at_rest(&mut history).await;
        operator::remove_everything(&mut history, PATIENCE).await;
        invariants::nothing_left(&mut history).await;
        history.note(format!("the end, after {} calls", history.world.cloud.history().len()));
        for entry in history.world.cloud.history() {
            history.trace.add(Duration::ZERO, &format!("{:?} {:?}", entry.call, entry.subject));
        }
        history.trace.hash()
    }

    /// Machines need a while, as they do.
    fn takes_its_time(&self) {
        let script = self.world.cloud.script();
        script.boot_time(self.dice.millis(4_000));
        script.shutdown_time(self.dice.millis(2_000));
        for call in acts::CALLS {
            script.takes(*call, self.dice.millis(400));
        }
    }

    /// Nothing goes wrong any more.
    async fn calm(&mut self) {
        self.note("calm");
        self.world.cloud.faults().clear();
        self.gates.drain(..).for_each(|gate| gate.release());
        for host in &self.world.hosts {
            self.world.cloud.host_up(*host);
        }
        for place in [&self.world.nfvo, &self.world.vnfm] {
            place.disk.set(0);
            place.wire.set(Weather::default());
        }
        self.world.start_nfvo();
        self.world.start_vnfm();
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
