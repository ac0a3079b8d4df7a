//! The SQL of the document tables.

use diesel::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::collection::{Document, Stored};
use crate::connection::Connection;
use crate::error::StoreError;
use crate::events::{Happened, Topic};

/// A document table.
#[derive(Debug, Clone, Copy)]
pub enum Table {
    VnfInstance,
    NsInstance,
    VnfPackage,
    Nsd,
    Vim,
    Alarm,
}

/// How a noun lies in its table. The trait is public so that [`Document`] can be; only this crate
/// can name it, so only this crate adds kinds of documents.
pub trait Row {
    const TABLE: Table;
    const WHAT: &'static str;

    fn uuid(&self) -> Uuid;

    /// What the document can be looked up by, beside its id.
    fn label(&self) -> Option<String>;

    /// Refuses when something needs the document, so that it must not go.
    fn check_unused(&self, connection: &mut Connection) -> Result<(), StoreError>;

    /// Notes what lists look for beside the label; nothing, unless the kind says otherwise.
    fn note(&self, _connection: &mut Connection) -> Result<(), StoreError> {
        Ok(())
    }

    /// Who is told of its changes; nobody, unless the kind says otherwise.
    const TOPIC: Option<Topic> = None;

    /// What a change amounts to, for subscribers; `None` when they need not know. A document that
    /// is made has nothing before, one that goes has nothing after.
    fn happened(
        _connection: &mut Connection,
        _before: Option<&Self>,
        _after: Option<&Self>,
    ) -> Result<Option<Happened>, StoreError> {
        Ok(None)
    }
}

impl Table {
    pub fn name(self) -> &'static str {
        match self {
            Self::VnfInstance => "vnf",
            Self::NsInstance => "ns",
            Self::VnfPackage => "vnf_package",
            Self::Nsd => "nsd",
            Self::Vim => "vim",
            Self::Alarm => "alarm",
        }
    }
}

macro_rules! on_table {
    ($which:expr, $table:ident => $query:expr) => {
        match $which {
            Table::VnfInstance => {
                use crate::schema::vnf_instance as $table;
                $query
            }
            Table::NsInstance => {
                use crate::schema::ns_instance as $table;
                $query
            }
            Table::VnfPackage => {
                use crate::schema::vnf_package as $table;
                $query
            }
            Table::Nsd => {
                use crate::schema::nsd as $table;
                $query
            }
            Table::Vim => {
                use crate::schema::vim as $table;
                $query
            }
            Table::Alarm => {
                use crate::schema::alarm as $table;
                $query
            }
        }
    };
}

/// Adds a document and returns its first generation.
pub fn insert<T: Document>(connection: &mut Connection, document: &T) -> Result<i64, StoreError> {
    let (id, text) = (document.uuid().to_string(), encode(T::WHAT, document)?);
    on_table!(T::TABLE, t => diesel::insert_into(t::table)
        .values((
            t::id.eq(id),
            t::label.eq(document.label()),
            t::document.eq(text),
            t::generation.eq(1),
        ))
        .execute(connection))
    .map_err(|error| taken(document, error))?;
    document.note(connection)?;
    Ok(1)
}

/// Notes what lists look for in a document that is there.
pub fn note<T: Document>(connection: &mut Connection, document: &T) -> Result<(), StoreError> {
    document.note(connection)
}

pub fn load<T: Document>(connection: &mut Connection, id: Uuid) -> Result<Stored<T>, StoreError> {
    let found: Option<(String, i64)> = on_table!(T::TABLE, t => t::table
        .find(id.to_string())
        .select((t::document, t::generation))
        .get_result(connection)
        .optional())?;
    decode_stored(found.ok_or_else(|| not_found::<T>(&id))?)
}

/// The generation of a document; `None` when there is none.
pub fn generation<T: Document>(
    connection: &mut Connection,
    id: Uuid,
) -> Result<Option<i64>, StoreError> {
    Ok(on_table!(T::TABLE, t => t::table
        .find(id.to_string())
        .select(t::generation)
        .get_result(connection)
        .optional())?)
}

pub fn labelled<T: Document>(
    connection: &mut Connection,
    label: &str,
) -> Result<Stored<T>, StoreError> {
    let found: Option<(String, i64)> = on_table!(T::TABLE, t => t::table
        .filter(t::label.eq(label))
        .select((t::document, t::generation))
        .get_result(connection)
        .optional())?;
    decode_stored(found.ok_or_else(|| not_found::<T>(&label))?)
}

/// An id of a document with this label, where several may have it.
pub fn any_labelled(
    connection: &mut Connection,
    table: Table,
    label: &str,
) -> Result<Option<String>, StoreError> {
    Ok(on_table!(table, t => t::table
        .filter(t::label.eq(label))
        .select(t::id)
        .first(connection)
        .optional())?)
}

pub fn list<T: Document>(
    connection: &mut Connection,
    after: Option<Uuid>,
    limit: usize,
) -> Result<Vec<Stored<T>>, StoreError> {
    // No id is smaller than the empty text.
    let after = after.map_or_else(String::new, |id| id.to_string());
    let rows: Vec<(String, i64)> = on_table!(T::TABLE, t => t::table
        .filter(t::id.gt(after))
        .order(t::id)
        .limit(rows(limit))
        .select((t::document, t::generation))
        .load(connection))?;
    rows.into_iter().map(decode_stored).collect()
}

/// Replaces a document that has this generation and returns the next one.
pub fn update<T: Document>(
    connection: &mut Connection,
    document: &T,
    generation: i64,
) -> Result<i64, StoreError> {
    let (id, text) = (document.uuid(), encode(T::WHAT, document)?);
    let key = id.to_string();
    let changed = on_table!(T::TABLE, t => diesel::update(
            t::table.find(&key).filter(t::generation.eq(generation)))
        .set((
            t::label.eq(document.label()),
            t::document.eq(text),
            t::generation.eq(generation + 1),
        ))
        .execute(connection))
    .map_err(|error| taken(document, error))?;
    written::<T>(connection, id, changed)?;
    document.note(connection)?;
    Ok(generation + 1)
}

pub fn delete<T: Document>(
    connection: &mut Connection,
    id: Uuid,
    generation: i64,
) -> Result<(), StoreError> {
    let key = id.to_string();
    let changed = on_table!(T::TABLE, t => diesel::delete(
            t::table.find(&key).filter(t::generation.eq(generation)))
        .execute(connection))?;
    written::<T>(connection, id, changed)
}

/// Tells a document that is gone from one that somebody else changed.
fn written<T: Document>(
    connection: &mut Connection,
    id: Uuid,
    changed: usize,
) -> Result<(), StoreError> {
    if changed == 0 {
        load::<T>(connection, id)?;
        return Err(StoreError::Stale { what: T::WHAT });
    }
    Ok(())
}

fn not_found<T: Document>(id: &impl ToString) -> StoreError {
    StoreError::NotFound { what: T::WHAT, id: id.to_string() }
}

fn taken<T: Document>(document: &T, error: diesel::result::Error) -> StoreError {
    let name = document.label().unwrap_or_else(|| document.uuid().to_string());
    StoreError::of_write(error, T::WHAT, &name)
}

pub fn decode_stored<T: Document>(
    (text, generation): (String, i64),
) -> Result<Stored<T>, StoreError> {
    Ok(Stored { document: decode(T::WHAT, &text)?, generation })
}

/// A limit as SQL wants it.
pub fn rows(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

pub fn encode<T: Serialize>(what: &'static str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::corrupt(what, error))
}

pub fn decode<T: DeserializeOwned>(what: &'static str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::corrupt(what, error))
}
