//! The servers: `windlass up`, `windlass nfvo` and `windlass vnfm`.
//!
//! ```text
//!  up:    one listener ─┬─ NFVO ──HTTP──▶ VNFM      nfvo: a listener ─ NFVO ──HTTP──▶ --vnfm
//!                       └─ VNFM ──HTTP──▶ NFVO      vnfm: a listener ─ VNFM ──HTTP──▶ --nfvo
//! ```
//! Also inside `up` the two meet over HTTP, on loopback, so that either can be somebody else's.

mod auth;
mod backup;
mod connector;
mod data;
mod health;
mod keeping;
mod listen;
mod log_line;
mod logging;
mod metrics;
mod observed;
mod process;
mod programs;
mod token;
mod traces;
mod watching;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::Args;
use tokio::sync::watch;
use tracing::info;
use windlass_api::api::Api;
use windlass_client::fetch::Bounds;
use windlass_client::{Callbacks, Client, Reach, Token};
use windlass_notify::{Notifications, Publisher};
use windlass_planner::placement::Policy;
use windlass_store::Store;
use windlass_vnfm::VnfNotifications;

use data::DataDir;
use health::Check;
use listen::{Apps, Listener};
use logging::LogFormat;
use observed::Observed;
use programs::{new_nfvo, new_notifications, new_vnfm};

pub use backup::{back_up, restore};
pub use keeping::Keeping;
pub use token::Tokens;

/// Where `up` and `nfvo` listen unless told otherwise.
const NFVO_ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9890);
/// Where `vnfm` listens unless told otherwise.
const VNFM_ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9891);

/// What every server takes.
#[derive(Debug, Args)]
pub struct Common {
    #[command(flatten)]
    keeping: Keeping,
    /// Certificate chain in PEM; needed to listen beyond loopback
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Private key in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Key that seals the passwords of subscribers; made in the data directory unless given
    #[arg(long, env = "WINDLASS_KEY_FILE", value_name = "FILE")]
    key: Option<PathBuf>,
    /// Certificate authority of subscribers, in PEM, instead of those that the machine trusts
    #[arg(long, value_name = "FILE")]
    subscriber_ca: Option<PathBuf>,
    /// How log lines look; WINDLASS_LOG says which there are (`info`, `windlass_lcm=debug`, …)
    #[arg(long, value_enum, default_value_t = LogFormat::Text, value_name = "FORMAT")]
    log_format: LogFormat,
    /// OpenTelemetry collector that gets traces over OTLP/HTTP; OTEL_EXPORTER_OTLP_ENDPOINT does the same
    #[arg(long, value_name = "URL")]
    otlp: Option<String>,
    /// Answer /metrics, /healthz and /readyz here as well, to anybody and without TLS
    #[arg(long, value_name = "ADDRESS:PORT")]
    metrics_listen: Option<SocketAddr>,
}

impl Common {
    /// The listener of its own that whoever watches Windlass may have.
    fn watchers_listener(&self) -> Result<Option<Listener>> {
        self.metrics_listen.map(Listener::for_watchers).transpose()
    }
}

impl Common {
    /// How subscribers are called by a server that listens at `listen`: who serves nobody but this
    /// machine may call it, too.
    fn callbacks(&self, listen: SocketAddr) -> Result<Callbacks> {
        let reach = if listen.ip().is_loopback() { Reach::Loopback } else { Reach::Network };
        let ca = self.subscriber_ca.as_ref().map(std::fs::read).transpose();
        let ca = ca.with_context(|| format!("cannot read {:?}", self.subscriber_ca))?;
        Ok(Callbacks::new(reach, ca.as_deref())?)
    }

    fn told_by_nfvo(
        &self,
        data: &DataDir,
        store: Store,
        callbacks: Callbacks,
    ) -> Result<Arc<Notifications>> {
        let publishers = windlass_nfvo::publishers(&store);
        new_notifications(self, data, store, callbacks, publishers, "nfvo")
    }

    fn told_by_vnfm(
        &self,
        data: &DataDir,
        store: Store,
        callbacks: Callbacks,
    ) -> Result<Arc<Notifications>> {
        let publishers: Vec<Arc<dyn Publisher>> =
            vec![Arc::new(VnfNotifications::new(store.clone()))];
        new_notifications(self, data, store, callbacks, publishers, "vnfm")
    }
}

/// How full the NFVO lets hosts get.
#[derive(Debug, Args)]
pub struct Filling {
    /// Virtual CPUs that may be promised for every 100 that a host has
    #[arg(long, default_value_t = 400, value_name = "PERCENT",
          value_parser = clap::value_parser!(u32).range(100..=3200))]
    vcpu_overcommit: u32,
    /// Memory that every host keeps for itself, in MiB
    #[arg(long, default_value_t = 512, value_name = "MIB")]
    memory_reserve: u64,
}

/// Where the NFVO fetches packages from.
#[derive(Debug, Args)]
pub struct Fetching {
    /// Fetch packages from this machine too, when a client names such a URI
    #[arg(long)]
    fetch_from_loopback: bool,
}

impl Fetching {
    fn bounds(&self) -> Bounds {
        Bounds { from_loopback: self.fetch_from_loopback, ..Bounds::default() }
    }
}

impl Filling {
    fn policy(&self) -> Policy {
        Policy {
            vcpu_overcommit_percent: self.vcpu_overcommit,
            memory_reserve_mib: self.memory_reserve,
        }
    }
}

/// Arguments of `windlass up`.
#[derive(Debug, Args)]
pub struct Up {
    /// Address and port to listen on; beyond loopback only with TLS and a token
    #[arg(long, default_value_t = NFVO_ADDRESS, value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    #[command(flatten)]
    filling: Filling,
    #[command(flatten)]
    fetching: Fetching,
    #[command(flatten)]
    common: Common,
}

/// Arguments of `windlass nfvo`.
#[derive(Debug, Args)]
pub struct Nfvo {
    /// Address and port to listen on; beyond loopback only with TLS and a token
    #[arg(long, default_value_t = NFVO_ADDRESS, value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// The VNFM's API root
    #[arg(long, default_value = "http://127.0.0.1:9891", value_name = "URL")]
    vnfm: String,
    #[command(flatten)]
    peer: Peer,
    #[command(flatten)]
    filling: Filling,
    #[command(flatten)]
    fetching: Fetching,
    #[command(flatten)]
    common: Common,
}

/// Arguments of `windlass vnfm`.
#[derive(Debug, Args)]
pub struct Vnfm {
    /// Address and port to listen on; beyond loopback only with TLS and a token
    #[arg(long, default_value_t = VNFM_ADDRESS, value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// The NFVO's API root
    #[arg(long, default_value = "http://127.0.0.1:9890", value_name = "URL")]
    nfvo: String,
    #[command(flatten)]
    peer: Peer,
    #[command(flatten)]
    common: Common,
}

/// How the other program is spoken to.
#[derive(Debug, Args)]
pub struct Peer {
    /// Bearer token for the other program
    #[arg(long, env = "WINDLASS_PEER_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    peer_token: Option<String>,
    /// Certificate authority of the other program, in PEM
    #[arg(long, value_name = "FILE")]
    peer_ca: Option<PathBuf>,
}

impl Peer {
    fn client(&self, url: &str) -> Result<Client> {
        let token = self.peer_token.clone().map(Token::new);
        let ca = self.peer_ca.as_ref().map(std::fs::read).transpose();
        let ca = ca.with_context(|| format!("cannot read {:?}", self.peer_ca))?;
        Ok(Client::new(url, token.as_ref(), ca.as_deref())?)
    }
}

impl Up {
    /// Serves until it is told to stop.
    pub async fn run(self) -> Result<()> {
        let observed = Observed::start("windlass", &self.common)?;
        let data = DataDir::open(&self.common.keeping)?;
        let (nfvo_store, vnfm_store) = (data.store("nfvo").await?, data.store("vnfm").await?);
        let mut listeners = vec![Listener::open(self.listen, &self.common, &nfvo_store).await?];
        // The two programs meet where neither certificates nor tokens are asked for.
        if !self.listen.ip().is_loopback() || self.common.tls_cert.is_some() {
            listeners.push(Listener::loopback()?);
        }
        let home = listeners.last().map(Listener::url).unwrap_or_default();
        let client = Client::new(&home, None, None)?;
        let connector = connector::adapters();
        let (policy, fetch) = (self.filling.policy(), self.fetching.bounds());
        let stores = [nfvo_store.clone(), vnfm_store.clone()];
        let nfvo =
            new_nfvo(&data, nfvo_store, Arc::clone(&connector), client.clone(), policy, fetch)
                .await?;
        let vnfm = new_vnfm(&data, vnfm_store, connector, client);
        let (stop, stopped) = watch::channel(false);
        let [nfvo_store, vnfm_store] = stores;
        let (told_of_nfvo, told_of_vnfm) = (nfvo_store.clone(), vnfm_store.clone());
        let checks = vec![
            Check::Store("nfvo-store", nfvo_store),
            Check::Engine("nfvo-operations", nfvo.pulse()),
            Check::Store("vnfm-store", vnfm_store),
            Check::Engine("vnfm-operations", vnfm.pulse()),
        ];
        let watching = observed.watching(checks, stopped.clone());
        let callbacks = self.common.callbacks(self.listen)?;
        let told = [
            self.common.told_by_nfvo(&data, told_of_nfvo, callbacks.clone())?,
            self.common.told_by_vnfm(&data, told_of_vnfm, callbacks)?,
        ];
        let mut work = vec![nfvo.start(stopped.clone()), vnfm.start(stopped.clone())];
        work.extend(told.iter().map(|one| tokio::spawn(Arc::clone(one).run(stopped.clone()))));
        listeners.extend(self.common.watchers_listener()?);
        info!("windlass {} is up at {}", env!("CARGO_PKG_VERSION"), listeners[0].url());
        let apps =
            Apps { nfvo: Some(nfvo), vnfm: Some(vnfm), notifications: told.into(), watching };
        listen::serve(listeners, apps, stop, work).await?;
        observed.end().await;
        Ok(())
    }
}

impl Nfvo {
    /// Serves until it is told to stop.
    pub async fn run(self) -> Result<()> {
        let observed = Observed::start("windlass-nfvo", &self.common)?;
        let data = DataDir::open(&self.common.keeping)?;
        let store = data.store("nfvo").await?;
        let listener = Listener::open(self.listen, &self.common, &store).await?;
        let vnfm = self.peer.client(&self.vnfm)?;
        let (policy, fetch) = (self.filling.policy(), self.fetching.bounds());
        let mut checks = vec![
            Check::Store("nfvo-store", store.clone()),
            Check::Peer("vnfm", vnfm.clone(), Api::VnfLcm),
        ];
        let callbacks = self.common.callbacks(self.listen)?;
        let told = self.common.told_by_nfvo(&data, store.clone(), callbacks)?;
        let nfvo = new_nfvo(&data, store, connector::adapters(), vnfm, policy, fetch).await?;
        checks.push(Check::Engine("nfvo-operations", nfvo.pulse()));
        let (stop, stopped) = watch::channel(false);
        let watching = observed.watching(checks, stopped.clone());
        let work = [nfvo.start(stopped.clone()), tokio::spawn(Arc::clone(&told).run(stopped))];
        info!("the NFVO is up at {}", listener.url());
        let mut listeners = vec![listener];
        listeners.extend(self.common.watchers_listener()?);
        let apps = Apps { nfvo: Some(nfvo), vnfm: None, notifications: vec![told], watching };
        listen::serve(listeners, apps, stop, work).await?;
        observed.end().await;
        Ok(())
    }
}

impl Vnfm {
    /// Serves until it is told to stop.
    pub async fn run(self) -> Result<()> {
        let observed = Observed::start("windlass-vnfm", &self.common)?;
        let data = DataDir::open(&self.common.keeping)?;
        let store = data.store("vnfm").await?;
        let listener = Listener::open(self.listen, &self.common, &store).await?;
        let nfvo = self.peer.client(&self.nfvo)?;
        let mut checks = vec![
            Check::Store("vnfm-store", store.clone()),
            Check::Peer("nfvo", nfvo.clone(), Api::Grant),
        ];
        let callbacks = self.common.callbacks(self.listen)?;
        let told = self.common.told_by_vnfm(&data, store.clone(), callbacks)?;
        let vnfm = new_vnfm(&data, store, connector::adapters(), nfvo);
        checks.push(Check::Engine("vnfm-operations", vnfm.pulse()));
        let (stop, stopped) = watch::channel(false);
        let watching = observed.watching(checks, stopped.clone());
        let work = [vnfm.start(stopped.clone()), tokio::spawn(Arc::clone(&told).run(stopped))];
        info!("the VNFM is up at {}", listener.url());
        let mut listeners = vec![listener];
        listeners.extend(self.common.watchers_listener()?);
        let apps = Apps { nfvo: None, vnfm: Some(vnfm), notifications: vec![told], watching };
        listen::serve(listeners, apps, stop, work).await?;
        observed.end().await;
        Ok(())
    }
}
