//! Documents of one kind, as the rest of Windlass sees them.

use std::fmt;
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::documents::{self, Row};
use crate::error::StoreError;
use crate::events;
use crate::store::Store;

/// A noun that the store keeps as a document with a generation.
pub trait Document: Row + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Its identifier.
    type Id: Into<Uuid> + Copy + Send;
}

/// A document as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored<T> {
    /// The noun.
    pub document: T,
    /// How often it has been written; a conditional write names it.
    pub generation: i64,
}

/// All documents of one kind.
pub struct Collection<'a, T> {
    pub(crate) store: &'a Store,
    kind: PhantomData<T>,
}

impl<T> fmt::Debug for Collection<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collection").finish_non_exhaustive()
    }
}

impl<'a, T: Document> Collection<'a, T> {
    pub(crate) fn of(store: &'a Store) -> Self {
        Self { store, kind: PhantomData }
    }

    /// Adds a document.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when its id, or its unique name, is in use.
    pub async fn create(&self, document: T) -> Result<Stored<T>, StoreError> {
        let now = self.store.clock().now();
        self.store
            .write(move |connection| {
                let generation = documents::insert(connection, &document)?;
                events::changed(connection, None, Some(&document), now)?;
                Ok(Stored { document, generation })
            })
            .await
    }

    /// The document with this id.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn get(&self, id: T::Id) -> Result<Stored<T>, StoreError> {
        let id = id.into();
        self.store.read(move |connection| documents::load(connection, id)).await
    }

    /// At most `limit` documents that come behind the id `after`, in the order of their ids, which
    /// is that of their making.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list(
        &self,
        after: Option<T::Id>,
        limit: usize,
    ) -> Result<Vec<Stored<T>>, StoreError> {
        let after = after.map(Into::into);
        self.store.read(move |connection| documents::list(connection, after, limit)).await
    }

    /// Replaces the document that has the same id, if it still has this generation.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::Stale`]; [`StoreError::Taken`] when its unique name
    /// is in use.
    pub async fn update(&self, document: T, generation: i64) -> Result<Stored<T>, StoreError> {
        let now = self.store.clock().now();
        self.store
            .write(move |connection| {
                let before = events::before::<T>(connection, document.uuid())?;
                let generation = documents::update(connection, &document, generation)?;
                if before.is_some() {
                    events::changed(connection, before.as_ref(), Some(&document), now)?;
                }
                Ok(Stored { document, generation })
            })
            .await
    }

    /// Removes the document, if it still has this generation and nothing needs it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::Stale`]; [`StoreError::Busy`] while an operation of
    /// an instance is unfinished; [`StoreError::InUse`] while an instance, or an allocation, needs
    /// the document.
    pub async fn delete(&self, id: T::Id, generation: i64) -> Result<(), StoreError> {
        let (id, now) = (id.into(), self.store.clock().now());
        self.store
            .write(move |connection| {
                let stored = documents::load::<T>(connection, id)?;
                stored.document.check_unused(connection)?;
                documents::delete::<T>(connection, id, generation)?;
                events::changed(connection, Some(&stored.document), None, now)
            })
            .await
    }

    /// The document with this label.
    pub(crate) async fn labelled(&self, label: &str) -> Result<Stored<T>, StoreError> {
        let label = label.to_owned();
        self.store.read(move |connection| documents::labelled(connection, &label)).await
    }
}
