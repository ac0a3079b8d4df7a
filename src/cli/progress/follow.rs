//! Asking the servers about an operation, again and again.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::SecondsFormat;
use tokio::time::Instant;
use windlass_api::vnflcm::VnfLcmOpOcc;
use windlass_api::windlass::OperationProgress;
use windlass_client::{Error, ListOptions};

use super::super::context::Context;
use super::super::draw::short;
use super::super::operation::{Kind, Operation};
use super::screen::Screen;
use super::snapshot::{Part, Snapshot};

/// How often the servers are asked.
const PERIOD: Duration = Duration::from_millis(300);
/// How long a server may be away: it takes its operations up again when it is back.
const PATIENCE: Duration = Duration::from_secs(120);

/// An operation, and those of its VNFs if it is a service's.
#[derive(Debug)]
pub struct Family {
    operation: Operation,
    name: String,
    /// Operations of the service's VNFs by id, with the VNF's name, as they were last seen.
    children: BTreeMap<String, Child>,
}

#[derive(Debug)]
struct Child {
    label: String,
    progress: OperationProgress,
    is_settled: bool,
}

impl Family {
    /// An operation of what is called so, as it was last read.
    pub fn of(operation: Operation, name: String) -> Self {
        Self { operation, name, children: BTreeMap::new() }
    }

    /// Shows the operation until it has settled.
    pub async fn follow(
        &mut self,
        context: &Context,
        screen: &mut Screen,
    ) -> anyhow::Result<Operation> {
        let mut away_since = None;
        loop {
            match self.look(context).await {
                Ok(snapshot) => {
                    screen.show(snapshot);
                    away_since = None;
                }
                Err(error @ Error::Unreachable { .. }) => {
                    let since: Instant = *away_since.get_or_insert_with(|| {
                        screen.note(&format!("{error}; waiting for it"));
                        Instant::now()
                    });
                    if since.elapsed() > PATIENCE {
                        return Err(error.into());
                    }
                }
                Err(error) => return Err(error.into()),
            }
            if away_since.is_none() && self.operation.is_settled() {
                return Ok(self.operation.clone());
            }
            tokio::time::sleep(PERIOD).await;
        }
    }

    /// How everything stands now. The steps are read last, so that none is missed of an operation
    /// that has settled.
    async fn look(&mut self, context: &Context) -> Result<Snapshot, Error> {
        let kind = self.operation.kind();
        self.operation = kind.read(context, self.operation.id()).await?;
        if let Operation::Ns(_) = self.operation {
            self.look_at_children(context).await;
        }
        let own = kind.steps(context, self.operation.id()).await?;
        let own = own.unwrap_or_else(|| no_steps(self.operation.id(), self.operation.state()));
        let mut parts = vec![Part { label: None, progress: own }];
        parts.extend(self.children.values().map(|child| Part {
            label: Some(child.label.clone()).filter(|label| *label != self.name),
            progress: child.progress.clone(),
        }));
        Ok(Snapshot { state: self.operation.state().to_owned(), parts })
    }

    /// What the VNFs do is a help to those who watch, so that no error of it stops the watching.
    async fn look_at_children(&mut self, context: &Context) {
        let members = self.members(context).await;
        let started = self.operation.started();
        let since =
            format!("(gte,startTime,{})", started.to_rfc3339_opts(SecondsFormat::Micros, true));
        let since = ListOptions::default().filtered(since);
        let operations = context.vnfm.vnf_operation_list(&since).await.unwrap_or_default();
        for operation in &operations {
            if let Some(label) = members.get(&operation.vnf_instance_id) {
                self.children
                    .entry(operation.id.clone())
                    .or_insert_with(|| Child::new(operation, label));
            }
        }
        for (id, child) in self.children.iter_mut().filter(|(_, child)| !child.is_settled) {
            let operation = operations.iter().find(|operation| operation.id == *id);
            child.is_settled = operation.is_some_and(|one| one.operation_state.is_settled());
            if let Ok(Some(progress)) = Kind::Vnf.steps(context, id).await {
                child.progress = progress;
            }
        }
    }

    /// The names of the service's VNFs by id: those that it has, and those that the operation changes.
    async fn members(&self, context: &Context) -> BTreeMap<String, String> {
        let Operation::Ns(operation) = &self.operation else { return BTreeMap::new() };
        let changes = operation.resource_changes.as_ref();
        let changed = changes.map(|changes| changes.affected_vnfs.as_slice()).unwrap_or_default();
        let mut members: BTreeMap<String, String> =
            changed.iter().map(|vnf| (vnf.vnf_instance_id.clone(), vnf.vnf_name.clone())).collect();
        if let Ok(ns) = context.nfvo.ns_read(&operation.ns_instance_id).await {
            members.extend(ns.vnf_instance.into_iter().map(|vnf| {
                let name = vnf.vnf_instance_name.unwrap_or_else(|| short(&vnf.id).to_owned());
                (vnf.id, name)
            }));
        }
        members
    }
}

impl Child {
    fn new(operation: &VnfLcmOpOcc, label: &str) -> Self {
        let state = operation.operation_state.as_str();
        let progress = no_steps(&operation.id, state);
        Self { label: label.to_owned(), progress, is_settled: false }
    }
}

/// An operation of which only the state is known.
fn no_steps(id: &str, state: &str) -> OperationProgress {
    OperationProgress {
        operation_id: id.to_owned(),
        state: state.to_owned(),
        steps: Vec::new(),
        done: 0,
        total: 0,
    }
}
