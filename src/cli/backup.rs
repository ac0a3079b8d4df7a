//! `windlass backup`: everything that a server keeps, in one file.

use std::path::PathBuf;

use clap::Args;

use super::outcome::Outcome;
use crate::serve::{self, Keeping};

/// Arguments of `windlass backup`.
#[derive(Debug, Args)]
pub struct Backup {
    /// The file to write; it must not exist, and is as secret as the data directory
    file: PathBuf,
    #[command(flatten)]
    keeping: Keeping,
    /// Key that seals the passwords of subscribers, if it is not in the data directory
    #[arg(long, env = "WINDLASS_KEY_FILE", value_name = "FILE")]
    key: Option<PathBuf>,
}

impl Backup {
    /// Writes the file, and says what is in it.
    pub async fn run(self) -> anyhow::Result<Outcome> {
        let told = serve::back_up(self.keeping, self.key, self.file).await?;
        println!("{told}");
        Ok(Outcome::Done)
    }
}
