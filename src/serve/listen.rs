//! Listening, with TLS or on loopback, until the process is told to stop.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::{Next, from_fn};
use actix_web::{App, HttpRequest, HttpServer, web};
use anyhow::{Context, Result, bail};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tracing::info;
use windlass_nfvo::Nfvo;
use windlass_notify::Notifications;
use windlass_server::{Problem, request};
use windlass_store::Store;
use windlass_vnfm::Vnfm;

use super::Common;
use super::auth::{self, Door};
use super::watching::{self, Watching};

/// Threads that answer requests; work that takes long is not done on them.
const WORKERS: usize = 2;
/// How long a connection is kept that nobody uses: longer than clients keep theirs, so that none of
/// them meets a connection that is being closed.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long a client may take to send the head of a request. It is not the client's fault when that
/// waits here because there is much else to do.
const HEAD_LIMIT: Duration = Duration::from_secs(30);
/// How long operations have to put down their work when the process stops.
const FAREWELL: Duration = Duration::from_secs(5);

/// An open listener.
pub struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    tls: Option<ServerConfig>,
    door: Door,
}

/// What is served.
#[derive(Debug, Clone)]
pub struct Apps {
    /// The NFVO, when it runs here.
    pub nfvo: Option<Arc<Nfvo>>,
    /// The VNFM, when it runs here.
    pub vnfm: Option<Arc<Vnfm>>,
    /// The subscriptions to what they tell.
    pub notifications: Vec<Arc<Notifications>>,
    /// What is told of the server itself.
    pub watching: Watching,
}

impl Listener {
    /// Opens a listener as the command line says; refuses one beyond loopback that is not safe.
    pub async fn open(address: SocketAddr, common: &Common, store: &Store) -> Result<Self> {
        let tls = match (&common.tls_cert, &common.tls_key) {
            (Some(cert), Some(key)) => Some(tls(cert, key)?),
            (None, _) | (_, None) => None,
        };
        if address.ip().is_loopback() {
            return Self::bind(address, tls, Door::Open);
        }
        if tls.is_none() {
            bail!(
                "{address} is not on loopback: give --tls-cert and --tls-key, or listen on 127.0.0.1"
            );
        }
        if store.tokens().list(None, 1).await?.is_empty() {
            bail!(
                "{address} is not on loopback and there is no token yet: \
                 make one with `windlass token add NAME --data {}`",
                common.keeping.data.display()
            );
        }
        Self::bind(address, tls, Door::Tokens(store.clone()))
    }

    /// Opens a listener on loopback, on a free port.
    pub fn loopback() -> Result<Self> {
        Self::bind(SocketAddr::from(([127, 0, 0, 1], 0)), None, Door::Open)
    }

    /// Opens a listener where metrics and health are told and nothing else.
    pub fn for_watchers(address: SocketAddr) -> Result<Self> {
        let listener = Self::bind(address, None, Door::Watchers)?;
        info!("metrics and health are at {}", listener.url());
        Ok(listener)
    }

    fn bind(address: SocketAddr, tls: Option<ServerConfig>, door: Door) -> Result<Self> {
        let socket = TcpListener::bind(address)
            .with_context(|| format!("cannot listen on {address}; is another windlass up?"))?;
        let address = socket.local_addr()?;
        Ok(Self { socket, address, tls, door })
    }

    /// The API root that this listener serves.
    pub fn url(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }
}

fn tls(cert: &std::path::Path, key: &std::path::Path) -> Result<ServerConfig> {
    let chain = CertificateDer::pem_file_iter(cert)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| format!("cannot read certificates from {}", cert.display()))?;
    let key = PrivateKeyDer::from_pem_file(key)
        .with_context(|| format!("cannot read a private key from {}", key.display()))?;
    ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .context("the certificate and the key do not fit together")
}

/// Answers on all listeners until SIGINT or SIGTERM, then lets `work` put down what it holds.
pub async fn serve(
    listeners: Vec<Listener>,
    apps: Apps,
    stop: watch::Sender<bool>,
    work: impl IntoIterator<Item = JoinHandle<()>>,
) -> Result<()> {
    let mut handles = Vec::new();
    let mut servers = Vec::new();
    for listener in listeners {
        let (apps, door) = (apps.behind(&listener.door), listener.door.clone());
        let server = HttpServer::new(move || {
            let (apps, door) = (apps.clone(), door.clone());
            App::new()
                .wrap(from_fn(move |request, next| auth::check(door.clone(), request, next)))
                .wrap(from_fn(observe))
                .configure(|cfg| apps.mount(cfg))
                .default_service(web::to(nowhere))
        })
        .workers(WORKERS)
        .keep_alive(KEEP_ALIVE)
        .client_request_timeout(HEAD_LIMIT)
        .disable_signals()
        .shutdown_timeout(1);
        let server = match listener.tls {
            Some(tls) => server.listen_rustls_0_23(listener.socket, tls)?,
            None => server.listen(listener.socket)?,
        }
        .run();
        handles.push(server.handle());
        servers.push(tokio::spawn(server));
    }
    told_to_stop().await?;
    info!("stopping; what is unfinished goes on when windlass is up again");
    stop.send_replace(true);
    for task in work {
        // A step that does not end in time is abandoned: the log knows that it had begun.
        let _late = tokio::time::timeout(FAREWELL, task).await;
    }
    for handle in handles {
        handle.stop(true).await;
    }
    for server in servers {
        server.await??;
    }
    Ok(())
}

impl Apps {
    /// What of it is served behind a door.
    fn behind(&self, door: &Door) -> Self {
        let watching = self.watching.clone();
        match door {
            Door::Watchers => Self { nfvo: None, vnfm: None, notifications: vec![], watching },
            Door::Open | Door::Tokens(_) => self.clone(),
        }
    }

    fn mount(self, cfg: &mut web::ServiceConfig) {
        if let Some(nfvo) = self.nfvo {
            windlass_nfvo::configure(nfvo)(cfg);
        }
        if let Some(vnfm) = self.vnfm {
            windlass_vnfm::configure(vnfm)(cfg);
        }
        for notifications in self.notifications {
            windlass_notify::configure(notifications)(cfg);
        }
        self.watching.mount(cfg);
    }
}

/// Observes a request, unless it is one of those that come every few seconds to observe us.
async fn observe(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    if watching::is_watch(request.path()) {
        return Ok(next.call(request).await?.map_into_left_body());
    }
    Ok(request::observed(request, next).await?.map_into_right_body())
}

async fn nowhere(request: HttpRequest) -> Result<&'static str, Problem> {
    Err(Problem::new(404, format!("there is nothing at {}", request.path())))
}

async fn told_to_stop() -> Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
