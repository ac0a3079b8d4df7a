//! The client: verbs that ask a server, watch its work, and draw its answers.
//!
//! ```text
//! noun.rs    what can be asked of a noun: arguments -> requests -> answers
//! draw/      answers -> text, without I/O
//! progress/  an operation's steps -> bars and lines, until it settles
//! ```
//!
//! Results go to standard output and everything that is said on the way to standard error, so that
//! `-o json` can be piped while progress stays visible.

mod alarm;
mod archive;
mod arguments;
mod audit;
mod backup;
mod catalog;
mod context;
mod draw;
mod flavour;
mod host;
mod lint;
mod ns;
mod nsd;
mod op;
mod operation;
mod options;
mod outcome;
mod package;
mod progress;
mod resolve;
mod restore;
mod subscription;
mod transfer;
mod version;
mod vim;
mod vnf;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::serve;
use context::Context;
use options::Options;
use outcome::Outcome;

/// An NFV orchestrator: network services from package to running machines, and back.
#[derive(Debug, Parser)]
#[command(name = "windlass", version, max_term_width = 100)]
#[command(after_help = "Wherever an id is wanted, a unique name, or a unique beginning or end of \
    the id, is enough.\n\
    Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no server found.")]
struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run the NFVO and a VNFM together, with everything they keep in one folder
    Up(Box<serve::Up>),
    /// Run the NFVO alone
    Nfvo(Box<serve::Nfvo>),
    /// Run a VNFM alone
    Vnfm(Box<serve::Vnfm>),
    /// Make and remove the tokens that let clients in
    Token(Box<serve::Tokens>),
    /// Write everything that a server keeps into one file, also while it runs
    Backup(Box<backup::Backup>),
    /// Put a backup into an empty data directory or database
    Restore(Box<restore::Restore>),
    /// VNF packages
    #[command(subcommand)]
    Package(package::Verb),
    /// Network service descriptors
    #[command(subcommand)]
    Nsd(nsd::Verb),
    /// Network services
    #[command(subcommand)]
    Ns(ns::Verb),
    /// VNFs
    #[command(subcommand)]
    Vnf(vnf::Verb),
    /// Lifecycle operations of network services and VNFs
    #[command(subcommand)]
    Op(op::Verb),
    /// What is wrong with VNFs
    #[command(subcommand)]
    Alarm(alarm::Verb),
    /// VIMs: groups of hosts
    #[command(subcommand)]
    Vim(vim::Verb),
    /// Hosts
    #[command(subcommand)]
    Host(host::Verb),
    /// Receivers of notifications
    #[command(subcommand)]
    Subscription(subscription::Verb),
    /// Show what belongs to nobody, and what is missing; exit code 1 if there is any
    Audit,
    /// Check packages and descriptors, without a server
    Lint(lint::Lint),
    /// Show the version of this program and of the server
    Version,
    /// Print a completion script for a shell
    Completion {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// Reads the command line, does what it says, and says how it went.
pub async fn main() -> ExitCode {
    let cli = Cli::of(&command().get_matches()).unwrap_or_else(|error| error.exit());
    let output = cli.options.output();
    match run(cli).await {
        Ok(outcome) => outcome.into(),
        Err(error) => outcome::report(&error, &output),
    }
}

async fn run(cli: Cli) -> anyhow::Result<Outcome> {
    let options = cli.options;
    let ask = || Context::new(&options);
    match cli.verb {
        Verb::Up(server) => server.run().await.map(|()| Outcome::Done),
        Verb::Nfvo(server) => server.run().await.map(|()| Outcome::Done),
        Verb::Vnfm(server) => server.run().await.map(|()| Outcome::Done),
        Verb::Token(tokens) => tokens.run().await.map(|()| Outcome::Done),
        Verb::Backup(backup) => backup.run().await,
        Verb::Restore(restore) => restore.run().await,
        Verb::Package(verb) => verb.run(&ask()?).await,
        Verb::Nsd(verb) => verb.run(&ask()?).await,
        Verb::Ns(verb) => verb.run(&ask()?).await,
        Verb::Vnf(verb) => verb.run(&ask()?).await,
        Verb::Op(verb) => verb.run(&ask()?).await,
        Verb::Alarm(verb) => verb.run(&ask()?).await,
        Verb::Vim(verb) => verb.run(&ask()?).await,
        Verb::Host(verb) => verb.run(&ask()?).await,
        Verb::Subscription(verb) => verb.run(&ask()?).await,
        Verb::Audit => audit::run(&ask()?).await,
        Verb::Lint(lint) => lint.run(&options.output()),
        Verb::Version => version::run(&ask()?).await,
        Verb::Completion { shell } => {
            clap_complete::generate(shell, &mut command(), "windlass", &mut std::io::stdout());
            Ok(Outcome::Done)
        }
    }
}

impl Cli {
    /// What the command line says; an option after the verb goes before one in front of it.
    fn of(matches: &clap::ArgMatches) -> Result<Self, clap::Error> {
        let mut cli = Self::from_arg_matches(matches)?;
        if let Some((verb, matches)) = matches.subcommand()
            && is_client(verb)
        {
            cli.options = Options::from_arg_matches(matches)?.or(cli.options);
        }
        Ok(cli)
    }
}

/// The grammar: the client's options may stand in any place of the client's verbs. Servers have
/// options of their own, which may have the same names.
fn command() -> clap::Command {
    Cli::command().mut_subcommands(|verb| {
        if is_client(verb.get_name()) { verb.args(options::everywhere()) } else { verb }
    })
}

fn is_client(verb: &str) -> bool {
    !matches!(verb, "up" | "nfvo" | "vnfm" | "token" | "backup" | "restore" | "completion" | "help")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::of(&command().try_get_matches_from(line.split(' '))?)
    }

    #[test]
    fn the_grammar_holds_together() {
        command().debug_assert();
    }

    #[test]
    fn an_option_may_stand_in_front_of_the_verb_or_behind_it() {
        for line in ["windlass --server http://a ns list", "windlass ns --server http://a list"] {
            assert_eq!(parse(line).unwrap().options.server.as_deref(), Some("http://a"), "{line}");
        }
        let both = parse("windlass --server http://a -o json ns list --server http://b").unwrap();
        assert_eq!(both.options.server.as_deref(), Some("http://b"));
        assert_eq!(both.options.output, Some(options::Format::Json));
    }

    #[test]
    fn servers_do_not_take_the_options_of_the_client() {
        let up = command().find_subcommand("up").cloned().unwrap();
        assert!(up.get_arguments().all(|argument| !argument.is_global_set()));
    }

    #[test]
    fn the_first_help_that_a_stranger_sees_reads_like_this() {
        let help = command().term_width(100).render_help().to_string();
        insta::assert_snapshot!(help);
    }

    #[test]
    fn help_of_every_verb_reads_like_this() {
        let mut command = command().term_width(100);
        command.build();
        let nouns = [
            "backup",
            "restore",
            "package",
            "nsd",
            "ns",
            "vnf",
            "op",
            "alarm",
            "vim",
            "host",
            "subscription",
            "audit",
            "lint",
        ];
        let mut help = String::new();
        for noun in nouns {
            let noun = command.find_subcommand_mut(noun).unwrap();
            help.push_str(&usages(noun));
        }
        insta::assert_snapshot!(help);
    }

    /// The usage line and what it does, of a verb and of those below it.
    fn usages(verb: &mut clap::Command) -> String {
        let usage = verb.render_usage().to_string();
        let about = verb.get_about().map(ToString::to_string).unwrap_or_default();
        let mut text = format!("{}\n    {about}\n", usage.trim_start_matches("Usage: "));
        for below in verb.get_subcommands_mut().filter(|below| below.get_name() != "help") {
            text.push_str(&usages(below));
        }
        text
    }

    #[test]
    fn help_of_an_operation_reads_like_this() {
        let mut command = command().term_width(100);
        command.build();
        let scale = command.find_subcommand_mut("vnf").unwrap().find_subcommand_mut("scale");
        insta::assert_snapshot!(scale.unwrap().render_help().to_string());
    }
}
