//! Calls that fail, hang or lose their answer, on request.

use std::fmt;
use std::sync::Arc;

use uuid::Uuid;
use windlass_model::HostId;
use windlass_vim::Error;

use crate::call::Call;
use crate::chaos::{Chances, Chaos};
use crate::cloud::SimCloud;
use crate::gate::Gate;
use crate::history::Subject;

/// Plans the faults of a cloud.
///
/// ```
/// # use windlass_vim_sim::{Call, SimCloud, refused};
/// # let cloud = SimCloud::new();
/// cloud.faults().when(Call::StartVm).nth(2).fail_with(refused);
/// ```
#[derive(Debug)]
pub struct Faults<'a>(pub(crate) &'a SimCloud);

/// Says which calls a fault is for: by default all of the kind, for ever.
#[derive(Debug)]
#[must_use = "a fault is planned by `fail_with`, `lose_answer` or `hang`"]
pub struct When<'a> {
    cloud: &'a SimCloud,
    rule: Rule,
}

/// The faults that are planned.
#[derive(Debug, Default)]
pub(crate) struct Planned {
    rules: Vec<Rule>,
    pub(crate) chaos: Option<Chaos>,
}

/// What becomes of a call.
#[derive(Debug, Default)]
pub(crate) struct Fate {
    pub(crate) hang: Option<Gate>,
    pub(crate) fail: Option<Error>,
    pub(crate) lose: Option<Error>,
    /// Which of the running machines dies, counted around.
    pub(crate) crash: Option<u64>,
}

#[derive(Debug)]
struct Rule {
    call: Call,
    host: Option<HostId>,
    about: Option<Uuid>,
    /// How many matching calls pass before it strikes.
    spared: u32,
    /// How often it strikes; `None` for ever.
    strikes: Option<u32>,
    fault: Fault,
}

#[derive(Clone)]
enum Fault {
    Fail(MakeError),
    Lose(MakeError),
    Hang(Gate),
}

type MakeError = Arc<dyn Fn(HostId) -> Error + Send + Sync>;

impl<'a> Faults<'a> {
    /// Begins to plan a fault of calls of one kind.
    pub fn when(&self, call: Call) -> When<'a> {
        let fault = Fault::Fail(Arc::new(refused));
        let rule = Rule { call, host: None, about: None, spared: 0, strikes: None, fault };
        When { cloud: self.0, rule }
    }

    /// From now on each call on a host fails with this probability, as unreachable; the same
    /// calls for the same seed and order of calls.
    pub fn by_chance(&self, probability: f64, seed: u64) {
        self.by_chances(Chances { seed, fail: probability, ..Chances::default() });
    }

    /// From now on calls on hosts go wrong so often.
    pub fn by_chances(&self, chances: Chances) {
        self.0.here(|world| world.faults.chaos = Some(Chaos::new(chances)));
    }

    /// Forgets all planned faults. Calls that hang go on hanging.
    pub fn clear(&self) {
        self.0.here(|world| world.faults = Planned::default());
    }
}

impl When<'_> {
    /// Only calls on this host.
    pub fn on_host(mut self, host: HostId) -> Self {
        self.rule.host = Some(host);
        self
    }

    /// Only calls about this machine, volume or network.
    pub fn about(mut self, id: impl Into<Uuid>) -> Self {
        self.rule.about = Some(id.into());
        self
    }

    /// Only the n-th matching call from now, counted from 1.
    pub fn nth(mut self, n: u32) -> Self {
        self.rule.spared = n.saturating_sub(1);
        self.times(1)
    }

    /// Only this many calls.
    pub fn times(mut self, times: u32) -> Self {
        self.rule.strikes = Some(times);
        self
    }

    /// They fail and do nothing.
    pub fn fail_with(self, error: impl Fn(HostId) -> Error + Send + Sync + 'static) {
        self.plan(Fault::Fail(Arc::new(error)));
    }

    /// They do their work, and then fail: the answer got lost.
    pub fn lose_answer(self, error: impl Fn(HostId) -> Error + Send + Sync + 'static) {
        self.plan(Fault::Lose(Arc::new(error)));
    }

    /// They hang before they do anything, until the gate is released.
    pub fn hang(self) -> Gate {
        let gate = Gate::new();
        self.plan(Fault::Hang(gate.clone()));
        gate
    }

    fn plan(self, fault: Fault) {
        let rule = Rule { fault, ..self.rule };
        self.cloud.here(|world| world.faults.rules.push(rule));
    }
}

impl Planned {
    /// The fate of the next call, which counts for the rules that it matches.
    pub(crate) fn fate(&mut self, call: Call, hosts: &[HostId], subject: &Subject) -> Fate {
        let mut fate = Fate::default();
        for rule in &mut self.rules {
            if rule.matches(call, hosts, subject) && rule.strikes() {
                let host = rule.host.or(hosts.first().copied());
                fate.add(&rule.fault, host.unwrap_or(HostId(Uuid::nil())));
            }
        }
        self.rules.retain(|rule| rule.strikes != Some(0));
        if let (Some(chaos), Some(host)) = (&mut self.chaos, hosts.first()) {
            fate.by_chance(chaos, *host);
        }
        fate
    }
}

impl Rule {
    fn matches(&self, call: Call, hosts: &[HostId], subject: &Subject) -> bool {
        self.call == call
            && self.host.is_none_or(|host| hosts.contains(&host))
            && self.about.is_none_or(|id| subject.id() == Some(id))
    }

    fn strikes(&mut self) -> bool {
        if self.spared > 0 {
            self.spared -= 1;
            return false;
        }
        self.strikes = self.strikes.map(|left| left.saturating_sub(1));
        true
    }
}

impl Fate {
    fn by_chance(&mut self, chaos: &mut Chaos, host: HostId) {
        if chaos.fail.strikes() {
            self.fail = Some(unreachable(host));
        }
        if chaos.lose_answer.strikes() {
            self.lose = Some(unreachable(host));
        }
        if chaos.crash.strikes() {
            self.crash = Some(chaos.crash.number());
        }
    }

    fn add(&mut self, fault: &Fault, host: HostId) {
        match fault {
            Fault::Fail(error) => self.fail = Some(error(host)),
            Fault::Lose(error) => self.lose = Some(error(host)),
            Fault::Hang(gate) => self.hang = Some(gate.clone()),
        }
    }
}

impl Subject {
    fn id(&self) -> Option<Uuid> {
        match self {
            Self::Site | Self::Image(_) => None,
            Self::Network(id) => Some(id.0),
            Self::Volume(id) => Some(id.0),
            Self::Vm(id) => Some(id.0),
        }
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fail(_) => "Fail",
            Self::Lose(_) => "Lose",
            Self::Hang(_) => "Hang",
        })
    }
}

/// The fault of a host that does not answer; the same call may succeed later.
#[must_use]
pub fn unreachable(host: HostId) -> Error {
    Error::Unreachable { host, reason: "the simulation cut it off".to_owned() }
}

/// The fault of a host that refuses; the same call fails again.
#[must_use]
pub fn refused(host: HostId) -> Error {
    Error::Refused {
        host,
        action: "do what was asked".to_owned(),
        reason: "the simulation was told to refuse".to_owned(),
    }
}

/// The fault of a host that is full.
#[must_use]
pub fn no_room(host: HostId) -> Error {
    Error::NoRoom { host, reason: "the simulation was told to be full".to_owned() }
}
