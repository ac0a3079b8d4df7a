//! How a verb ended, as people read it and as scripts do.

use std::process::ExitCode;

use windlass_client::Error;

use super::draw::{Output, problem};
use super::options::Format;

/// How a verb ended that could do its work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// As was asked.
    Done,
    /// Not as was asked, and the reason has been drawn.
    Failed,
    /// The client stopped to wait; the server goes on.
    Interrupted,
    /// A program in a guest ended with this code.
    Guest(u8),
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Done => Self::SUCCESS,
            Outcome::Failed => Self::from(1),
            Outcome::Interrupted => Self::from(130),
            Outcome::Guest(code) => Self::from(code),
        }
    }
}

/// A command line that says something impossible.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Usage(pub String);

/// Says why a verb could not do its work, and gives the exit code for it.
pub fn report(error: &anyhow::Error, output: &Output) -> ExitCode {
    match error.downcast_ref::<Error>() {
        Some(Error::Problem(body)) if output.format == Format::Json => {
            eprintln!("{}", serde_json::to_string_pretty(body).unwrap_or_default());
        }
        Some(Error::Problem(body)) => eprint!("{}", problem::draw(body, &output.notes)),
        Some(_) | None => eprintln!("{} {error:#}", output.notes.bad("error:")),
    }
    if let Some(Error::Unreachable { .. }) = error.downcast_ref() {
        eprintln!("{}", output.notes.faint("is `windlass up` running there?"));
    }
    ExitCode::from(code_of(error))
}

fn code_of(error: &anyhow::Error) -> u8 {
    match error.downcast_ref::<Error>() {
        Some(Error::Unreachable { .. }) => 3,
        Some(Error::Invalid(_)) => 2,
        Some(Error::Problem(_) | Error::Unexpected { .. }) => 1,
        None if error.is::<Usage>() => 2,
        None => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_can_tell_what_went_wrong_by_the_exit_code() {
        let away = Error::Unreachable { server: "http://a".into(), reason: "refused".into() };
        assert_eq!(code_of(&anyhow::Error::new(away).context("while listing")), 3);
        assert_eq!(code_of(&Usage("say which way".into()).into()), 2);
        assert_eq!(code_of(&Error::Invalid("`x` is no server".into()).into()), 2);
        assert_eq!(code_of(&anyhow::anyhow!("no such file")), 1);
    }
}
