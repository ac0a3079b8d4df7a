//! Some rows of a table, as lines.

use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text};

use super::Cell;
use super::tables::Table;
use crate::connection::{Connection, MultiBackend};

/// How many rows are read at once.
pub const ROWS: usize = 500;

/// The rows that come behind a key. Each comes as the text of a JSON array, which the database
/// makes: so one query serves every table.
#[derive(Debug)]
pub struct Page<'a> {
    table: &'static Table,
    after: &'a [Cell],
    json: &'static str,
}

impl<'a> Page<'a> {
    pub fn of(connection: &Connection, table: &'static Table, after: &'a [Cell]) -> Self {
        let json = match connection {
            Connection::Sqlite(_) => "json_array",
            Connection::Postgres(_) => "json_build_array",
        };
        Self { table, after, json }
    }

    fn columns<'b>(
        out: &mut AstPass<'_, 'b, MultiBackend>,
        columns: &'static [(&'static str, super::Kind)],
    ) -> QueryResult<()> {
        for (place, (name, _)) in columns.iter().enumerate() {
            if place > 0 {
                out.push_sql(", ");
            }
            out.push_identifier(name)?;
        }
        Ok(())
    }
}

impl QueryFragment<MultiBackend> for Page<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        let key = &self.table.columns[..self.table.keys];
        out.push_sql("SELECT CAST(");
        out.push_sql(self.json);
        out.push_sql("(");
        Self::columns(&mut out, self.table.columns)?;
        out.push_sql(") AS TEXT) FROM ");
        out.push_identifier(self.table.name)?;
        if !self.after.is_empty() {
            out.push_sql(" WHERE (");
            Self::columns(&mut out, key)?;
            out.push_sql(") > (");
            push_cells(&mut out, self.after)?;
            out.push_sql(")");
        }
        out.push_sql(" ORDER BY ");
        Self::columns(&mut out, key)?;
        out.push_sql(&format!(" LIMIT {ROWS}"));
        Ok(())
    }
}

impl QueryId for Page<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Page<'_> {
    type SqlType = Text;
}

impl RunQueryDsl<Connection> for Page<'_> {}

/// The cells, with commas between them.
pub fn push_cells<'b>(
    out: &mut AstPass<'_, 'b, MultiBackend>,
    cells: &'b [Cell],
) -> QueryResult<()> {
    for (place, cell) in cells.iter().enumerate() {
        if place > 0 {
            out.push_sql(", ");
        }
        match cell {
            Cell::Text(text) => out.push_bind_param::<Nullable<Text>, _>(text)?,
            Cell::BigInt(number) => out.push_bind_param::<Nullable<BigInt>, _>(number)?,
            Cell::Integer(number) => out.push_bind_param::<Nullable<Integer>, _>(number)?,
            Cell::Bool(truth) => out.push_bind_param::<Nullable<Bool>, _>(truth)?,
        }
    }
    Ok(())
}
