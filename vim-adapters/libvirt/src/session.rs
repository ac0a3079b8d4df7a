//! An open connection to a host's libvirtd.

use std::sync::Once;
use std::time::Duration;

use tokio::sync::OnceCell;
use tracing::warn;
use virt::connect::Connect;
use virt::error::Error;
use windlass_model::Accelerator;

use crate::ffi;

/// A dead host is noticed after three intervals at most: the two that may go unanswered and one
/// more for libvirt's rounding.
const KEEPALIVE_INTERVAL_S: i32 = 3;
const KEEPALIVE_COUNT: u32 = 2;

/// A connection that closes itself.
#[derive(Debug)]
pub(crate) struct Session {
    connect: Connect,
    /// What runs guests there: found out once, when first asked for.
    pub(crate) accelerator: OnceCell<Accelerator>,
}

impl Session {
    /// Connects, and tells `listener` of the domains' lives from then on. Blocks.
    pub(crate) fn open(uri: &str, listener: ffi::Listener) -> Result<Self, Error> {
        run_event_loop();
        let connect = Connect::open(Some(&without_prompts(uri)))?;
        let session = Self { connect, accelerator: OnceCell::new() };
        session.connect.set_keep_alive(KEEPALIVE_INTERVAL_S, KEEPALIVE_COUNT)?;
        ffi::subscribe(&session.connect, listener)?;
        Ok(session)
    }

    /// The connection.
    pub(crate) fn connect(&self) -> &Connect {
        &self.connect
    }

    /// False once the other side is gone.
    pub(crate) fn is_alive(&self) -> bool {
        self.connect.is_alive().unwrap_or(false)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        ffi::unsubscribe(&self.connect);
        if let Err(error) = self.connect.close() {
            warn!(%error, "a libvirt connection did not close well");
        }
    }
}

/// ssh must not ask an operator who is not there.
fn without_prompts(uri: &str) -> String {
    if !uri.contains("+ssh:") || uri.contains("no_tty=") {
        return uri.to_owned();
    }
    let separator = if uri.contains('?') { '&' } else { '?' };
    format!("{uri}{separator}no_tty=1")
}

/// Starts libvirt's event loop, which must exist before the first connection opens. It serves
/// events and keep-alives of all connections until the process ends.
fn run_event_loop() {
    static STARTED: Once = Once::new();
    STARTED.call_once(|| {
        virt::error::clear_error_callback();
        if let Err(error) = virt::event::event_register_default_impl() {
            warn!(%error, "libvirt has no event loop: lost hosts will be noticed late");
            return;
        }
        std::thread::spawn(|| {
            loop {
                if let Err(error) = virt::event::event_run_default_impl() {
                    warn!(%error, "libvirt's event loop stumbled");
                    std::thread::sleep(Duration::from_millis(100));
                }
            }
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ssh_never_prompts_and_other_uris_stay_as_they_are() {
        assert_eq!(without_prompts("qemu+ssh://a/system"), "qemu+ssh://a/system?no_tty=1");
        assert_eq!(without_prompts("qemu+ssh://a/system?a=1"), "qemu+ssh://a/system?a=1&no_tty=1");
        for uri in ["qemu+ssh://a/system?no_tty=0", "qemu+tls://a/system?pkipath=/p"] {
            assert_eq!(without_prompts(uri), uri);
        }
    }
}
