//! Attribute filters: which members of a list a client wants (SOL013 clause 5.2).
//!
//! ```text
//! filter=(eq,vnfProvider,Acme);(in,instantiatedVnfInfo/vnfState,STARTED,STOPPED)
//!         |  |           |    |
//!         |  |           |    every term must hold
//!         |  |           value, in single quotes if it has `,` `)` or `'` (doubled)
//!         |  path of attribute names, `@key` for the keys of a map, escapes ~0 ~1 ~a ~b for `~` `/` `,` `@`
//!         operator
//! ```
//!
//! A path that meets an array means any of its elements. An attribute that is absent compares with nothing: no operator
//! matches it, `neq` included. Filters of the first releases, `vnfProvider.eq=Acme`, are understood too and printed
//! anew.

mod evaluate;
mod parse;
#[cfg(test)]
mod tests;

use std::fmt;

use chrono::DateTime;
use thiserror::Error;

use crate::wire::wire_enum;

pub(crate) use parse::unescape;

/// Terms that must all hold; none at all hold always.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    terms: Vec<Term>,
}

/// One comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    operator: Operator,
    path: Vec<Step>,
    values: Vec<String>,
}

/// One step of a path into a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// The attribute with this name.
    Attribute(String),
    /// The keys of a map.
    Keys,
}

wire_enum! {
    /// How a term compares.
    pub enum Operator {
        Eq = "eq",
        Neq = "neq",
        In = "in",
        Nin = "nin",
        Gt = "gt",
        Gte = "gte",
        Lt = "lt",
        Lte = "lte",
        Cont = "cont",
        Ncont = "ncont",
    }
}

impl Operator {
    /// Whether it compares with a list of values.
    const fn takes_many(self) -> bool {
        matches!(self, Self::In | Self::Nin | Self::Cont | Self::Ncont)
    }
}

/// Why a filter cannot be understood, and where.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the filter is wrong at character {position}: {reason}")]
pub struct FilterError {
    /// The character, counted from one.
    pub position: usize,
    /// What is wrong there.
    pub reason: String,
}

/// More terms than this are refused: a filter is evaluated for every member of a list.
const MAX_TERMS: usize = 64;

impl Filter {
    /// The filter of a list's query: its `filter` parameter, and parameters in the style of the first releases.
    ///
    /// Other parameters are none of its business and are passed over.
    pub fn from_query<'a>(
        query: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, FilterError> {
        let mut terms = Vec::new();
        for (name, value) in query {
            if name == "filter" {
                terms.extend(value.parse::<Self>()?.terms);
            } else {
                terms.extend(parse::old_term(name, value)?);
            }
        }
        parse::bounded(terms)
    }

    /// What the attribute at `path` must be, or must not be, in every resource that passes; each time `path` is
    /// compared so. A list that knows the attribute beforehand need not look at the other resources.
    pub fn required<'a>(&'a self, path: &'a [&str]) -> impl Iterator<Item = Required<'a>> {
        self.terms.iter().filter(|term| term.is_about(path)).filter_map(Term::requirement)
    }

    /// Whether every resource passes.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }
}

/// What an attribute must be, or must not be; see [`Filter::required`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Required<'a> {
    /// One of these.
    OneOf(&'a [String]),
    /// None of these.
    NoneOf(&'a [String]),
}

impl Term {
    fn is_about(&self, path: &[&str]) -> bool {
        let is = |(step, name): (&Step, &&str)| matches!(step, Step::Attribute(own) if own == name);
        self.path.len() == path.len() && self.path.iter().zip(path).all(is)
    }

    /// Points in time compare equal in many spellings, and so require no spelling.
    fn requirement(&self) -> Option<Required<'_>> {
        if self.values.iter().any(|value| DateTime::parse_from_rfc3339(value).is_ok()) {
            return None;
        }
        match self.operator {
            Operator::Eq | Operator::In => Some(Required::OneOf(&self.values)),
            Operator::Neq | Operator::Nin => Some(Required::NoneOf(&self.values)),
            Operator::Gt
            | Operator::Gte
            | Operator::Lt
            | Operator::Lte
            | Operator::Cont
            | Operator::Ncont => None,
        }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, term) in self.terms.iter().enumerate() {
            let separator = if index == 0 { "" } else { ";" };
            write!(f, "{separator}{term}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({},", self.operator)?;
        for (index, step) in self.path.iter().enumerate() {
            let separator = if index == 0 { "" } else { "/" };
            write!(f, "{separator}{step}")?;
        }
        for value in &self.values {
            write!(f, ",{}", quoted(value))?;
        }
        f.write_str(")")
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keys => f.write_str("@key"),
            Self::Attribute(name) => f.write_str(&escaped(name)),
        }
    }
}

fn quoted(value: &str) -> String {
    if value.contains([',', ')', '\'']) {
        format!("'{}'", value.replace('\'', "''"))
    } else {
        value.to_owned()
    }
}

fn escaped(name: &str) -> String {
    // The tilde goes first, or it would escape the escapes.
    name.replace('~', "~0").replace('/', "~1").replace(',', "~a").replace('@', "~b")
}
