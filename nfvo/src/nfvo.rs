//! The program: what it holds, and the loops that it runs.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use windlass_client::Client;
use windlass_lcm::{Engine, Journal};
use windlass_model::Clock;
use windlass_packages::Packages;
use windlass_planner::placement::Policy;
use windlass_store::Store;
use windlass_vim::Connector;

use crate::vnfm::Vnfm;
use crate::{catalog, grants, operations, sites};

/// What an NFVO is made of.
#[derive(Debug)]
pub struct NfvoParts {
    /// Where it remembers.
    pub store: Store,
    /// Where it keeps packages and images.
    pub packages: Packages,
    /// Who tells it the time.
    pub clock: Arc<dyn Clock>,
    /// Who makes the adapters for its VIMs.
    pub connector: Arc<dyn Connector>,
    /// The VNFM that it asks for VNFs.
    pub vnfm: Client,
    /// Bounds and periods.
    pub settings: Settings,
}

/// Bounds and periods of an NFVO.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Those of its operations.
    pub lcm: windlass_lcm::Settings,
    /// How often every host is asked how it is.
    pub probe_period: Duration,
    /// How long a VIM may take to answer a probe.
    pub probe_limit: Duration,
    /// How often a VNF operation that runs is looked at, at least; the pauses grow towards this.
    pub vnf_poll: Duration,
    /// The longest package or archive that is taken.
    pub package_limit_bytes: u64,
    /// How packages are fetched from other servers.
    pub fetch: windlass_client::fetch::Bounds,
    /// How long it may take to fetch one.
    pub fetch_limit: Duration,
    /// How full hosts may get.
    pub policy: Policy,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            lcm: windlass_lcm::Settings { worker: "nfvo".to_owned(), ..Default::default() },
            probe_period: Duration::from_secs(15),
            probe_limit: Duration::from_secs(30),
            vnf_poll: Duration::from_secs(2),
            package_limit_bytes: 64 << 30,
            fetch: windlass_client::fetch::Bounds::default(),
            fetch_limit: Duration::from_secs(6 * 3600),
            policy: Policy::default(),
        }
    }
}

/// What requests, steps and loops share.
#[derive(Debug)]
pub(crate) struct Core {
    pub store: Store,
    pub packages: Packages,
    pub clock: Arc<dyn Clock>,
    pub connector: Arc<dyn Connector>,
    pub vnfm: Vnfm,
    pub settings: Settings,
    pub arrivals: catalog::Arrivals,
    pub ledger: grants::Ledger,
}

/// An NFVO.
pub struct Nfvo {
    pub(crate) core: Arc<Core>,
    pub(crate) engine: Arc<Engine<Core>>,
}

impl fmt::Debug for Nfvo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nfvo").field("core", &self.core).finish_non_exhaustive()
    }
}

impl Nfvo {
    /// An NFVO of these parts. It answers at once; its operations go on once it is started.
    #[must_use]
    pub fn new(parts: NfvoParts) -> Arc<Self> {
        let NfvoParts { store, packages, clock, connector, vnfm, settings } = parts;
        let journal: Arc<dyn Journal> = Arc::new(store.clone());
        let vnfm = Vnfm::new(vnfm, settings.vnf_poll);
        let core = Arc::new(Core {
            store,
            packages,
            clock,
            connector,
            vnfm,
            settings,
            arrivals: catalog::Arrivals::default(),
            ledger: grants::Ledger::default(),
        });
        let engine = Engine::new(
            Arc::clone(&core),
            journal,
            Arc::clone(&core.clock),
            core.settings.lcm.clone(),
            operations::procedures(),
        );
        Arc::new(Self { core, engine: Arc::new(engine) })
    }

    /// Tells whether its operations are looked after.
    #[must_use]
    pub fn pulse(&self) -> windlass_lcm::Pulse {
        self.engine.pulse()
    }

    /// Starts the work that nobody waits for: operations, probes, and what a crash left half way.
    /// It ends soon after `stop` says true.
    pub fn start(self: &Arc<Self>, stop: watch::Receiver<bool>) -> JoinHandle<()> {
        let (core, engine) = (Arc::clone(&self.core), Arc::clone(&self.engine));
        tokio::spawn(async move {
            // Large content takes its time to be checked again; operations need not wait for it.
            let watch = sites::watch(Arc::clone(&core), stop.clone());
            let arrivals = catalog::watch(Arc::clone(&core), stop.clone());
            tokio::join!(arrivals, engine.run(stop), watch);
        })
    }
}
