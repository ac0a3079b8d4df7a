//! Lists that are narrowed in the database, so that a page costs what is on it.
//!
//! A [`Narrowing`] names a column; what it lets through may still be more than was asked for, never
//! less. Whoever lists filters what comes.

use diesel::prelude::*;
use serde_json::Value;
use windlass_lcm::Operation;
use windlass_model::ns::NsInstance;
use windlass_model::vnf::VnfInstance;
use windlass_model::{NsInstanceId, OperationId, VnfInstanceId};

use crate::collection::{Collection, Document, Stored};
use crate::connection::{Connection, MultiBackend};
use crate::documents::{self, decode_stored, rows};
use crate::error::StoreError;
use crate::operations::{Operations, PlannedRow};
use crate::schema::{ns_listed, operation, operation_plan, vnf_listed};

/// The key in a VNF's metadata that names its network service.
const SERVICE_KEY: &str = "nsInstanceId";

/// `instantiationState` of an instance (SOL003 clause 5.5.2.2, SOL005 clause 6.5.2.10).
const STATES: [&str; 2] = ["NOT_INSTANTIATED", "INSTANTIATED"];

/// Letters of a text that a column keeps.
const CLIP: usize = 200;

/// What a list of VNF instances can be narrowed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VnfKey {
    /// `vnfdId`.
    Vnfd,
    /// `vnfInstanceName`.
    Name,
    /// `vnfProvider`.
    Provider,
    /// `vnfProductName`.
    Product,
    /// `instantiationState`.
    State,
    /// `metadata/nsInstanceId`.
    Service,
}

/// What a list of NS instances can be narrowed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NsKey {
    /// `nsInstanceName`.
    Name,
    /// `nsdInfoId`.
    NsdInfo,
    /// `nsState`.
    State,
}

/// What a list of operations can be narrowed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationKey {
    /// The instance that it is about.
    Subject,
    /// Where it stands, by [`windlass_model::OperationState::name`].
    State,
}

/// What a column may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// One of these texts.
    OneOf(Vec<String>),
    /// None of these texts.
    NoneOf(Vec<String>),
}

impl Wanted {
    /// The same for columns that hold [`clipped`] texts: it lets through no less.
    fn clipped(self) -> Self {
        match self {
            Self::OneOf(texts) => Self::OneOf(texts.iter().map(|text| clipped(text)).collect()),
            Self::NoneOf(mut texts) => {
                texts.retain(|text| clipped(text) == *text);
                Self::NoneOf(texts)
            }
        }
    }
}

/// A text as a column keeps it that has an index: PostgreSQL takes no NUL, and no long text there.
fn clipped(text: &str) -> String {
    text.chars().filter(|&letter| letter != '\0').take(CLIP).collect()
}

/// A condition on a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Narrowing<K> {
    /// Which column.
    pub key: K,
    /// What it may hold.
    pub wanted: Wanted,
}

macro_rules! narrow {
    ($query:ident, $column:expr, $wanted:expr) => {
        match $wanted {
            Wanted::OneOf(texts) => $query.filter($column.eq_any(texts)),
            Wanted::NoneOf(texts) => $query.filter($column.ne_all(texts)),
        }
    };
}

impl Collection<'_, VnfInstance> {
    /// At most `limit` VNF instances that these conditions let through and that come behind the id
    /// `after`, in the order of their ids.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn narrowed(
        &self,
        by: Vec<Narrowing<VnfKey>>,
        after: Option<VnfInstanceId>,
        limit: usize,
    ) -> Result<Vec<Stored<VnfInstance>>, StoreError> {
        use vnf_listed as t;
        let read = move |connection: &mut Connection| {
            let mut query = t::table.into_boxed::<MultiBackend>();
            for Narrowing { key, wanted } in by {
                query = match key {
                    VnfKey::Vnfd => narrow!(query, t::vnfd_id, wanted),
                    VnfKey::Name => narrow!(query, t::name, wanted.clipped()),
                    VnfKey::Provider => narrow!(query, t::provider, wanted.clipped()),
                    VnfKey::Product => narrow!(query, t::product, wanted.clipped()),
                    VnfKey::State => narrow!(query, t::state, wanted),
                    VnfKey::Service => narrow!(query, t::service, wanted.clipped()),
                };
            }
            Ok(query
                .filter(t::id.gt(behind(after)))
                .order(t::id)
                .limit(rows(limit))
                .select((t::document, t::generation))
                .load(connection)?)
        };
        stored(self.store.read(read).await?)
    }
}

impl Collection<'_, NsInstance> {
    /// At most `limit` NS instances that these conditions let through and that come behind the id
    /// `after`, in the order of their ids.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn narrowed(
        &self,
        by: Vec<Narrowing<NsKey>>,
        after: Option<NsInstanceId>,
        limit: usize,
    ) -> Result<Vec<Stored<NsInstance>>, StoreError> {
        use ns_listed as t;
        let read = move |connection: &mut Connection| {
            let mut query = t::table.into_boxed::<MultiBackend>();
            for Narrowing { key, wanted } in by {
                query = match key {
                    NsKey::Name => narrow!(query, t::name, wanted.clipped()),
                    NsKey::NsdInfo => narrow!(query, t::nsd_info_id, wanted),
                    NsKey::State => narrow!(query, t::state, wanted),
                };
            }
            Ok(query
                .filter(t::id.gt(behind(after)))
                .order(t::id)
                .limit(rows(limit))
                .select((t::document, t::generation))
                .load(connection)?)
        };
        stored(self.store.read(read).await?)
    }
}

impl Operations<'_> {
    /// At most `limit` operations about subjects of this kind that these conditions let through and
    /// that come behind the id `after`, in the order of their ids.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn narrowed(
        &self,
        subject_kind: &str,
        by: Vec<Narrowing<OperationKey>>,
        after: Option<OperationId>,
        limit: usize,
    ) -> Result<Vec<Operation>, StoreError> {
        use operation as t;
        let of_kind = subject_kind.to_owned();
        let read = move |connection: &mut Connection| {
            let planned = t::table.left_join(operation_plan::table);
            let mut query = planned.into_boxed::<MultiBackend>();
            for Narrowing { key, wanted } in by {
                query = match key {
                    OperationKey::Subject => narrow!(query, t::subject_id, wanted),
                    OperationKey::State => narrow!(query, t::state, wanted),
                };
            }
            Ok(query
                .filter(t::subject_kind.eq(of_kind))
                .filter(t::id.gt(behind(after)))
                .order(t::id)
                .limit(rows(limit))
                .select(PlannedRow::as_select())
                .load(connection)?)
        };
        let found: Vec<PlannedRow> = self.store().read(read).await?;
        found.into_iter().map(Operation::try_from).collect()
    }
}

/// No id is smaller than the empty text.
fn behind(id: Option<impl ToString>) -> String {
    id.map_or_else(String::new, |id| id.to_string())
}

fn stored<T: Document>(rows: Vec<(String, i64)>) -> Result<Vec<Stored<T>>, StoreError> {
    rows.into_iter().map(decode_stored).collect()
}

fn state(is_instantiated: bool) -> &'static str {
    STATES[usize::from(is_instantiated)]
}

/// Notes what a list looks for beside the label of a VNF instance.
pub fn note_vnf(connection: &mut Connection, vnf: &VnfInstance) -> Result<(), StoreError> {
    use vnf_listed as t;
    let service = vnf.metadata.get(SERVICE_KEY).and_then(Value::as_str).unwrap_or_default();
    diesel::update(t::table.find(vnf.id.to_string()))
        .set((
            t::state.eq(state(vnf.instantiated.is_some())),
            t::name.eq(clipped(&vnf.name)),
            t::provider.eq(clipped(&vnf.product.provider)),
            t::product.eq(clipped(&vnf.product.name)),
            t::service.eq(clipped(service)),
        ))
        .execute(connection)?;
    Ok(())
}

/// Notes what a list looks for beside the label of an NS instance.
pub fn note_ns(connection: &mut Connection, ns: &NsInstance) -> Result<(), StoreError> {
    use ns_listed as t;
    diesel::update(t::table.find(ns.id.to_string()))
        .set((t::state.eq(state(ns.instantiated.is_some())), t::name.eq(clipped(&ns.name))))
        .execute(connection)?;
    Ok(())
}

/// Looks through the documents that were written before lists were narrowed.
pub fn catch_up(connection: &mut Connection) -> Result<(), StoreError> {
    let vnfs: Vec<(String, i64)> = vnf_listed::table
        .filter(vnf_listed::state.eq(""))
        .select((vnf_listed::document, vnf_listed::generation))
        .load(connection)?;
    for vnf in vnfs {
        let vnf = decode_stored::<VnfInstance>(vnf)?;
        documents::note(connection, &vnf.document)?;
    }
    let services: Vec<(String, i64)> = ns_listed::table
        .filter(ns_listed::state.eq(""))
        .select((ns_listed::document, ns_listed::generation))
        .load(connection)?;
    for ns in services {
        let ns = decode_stored::<NsInstance>(ns)?;
        documents::note(connection, &ns.document)?;
    }
    Ok(())
}
