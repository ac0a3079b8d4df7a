//! `windlass token`: who may speak to a server beyond loopback.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand};
use uuid::Uuid;

use super::auth;
use super::data::make_private;
use super::keeping::open_store;

/// Arguments of `windlass token`.
#[derive(Debug, Args)]
pub struct Tokens {
    #[command(subcommand)]
    verb: Verb,
    /// Data directory of the server
    #[arg(long, global = true, env = "WINDLASS_DATA", default_value = "windlass-data")]
    data: PathBuf,
    /// Database of the server, if it is not in the data directory
    #[arg(
        long,
        global = true,
        env = "WINDLASS_DATABASE",
        hide_env_values = true,
        value_name = "URL"
    )]
    database: Option<String>,
    /// The program that asks for the token: nfvo (also for `up`) or vnfm
    #[arg(long, global = true, default_value = "nfvo", value_parser = ["nfvo", "vnfm"])]
    program: String,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Make a token and print it; only its hash is kept
    Add {
        /// A name for it
        name: String,
    },
    /// Show the names of the tokens
    List,
    /// Let a token in no more
    Remove {
        /// Its name
        name: String,
    },
}

impl Tokens {
    /// Does what the verb says.
    pub async fn run(self) -> Result<()> {
        make_private(&self.data)?;
        let store = open_store(&self.data, self.database.as_deref(), &self.program).await?;
        match self.verb {
            Verb::Add { name } => {
                // Two random UUIDs hold 244 random bits from the system's generator.
                let token = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
                store.tokens().add(&name, auth::hash(&token)).await?;
                println!("{token}");
            }
            Verb::List => {
                for name in store.tokens().list(None, usize::MAX).await? {
                    println!("{name}");
                }
            }
            Verb::Remove { name } => store.tokens().remove(&name).await?,
        }
        Ok(())
    }
}
