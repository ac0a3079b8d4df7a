//! Asking hosts how they are, on demand and again and again.

use std::sync::Arc;

use futures::StreamExt;
use tokio::sync::watch;
use windlass_model::{Host, HostState, Vim, VimId};
use windlass_store::Stored;
use windlass_vim::HostReport;

use super::registry::change;
use super::{all, vim};
use crate::error::Result;
use crate::nfvo::Core;

/// How many VIMs are asked at once.
const AT_ONCE: usize = 8;

/// Asks every host of a VIM how it is, and keeps the answers.
pub(crate) async fn probe(core: &Core, id: VimId) -> Result<Stored<Vim>> {
    let registered = vim(core, id).await?.document;
    let limit = core.settings.probe_limit;
    let adapter = core.connector.connect(&registered);
    let told = match tokio::time::timeout(limit, adapter.probe()).await {
        Ok(Ok(reports)) => Told::Reports(reports),
        Ok(Err(error)) => Told::Nothing(error.to_string()),
        Err(_late) => Told::Nothing(format!("it did not answer within {limit:?}")),
    };
    let note = |vim: &mut Vim| {
        vim.hosts.iter_mut().for_each(|host| told.note(host));
        Ok(())
    };
    change(core, id, note).await.map(|((), vim)| vim)
}

/// Probes every VIM, again and again, until `stop` says true.
pub(crate) async fn watch(core: Arc<Core>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        probe_all(&core).await;
        tokio::select! {
            () = tokio::time::sleep(core.settings.probe_period) => {}
            changed = stop.changed() => if changed.is_err() { return },
        }
    }
}

async fn probe_all(core: &Core) {
    let vims = match all(core).await {
        Ok(vims) => vims,
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            return tracing::error!(error, "could not read which VIMs there are");
        }
    };
    let ids = vims.into_iter().map(|vim| vim.document.id);
    let probes = futures::stream::iter(ids).for_each_concurrent(AT_ONCE, async |id| {
        if let Err(error) = probe(core, id).await {
            // A VIM that is removed meanwhile is one of these.
            tracing::warn!(vim = %id, %error, "could not probe VIM {id}: {error}");
        }
    });
    probes.await;
}

/// What a VIM answered.
enum Told {
    Reports(Vec<HostReport>),
    Nothing(String),
}

impl Told {
    /// Notes what was told of a host. What it had stays known while it does not answer.
    fn note(&self, host: &mut Host) {
        let was = host.state;
        match self {
            Self::Nothing(problem) => unreachable(host, problem),
            Self::Reports(reports) => {
                match reports.iter().find(|report| report.host == host.id).map(|one| &one.answer) {
                    Some(Ok(facts)) => {
                        host.state = HostState::Reachable;
                        host.problem = None;
                        host.capacity = facts.capacity.clone();
                        host.accelerator = facts.accelerator;
                    }
                    Some(Err(problem)) => unreachable(host, problem),
                    // It was added after the adapter had been asked; the next probe tells.
                    None => {}
                }
            }
        }
        if was != host.state {
            let (name, state) = (&host.name, host.state);
            tracing::info!(host = %host.id, ?state, "host {name} is {state:?}");
        }
    }
}

fn unreachable(host: &mut Host, problem: &str) {
    host.state = HostState::Unreachable;
    host.problem = Some(problem.to_owned());
}
