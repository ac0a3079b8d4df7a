//! `windlass restore`: what a backup holds, for a server to go on with.

use std::path::PathBuf;

use clap::Args;

use super::outcome::Outcome;
use crate::serve::{self, Keeping};

/// Arguments of `windlass restore`.
#[derive(Debug, Args)]
pub struct Restore {
    /// The file that `windlass backup` wrote
    file: PathBuf,
    #[command(flatten)]
    keeping: Keeping,
    /// Where the key goes that seals the passwords of subscribers [default: DATA/key]
    #[arg(long, env = "WINDLASS_KEY_FILE", value_name = "FILE")]
    key: Option<PathBuf>,
    /// Throw away what is there
    #[arg(long)]
    replace: bool,
}

impl Restore {
    /// Puts everything in its place, and says what that was.
    pub async fn run(self) -> anyhow::Result<Outcome> {
        let told = serve::restore(self.keeping, self.key, self.file, self.replace).await?;
        println!("{told}");
        Ok(Outcome::Done)
    }
}
