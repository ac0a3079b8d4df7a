//! The two journals that keep the same contract, each with its instances.

use std::fmt::Debug;

use serde_json::Value;
use windlass_lcm::{Journal, MemoryJournal, Subject};
use windlass_model::VnfInstanceId;
use windlass_model::vnf::VnfInstance;
use windlass_store::Store;

/// A journal, and the instances that its operations are about.
pub trait World: Debug + Sized {
    async fn new() -> Self;
    fn journal(&self) -> &dyn Journal;
    async fn add(&self, vnf: &VnfInstance) -> Subject;
    async fn document(&self, subject: &Subject) -> Value;
}

impl World for MemoryJournal {
    async fn new() -> Self {
        Self::default()
    }

    fn journal(&self) -> &dyn Journal {
        self
    }

    async fn add(&self, vnf: &VnfInstance) -> Subject {
        let subject = subject(vnf);
        self.put_subject(subject.clone(), serde_json::to_value(vnf).unwrap());
        subject
    }

    async fn document(&self, subject: &Subject) -> Value {
        self.subject(subject).unwrap()
    }
}

impl World for Store {
    async fn new() -> Self {
        Self::in_memory().await.unwrap()
    }

    fn journal(&self) -> &dyn Journal {
        self
    }

    async fn add(&self, vnf: &VnfInstance) -> Subject {
        self.vnf_instances().create(vnf.clone()).await.unwrap();
        subject(vnf)
    }

    async fn document(&self, subject: &Subject) -> Value {
        let stored = self.vnf_instances().get(VnfInstanceId(subject.id)).await.unwrap();
        serde_json::to_value(stored.document).unwrap()
    }
}

pub fn subject(vnf: &VnfInstance) -> Subject {
    Subject { kind: "vnf".to_owned(), id: vnf.id.0 }
}
