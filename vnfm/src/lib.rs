//! The VNF manager: one VNF, from its identifier to its end (SOL003 clause 5).
//!
//! ```text
//!  http/ (parse, call, answer) ─▶ Vnfm ─▶ lcm::Engine ─▶ operations/ (tables of steps)
//!                                                          ├─ plan/ (pure)
//!                                                          ├─ nfvo.rs (grants, VNFDs, images; HTTP)
//!                                                          └─ windlass_vim::Vim
//!  watch/ (events and rounds ─▶ alarms ─▶ heals) ─▶ lcm::Engine
//! ```
//! **Architecture invariant:** nothing here links the NFVO. Grants, descriptors and images come over
//! HTTP, so that any NFVO that speaks SOL003 can stand on the other side.

mod alarms;
mod error;
pub mod http;
mod narrowed;
mod nfvo;
mod operations;
pub mod plan;
mod steps;
mod vnf;
mod watch;

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch as signal;
use tokio::task::JoinHandle;
use windlass_client::Client;
use windlass_lcm::{Engine, Journal, Settings, StepError};
use windlass_model::{Clock, VimId};
use windlass_store::Store;
use windlass_vim::{Connector, Vim};

pub use error::VnfmError;
pub use http::{VnfNotifications, configure};
pub use operations::procedures;

use nfvo::Nfvo;
use plan::Notes;
use watch::{Notice, Watch};

/// What a VNFM is made of.
#[derive(Debug, Clone)]
pub struct VnfmParts {
    /// Where its instances and operations are kept.
    pub store: Store,
    /// Its clock.
    pub clock: Arc<dyn Clock>,
    /// Where it gets adapters from.
    pub connector: Arc<dyn Connector>,
    /// The NFVO that grants and that keeps the packages.
    pub nfvo: Client,
    /// Bounds of its engine.
    pub settings: Settings,
}

/// The VNF manager.
#[derive(Debug)]
pub struct Vnfm {
    store: Store,
    engine: Arc<Engine<Program>>,
    program: Arc<Program>,
    /// Tells the watch of operations that begin.
    notice: Notice,
    /// The watch, until it is started.
    watch: Mutex<Option<Watch<Program>>>,
}

/// What the steps of the VNFM's operations work with.
#[derive(Debug)]
pub struct Program {
    clock: Arc<dyn Clock>,
    connector: Arc<dyn Connector>,
    nfvo: Nfvo,
}

impl Program {
    /// What steps work with, over these parts.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, connector: Arc<dyn Connector>, nfvo: Client) -> Self {
        Self { clock, connector, nfvo: Nfvo::new(nfvo) }
    }

    /// The adapter for a VIM that a plan's notes name.
    fn vim(&self, notes: &Notes, id: VimId) -> Result<Arc<dyn Vim>, StepError> {
        Ok(self.connector.connect(notes.vim(id)?))
    }
}

impl Vnfm {
    /// A VNFM over these parts. It works on operations once it is started.
    #[must_use]
    pub fn new(parts: VnfmParts) -> Arc<Self> {
        let VnfmParts { store, clock, connector, nfvo, settings } = parts;
        let program = Arc::new(Program::new(Arc::clone(&clock), connector, nfvo));
        let journal: Arc<dyn Journal> = Arc::new(store.clone());
        let worker = settings.worker.clone();
        let procedures = operations::procedures();
        let engine =
            Engine::new(Arc::clone(&program), journal, Arc::clone(&clock), settings, procedures);
        let engine = Arc::new(engine);
        let connector = Arc::clone(&program.connector);
        let (watch, notice) =
            Watch::new(store.clone(), Arc::clone(&engine), clock, connector, worker);
        Arc::new(Self { store, engine, program, notice, watch: Mutex::new(Some(watch)) })
    }

    /// Tells whether its operations are looked after.
    #[must_use]
    pub fn pulse(&self) -> windlass_lcm::Pulse {
        self.engine.pulse()
    }

    /// Works on operations, and watches the VNFs, until `stop` says true.
    pub fn start(&self, stop: signal::Receiver<bool>) -> JoinHandle<()> {
        let work = Arc::clone(&self.engine).run(stop.clone());
        let watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner).take();
        // In a task of its own, the watch keeps nobody waiting while it goes over all VNFs.
        let watching = tokio::spawn(async move {
            if let Some(watch) = watch {
                watch.run(stop).await;
            }
        });
        tokio::spawn(async move {
            let ((), watched) = tokio::join!(work, watching);
            if let Err(error) = watched {
                tracing::error!(%error, "nobody watches the VNFs any more: {error}");
            }
        })
    }
}
