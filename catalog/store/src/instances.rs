//! VNF and NS instances: the subjects of operations.

use serde_json::Value;
use uuid::Uuid;
use windlass_lcm::JournalError;
use windlass_model::ns::NsInstance;
use windlass_model::vnf::VnfInstance;
use windlass_model::{NsInstanceId, VnfInstanceId};

use crate::collection::{Collection, Document, Stored};
use crate::connection::Connection;
use crate::documents::{self, Row, Table};
use crate::error::StoreError;
use crate::events::{Happened, Topic};
use crate::{lists, operations};

/// The VNF instances.
pub type VnfInstances<'a> = Collection<'a, VnfInstance>;
/// The NS instances.
pub type NsInstances<'a> = Collection<'a, NsInstance>;

/// An instance that operations can be about.
pub trait Subject: Document {
    /// The kind in [`windlass_lcm::Subject`].
    const KIND: &'static str;
}

impl Document for VnfInstance {
    type Id = VnfInstanceId;
}

impl Subject for VnfInstance {
    const KIND: &'static str = "vnf";
}

impl Row for VnfInstance {
    const TABLE: Table = Table::VnfInstance;
    const WHAT: &'static str = "VNF instance";

    fn uuid(&self) -> Uuid {
        self.id.0
    }

    fn label(&self) -> Option<String> {
        Some(self.product.vnfd_id.clone())
    }

    fn check_unused(&self, connection: &mut Connection) -> Result<(), StoreError> {
        operations::check_idle(connection, Self::KIND, self.id.0)
    }

    fn note(&self, connection: &mut Connection) -> Result<(), StoreError> {
        lists::note_vnf(connection, self)
    }

    const TOPIC: Option<Topic> = Some(Topic::VnfLcm);

    /// What changes in between is told by the operations that change it.
    fn happened(
        _connection: &mut Connection,
        before: Option<&Self>,
        after: Option<&Self>,
    ) -> Result<Option<Happened>, StoreError> {
        Ok(match (before, after) {
            (None, Some(created)) => Some(Happened::VnfCreated(created.clone())),
            (Some(deleted), None) => Some(Happened::VnfDeleted(deleted.clone())),
            (Some(_), Some(_)) | (None, None) => None,
        })
    }
}

impl Document for NsInstance {
    type Id = NsInstanceId;
}

impl Subject for NsInstance {
    const KIND: &'static str = "ns";
}

impl Row for NsInstance {
    const TABLE: Table = Table::NsInstance;
    const WHAT: &'static str = "NS instance";

    fn uuid(&self) -> Uuid {
        self.id.0
    }

    fn label(&self) -> Option<String> {
        Some(self.nsd_info.to_string())
    }

    fn check_unused(&self, connection: &mut Connection) -> Result<(), StoreError> {
        operations::check_idle(connection, Self::KIND, self.id.0)
    }

    fn note(&self, connection: &mut Connection) -> Result<(), StoreError> {
        lists::note_ns(connection, self)
    }

    const TOPIC: Option<Topic> = Some(Topic::NsLcm);

    /// What changes in between is told by the operations that change it.
    fn happened(
        _connection: &mut Connection,
        before: Option<&Self>,
        after: Option<&Self>,
    ) -> Result<Option<Happened>, StoreError> {
        Ok(match (before, after) {
            (None, Some(created)) => Some(Happened::NsCreated(created.clone())),
            (Some(deleted), None) => Some(Happened::NsDeleted(deleted.clone())),
            (Some(_), Some(_)) | (None, None) => None,
        })
    }
}

impl<T: Subject> Collection<'_, T> {
    /// Replaces the instance like [`Collection::update`], but only while no operation works on it.
    ///
    /// # Errors
    /// [`StoreError::Busy`] and those of [`Collection::update`].
    pub async fn update_idle(&self, document: T, generation: i64) -> Result<Stored<T>, StoreError> {
        self.store
            .write(move |connection| {
                operations::check_idle(connection, T::KIND, document.uuid())?;
                let generation = documents::update(connection, &document, generation)?;
                Ok(Stored { document, generation })
            })
            .await
    }
}

/// Who is told of the operations about a subject.
pub fn topic(subject: &windlass_lcm::Subject) -> Option<Topic> {
    match subject.kind.as_str() {
        VnfInstance::KIND => VnfInstance::TOPIC,
        NsInstance::KIND => NsInstance::TOPIC,
        _ => None,
    }
}

/// The document and the generation of an operation's subject.
pub fn subject(
    connection: &mut Connection,
    subject: &windlass_lcm::Subject,
) -> Result<(Value, i64), StoreError> {
    match subject.kind.as_str() {
        VnfInstance::KIND => load::<VnfInstance>(connection, subject),
        NsInstance::KIND => load::<NsInstance>(connection, subject),
        _ => Err(no_subject(subject)),
    }
}

/// Replaces the document of an operation's subject, whatever its generation: the operation that
/// holds the subject is the only one that writes it.
pub fn write_subject(
    connection: &mut Connection,
    subject: &windlass_lcm::Subject,
    document: Value,
) -> Result<(), StoreError> {
    match subject.kind.as_str() {
        VnfInstance::KIND => replace::<VnfInstance>(connection, subject, document),
        NsInstance::KIND => replace::<NsInstance>(connection, subject, document),
        _ => Err(no_subject(subject)),
    }
}

fn load<T: Subject>(
    connection: &mut Connection,
    subject: &windlass_lcm::Subject,
) -> Result<(Value, i64), StoreError> {
    let stored = stored::<T>(connection, subject)?;
    let document = serde_json::to_value(stored.document)
        .map_err(|error| StoreError::corrupt(T::WHAT, error))?;
    Ok((document, stored.generation))
}

fn replace<T: Subject>(
    connection: &mut Connection,
    subject: &windlass_lcm::Subject,
    document: Value,
) -> Result<(), StoreError> {
    let generation = documents::generation::<T>(connection, subject.id)?;
    let generation = generation.ok_or_else(|| no_subject(subject))?;
    let document: T =
        serde_json::from_value(document).map_err(|error| StoreError::corrupt(T::WHAT, error))?;
    documents::update(connection, &document, generation)?;
    Ok(())
}

fn stored<T: Subject>(
    connection: &mut Connection,
    subject: &windlass_lcm::Subject,
) -> Result<Stored<T>, StoreError> {
    documents::load(connection, subject.id).map_err(|error| {
        if matches!(error, StoreError::NotFound { .. }) { no_subject(subject) } else { error }
    })
}

fn no_subject(subject: &windlass_lcm::Subject) -> StoreError {
    JournalError::NoSubject { kind: subject.kind.clone(), id: subject.id }.into()
}
