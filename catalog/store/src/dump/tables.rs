//! The tables and their columns, as the newest migration leaves them.

use super::{Header, Kind};

/// A table that a dump has.
#[derive(Debug)]
pub struct Table {
    pub name: &'static str,
    /// How many of the columns make up the key; they come first.
    pub keys: usize,
    pub columns: &'static [(&'static str, Kind)],
}

impl Table {
    pub fn header(&self) -> Header {
        let columns = self.columns.iter().map(|&(name, kind)| (name.to_owned(), kind)).collect();
        Header { table: self.name.to_owned(), columns }
    }
}

macro_rules! tables {
    ($($name:ident ($($key:ident: $key_kind:ident),+) { $($column:ident: $kind:ident,)* })*) => {
        &[$(Table {
            name: stringify!($name),
            keys: [$(stringify!($key)),+].len(),
            columns: &[
                $((stringify!($key), Kind::$key_kind),)+
                $((stringify!($column), Kind::$kind),)*
            ],
        }),*]
    };
}

/// All tables; what refers to another table comes behind it.
pub const TABLES: &[Table] = tables! {
    vnf_instance (id: Text) {
        vnfd_id: Text,
        document: Text,
        generation: BigInt,
        state: Text,
        name: Text,
        provider: Text,
        product: Text,
        service: Text,
    }
    ns_instance (id: Text) {
        nsd_info_id: Text,
        document: Text,
        generation: BigInt,
        state: Text,
        name: Text,
    }
    vnf_package (id: Text) { vnfd_id: Text, document: Text, generation: BigInt, }
    nsd (id: Text) { nsd_id: Text, document: Text, generation: BigInt, }
    vim (id: Text) { name: Text, document: Text, generation: BigInt, }
    operation (id: Text) {
        kind: Text,
        subject_kind: Text,
        subject_id: Text,
        state: Text,
        state_since: BigInt,
        started_at: BigInt,
        params: Text,
        subject_before: Text,
        cancel: Text,
        error: Text,
        automatic: Bool,
        worker: Text,
        lease_until: BigInt,
        epoch: BigInt,
    }
    operation_plan (operation_id: Text) { plan: Text, }
    step_event (operation_id: Text, sequence: BigInt) { event: Text, }
    vnf_grant (id: Text) {
        vnf_instance_id: Text,
        operation_id: Text,
        vnfd_id: Text,
        document: Text,
    }
    allocation (vnf_instance_id: Text, vnfc: Text, host_id: Text) {
        operation_id: Text,
        takes: Text,
    }
    allocation_version (id: Integer) { version: BigInt, }
    token (name: Text) { hash: Text, created_at: BigInt, }
    alarm (id: Text) { identity: Text, document: Text, generation: BigInt, }
    duty (name: Text) { holder: Text, held_until: BigInt, }
    event (sequence: BigInt) {
        topic: Text,
        subject_kind: Text,
        subject_id: Text,
        at: BigInt,
        document: Text,
    }
    event_counter (id: Integer) { last: BigInt, }
    subscription (id: Text) {
        topic: Text,
        callback_uri: Text,
        document: Text,
        secret: Text,
        created_at: BigInt,
        cursor: BigInt,
        attempts: BigInt,
        error: Text,
        next_attempt: BigInt,
        parked_since: BigInt,
        lost: BigInt,
        worker: Text,
        lease_until: BigInt,
        epoch: BigInt,
    }
};

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::PathBuf;

    use diesel::dsl::sql;
    use diesel::prelude::*;
    use diesel::sql_types::{BigInt, Text};
    use windlass_test_postgres::Server;

    use super::*;
    use crate::connection::{self, Connection};
    use crate::location::Location;
    use crate::migrations;

    /// Columns by table: name, type, and the place in the key or 0.
    type Real = BTreeMap<String, Vec<(String, String, i64)>>;

    const SQLITE: &str = "SELECT t.name, c.name, upper(c.type), c.pk \
        FROM sqlite_master t JOIN pragma_table_info(t.name) c WHERE t.type = 'table' \
        AND t.name NOT IN ('__diesel_schema_migrations', 'windlass_release')";

    const POSTGRES: &str = "SELECT c.table_name::text, c.column_name::text, \
        upper(c.data_type::text), coalesce(k.ordinal_position, 0)::bigint \
        FROM information_schema.columns c LEFT JOIN information_schema.key_column_usage k \
        ON k.table_schema = c.table_schema AND k.table_name = c.table_name \
        AND k.column_name = c.column_name AND k.constraint_name LIKE '%_pkey' \
        WHERE c.table_schema = current_schema() \
        AND c.table_name NOT IN ('__diesel_schema_migrations', 'windlass_release')";

    fn real(connection: &mut Connection, query: &str) -> Real {
        let rows: Vec<(String, String, String, i64)> =
            sql::<(Text, Text, Text, BigInt)>(query).load(connection).unwrap();
        sorted(rows)
    }

    fn sorted(rows: Vec<(String, String, String, i64)>) -> Real {
        let mut tables = Real::new();
        for (table, column, kind, key) in rows {
            tables.entry(table).or_default().push((column, kind, key));
        }
        tables.values_mut().for_each(|columns| columns.sort());
        tables
    }

    fn known() -> Real {
        let kind = |kind| match kind {
            Kind::Text => "TEXT",
            Kind::BigInt => "BIGINT",
            Kind::Integer => "INTEGER",
            Kind::Bool => "BOOLEAN",
        };
        let rows = TABLES.iter().flat_map(|table| {
            table.columns.iter().enumerate().map(move |(place, &(name, what))| {
                let key = if place < table.keys { place as i64 + 1 } else { 0 };
                (table.name.to_owned(), name.to_owned(), kind(what).to_owned(), key)
            })
        });
        sorted(rows.collect())
    }

    #[test]
    fn a_dump_forgets_no_table_and_no_column_of_sqlite() {
        let mut connection = connection::in_memory().unwrap();
        migrations::run(&mut connection, &PathBuf::from(":memory:").into()).unwrap();
        assert_eq!(real(&mut connection, SQLITE), known());
    }

    #[test]
    fn a_dump_forgets_no_table_and_no_column_of_postgresql() {
        let Some(server) = Server::start() else { return };
        let location = Location::postgres(&server.database(), "nfvo").unwrap();
        let mut connection = connection::writer(&location).unwrap();
        migrations::run(&mut connection, &location).unwrap();
        assert_eq!(real(&mut connection, POSTGRES), known());
        // A table that numbers its rows by itself would have to be told where to go on.
        let counters: i64 = sql::<BigInt>(
            "SELECT count(*) FROM information_schema.columns \
             WHERE table_schema = current_schema() AND is_identity = 'YES'",
        )
        .get_result(&mut connection)
        .unwrap();
        assert_eq!(counters, 0);
    }
}
