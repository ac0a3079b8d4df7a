//! The grammar of `windlass vnf`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand, ValueEnum};
use serde_json::Value;

use super::super::arguments::{Direction, Params, Stopping, Waiting, level, pair};
use super::guest::Exec;

/// What can be asked of VNFs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List VNFs
    List,
    /// Show a VNF with its components, networks and volumes
    Show {
        /// The VNF
        vnf: String,
    },
    /// Make the identifier of a VNF to be
    Create {
        /// The package that it is made from
        package: String,
        /// What to call it
        #[arg(long)]
        name: Option<String>,
        /// What it is for
        #[arg(long)]
        description: Option<String>,
    },
    /// Give a VNF its resources
    Instantiate {
        /// The VNF
        vnf: String,
        #[command(flatten)]
        how: Instantiate,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Scale a VNF by steps
    Scale {
        /// The VNF
        vnf: String,
        #[command(flatten)]
        how: Scale,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Scale a VNF to a level
    ScaleToLevel {
        /// The VNF
        vnf: String,
        #[command(flatten)]
        how: ScaleToLevel,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Start or stop a VNF, or some components of it
    Operate {
        /// The VNF
        vnf: String,
        #[command(flatten)]
        how: Operate,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Make a VNF whole again
    Heal {
        /// The VNF
        vnf: String,
        #[command(flatten)]
        how: Heal,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Release everything that a VNF holds
    Terminate {
        /// The VNF
        vnf: String,
        #[command(flatten)]
        how: Terminate,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Delete the identifier of a VNF that holds nothing
    Delete {
        /// The VNF
        vnf: String,
    },
    /// Change the information about a VNF
    Modify {
        /// The VNF
        vnf: String,
        #[command(flatten)]
        how: Modify,
        #[command(flatten)]
        waiting: Waiting,
    },
    /// Print what a component wrote to its console last
    Console {
        /// The VNF
        vnf: String,
        /// The component
        vnfc: String,
        /// How many lines
        #[arg(long, short = 'n', default_value_t = 100)]
        lines: u32,
    },
    /// Print what each component of a VNF uses: CPU, memory, disks, network
    Stats {
        /// The VNF
        vnf: String,
    },
    /// Run a program in a component, and end with its exit code
    Exec(Exec),
}

/// How to instantiate a VNF.
#[derive(Args, Debug)]
#[group(skip)]
pub struct Instantiate {
    /// The deployment flavour; the default of the VNFD, when absent
    #[arg(long)]
    pub flavour: Option<String>,
    /// The instantiation level; the default of the flavour, when absent
    #[arg(long)]
    pub level: Option<String>,
    /// The whole request as SOL003 defines it, in YAML or JSON; other options go before it
    #[arg(long, value_name = "FILE")]
    pub request: Option<PathBuf>,
    #[command(flatten)]
    pub params: Params,
}

/// How to scale a VNF by steps.
#[derive(Args, Debug)]
#[group(skip)]
pub struct Scale {
    /// The scaling aspect
    #[arg(long)]
    pub aspect: String,
    #[command(flatten)]
    pub direction: Direction,
    /// By how many steps
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    pub steps: u32,
    #[command(flatten)]
    pub params: Params,
}

/// The level to scale a VNF to.
#[derive(Args, Debug)]
#[group(skip)]
#[command(group = ArgGroup::new("to").args(["level", "aspects"]).required(true))]
pub struct ScaleToLevel {
    /// An instantiation level of the flavour
    #[arg(long)]
    pub level: Option<String>,
    /// The level of one aspect; give one for each
    #[arg(long = "aspect", value_name = "ASPECT=LEVEL", value_parser = level)]
    pub aspects: Vec<(String, u32)>,
    #[command(flatten)]
    pub params: Params,
}

/// How to start or stop a VNF.
#[derive(Args, Debug)]
#[group(skip)]
pub struct Operate {
    /// What to do
    pub to: StartOrStop,
    /// Only these components
    #[arg(long, value_name = "VNFC")]
    pub vnfc: Vec<String>,
    #[command(flatten)]
    pub stopping: Stopping,
}

/// Whether a VNF should run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StartOrStop {
    /// It should run
    Start,
    /// It should not
    Stop,
}

/// What to heal of a VNF.
#[derive(Args, Debug)]
#[group(skip)]
pub struct Heal {
    /// Only these components; whatever is broken, when absent
    #[arg(long, value_name = "VNFC")]
    pub vnfc: Vec<String>,
    /// Why
    #[arg(long)]
    pub cause: Option<String>,
    #[command(flatten)]
    pub params: Params,
}

/// How to terminate a VNF.
#[derive(Args, Debug)]
#[group(skip)]
pub struct Terminate {
    #[command(flatten)]
    pub stopping: Stopping,
    #[command(flatten)]
    pub params: Params,
}

/// What to change of a VNF.
#[derive(Args, Debug)]
#[group(skip)]
#[command(group = ArgGroup::new("what").required(true).multiple(true)
    .args(["name", "description", "metadata", "extensions", "properties"]))]
pub struct Modify {
    /// What to call it
    #[arg(long)]
    pub name: Option<String>,
    /// What it is for
    #[arg(long)]
    pub description: Option<String>,
    /// Metadata; `null` removes a key
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    pub metadata: Vec<(String, Value)>,
    /// An extension; `null` removes a key
    #[arg(long = "extension", value_name = "KEY=VALUE", value_parser = pair)]
    pub extensions: Vec<(String, Value)>,
    /// A configurable property; `null` removes a key
    #[arg(long = "property", value_name = "KEY=VALUE", value_parser = pair)]
    pub properties: Vec<(String, Value)>,
}
