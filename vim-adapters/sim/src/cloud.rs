//! The cloud: its world behind its lock, and the way in and out of every call.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep};
use uuid::Uuid;
use windlass_model::{Capacity, HostId, ImageDigest};
use windlass_vim::Error;

use crate::call::Call;
use crate::diary::Diary;
use crate::faults::Faults;
use crate::history::{Entry, Subject};
use crate::journal::Journal;
use crate::script::Script;
use crate::world::World;

/// A cloud, in memory or in a folder. Clones are the same cloud.
#[derive(Debug, Clone, Default)]
pub struct SimCloud(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    realm: Mutex<Realm>,
    /// One turn for each image that is being read into a host's cache.
    turns: Mutex<HashMap<(HostId, ImageDigest), Turn>>,
}

/// A world, and the journal that keeps it.
#[derive(Debug, Default)]
struct Realm {
    world: World,
    journal: Option<Journal>,
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

    /// A cloud that a folder keeps: it outlives the process, and all processes that open the
    /// folder at the same time have one cloud. The folder is made when it is first needed; calls
    /// fail as unreachable for as long as it cannot be used.
    #[must_use]
    pub fn kept_in(folder: &Path) -> Self {
        let journal = Some(Journal::new(folder));
        let mut realm = Realm { world: World::default(), journal };
        realm.world.diary = Diary::Line(Vec::new());
        Self(Arc::new(Inner { realm: Mutex::new(realm), turns: Mutex::default() }))
    }

    /// The cloud that a host's URI names: `sim:lab/host-a` is in the cloud `lab` of this process,
    /// `sim:/srv/lab/host-a` in the one that the folder `/srv/lab` keeps. What follows the last
    /// slash is the host. `None` when the URI is of another kind.
    #[must_use]
    pub fn from_uri(uri: &str) -> Option<Self> {
        let path = uri.strip_prefix("sim:")?;
        if !path.starts_with('/') {
            return Some(Self::named(path.split('/').next().unwrap_or(path)));
        }
        let folder = path.rsplit_once('/').map_or(path, |(folder, _host)| folder);
        let mut clouds = CLOUDS.lock().unwrap_or_else(PoisonError::into_inner);
        let open = || Self::kept_in(Path::new(folder));
        Some(clouds.entry(folder.to_owned()).or_insert_with(open).clone())
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
        self.here(|world| world.history.entries())
    }

    /// Forgets the calls so far.
    pub fn clear_history(&self) {
        self.here(|world| world.history.clear());
    }

    /// What hosts have that come from now on and say nothing else: 64 virtual CPUs, 256 GiB of
    /// memory and 4 TiB of storage on two NUMA nodes, until it is set.
    pub fn set_usual_capacity(&self, capacity: Capacity) {
        self.here(|world| world.usual_capacity = capacity);
    }

    /// Whether images are hashed as they are read: yes, until it is set. They are read either way.
    pub fn set_verify_images(&self, verify: bool) {
        self.here(|world| world.verify_images = verify);
    }

    /// Does something with what only this process has: script, faults, history.
    pub(crate) fn here<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        act(&mut self.0.realm.lock().unwrap_or_else(PoisonError::into_inner).world)
    }

    /// Does something with the world. The lock is held, so `act` must be short and may not wait.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        let (done, kept) = self.visit(act);
        if let Err(error) = kept {
            tracing::error!(%error, "a simulated cloud could not be kept: {error}");
        }
        done
    }

    /// The same for a call on hosts, which fails when the cloud cannot be kept.
    pub(crate) fn serve<T>(
        &self,
        hosts: &[HostId],
        act: impl FnOnce(&mut World) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let (answer, kept) = self.visit(act);
        kept.map_err(|error| Error::Unreachable {
            host: hosts.first().copied().unwrap_or(HostId(Uuid::nil())),
            reason: format!("its simulated cloud cannot be kept: {error}"),
        })?;
        answer
    }

    /// True when other processes may have the cloud too.
    pub(crate) fn is_kept(&self) -> bool {
        self.0.realm.lock().unwrap_or_else(PoisonError::into_inner).journal.is_some()
    }

    fn visit<T>(&self, act: impl FnOnce(&mut World) -> T) -> (T, io::Result<()>) {
        let mut realm = self.0.realm.lock().unwrap_or_else(PoisonError::into_inner);
        let Realm { world, journal } = &mut *realm;
        let Some(journal) = journal else { return (act(world), Ok(())) };
        let entered = journal.enter(world);
        let done = act(world);
        let kept = entered.and_then(|visit| journal.leave(world, visit));
        if kept.is_err() {
            // What is here now is not what others see.
            let _never_happened = world.diary.take();
            journal.doubt();
        }
        let folder = journal.folder().display();
        (done, kept.map_err(|error| io::Error::other(format!("{folder}: {error}"))))
    }

    /// Lets a call in: writes it down, takes its time, and lets faults have their way.
    pub(crate) async fn begin(
        &self,
        call: Call,
        hosts: &[HostId],
        subject: Subject,
    ) -> Result<Ticket, Error> {
        let (duration, fate) = self.here(|world| {
            let fate = world.faults.fate(call, hosts, &subject);
            let host = hosts.first().copied();
            world.history.add(Entry { call, host, subject, at: Instant::now() });
            (world.script.duration_of(call), fate)
        });
        // Half of it is the way there, the other half the way back.
        let way = duration / 2;
        travel(way).await;
        if let Some(gate) = fate.hang {
            gate.pass().await;
        }
        if let Some(error) = fate.fail {
            return Err(error);
        }
        self.serve(hosts, |world| {
            if let (Some(number), Some(host)) = (fate.crash, hosts.first()) {
                world.crash_any(*host, number);
            }
            world.all_answer(hosts)
        })?;
        Ok(Ticket { lost: fate.lose, way })
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
    way: Duration,
}

impl Ticket {
    /// The answer, unless it is to get lost.
    pub(crate) async fn end<T>(self, answer: Result<T, Error>) -> Result<T, Error> {
        travel(self.way).await;
        match self.lost {
            Some(lost) => answer.and(Err(lost)),
            None => answer,
        }
    }
}

async fn travel(way: Duration) {
    if !way.is_zero() {
        sleep(way).await;
    }
}
