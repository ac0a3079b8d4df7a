//! A host as the adapter's calls see it: its connection, a limit on calls at once, its locks.

use std::collections::HashMap;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::broadcast::WeakSender;
use tokio::sync::{OwnedMutexGuard, Semaphore, watch};
use tracing::info_span;
use windlass_model::Host;
use windlass_vim::{Error, Event, Result};

use crate::fault::Outcome;
use crate::session::Session;
use crate::supervisor::{Signal, State, Supervisor};

/// How long a call waits for a host that is not connected.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// Calls to one host at once; libvirtd itself serves twenty clients' calls by default.
const CALLS_AT_ONCE: usize = 16;
/// Signals that may wait for the host's thread.
const INBOX: usize = 1024;

/// One host.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) host: Host,
    state: watch::Receiver<State>,
    outbox: SyncSender<Signal>,
    permits: Arc<Semaphore>,
    locks: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
}

impl Link {
    /// Starts the host's thread, which connects when the host is first wanted.
    pub(crate) fn new(host: Host, events: WeakSender<Event>) -> Self {
        let (outbox, inbox) = sync_channel::<Signal>(INBOX);
        let (state, receiver) = watch::channel(State::Idle);
        let supervisor =
            Supervisor { host: host.clone(), inbox, outbox: outbox.clone(), state, events };
        std::thread::spawn(move || supervisor.run());
        Self {
            host,
            state: receiver,
            outbox,
            permits: Arc::new(Semaphore::new(CALLS_AT_ONCE)),
            locks: Mutex::default(),
        }
    }

    /// Asks for the connection without waiting for it.
    pub(crate) fn want(&self) {
        // A full inbox wakes the thread just as well.
        let _ = self.outbox.try_send(Signal::Wanted);
    }

    /// Runs blocking work on the connection.
    pub(crate) async fn call<T, W>(&self, action: &'static str, work: W) -> Result<T>
    where
        T: Send + 'static,
        W: FnOnce(&Session) -> Outcome<T> + Send + 'static,
    {
        let session = self.session().await?;
        self.call_on(session, action, work).await
    }

    /// Runs blocking work on a connection that was got before.
    pub(crate) async fn call_on<T, W>(
        &self,
        session: Arc<Session>,
        action: &'static str,
        work: W,
    ) -> Result<T>
    where
        T: Send + 'static,
        W: FnOnce(&Session) -> Outcome<T> + Send + 'static,
    {
        let host = self.host.id;
        let refused = |reason: String| Error::Refused { host, action: action.to_owned(), reason };
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let permit = permit.map_err(|closed| refused(closed.to_string()))?;
        // One span for each job on the connection, within that of the call it is part of.
        let span =
            info_span!("libvirt", otel.name = action, otel.kind = "client", action, host = %host);
        let blocking = tokio::task::spawn_blocking(move || {
            let _within = span.entered();
            // The permit lives as long as the work, even when the caller has gone.
            let _permit = permit;
            work(&session).map_err(|fault| fault.into_error(host, action, session.is_alive()))
        });
        blocking.await.unwrap_or_else(|died| Err(refused(died.to_string())))
    }

    /// The open connection, waited for at most [`CONNECT_LIMIT`].
    pub(crate) async fn session(&self) -> Result<Arc<Session>> {
        let mut state = self.state.clone();
        let seen = match &*state.borrow_and_update() {
            State::Up(session) if session.is_alive() => return Ok(Arc::clone(session)),
            State::Down { attempt, .. } => *attempt,
            State::Up(_) | State::Idle => 0,
        };
        self.want();
        let settled = state.wait_for(|now| match now {
            State::Up(session) => session.is_alive(),
            State::Down { attempt, .. } => *attempt > seen,
            State::Idle => false,
        });
        let reason = match tokio::time::timeout(CONNECT_LIMIT, settled).await {
            Ok(Ok(now)) => match &*now {
                State::Up(session) => return Ok(Arc::clone(session)),
                State::Down { reason, .. } => reason.clone(),
                State::Idle => "not connected".to_owned(),
            },
            Ok(Err(_)) => "the adapter is closing".to_owned(),
            Err(_) => format!("no connection after {CONNECT_LIMIT:?}"),
        };
        Err(Error::Unreachable { host: self.host.id, reason })
    }

    /// Runs blocking work on the connection, alone among all work on `thing`.
    ///
    /// A caller that goes away leaves its work running, so the lock stays with the work.
    pub(crate) async fn call_alone<T, W>(
        &self,
        thing: impl ToString,
        action: &'static str,
        work: W,
    ) -> Result<T>
    where
        T: Send + 'static,
        W: FnOnce(&Session) -> Outcome<T> + Send + 'static,
    {
        let lock = self.lock(thing).await;
        let alone = move |session: &Session| {
            let _lock = lock;
            work(session)
        };
        self.call(action, alone).await
    }

    /// Waits until nobody else works on `thing`, which is named by an id or a digest.
    pub(crate) async fn lock(&self, thing: impl ToString) -> OwnedMutexGuard<()> {
        let lock = {
            let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
            locks.retain(|_, lock| Arc::strong_count(lock) > 1);
            Arc::clone(locks.entry(thing.to_string()).or_default())
        };
        lock.lock_owned().await
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        // With a full inbox the thread sees that nobody reads its state any more.
        let _ = self.outbox.try_send(Signal::Stop);
    }
}
