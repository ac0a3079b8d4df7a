//! One moment of a database.

use std::io::Write;

use diesel::prelude::*;
use serde_json::Value;

use super::page::{self, Page};
use super::tables::{TABLES, Table};
use super::{Cell, DumpError, Schema, cells};
use crate::connection::{Connection, reader};
use crate::documents::decode;
use crate::error::StoreError;
use crate::location::Location;
use crate::migrations;
use crate::records::{Content, NsdRecord, Onboarding, VnfPackageRecord};
use crate::schema::{nsd, vnf_package};

/// One moment of a database. Whatever is written meanwhile goes on and is not seen.
#[derive(Debug)]
pub struct Snapshot {
    connection: Connection,
    schema: Schema,
}

impl Snapshot {
    /// Takes hold of the moment.
    ///
    /// # Errors
    /// [`DumpError::OtherTables`] when another version of Windlass made the tables;
    /// [`StoreError::Open`].
    pub fn take(location: &Location) -> Result<Self, DumpError> {
        let mut connection = reader(location)?;
        // The moment is that of the first read.
        connection.begin_snapshot()?;
        let schema = Schema::of(&mut connection)?;
        if schema.is_ours() {
            return Ok(Self { connection, schema });
        }
        let (database, theirs) = (location.to_string(), schema.windlass);
        Err(DumpError::OtherTables { database, theirs, ours: migrations::OURS })
    }

    /// The tables that it has.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// What packages and descriptors refer to in the blob store.
    ///
    /// # Errors
    /// Those of the database.
    pub fn contents(&mut self) -> Result<Vec<Content>, DumpError> {
        let packages: Vec<String> =
            vnf_package::table.select(vnf_package::document).load(&mut self.connection)?;
        let nsds: Vec<String> = nsd::table.select(nsd::document).load(&mut self.connection)?;
        let mut contents = Vec::new();
        for package in packages {
            let package: VnfPackageRecord = decode("VNF package", &package)?;
            contents.extend(package.onboarding.content);
            contents.extend(package.software_images.into_iter().filter_map(|image| image.content));
        }
        for nsd in nsds {
            let NsdRecord { onboarding: Onboarding { content, .. }, .. } = decode("NSD", &nsd)?;
            contents.extend(content);
        }
        Ok(contents)
    }

    /// Writes every table down.
    ///
    /// # Errors
    /// [`DumpError::Lines`] when `out` does not take it.
    pub fn dump(&mut self, out: &mut impl Write) -> Result<(), DumpError> {
        for table in TABLES {
            serde_json::to_writer(&mut *out, &table.header()).map_err(std::io::Error::from)?;
            out.write_all(b"\n")?;
            self.dump_rows(table, out)?;
        }
        Ok(())
    }

    fn dump_rows(&mut self, table: &'static Table, out: &mut impl Write) -> Result<(), DumpError> {
        let mut after: Vec<Cell> = Vec::new();
        loop {
            let page = Page::of(&self.connection, table, &after);
            let lines: Vec<String> = page.load(&mut self.connection)?;
            let is_last = lines.len() < page::ROWS;
            for line in lines {
                let row = cells(table.columns, &line).ok_or_else(|| unreadable(table))?;
                after = row[..table.keys].to_vec();
                let row: Vec<Value> = row.into_iter().map(Cell::into_value).collect();
                serde_json::to_writer(&mut *out, &row).map_err(std::io::Error::from)?;
                out.write_all(b"\n")?;
            }
            if is_last {
                return Ok(());
            }
        }
    }
}

fn unreadable(table: &'static Table) -> StoreError {
    StoreError::corrupt(table.name, "a column holds something of another kind")
}
