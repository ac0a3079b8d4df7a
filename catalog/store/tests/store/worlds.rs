//! Where stories are told: the journals that keep the same contract, on the databases that there are.

use std::fmt::Debug;
use std::sync::Arc;

use serde_json::Value;
use windlass_lcm::{Journal, MemoryJournal, Subject};
use windlass_model::vnf::VnfInstance;
use windlass_model::{SystemClock, VnfInstanceId};
use windlass_store::{Location, Store};
use windlass_test_postgres::Server;

/// Tells each story on both databases: on SQLite each in a test of its own, on PostgreSQL all in
/// one, with one server and a new database for each.
macro_rules! on_both {
    ($($story:ident)*) => {
        mod sqlite {
            $(#[tokio::test] async fn $story() {
                super::$story(windlass_store::Store::in_memory().await.unwrap()).await;
            })*
        }

        #[tokio::test]
        async fn the_same_on_postgresql() {
            let Some(server) = windlass_test_postgres::Server::start() else { return };
            $($story(crate::worlds::on(&server).await).await;)*
        }
    };
}
pub(crate) use on_both;

/// A new database on the server, for the NFVO.
pub fn place(server: &Server) -> Location {
    Location::postgres(&server.database(), "nfvo").unwrap()
}

/// A store in a new database on the server.
pub async fn on(server: &Server) -> Store {
    Store::open(place(server), Arc::new(SystemClock)).await.unwrap()
}

/// A journal, and the instances that its operations are about.
pub trait World: Debug + Sized {
    fn journal(&self) -> &dyn Journal;
    async fn add(&self, vnf: &VnfInstance) -> Subject;
    async fn document(&self, subject: &Subject) -> Value;
}

impl World for MemoryJournal {
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
