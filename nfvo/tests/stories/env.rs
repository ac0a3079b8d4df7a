//! A world of its own for each story.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::{App, HttpResponse, HttpServer, dev::ServerHandle, web};
use serde_json::json;
use tempfile::TempDir;
use windlass_api::nsd::{NsdInfo, NsdOnboardingState};
use windlass_api::vnfpkgm::{PackageOnboardingState, VnfPkgInfo};
use windlass_api::windlass::{RegisterHostRequest, RegisterVimRequest, Vim as VimInfo};
use windlass_client::{Client, PackageKey};
use windlass_model::{SystemClock, Vim, VimId};
use windlass_nfvo::{Nfvo, NfvoParts, Settings};
use windlass_packages::{Blobs, Packages};
use windlass_store::Store;
use windlass_vim::Connector;
use windlass_vim_sim::{SimCloud, SimVim};

/// An NFVO with its server, and a client of it.
pub struct Site {
    pub client: Client,
    pub http: reqwest::Client,
    pub base: String,
    pub cloud: SimCloud,
    pub nfvo: Arc<Nfvo>,
    pub store: Store,
    servers: Vec<ServerHandle>,
    pub blobs: PathBuf,
    _folder: TempDir,
}

/// Makes adapters for a simulated cloud, the same one for a VIM each time.
#[derive(Debug)]
struct SimConnector {
    cloud: SimCloud,
    adapters: Mutex<HashMap<VimId, (usize, Arc<SimVim>)>>,
}

impl Connector for SimConnector {
    fn connect(&self, vim: &Vim) -> Arc<dyn windlass_vim::Vim> {
        let mut adapters = self.adapters.lock().unwrap();
        let fresh = || Arc::new(SimVim::new(self.cloud.clone(), vim.hosts.clone()));
        let entry = adapters.entry(vim.id).or_insert_with(|| (vim.hosts.len(), fresh()));
        if entry.0 != vim.hosts.len() {
            *entry = (vim.hosts.len(), fresh());
        }
        entry.1.clone()
    }
}

impl Site {
    /// An NFVO that takes packages of any length.
    pub async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    pub async fn with(settings: Settings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let blobs = folder.path().to_owned();
        Self::made(folder, blobs, settings).await
    }

    /// An NFVO with its blobs in a folder that somebody else looks after.
    pub async fn over(blobs: PathBuf, settings: Settings) -> Self {
        Self::made(tempfile::tempdir().unwrap(), blobs, settings).await
    }

    async fn made(folder: TempDir, blob_folder: PathBuf, settings: Settings) -> Self {
        let _installed_before = rustls::crypto::ring::default_provider().install_default();
        let store = Store::in_memory().await.unwrap();
        let blobs = Blobs::open(&blob_folder).await.unwrap();
        let cloud = SimCloud::new();
        let connector = SimConnector { cloud: cloud.clone(), adapters: Mutex::default() };
        let (vnfm, vnfm_base) = serve(knows_nobody);
        let nfvo = Nfvo::new(NfvoParts {
            store: store.clone(),
            packages: Packages::new(blobs, windlass_descriptors::TrustAnchors::default()),
            clock: Arc::new(SystemClock),
            connector: Arc::new(connector),
            vnfm: Client::new(&vnfm_base, None, None).unwrap(),
            settings,
        });
        let shared = Arc::clone(&nfvo);
        let (server, base) = serve(move |cfg| windlass_nfvo::configure(Arc::clone(&shared))(cfg));
        let client = Client::new(&base, None, None).unwrap();
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
        let servers = vec![vnfm, server];
        Self {
            client,
            http,
            base,
            cloud,
            nfvo,
            store,
            servers,
            blobs: blob_folder,
            _folder: folder,
        }
    }

    /// The answer to a GET of a path.
    pub async fn get(&self, path: &str) -> reqwest::Response {
        self.http.get(format!("{}{path}", self.base)).send().await.unwrap()
    }

    /// Registers a VIM with hosts of these names, each in a zone of its own.
    pub async fn vim(&self, name: &str, hosts: &[&str]) -> VimInfo {
        let host = |host: &&str| RegisterHostRequest {
            name: (*host).to_owned(),
            zone: format!("zone-of-{host}"),
            uri: format!("sim:{name}/{host}"),
            bridge: Some("br0".to_owned()),
            vlans: Some("100-199".to_owned()),
        };
        let request = RegisterVimRequest {
            name: name.to_owned(),
            vim_type: "WINDLASS.SIM.V_1".to_owned(),
            hosts: hosts.iter().map(host).collect(),
            ..RegisterVimRequest::default()
        };
        self.client.vim_register(&request).await.unwrap()
    }

    /// Uploads a package and waits until it is ONBOARDED or in ERROR.
    pub async fn onboard(&self, content: Vec<u8>) -> VnfPkgInfo {
        let id = self.client.package_create(&Default::default()).await.unwrap().id;
        self.client.package_upload(&id, bytes::Bytes::from(content).into()).await.unwrap();
        self.package_at_rest(&id).await
    }

    pub async fn package_at_rest(&self, id: &str) -> VnfPkgInfo {
        use PackageOnboardingState::{Error, Onboarded};
        loop {
            let package = self.client.package_read(PackageKey::Id(id)).await.unwrap();
            if [Onboarded, Error].contains(&package.onboarding_state) {
                return package;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits until there are so many blobs: what is refused is swept after the refusal is told.
    pub async fn eventually_stores(&self, count: usize) {
        let content = self.blobs.join("sha256");
        let in_folder = |folder: std::io::Result<std::fs::DirEntry>| {
            std::fs::read_dir(folder.unwrap().path()).unwrap().count()
        };
        for _ in 0..1000 {
            if std::fs::read_dir(&content).unwrap().map(in_folder).sum::<usize>() == count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("there are still not {count} blobs");
    }

    /// Uploads an NSD archive and waits until it is ONBOARDED or in ERROR.
    pub async fn onboard_nsd(&self, content: Vec<u8>) -> NsdInfo {
        let id = self.client.nsd_create(&Default::default()).await.unwrap().id;
        self.client.nsd_upload(&id, bytes::Bytes::from(content).into()).await.unwrap();
        loop {
            let nsd = self.client.nsd_read(&id).await.unwrap();
            use NsdOnboardingState::{Error, Onboarded};
            if [Onboarded, Error].contains(&nsd.nsd_onboarding_state) {
                return nsd;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        for server in &self.servers {
            // The server stops by itself; nobody waits for it.
            drop(server.stop(false));
        }
    }
}

/// A VNFM that knows no VNF, like one that was just installed.
fn knows_nobody(cfg: &mut web::ServiceConfig) {
    cfg.default_service(web::to(nobody));
}

async fn nobody(request: actix_web::HttpRequest) -> HttpResponse {
    if request.path().ends_with("vnf_instances") || request.path().ends_with("vnf_lcm_op_occs") {
        return HttpResponse::Ok().json(json!([]));
    }
    HttpResponse::NotFound()
        .content_type("application/problem+json")
        .json(json!({ "status": 404, "detail": "there is no such VNF" }))
}

fn serve(
    configure: impl FnOnce(&mut web::ServiceConfig) + Clone + Send + 'static,
) -> (ServerHandle, String) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let server = HttpServer::new(move || App::new().configure(configure.clone()))
        .workers(1)
        .disable_signals()
        .listen(listener)
        .unwrap()
        .run();
    let handle = server.handle();
    tokio::spawn(server);
    (handle, base)
}
