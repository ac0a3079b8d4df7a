//! What went wrong, for people and programs (RFC 9457, SOL013 clause 6.3).

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::KeyValuePairs;

/// The body of every error response (SOL013 clause 7.1.3).
///
/// SOL013 asks for `status` and `detail`; other servers forget them, so they may be missing on input.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemDetails {
    /// A URI that names the kind of problem.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub problem_type: Option<String>,
    /// The kind of problem in a few words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The HTTP status.
    #[serde(default)]
    pub status: u16,
    /// What is wrong this time, in a sentence.
    #[serde(default)]
    pub detail: String,
    /// A URI that names this occurrence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// Members that RFC 9457 does not define, such as `findings`.
    #[serde(flatten)]
    pub extensions: KeyValuePairs,
}

impl ProblemDetails {
    /// The media type of the body.
    pub const MEDIA_TYPE: &'static str = "application/problem+json";

    /// A problem with this HTTP status, said in a sentence.
    pub fn new(status: u16, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), ..Self::default() }
    }

    /// The same problem, with its kind in a few words.
    #[must_use]
    pub fn with_title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// The same problem, with the URI of its kind.
    #[must_use]
    pub fn with_type(mut self, problem_type: impl Into<String>) -> Self {
        self.problem_type = Some(problem_type.into());
        self
    }

    /// The same problem, with one more member.
    #[must_use]
    pub fn with_extension(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.extensions.insert(name.into(), value.into());
        self
    }
}

impl fmt::Display for ProblemDetails {
    /// The kind of problem and what it is about, without the machinery.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.title.as_deref(), self.detail.as_str()) {
            (None, "") => write!(f, "the request failed with status {}", self.status),
            (None, detail) => f.write_str(detail),
            (Some(title), "") => f.write_str(title),
            (Some(title), detail) => write!(f, "{title}: {detail}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_of_ones_own_are_kept() {
        let problem = ProblemDetails::new(422, "2 findings")
            .with_title("The descriptor is not valid")
            .with_extension("findings", json!([{ "line": 3 }]));
        let text = serde_json::to_value(&problem).unwrap();
        assert_eq!(text["findings"][0]["line"], 3);
        assert_eq!(serde_json::from_value::<ProblemDetails>(text).unwrap(), problem);
    }

    #[test]
    fn the_little_that_other_servers_say_is_understood() {
        let problem: ProblemDetails =
            serde_json::from_value(json!({ "title": "Not Found" })).unwrap();
        assert_eq!(problem.to_string(), "Not Found");
        assert_eq!(
            ProblemDetails { status: 500, ..Default::default() }.to_string(),
            "the request failed with status 500"
        );
    }
}
