//! Waiting until a guest is ready.

use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout_at};
use virt::connect::Connect;
use windlass_model::VmId;
use windlass_vim::{Error, Readiness, Result, VmState};

use crate::fault::Outcome;
use crate::link::Link;
use crate::{agent, console, machine};

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
/// What an error tells of the console.
const TAIL_BYTES: u32 = 2048;
/// What is searched of the console at once: a guest does not write more between two looks.
const SEARCH_BYTES: u64 = 256 * 1024;

enum Look {
    Ready,
    NotYet,
    Stopped,
}

/// Waits until a guest is ready, or until `limit` has passed.
pub(crate) async fn wait(
    link: &Link,
    vm: VmId,
    readiness: &Readiness,
    limit: Duration,
) -> Result<()> {
    let deadline = Instant::now() + limit;
    let mut pause = FIRST_PAUSE;
    loop {
        let wanted = readiness.clone();
        let look =
            link.call("look at a guest", move |session| look(session.connect(), vm, &wanted));
        match timeout_at(deadline, look).await {
            Ok(Ok(Look::Ready)) => return Ok(()),
            Ok(Ok(Look::Stopped)) => {
                return Err(Error::Crashed { vm, console: tail(link, vm).await });
            }
            Ok(Err(error)) if !error.is_transient() => return Err(error),
            // A host that restarts its libvirtd is back before the guest has noticed.
            Ok(Ok(Look::NotYet) | Err(_)) | Err(_) => {}
        }
        if Instant::now() >= deadline {
            return Err(Error::NotReady { vm, limit, console: tail(link, vm).await });
        }
        sleep_until(deadline.min(Instant::now() + pause)).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

fn look(connect: &Connect, vm: VmId, wanted: &Readiness) -> Outcome<Look> {
    let domain = machine::existing(connect, vm)?;
    match machine::state(&domain)? {
        VmState::Running => {}
        VmState::Paused => return Ok(Look::NotYet),
        VmState::Stopped | VmState::Crashed => return Ok(Look::Stopped),
    }
    let ready = match wanted {
        Readiness::Running => true,
        Readiness::GuestAgent => agent::answers(&domain),
        Readiness::Console(text) => {
            let (_, said) = console::read(connect, vm, console::boot(&domain), SEARCH_BYTES)?;
            String::from_utf8_lossy(&said).contains(text)
        }
    };
    Ok(if ready { Look::Ready } else { Look::NotYet })
}

async fn tail(link: &Link, vm: VmId) -> String {
    console::tail(link, vm, TAIL_BYTES).await.unwrap_or_else(|error| format!("({error})"))
}
