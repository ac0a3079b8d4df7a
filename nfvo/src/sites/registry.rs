//! Registering, changing and removing VIMs and their hosts.

use windlass_api::windlass::{HostModifications, RegisterHostRequest, RegisterVimRequest};
use windlass_model::{Host, HostId, Vim, VimId};
use windlass_store::{StoreError, Stored};

use super::{all, probe, request};
use crate::error::{Error, Result};
use crate::nfvo::Core;

/// How often a change is tried again that somebody else's change came before.
const TRIES: u32 = 8;

/// Makes a VIM known, and asks its hosts how they are.
pub(crate) async fn register(core: &Core, request: &RegisterVimRequest) -> Result<Stored<Vim>> {
    let vim = core.store.vims().create(request::vim(request)?).await?;
    tracing::info!(vim = %vim.document.id, "registered VIM {}", vim.document.name);
    probe(core, vim.document.id).await
}

/// A VIM.
pub(crate) async fn vim(core: &Core, id: VimId) -> Result<Stored<Vim>> {
    Ok(core.store.vims().get(id).await?)
}

/// Forgets a VIM on which nothing runs.
pub(crate) async fn remove_vim(core: &Core, id: VimId) -> Result<()> {
    let stored = vim(core, id).await?;
    Ok(core.store.vims().delete(id, stored.generation).await?)
}

/// Adds a host to a VIM, and asks it how it is.
pub(crate) async fn add_host(
    core: &Core,
    vim: VimId,
    request: &RegisterHostRequest,
) -> Result<(Host, Stored<Vim>)> {
    let (id, _) = change(core, vim, |vim| request::add(vim, request)).await?;
    let vim = probe(core, vim).await?;
    Ok((host_in(&vim.document, id)?.clone(), vim))
}

/// A host, and the VIM that it belongs to.
pub(crate) async fn host_and_vim(core: &Core, id: HostId) -> Result<(Host, Stored<Vim>)> {
    let vims = all(core).await?;
    let owner = vims.into_iter().find(|vim| vim.document.hosts.iter().any(|host| host.id == id));
    let owner = owner.ok_or_else(|| Error::not_found("host", &id))?;
    Ok((host_in(&owner.document, id)?.clone(), owner))
}

/// Changes what an operator may change of a host, if its VIM still has this generation.
pub(crate) async fn modify_host(
    core: &Core,
    id: HostId,
    changes: &HostModifications,
    seen: Stored<Vim>,
) -> Result<(Host, Stored<Vim>)> {
    let Stored { mut document, generation } = seen;
    for host in document.hosts.iter_mut().filter(|host| host.id == id) {
        host.drained = changes.drained.unwrap_or(host.drained);
    }
    let vim = core.store.vims().update(document, generation).await?;
    Ok((host_in(&vim.document, id)?.clone(), vim))
}

/// Forgets a host on which nothing runs.
pub(crate) async fn remove_host(core: &Core, id: HostId) -> Result<()> {
    let mut tries = TRIES;
    loop {
        let (_, vim) = host_and_vim(core, id).await?;
        tries -= 1;
        match core.store.vims().remove_host(vim, id).await {
            Err(StoreError::Stale { .. }) if tries > 0 => {}
            removed => return Ok(removed.map(drop)?),
        }
    }
}

/// Changes a VIM, again on its newer form when somebody else changed it meanwhile.
pub(super) async fn change<T>(
    core: &Core,
    id: VimId,
    mut apply: impl FnMut(&mut Vim) -> Result<T>,
) -> Result<(T, Stored<Vim>)> {
    let mut tries = TRIES;
    loop {
        let Stored { document, generation } = vim(core, id).await?;
        let mut changed = document.clone();
        let told = apply(&mut changed)?;
        if changed == document {
            return Ok((told, Stored { document, generation }));
        }
        tries -= 1;
        match core.store.vims().update(changed, generation).await {
            Err(StoreError::Stale { .. }) if tries > 0 => {}
            written => return Ok((told, written?)),
        }
    }
}

fn host_in(vim: &Vim, id: HostId) -> Result<&Host> {
    vim.hosts.iter().find(|host| host.id == id).ok_or_else(|| Error::not_found("host", &id))
}
