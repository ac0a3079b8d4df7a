//! The thread that keeps one host's connection open and turns what libvirt says into events.
//!
//! ```text
//!            Wanted              opened
//!    Idle ─────────────▶ opening ────────▶ Up
//!     ▲                   ▲   │ refused    │ closed
//!     │     pause, Wanted │   ▼            │
//!     │                   Down             │
//!     └────────────────────────────────────┘
//! ```
//! A thread and not a task, because opening blocks for as long as a dead host's TCP wants; callers
//! wait on the published [`State`] with a limit of their own.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::Duration;

use tokio::sync::broadcast::WeakSender;
use tokio::sync::watch;
use tracing::{info, warn};
use uuid::Uuid;
use virt::domain::Domain;
use virt_sys as sys;
use windlass_model::{Host, VmId};
use windlass_vim::{Event, EventKind};

use crate::ffi::Lifecycle;
use crate::machine;
use crate::session::Session;

/// How often an open connection is looked at.
const LOOK: Duration = Duration::from_millis(250);
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// How the connection to a host stands.
#[derive(Debug, Clone)]
pub(crate) enum State {
    /// Nobody has asked for it yet, or it is being opened again.
    Idle,
    /// It is open.
    Up(Arc<Session>),
    /// The last attempt failed.
    Down {
        /// How many attempts have failed so far.
        attempt: u64,
        /// What the last one said.
        reason: String,
    },
}

/// What the thread is told.
#[derive(Debug)]
pub(crate) enum Signal {
    /// Somebody wants the connection now.
    Wanted,
    /// Something happened to a domain.
    Lifecycle(Lifecycle),
    /// The adapter is gone.
    Stop,
}

/// The thread's belongings.
#[derive(Debug)]
pub(crate) struct Supervisor {
    pub(crate) host: Host,
    pub(crate) inbox: Receiver<Signal>,
    pub(crate) outbox: SyncSender<Signal>,
    pub(crate) state: watch::Sender<State>,
    pub(crate) events: WeakSender<Event>,
}

/// The adapter is gone: the thread ends.
struct Stopped;

impl Supervisor {
    /// Runs until it is told to stop.
    pub(crate) fn run(self) {
        if matches!(self.inbox.recv(), Ok(Signal::Stop) | Err(_)) {
            return;
        }
        let (mut attempt, mut lost, mut pause) = (0, false, FIRST_PAUSE);
        loop {
            match self.open() {
                Ok(session) => {
                    info!(host = %self.host.name, uri = %self.host.uri, "connected to the host");
                    if std::mem::take(&mut lost) {
                        self.tell(EventKind::HostBack);
                    }
                    pause = FIRST_PAUSE;
                    if let Err(Stopped) = self.attend(&session) {
                        return;
                    }
                    self.tell_lost(&mut lost, "the connection was closed");
                }
                Err(error) => {
                    self.tell_lost(&mut lost, error.message());
                    attempt += 1;
                    let reason = error.message().to_owned();
                    self.state.send_replace(State::Down { attempt, reason });
                    if let Err(Stopped) = self.wait(pause) {
                        return;
                    }
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    fn open(&self) -> Result<Arc<Session>, virt::error::Error> {
        let outbox = self.outbox.clone();
        let listener = move |event: Lifecycle| {
            // A full inbox loses events rather than blocking libvirt's only event thread.
            if outbox.try_send(Signal::Lifecycle(event)).is_err() {
                warn!(domain = %event.domain, "an event was lost: too many at once");
            }
        };
        let session = Session::open(&self.host.uri, Box::new(listener))?;
        Ok(Arc::new(session))
    }

    /// Passes events on while the connection lives.
    fn attend(&self, session: &Arc<Session>) -> Result<(), Stopped> {
        let mut ours = machine::ours(session.connect()).unwrap_or_default();
        self.state.send_replace(State::Up(Arc::clone(session)));
        while session.is_alive() {
            if self.state.is_closed() {
                return Err(Stopped);
            }
            match self.inbox.recv_timeout(LOOK) {
                Ok(Signal::Lifecycle(event)) => self.pass_on(session, &mut ours, event),
                Ok(Signal::Wanted) | Err(RecvTimeoutError::Timeout) => {}
                Ok(Signal::Stop) | Err(RecvTimeoutError::Disconnected) => return Err(Stopped),
            }
        }
        self.state.send_replace(State::Idle);
        Ok(())
    }

    fn pass_on(&self, session: &Session, ours: &mut HashSet<Uuid>, event: Lifecycle) {
        let id = event.domain;
        if !ours.contains(&id) {
            let domain = Domain::lookup_by_uuid(session.connect(), id);
            if !domain.is_ok_and(|domain| matches!(machine::tag(&domain), Ok(Some(_)))) {
                return;
            }
            ours.insert(id);
        }
        if event.event == sys::VIR_DOMAIN_EVENT_UNDEFINED {
            ours.remove(&id);
        }
        if let Some(kind) = kind_of(event) {
            self.tell(kind);
        }
    }

    /// Waits between two attempts; somebody who wants the host ends the wait.
    fn wait(&self, pause: Duration) -> Result<(), Stopped> {
        match self.inbox.recv_timeout(pause) {
            _ if self.state.is_closed() => Err(Stopped),
            Ok(Signal::Stop) | Err(RecvTimeoutError::Disconnected) => Err(Stopped),
            Ok(Signal::Wanted | Signal::Lifecycle(_)) | Err(RecvTimeoutError::Timeout) => Ok(()),
        }
    }

    fn tell_lost(&self, lost: &mut bool, reason: &str) {
        if !std::mem::replace(lost, true) {
            warn!(host = %self.host.name, reason, "the host does not answer");
            self.tell(EventKind::HostLost);
        }
    }

    fn tell(&self, kind: EventKind) {
        // Nobody may be listening, or the adapter may be gone: both are fine.
        let event = Event { host: self.host.id, kind };
        let _ = self.events.upgrade().map(|events| events.send(event));
    }
}

/// What a lifecycle event means to Windlass; `None` when nothing.
fn kind_of(event: Lifecycle) -> Option<EventKind> {
    let vm = VmId(event.domain);
    match event.event {
        sys::VIR_DOMAIN_EVENT_STARTED | sys::VIR_DOMAIN_EVENT_RESUMED => {
            Some(EventKind::Started(vm))
        }
        sys::VIR_DOMAIN_EVENT_STOPPED => match event.detail {
            // FAILED is what libvirt says when the machine's process went away unasked.
            sys::VIR_DOMAIN_EVENT_STOPPED_CRASHED | sys::VIR_DOMAIN_EVENT_STOPPED_FAILED => {
                Some(EventKind::Crashed(vm))
            }
            _ => Some(EventKind::Stopped(vm)),
        },
        // A machine that moves is suspended for a moment, and then runs elsewhere.
        sys::VIR_DOMAIN_EVENT_SUSPENDED
            if event.detail != sys::VIR_DOMAIN_EVENT_SUSPENDED_MIGRATED =>
        {
            Some(EventKind::Paused(vm))
        }
        sys::VIR_DOMAIN_EVENT_UNDEFINED => Some(EventKind::Removed(vm)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(event: u32, detail: u32) -> Option<EventKind> {
        kind_of(Lifecycle { domain: Uuid::nil(), event, detail })
    }

    #[test]
    fn a_machine_whose_process_went_away_has_crashed_and_one_that_was_cut_off_has_stopped() {
        let vm = VmId(Uuid::nil());
        let stopped = sys::VIR_DOMAIN_EVENT_STOPPED;
        for (detail, expected) in [
            (sys::VIR_DOMAIN_EVENT_STOPPED_FAILED, EventKind::Crashed(vm)),
            (sys::VIR_DOMAIN_EVENT_STOPPED_CRASHED, EventKind::Crashed(vm)),
            (sys::VIR_DOMAIN_EVENT_STOPPED_DESTROYED, EventKind::Stopped(vm)),
            (sys::VIR_DOMAIN_EVENT_STOPPED_SHUTDOWN, EventKind::Stopped(vm)),
        ] {
            assert_eq!(kind(stopped, detail), Some(expected));
        }
        assert_eq!(kind(sys::VIR_DOMAIN_EVENT_DEFINED, 0), None);
    }

    #[test]
    fn a_machine_is_paused_by_a_full_disk_and_not_by_moving() {
        let vm = VmId(Uuid::nil());
        let suspended = sys::VIR_DOMAIN_EVENT_SUSPENDED;
        let paused = Some(EventKind::Paused(vm));
        assert_eq!(kind(suspended, sys::VIR_DOMAIN_EVENT_SUSPENDED_IOERROR), paused);
        assert_eq!(kind(suspended, sys::VIR_DOMAIN_EVENT_SUSPENDED_PAUSED), paused);
        assert_eq!(kind(suspended, sys::VIR_DOMAIN_EVENT_SUSPENDED_MIGRATED), None);
    }
}
