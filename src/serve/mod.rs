//! The servers: `windlass up`, `windlass nfvo` and `windlass vnfm`.
//!
//! ```text
//!  up:    one listener ─┬─ NFVO ──HTTP──▶ VNFM      nfvo: a listener ─ NFVO ──HTTP──▶ --vnfm
//!                       └─ VNFM ──HTTP──▶ NFVO      vnfm: a listener ─ VNFM ──HTTP──▶ --nfvo
//! ```
//! Also inside `up` the two meet over HTTP, on loopback, so that either can be somebody else's.

mod auth;
mod connector;
mod data;
mod listen;
mod logging;
mod programs;
mod token;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::Args;
use tokio::sync::watch;
use tracing::info;
use windlass_client::{Client, Token};
use windlass_planner::placement::Policy;

use data::DataDir;
use listen::{Apps, Listener};
use logging::LogFormat;
use programs::{new_nfvo, new_vnfm};

pub use token::Tokens;

/// Where `up` and `nfvo` listen unless told otherwise.
const NFVO_ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9890);
/// Where `vnfm` listens unless told otherwise.
const VNFM_ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9891);

/// What every server takes.
#[derive(Debug, Args)]
pub struct Common {
    /// Folder for the database, packages and images; made when missing
    #[arg(long, env = "WINDLASS_DATA", default_value = "windlass-data", value_name = "DIR")]
    data: PathBuf,
    /// Certificate chain in PEM; needed to listen beyond loopback
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Private key in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// How log lines look; WINDLASS_LOG says which there are (`info`, `windlass_lcm=debug`, …)
    #[arg(long, value_enum, default_value_t = LogFormat::Text, value_name = "FORMAT")]
    log_format: LogFormat,
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
        logging::start(self.common.log_format);
        let data = DataDir::open(&self.common.data)?;
        let (nfvo_store, vnfm_store) = (data.store("nfvo").await?, data.store("vnfm").await?);
        let mut listeners = vec![Listener::open(self.listen, &self.common, &nfvo_store).await?];
        // The two programs meet where neither certificates nor tokens are asked for.
        if !self.listen.ip().is_loopback() || self.common.tls_cert.is_some() {
            listeners.push(Listener::loopback()?);
        }
        let home = listeners.last().map(Listener::url).unwrap_or_default();
        let client = Client::new(&home, None, None)?;
        let connector = connector::adapters();
        let policy = self.filling.policy();
        let nfvo =
            new_nfvo(&data, nfvo_store, Arc::clone(&connector), client.clone(), policy).await?;
        let vnfm = new_vnfm(vnfm_store, connector, client);
        let (stop, stopped) = watch::channel(false);
        let work = [nfvo.start(stopped.clone()), vnfm.start(stopped)];
        info!("windlass {} is up at {}", env!("CARGO_PKG_VERSION"), listeners[0].url());
        let apps = Apps { nfvo: Some(nfvo), vnfm: Some(vnfm) };
        listen::serve(listeners, apps, stop, work).await
    }
}

impl Nfvo {
    /// Serves until it is told to stop.
    pub async fn run(self) -> Result<()> {
        logging::start(self.common.log_format);
        let data = DataDir::open(&self.common.data)?;
        let store = data.store("nfvo").await?;
        let listener = Listener::open(self.listen, &self.common, &store).await?;
        let vnfm = self.peer.client(&self.vnfm)?;
        let policy = self.filling.policy();
        let nfvo = new_nfvo(&data, store, connector::adapters(), vnfm, policy).await?;
        let (stop, stopped) = watch::channel(false);
        let work = [nfvo.start(stopped)];
        info!("the NFVO is up at {}", listener.url());
        listen::serve(vec![listener], Apps { nfvo: Some(nfvo), vnfm: None }, stop, work).await
    }
}

impl Vnfm {
    /// Serves until it is told to stop.
    pub async fn run(self) -> Result<()> {
        logging::start(self.common.log_format);
        let data = DataDir::open(&self.common.data)?;
        let store = data.store("vnfm").await?;
        let listener = Listener::open(self.listen, &self.common, &store).await?;
        let nfvo = self.peer.client(&self.nfvo)?;
        let vnfm = new_vnfm(store, connector::adapters(), nfvo);
        let (stop, stopped) = watch::channel(false);
        let work = [vnfm.start(stopped)];
        info!("the VNFM is up at {}", listener.url());
        listen::serve(vec![listener], Apps { nfvo: None, vnfm: Some(vnfm) }, stop, work).await
    }
}
