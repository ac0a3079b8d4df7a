//! The VNF manager: one VNF, from its identifier to its end (SOL003 clause 5).
//!
//! ```text
//!  http/ (parse, call, answer) ─▶ Vnfm ─▶ lcm::Engine ─▶ operations/ (tables of steps)
//!                                                          ├─ plan/ (pure)
//!                                                          ├─ nfvo.rs (grants, VNFDs, images; HTTP)
//!                                                          └─ windlass_vim::Vim
//! ```
//! **Architecture invariant:** nothing here links the NFVO. Grants, descriptors and images come over
//! HTTP, so that any NFVO that speaks SOL003 can stand on the other side.

mod error;
pub mod http;
mod nfvo;
mod operations;
pub mod plan;
mod steps;
mod vnf;

use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use windlass_client::Client;
use windlass_lcm::{Engine, Journal, Settings, StepError};
use windlass_model::{Clock, VimId};
use windlass_store::Store;
use windlass_vim::{Connector, Vim};

pub use error::VnfmError;
pub use http::configure;
pub use operations::procedures;

use nfvo::Nfvo;
use plan::Notes;

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
        let engine =
            Engine::new(Arc::clone(&program), journal, clock, settings, operations::procedures());
        Arc::new(Self { store, engine: Arc::new(engine), program })
    }

    /// Tells whether its operations are looked after.
    #[must_use]
    pub fn pulse(&self) -> windlass_lcm::Pulse {
        self.engine.pulse()
    }

    /// Works on operations until `stop` says true.
    pub fn start(&self, stop: watch::Receiver<bool>) -> JoinHandle<()> {
        tokio::spawn(Arc::clone(&self.engine).run(stop))
    }
}
