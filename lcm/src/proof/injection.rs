//! One fault at one place, that strikes once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::watch;

use crate::journal::Journal;
use crate::proof::watched::Watched;

/// What is done to a step, an undo, or a write of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It fails.
    Fail,
    /// It is done twice.
    Repeat,
    /// The process dies: nothing that it still wants to write is written.
    Crash,
    /// It takes until it is let go; everything else goes on.
    Hold,
    /// The whole process stands still until it is let go, and does not know it.
    Suspend,
}

/// When a fault strikes: when nothing is done yet, or when all is done and nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Before the effect.
    Before,
    /// After the effect.
    After,
}

impl Moment {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Before, Self::After];
}

/// A fault that waits for its place to come by.
#[derive(Debug)]
pub struct Injection {
    place: Place,
    moment: Moment,
    fault: Fault,
    spent: AtomicBool,
    writes: AtomicUsize,
    process: watch::Sender<Process>,
    pub(super) late: Late,
}

#[derive(Debug, PartialEq, Eq)]
enum Place {
    Step(String),
    Undo(String),
    Write(usize),
}

/// How the process under proof is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Process {
    Well,
    Holding,
    Suspended,
    LetGo,
    Dead,
}

/// What became of the writes of a process that stood still for too long.
#[derive(Debug, Default)]
pub(super) struct Late {
    pub accepted: AtomicUsize,
    pub refused: AtomicUsize,
}

/// What the one who met an injection has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    GoOn,
    Fail,
    Again,
    Die,
}

impl Injection {
    /// A fault for the step of a node.
    #[must_use]
    pub fn on_step(node: &str, moment: Moment, fault: Fault) -> Arc<Self> {
        Self::at(Place::Step(node.to_owned()), moment, fault)
    }

    /// A fault for the undo of a node.
    #[must_use]
    pub fn on_undo(node: &str, moment: Moment, fault: Fault) -> Arc<Self> {
        Self::at(Place::Undo(node.to_owned()), moment, fault)
    }

    /// A fault for the n-th write of the worker, counted from 1, which is its claim.
    #[must_use]
    pub fn on_write(n: usize, moment: Moment, fault: Fault) -> Arc<Self> {
        Self::at(Place::Write(n), moment, fault)
    }

    fn at(place: Place, moment: Moment, fault: Fault) -> Arc<Self> {
        Arc::new(Self {
            place,
            moment,
            fault,
            spent: AtomicBool::new(false),
            writes: AtomicUsize::new(0),
            process: watch::Sender::new(Process::Well),
            late: Late::default(),
        })
    }

    /// True once the fault has struck; a proof whose fault never struck proves nothing.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        self.spent.load(Ordering::SeqCst)
    }

    /// True once the process is dead.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        *self.process.borrow() == Process::Dead
    }

    /// Waits until something is held, or stands still.
    pub async fn reached(&self) {
        let stands = |process: &Process| matches!(process, Process::Holding | Process::Suspended);
        // The sender lives in `self`, so waiting cannot fail.
        let _ = self.process.subscribe().wait_for(stands).await;
    }

    /// Lets go what is held, or stands still.
    pub fn let_go(&self) {
        self.process.send_if_modified(|process| {
            let stood = matches!(process, Process::Holding | Process::Suspended);
            if stood {
                *process = Process::LetGo;
            }
            stood
        });
    }

    /// The journal as the process under proof has it.
    pub(crate) fn over(self: &Arc<Self>, journal: Arc<dyn Journal>) -> Arc<dyn Journal> {
        Arc::new(Watched::new(journal, Arc::clone(self)))
    }

    pub(crate) async fn meet_step(&self, node: &str, undo: bool, moment: Moment) -> Verdict {
        let here = match &self.place {
            Place::Step(name) => !undo && name == node,
            Place::Undo(name) => undo && name == node,
            Place::Write(_) => false,
        };
        if here { self.strike(moment).await } else { Verdict::GoOn }
    }

    /// The number of the next write.
    pub(super) fn next_write(&self) -> usize {
        self.writes.fetch_add(1, Ordering::SeqCst) + 1
    }

    pub(super) async fn meet_write(&self, n: usize, moment: Moment) -> Verdict {
        if self.place == Place::Write(n) { self.strike(moment).await } else { Verdict::GoOn }
    }

    async fn strike(&self, moment: Moment) -> Verdict {
        // A repetition shows when the first time is over.
        let due = if self.fault == Fault::Repeat { Moment::After } else { self.moment };
        if moment != due || self.spent.swap(true, Ordering::SeqCst) {
            return Verdict::GoOn;
        }
        match self.fault {
            Fault::Fail => Verdict::Fail,
            Fault::Repeat => Verdict::Again,
            Fault::Crash => {
                self.process.send_replace(Process::Dead);
                Verdict::Die
            }
            Fault::Hold => {
                self.process.send_replace(Process::Holding);
                self.waits_until_let_go().await;
                Verdict::GoOn
            }
            Fault::Suspend => {
                self.process.send_replace(Process::Suspended);
                self.waits_until_let_go().await;
                Verdict::GoOn
            }
        }
    }

    async fn waits_until_let_go(&self) {
        let _ = self.process.subscribe().wait_for(|process| *process == Process::LetGo).await;
    }

    /// Waits while the whole process stands still.
    pub(super) async fn awake(&self) {
        let _ = self.process.subscribe().wait_for(|process| *process != Process::Suspended).await;
    }

    /// True when the process stood still and was let go: others did its work meanwhile.
    pub(super) fn is_late(&self) -> bool {
        self.fault == Fault::Suspend && *self.process.borrow() == Process::LetGo
    }
}
