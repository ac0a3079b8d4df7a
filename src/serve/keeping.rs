//! Where a server keeps what it must not forget.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::Args;
use windlass_model::SystemClock;
use windlass_store::{Location, Store};

/// Where the databases, packages and images are.
#[derive(Clone, Debug, Args)]
pub struct Keeping {
    /// Folder for the databases, packages and images; made when missing
    #[arg(long, env = "WINDLASS_DATA", default_value = "windlass-data", value_name = "DIR")]
    pub data: PathBuf,
    /// PostgreSQL server and database (postgresql://…) instead of files in the data directory
    #[arg(long, env = "WINDLASS_DATABASE", hide_env_values = true, value_name = "URL")]
    pub database: Option<String>,
    /// Folder for packages and images, which servers of one database share [default: DATA/blobs]
    #[arg(long, env = "WINDLASS_BLOBS", value_name = "DIR")]
    pub blobs: Option<PathBuf>,
}

impl Keeping {
    /// The folder of packages and images.
    pub fn blobs(&self) -> PathBuf {
        self.blobs.clone().unwrap_or_else(|| self.data.join("blobs"))
    }

    /// Where a program's database is.
    pub fn location(&self, program: &str) -> Result<Location> {
        location(&self.data, self.database.as_deref(), program)
    }
}

/// A program's database, whoever works in the data directory: on a server a schema of the
/// program's name.
pub async fn open_store(data: &Path, database: Option<&str>, program: &str) -> Result<Store> {
    Ok(Store::open(location(data, database, program)?, Arc::new(SystemClock)).await?)
}

fn location(data: &Path, database: Option<&str>, program: &str) -> Result<Location> {
    match database {
        Some(url) => Location::postgres(url, program).context("--database cannot be used"),
        None => Ok(data.join(format!("{program}.db")).into()),
    }
}
