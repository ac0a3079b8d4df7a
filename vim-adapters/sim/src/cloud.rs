//! The cloud: its world behind its lock, and the way in and out of every call.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use tokio::time::{Instant, sleep};
use windlass_model::{Capacity, HostId, ImageDigest};
use windlass_vim::Error;

use crate::call::Call;
use crate::faults::Faults;
use crate::history::{Entry, Subject};
use crate::script::Script;
use crate::world::World;

/// A cloud in memory. Clones are the same cloud.
#[derive(Debug, Clone, Default)]
pub struct SimCloud(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    world: Mutex<World>,
    /// One turn for each image that is being read into a host's cache.
    turns: Mutex<HashMap<(HostId, ImageDigest), Turn>>,
}

/// Who holds it reads the image; the others wait, and then find it.
pub(crate) type Turn = Arc<tokio::sync::Mutex<()>>;

static CLOUDS: LazyLock<Mutex<HashMap<String, SimCloud>>> = LazyLock::new(Mutex::default);

impl SimCloud {
    /// A cloud of its own, without hosts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The cloud of this name, the same one everywhere in the process.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let mut clouds = CLOUDS.lock().unwrap_or_else(PoisonError::into_inner);
        clouds.entry(name.to_owned()).or_default().clone()
    }

    /// The cloud that a host's URI names, `sim:lab`; `None` when the URI is of another kind.
    #[must_use]
    pub fn from_uri(uri: &str) -> Option<Self> {
        uri.strip_prefix("sim:").map(Self::named)
    }

    /// Writes how long things take and how guests behave.
    #[must_use]
    pub fn script(&self) -> Script<'_> {
        Script(self)
    }

    /// Plans what goes wrong.
    #[must_use]
    pub fn faults(&self) -> Faults<'_> {
        Faults(self)
    }

    /// The calls so far, oldest first; the latest two hundred thousand.
    #[must_use]
    pub fn history(&self) -> Vec<Entry> {
        self.with(|world| world.history.entries())
    }

    /// Forgets the calls so far.
    pub fn clear_history(&self) {
        self.with(|world| world.history.clear());
    }

    /// What hosts have that come from now on and say nothing else: 64 virtual CPUs, 256 GiB of
    /// memory and 4 TiB of storage on two NUMA nodes, until it is set.
    pub fn set_usual_capacity(&self, capacity: Capacity) {
        self.with(|world| world.usual_capacity = capacity);
    }

    /// Whether images are hashed as they are read: yes, until it is set. They are read either way.
    pub fn set_verify_images(&self, verify: bool) {
        self.with(|world| world.verify_images = verify);
    }

    /// Does something with the world. The lock is held, so `act` must be short and may not wait.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        act(&mut self.0.world.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Lets a call in: writes it down, takes its time, and lets faults have their way.
    pub(crate) async fn begin(
        &self,
        call: Call,
        hosts: &[HostId],
        subject: Subject,
    ) -> Result<Ticket, Error> {
        let (duration, fate) = self.with(|world| {
            let fate = world.faults.fate(call, hosts, &subject);
            let host = hosts.first().copied();
            world.history.add(Entry { call, host, subject, at: Instant::now() });
            (world.script.duration_of(call), fate)
        });
        if !duration.is_zero() {
            sleep(duration).await;
        }
        if let Some(gate) = fate.hang {
            gate.pass().await;
        }
        if let Some(error) = fate.fail {
            return Err(error);
        }
        self.with(|world| world.all_answer(hosts))?;
        Ok(Ticket { lost: fate.lose })
    }

    /// The turn to read an image into a host's cache.
    pub(crate) fn turn(&self, host: HostId, image: &ImageDigest) -> Turn {
        let mut turns = self.0.turns.lock().unwrap_or_else(PoisonError::into_inner);
        // Only those who wait hold a turn besides the table.
        turns.retain(|_, turn| Arc::strong_count(turn) > 1);
        Arc::clone(turns.entry((host, image.clone())).or_default())
    }
}

/// The way out of a call that was let in.
#[derive(Debug)]
#[must_use = "the answer may have to get lost"]
pub(crate) struct Ticket {
    lost: Option<Error>,
}

impl Ticket {
    /// The answer, unless it is to get lost.
    pub(crate) fn end<T>(self, answer: Result<T, Error>) -> Result<T, Error> {
        match self.lost {
            Some(lost) => answer.and(Err(lost)),
            None => answer,
        }
    }
}
