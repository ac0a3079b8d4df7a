//! A virtual link of a service: a network on all hosts of its VIM.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use windlass_lcm::{StepCall, StepError};
use windlass_model::{HostId, NetworkId, VimId};
use windlass_vim::{NetworkSpec, Vim};

use crate::error::Error;
use crate::nfvo::Core;

/// A network to be made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::operations) struct EnsureNetwork {
    /// The virtual link that it is.
    pub link: String,
    /// Its VIM.
    pub vim: VimId,
    /// The hosts that get it.
    pub hosts: Vec<HostId>,
    /// What it is.
    pub network: NetworkSpec,
}

/// A network to be removed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::operations) struct DeleteNetwork {
    /// The virtual link that it is.
    pub link: String,
    /// Its VIM.
    pub vim: VimId,
    /// Which.
    pub network: NetworkId,
}

pub(in crate::operations) async fn ensure_network(
    core: Arc<Core>,
    call: StepCall,
) -> Result<Value, StepError> {
    let input: EnsureNetwork = call.input()?;
    let vim = adapter(&core, input.vim).await?;
    vim.ensure_network(&input.hosts, &input.network).await.map_err(Error::from)?;
    Ok(Value::Null)
}

/// Takes [`ensure_network`] back.
pub(in crate::operations) async fn remove_network(
    core: Arc<Core>,
    call: StepCall,
) -> Result<Value, StepError> {
    let input: EnsureNetwork = call.input()?;
    let vim = adapter(&core, input.vim).await?;
    vim.delete_network(input.network.id).await.map_err(Error::from)?;
    Ok(Value::Null)
}

pub(in crate::operations) async fn delete_network(
    core: Arc<Core>,
    call: StepCall,
) -> Result<Value, StepError> {
    let input: DeleteNetwork = call.input()?;
    let vim = adapter(&core, input.vim).await?;
    vim.delete_network(input.network).await.map_err(Error::from)?;
    Ok(Value::Null)
}

async fn adapter(core: &Core, vim: VimId) -> Result<Arc<dyn Vim>, StepError> {
    let vim = core.store.vims().get(vim).await.map_err(Error::from)?;
    Ok(core.connector.connect(&vim.document))
}
