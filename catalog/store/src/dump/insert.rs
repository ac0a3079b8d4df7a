//! Rows on their way into a table that was not known when this was compiled.

use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;

use super::page::push_cells;
use super::{Cell, Header};
use crate::connection::{Connection, MultiBackend};

/// How many rows go into one statement: their cells must not be more than SQLite's 32,766.
pub const ROWS: usize = 100;

/// Adds rows to a table.
#[derive(Debug)]
pub struct Insert<'a> {
    pub into: &'a Header,
    pub rows: &'a [Vec<Cell>],
}

/// Removes all rows of a table.
#[derive(Debug)]
pub struct Empty<'a>(pub &'a str);

impl QueryFragment<MultiBackend> for Insert<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql("INSERT INTO ");
        out.push_identifier(&self.into.table)?;
        out.push_sql(" (");
        for (place, (column, _)) in self.into.columns.iter().enumerate() {
            if place > 0 {
                out.push_sql(", ");
            }
            out.push_identifier(column)?;
        }
        out.push_sql(") VALUES ");
        for (place, row) in self.rows.iter().enumerate() {
            out.push_sql(if place > 0 { ", (" } else { "(" });
            push_cells(&mut out, row)?;
            out.push_sql(")");
        }
        Ok(())
    }
}

impl QueryFragment<MultiBackend> for Empty<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, MultiBackend>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql("DELETE FROM ");
        out.push_identifier(self.0)
    }
}

macro_rules! statement {
    ($($name:ident)*) => {$(
        impl QueryId for $name<'_> {
            type QueryId = ();
            const HAS_STATIC_QUERY_ID: bool = false;
        }

        impl RunQueryDsl<Connection> for $name<'_> {}
    )*};
}

statement! { Insert Empty }
