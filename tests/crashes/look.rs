//! A look at an operation of a service and at those of its VNFs, step by step.

use std::collections::{BTreeMap, BTreeSet};

use windlass_api::vnflcm::LcmOperationState;
use windlass_api::windlass::{OperationProgress, StepState};
use windlass_client::{Client, ListOptions, Result};

/// A step that a kill can hit: whose operation (the service's, or a VNF's), and which step.
pub type Target = (String, String);

/// Where the operations stand.
#[derive(Debug)]
pub struct Look {
    /// The service's operation.
    pub service: OperationProgress,
    /// Those of VNFs that came with it, with the VNFs' names.
    pub vnfs: Vec<(String, OperationProgress)>,
}

/// Who looks: knows what there was before, and the names of VNFs that may be gone.
#[derive(Debug)]
pub struct Watch {
    before: BTreeSet<String>,
    names: BTreeMap<String, String>,
}

impl Watch {
    /// Begins before something is asked for.
    pub async fn begin(client: &Client) -> Self {
        let operations = client.vnf_operation_list(&ListOptions::default()).await.unwrap();
        let before = operations.into_iter().map(|operation| operation.id).collect();
        let mut watch = Self { before, names: BTreeMap::new() };
        watch.learn_names(client).await.unwrap();
        watch
    }

    /// A quick look at an operation of a service, and at the VNFs' operations under way.
    pub async fn look(&mut self, client: &Client, id: &str) -> Result<Look> {
        let under_way = "(nin,operationState,COMPLETED,FAILED,ROLLED_BACK)";
        self.look_at(client, id, &ListOptions::default().filtered(under_way)).await
    }

    /// A look at an operation of a service, and at all VNFs' operations that came with it.
    pub async fn look_back(&mut self, client: &Client, id: &str) -> Result<Look> {
        self.look_at(client, id, &ListOptions::default()).await
    }

    async fn look_at(&mut self, client: &Client, id: &str, which: &ListOptions) -> Result<Look> {
        let (service, operations) =
            futures::try_join!(client.ns_operation_steps(id), client.vnf_operation_list(which))?;
        let mut vnfs = Vec::new();
        for operation in operations {
            if self.before.contains(&operation.id) {
                continue;
            }
            if !self.names.contains_key(&operation.vnf_instance_id) {
                self.learn_names(client).await?;
            }
            let name = self.names[&operation.vnf_instance_id].clone();
            vnfs.push((name, client.vnf_operation_steps(&operation.id).await?));
        }
        Ok(Look { service, vnfs })
    }

    async fn learn_names(&mut self, client: &Client) -> Result<()> {
        for vnf in client.vnf_list(&ListOptions::default()).await? {
            let name = vnf.vnf_instance_name.unwrap_or_else(|| vnf.id.clone());
            self.names.insert(vnf.id, name);
        }
        Ok(())
    }
}

impl Look {
    /// True when nothing goes on unless somebody asks.
    pub fn is_settled(&self) -> bool {
        let state: LcmOperationState =
            serde_json::from_value(self.service.state.clone().into()).unwrap();
        state.is_settled()
    }

    /// True when all that was asked for is done.
    pub fn is_completed(&self) -> bool {
        self.all().all(|(_, operation)| operation.state == "COMPLETED")
    }

    /// The steps that run now.
    pub fn running(&self) -> BTreeSet<Target> {
        self.steps(|step| step.state == StepState::Running)
    }

    /// All steps.
    pub fn planned(&self) -> BTreeSet<Target> {
        self.steps(|_| true)
    }

    /// The steps that ran when the server died: they were begun again.
    pub fn hit(&self) -> BTreeSet<Target> {
        self.steps(|step| step.attempt > 1)
    }

    fn steps(
        &self,
        picks: impl Fn(&windlass_api::windlass::OperationStep) -> bool,
    ) -> BTreeSet<Target> {
        let named = self
            .all()
            .flat_map(|(name, operation)| operation.steps.iter().map(move |step| (name, step)));
        named
            .filter(|(_, step)| picks(step))
            .map(|(name, step)| (name.to_owned(), step.id.clone()))
            .collect()
    }

    fn all(&self) -> impl Iterator<Item = (&str, &OperationProgress)> {
        let vnfs = self.vnfs.iter().map(|(name, operation)| (name.as_str(), operation));
        std::iter::once(("ring", &self.service)).chain(vnfs)
    }
}
