//! The options that every verb of the client takes.

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::{Arg, Args, Command, ValueEnum};

use super::draw::{Output, Style};

/// Where a server listens that was not told where to.
pub const DEFAULT_SERVER: &str = "http://127.0.0.1:9890";

/// Whom to ask, and how to draw the answers.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Client options")]
pub struct Options {
    /// The NFVO [default: http://127.0.0.1:9890]
    #[arg(long, value_name = "URL", env = "WINDLASS_SERVER", hide_env_values = true)]
    pub server: Option<String>,
    /// The VNFM [default: the same server as the NFVO]
    #[arg(long, value_name = "URL", env = "WINDLASS_VNFM_SERVER", hide_env_values = true)]
    pub vnfm_server: Option<String>,
    /// The token that the server handed out
    #[arg(long, value_name = "TOKEN", env = "WINDLASS_TOKEN", hide_env_values = true)]
    pub token: Option<String>,
    /// The certificate authority of the server, in PEM
    #[arg(long, value_name = "FILE", env = "WINDLASS_CA", hide_env_values = true)]
    pub ca: Option<PathBuf>,
    /// How to print results
    #[arg(long, short, value_name = "FORMAT")]
    pub output: Option<Format>,
    /// Show whole ids in tables
    #[arg(long)]
    pub wide: bool,
    /// Draw without colours, as NO_COLOR does
    #[arg(long)]
    pub no_color: bool,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Table,
    /// The objects of the API
    Json,
    /// The objects of the API
    Yaml,
}

impl Options {
    /// These options, and the others where these say nothing.
    pub fn or(self, other: Self) -> Self {
        Self {
            server: self.server.or(other.server),
            vnfm_server: self.vnfm_server.or(other.vnfm_server),
            token: self.token.or(other.token),
            ca: self.ca.or(other.ca),
            output: self.output.or(other.output),
            wide: self.wide || other.wide,
            no_color: self.no_color || other.no_color,
        }
    }

    /// How to draw, on the terminal or file that this program writes to.
    pub fn output(&self) -> Output {
        let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let style = |is_terminal: bool| Style {
            color: is_terminal && !self.no_color && !unwanted,
            wide: self.wide,
        };
        Output {
            format: self.output.unwrap_or_default(),
            results: style(std::io::stdout().is_terminal()),
            notes: style(std::io::stderr().is_terminal()),
        }
    }
}

/// The options as arguments that may stand behind any verb; only those in front read the environment.
pub fn everywhere() -> impl Iterator<Item = Arg> {
    let options = Options::augment_args(Command::new("options"));
    let arguments: Vec<Arg> = options.get_arguments().cloned().collect();
    arguments.into_iter().map(|argument| argument.global(true).env(None::<&str>))
}
