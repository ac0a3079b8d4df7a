//! Answers as text. Nothing in here asks a server or looks at a clock.

mod grid;
mod id;
mod page;
pub mod problem;
mod time;

use std::io::{self, Write};

use serde::Serialize;

use super::options::Format;

pub use grid::{Cell, Grid};
pub use id::short;
pub use page::Page;
pub use time::{ago, lasted};

/// How to draw on one of the two streams.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// Whether colours are wanted and possible.
    pub color: bool,
    /// Whether ids are drawn whole.
    pub wide: bool,
}

/// How good news a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// It is as it should be.
    Good,
    /// It is on its way, or worth a look.
    Busy,
    /// Something is broken.
    Bad,
    /// Nothing is going on.
    Quiet,
}

impl Mood {
    /// The mood of a state, whatever it is the state of.
    pub fn of(state: &str) -> Self {
        match state {
            "COMPLETED" | "INSTANTIATED" | "STARTED" | "ENABLED" | "ONBOARDED" | "REACHABLE"
            | "DONE" => Self::Good,
            "FAILED" | "FAILED_TEMP" | "ERROR" | "UNREACHABLE" => Self::Bad,
            "STARTING"
            | "PROCESSING"
            | "ROLLING_BACK"
            | "PARTIALLY_COMPLETED"
            | "UPLOADING"
            | "PROBING"
            | "DRAINED"
            | "DEGRADED"
            | "RUNNING"
            | "UNDOING" => Self::Busy,
            _ => Self::Quiet,
        }
    }

    const fn escape(self) -> &'static str {
        match self {
            Self::Good => "32",
            Self::Busy => "33",
            Self::Bad => "31",
            Self::Quiet => "2",
        }
    }
}

impl Style {
    /// A word in the colour of its mood.
    pub fn paint(&self, mood: Mood, text: &str) -> String {
        self.escaped(mood.escape(), text)
    }

    /// A state in its colour.
    pub fn state(&self, state: &str) -> String {
        self.paint(Mood::of(state), state)
    }

    /// What went wrong.
    pub fn bad(&self, text: &str) -> String {
        self.escaped("1;31", text)
    }

    /// What is only of use to some.
    pub fn faint(&self, text: &str) -> String {
        self.escaped("2", text)
    }

    /// What the eye should find first.
    pub fn strong(&self, text: &str) -> String {
        self.escaped("1", text)
    }

    /// An id, short unless whole ones are wanted.
    pub fn id<'a>(&self, id: &'a str) -> &'a str {
        if self.wide { id } else { short(id) }
    }

    fn escaped(&self, code: &str, text: &str) -> String {
        if self.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// How to print results, and what is said on the way to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Output {
    /// How results are printed.
    pub format: Format,
    /// How to draw on standard output.
    pub results: Style,
    /// How to draw on standard error.
    pub notes: Style,
}

impl Output {
    /// Prints a result: the API's own object, or what people rather read.
    pub fn result<T: Serialize + ?Sized>(
        &self,
        value: &T,
        draw: impl FnOnce(&Style) -> String,
    ) -> anyhow::Result<()> {
        let text = match self.format {
            Format::Table => draw(&self.results),
            Format::Json => serde_json::to_string_pretty(value)?,
            Format::Yaml => serde_yaml::to_string(value)?,
        };
        print(&text)
    }

    /// Says what was done, on standard error; silent where a program reads the result.
    pub fn note(&self, text: &str) {
        if self.format == Format::Table {
            eprintln!("{text}");
        }
    }
}

/// Prints text; a reader that has seen enough, such as `head`, is no error.
pub fn print(text: &str) -> anyhow::Result<()> {
    let mut stdout = io::stdout().lock();
    let printed = writeln!(stdout, "{}", text.trim_end_matches('\n'));
    match printed.and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
