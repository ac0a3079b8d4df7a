//! A connection that breaks while a batch is committed: nobody can know whether that happened.

use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use tempfile::TempDir;
use windlass_lcm::{Journal, JournalError, StepEventKind};
use windlass_model::{Clock, OperationEvent, OperationState, SystemClock};
use windlass_store::{Location, Store, StoreError};
use windlass_test_postgres::Server;

use crate::nouns::{about, line, plan, vnf};
use crate::worlds::subject;

/// The name of a server's socket.
const SOCKET: &str = ".s.PGSQL.5432";

/// When a connection breaks.
const NEVER: u8 = 0;
const BEFORE_COMMIT: u8 = 1;
const BEFORE_ITS_ANSWER: u8 = 2;

/// Stands between the store and the server, and breaks one connection when it is told to.
struct Proxy {
    folder: TempDir,
    cut: Arc<AtomicU8>,
}

impl Proxy {
    fn start(server: String) -> Self {
        let folder = tempfile::Builder::new().prefix("windlass-cut").tempdir_in("/tmp").unwrap();
        let listener = UnixListener::bind(folder.path().join(SOCKET)).unwrap();
        let cut = Arc::new(AtomicU8::new(NEVER));
        let told = Arc::clone(&cut);
        // The thread ends with the test's process.
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let server = UnixStream::connect(format!("{server}/{SOCKET}")).unwrap();
                let cut = Arc::clone(&told);
                std::thread::spawn(move || forward(&client, &server, &cut));
            }
        });
        Self { folder, cut }
    }

    fn cut_next(&self, when: u8) {
        self.cut.store(when, Ordering::SeqCst);
    }
}

/// Passes on what both say, until one of them has gone or the moment has come.
fn forward(client: &UnixStream, server: &UnixStream, cut: &AtomicU8) -> io::Result<()> {
    let is_mute = Arc::new(AtomicBool::new(false));
    let (mut answers, mut to_client) = (server.try_clone()?, client.try_clone()?);
    let mute = Arc::clone(&is_mute);
    std::thread::spawn(move || {
        let mut bytes = [0; 1 << 16];
        while let Ok(count @ 1..) = answers.read(&mut bytes) {
            // The server has answered, so it has committed.
            if mute.load(Ordering::SeqCst) || to_client.write_all(&bytes[..count]).is_err() {
                break;
            }
        }
        let _gone = to_client.shutdown(Shutdown::Both);
    });
    let (mut asked, mut to_server) = (client.try_clone()?, server.try_clone()?);
    let mut bytes = [0; 1 << 16];
    loop {
        let count = asked.read(&mut bytes)?;
        let is_commit = bytes[..count].windows(7).any(|part| part == b"COMMIT\0");
        match if is_commit { cut.swap(NEVER, Ordering::SeqCst) } else { NEVER } {
            BEFORE_COMMIT => break,
            BEFORE_ITS_ANSWER => is_mute.store(true, Ordering::SeqCst),
            _ => {}
        }
        if count == 0 {
            break;
        }
        to_server.write_all(&bytes[..count])?;
    }
    server.shutdown(Shutdown::Both)?;
    client.shutdown(Shutdown::Both)
}

async fn through_proxy(server: &Server) -> (Proxy, Store) {
    let url = server.database();
    let (url, folder) = url.rsplit_once("host=").unwrap();
    let proxy = Proxy::start(folder.to_owned());
    let url = format!("{url}host={}", proxy.folder.path().display());
    let place = Location::postgres(&url, "nfvo").unwrap();
    let store = Store::open(place, Arc::new(SystemClock)).await.unwrap();
    (proxy, store)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_commit_without_an_answer_is_told_and_asking_again_is_safe() {
    let Some(server) = Server::start() else { return };
    let (proxy, store) = through_proxy(&server).await;
    for when in [BEFORE_COMMIT, BEFORE_ITS_ANSWER] {
        let web = vnf("web");
        proxy.cut_next(when);
        let told = store.vnf_instances().create(web.clone()).await;
        assert!(matches!(told, Err(StoreError::Unknown(_))), "{when}: {told:?}");
        let again = store.vnf_instances().create(web.clone()).await;
        match when {
            BEFORE_COMMIT => assert!(again.is_ok(), "{again:?}"),
            _ => assert!(matches!(again, Err(StoreError::Taken { .. })), "{again:?}"),
        }
        let stored = store.vnf_instances().get(web.id).await.unwrap();
        assert_eq!((stored.document, stored.generation), (web, 1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_operation_moves_once_however_often_it_is_asked_to() {
    let Some(server) = Server::start() else { return };
    let (proxy, store) = through_proxy(&server).await;
    for when in [BEFORE_COMMIT, BEFORE_ITS_ANSWER] {
        let web = vnf("web");
        store.vnf_instances().create(web.clone()).await.unwrap();
        let now = SystemClock.now();
        let new = about(&subject(&web), "vnf-heal");
        proxy.cut_next(when);
        store.create(new.clone(), now).await.unwrap_err();
        let again = store.create(new.clone(), now).await;
        assert_eq!(again.is_ok(), when == BEFORE_COMMIT, "{again:?}");

        let until = now + chrono::TimeDelta::seconds(15);
        let worker = format!("worker-{when}");
        let mut taken = store.claim(&worker, &["vnf-heal"], &[], now, until, 1).await.unwrap();
        let (lease, operation) = taken.remove(0);
        assert_eq!(operation.id, new.id);
        let change = || windlass_lcm::Change { plan: Some(plan()), ..Default::default() };
        proxy.cut_next(when);
        store.transition(&lease, OperationEvent::Planned, change(), now).await.unwrap_err();
        let again = store.transition(&lease, OperationEvent::Planned, change(), now).await;
        match when {
            BEFORE_COMMIT => assert_eq!(again.unwrap(), OperationState::Processing),
            _ => assert!(matches!(again, Err(JournalError::Denied(_))), "{again:?}"),
        }
        store
            .record(&lease, vec![line("start_vm/web-0", 1, StepEventKind::Started)])
            .await
            .unwrap();
        let operation = store.operation(new.id).await.unwrap().unwrap();
        assert_eq!((operation.state, operation.plan), (OperationState::Processing, Some(plan())));
        assert_eq!(store.log(new.id).await.unwrap().len(), 1);
    }
}
