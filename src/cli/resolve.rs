//! From what people call a thing to its id.

use std::fmt::Write;

use super::draw::short;

/// A thing that a name could mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its id.
    pub id: String,
    /// What else it is called, the best name first.
    pub names: Vec<String>,
}

impl Candidate {
    /// A thing that is called so.
    pub fn new<N: Into<String>>(id: &str, names: impl IntoIterator<Item = N>) -> Self {
        Self { id: id.to_owned(), names: names.into_iter().map(Into::into).collect() }
    }
}

/// Why it is not known what a name means.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResolveError {
    /// Nothing is called so.
    #[error("there is no {kind} `{wanted}`{}", known(.candidates))]
    Unknown {
        /// The noun.
        kind: &'static str,
        /// What it was called.
        wanted: String,
        /// What there is.
        candidates: Vec<Candidate>,
    },
    /// Several things are called so.
    #[error("`{wanted}` could be any of these {kind}s; say more of the id:{}", listed(.candidates))]
    Ambiguous {
        /// The noun.
        kind: &'static str,
        /// What it was called.
        wanted: String,
        /// What it could mean.
        candidates: Vec<Candidate>,
    },
}

/// The id that somebody means: the id itself, a unique name, or a unique beginning or end of an id.
pub fn resolve(
    kind: &'static str,
    wanted: &str,
    candidates: Vec<Candidate>,
) -> Result<String, ResolveError> {
    let wanted = wanted.trim();
    let unknown =
        |candidates| Err(ResolveError::Unknown { kind, wanted: wanted.to_owned(), candidates });
    if wanted.is_empty() {
        return unknown(candidates);
    }
    let ways: [&dyn Fn(&Candidate) -> bool; 3] =
        [&|one| one.id == wanted, &|one| one.names.iter().any(|name| name == wanted), &|one| {
            one.id.starts_with(wanted) || one.id.ends_with(wanted)
        }];
    for way in ways {
        let mut meant: Vec<Candidate> = candidates.iter().filter(|one| way(one)).cloned().collect();
        match meant.len() {
            0 => {}
            1 => return Ok(meant.remove(0).id),
            _ => {
                let wanted = wanted.to_owned();
                return Err(ResolveError::Ambiguous { kind, wanted, candidates: meant });
            }
        }
    }
    unknown(candidates)
}

/// How many names an error lists before it stops helping.
const MAX_LISTED: usize = 10;

fn known(candidates: &[Candidate]) -> String {
    if candidates.is_empty() {
        return "; there are none".to_owned();
    }
    let call = |one: &Candidate| one.names.first().map_or(short(&one.id), |name| name).to_owned();
    let mut names: Vec<String> = candidates.iter().take(MAX_LISTED).map(call).collect();
    if candidates.len() > MAX_LISTED {
        names.push("…".to_owned());
    }
    format!("; there is {}", names.join(", "))
}

fn listed(candidates: &[Candidate]) -> String {
    candidates.iter().take(MAX_LISTED).fold(String::new(), |mut text, one| {
        // Writing to a String cannot fail.
        let _ = write!(text, "\n  {}  {}", one.id, one.names.join(", "));
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEB: &str = "0193a1b2-c3d4-7abc-8def-0123456789ab";
    const WEB_TOO: &str = "0193a1b2-c3d4-7abc-8def-01234567cdef";
    const DNS: &str = "0193a1b2-ffff-7abc-8def-0123456777ab";

    fn vnfs() -> Vec<Candidate> {
        vec![
            Candidate::new(WEB, ["web"]),
            Candidate::new(WEB_TOO, ["web"]),
            Candidate::new(DNS, ["dns"]),
        ]
    }

    #[test]
    fn a_thing_is_found_by_id_by_name_and_by_either_end_of_its_id() {
        for wanted in [DNS, "dns", "0193a1b2-f", "777ab", " dns "] {
            assert_eq!(resolve("VNF", wanted, vnfs()).unwrap(), DNS, "{wanted}");
        }
    }

    #[test]
    fn a_name_wins_over_a_piece_of_an_id() {
        let named = Candidate::new("other", ["0193a1b2"]);
        let candidates = [vnfs(), vec![named]].concat();
        assert_eq!(resolve("VNF", "0193a1b2", candidates).unwrap(), "other");
    }

    #[test]
    fn what_could_be_several_things_lists_them() {
        insta::assert_snapshot!(resolve("VNF", "web", vnfs()).unwrap_err(), @r"
        `web` could be any of these VNFs; say more of the id:
          0193a1b2-c3d4-7abc-8def-0123456789ab  web
          0193a1b2-c3d4-7abc-8def-01234567cdef  web
        ");
    }

    #[test]
    fn what_is_nothing_says_what_there_is() {
        let error = resolve("VNF", "wbe", vnfs()).unwrap_err();
        assert_eq!(error.to_string(), "there is no VNF `wbe`; there is web, web, dns");
        let error = resolve("VNF", "", Vec::new()).unwrap_err();
        assert_eq!(error.to_string(), "there is no VNF ``; there are none");
    }
}
