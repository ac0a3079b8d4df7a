//! How long things take, and how guests behave.

use std::collections::HashMap;
use std::time::Duration;

use crate::call::Call;
use crate::cloud::SimCloud;

/// Writes the script of a cloud: everything takes no time until it says otherwise.
#[derive(Debug)]
pub struct Script<'a>(pub(crate) &'a SimCloud);

/// How a guest behaves that does not behave well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Habit {
    /// It runs and never becomes ready.
    NeverReady,
    /// It panics this long after each start.
    CrashesAfter(Duration),
    /// It does not shut down when it is asked to; its power must be cut.
    IgnoresShutdown,
}

/// What the script says.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    /// How long calls take that nothing else is said of.
    pub(crate) any_call: Duration,
    pub(crate) calls: HashMap<Call, Duration>,
    habits: HashMap<String, Habit>,
    pub(crate) boot_time: Duration,
    pub(crate) shutdown_time: Duration,
}

impl Script<'_> {
    /// Every call takes this long, unless its kind takes another time.
    pub fn every_call_takes(&self, duration: Duration) -> &Self {
        self.0.here(|world| world.script.any_call = duration);
        self
    }

    /// Every call of this kind takes this long.
    pub fn takes(&self, call: Call, duration: Duration) -> &Self {
        self.0.here(|world| world.script.calls.insert(call, duration));
        self
    }

    /// A guest needs this long from its start until it is ready.
    pub fn boot_time(&self, duration: Duration) -> &Self {
        self.0.here(|world| world.script.boot_time = duration);
        self
    }

    /// A guest needs this long to shut down when it is asked to.
    pub fn shutdown_time(&self, duration: Duration) -> &Self {
        self.0.here(|world| world.script.shutdown_time = duration);
        self
    }

    /// Machines of this name, on the host or in their tag, behave like this when they start.
    pub fn habit(&self, name: &str, habit: Habit) -> &Self {
        self.0.here(|world| world.script.habits.insert(name.to_owned(), habit));
        self
    }

    /// Machines of this name behave well from their next start on.
    pub fn good_habits(&self, name: &str) -> &Self {
        self.0.here(|world| world.script.habits.remove(name));
        self
    }
}

impl Lines {
    pub(crate) fn duration_of(&self, call: Call) -> Duration {
        self.calls.get(&call).copied().unwrap_or(self.any_call)
    }

    pub(crate) fn habit_of(&self, spec: &windlass_vim::VmSpec) -> Option<Habit> {
        self.habits.get(&spec.name).or_else(|| self.habits.get(&spec.tag.name)).copied()
    }
}
