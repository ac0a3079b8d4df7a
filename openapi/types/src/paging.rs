//! Long lists in pages: opaque markers and the `Link` header (SOL013 clause 5.4.2).
//!
//! A marker holds the sort key of the last member that was sent, so that a page starts after it whatever was added or
//! removed in between, and the server keeps nothing for a client that never comes back.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The query parameter that holds the marker.
pub const MARKER_PARAMETER: &str = "nextpage_opaque_marker";

/// Says which marks this version of the program makes.
const PREFIX: &str = "m1";

/// Where the next page starts: after the member with this sort key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    after: String,
}

/// A marker that this server did not make.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{0}` is not a marker of this list; start again without one")]
pub struct UnknownMarker(String);

impl Marker {
    /// The marker for what comes after the member with this sort key.
    pub fn after(sort_key: impl Into<String>) -> Self {
        Self { after: sort_key.into() }
    }

    /// The sort key of the last member that was sent.
    pub fn sort_key(&self) -> &str {
        &self.after
    }

    /// The marker of a list's query, if it has one; other parameters are passed over.
    pub fn from_query<'a>(
        query: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Option<Self>, UnknownMarker> {
        query
            .into_iter()
            .find(|(name, _)| *name == MARKER_PARAMETER)
            .map(|(_, marker)| marker.parse())
            .transpose()
    }

    /// The value of the `Link` header that leads from this request to the next page.
    ///
    /// `path_and_query` is the request's own, so that the filter and selectors stay as they were.
    pub fn link_header(&self, path_and_query: &str) -> String {
        let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
        let mut next = format!("{path}?");
        for parameter in query.split('&').filter(|parameter| !is_marker(parameter)) {
            next.push_str(parameter);
            next.push('&');
        }
        format!("<{next}{MARKER_PARAMETER}={self}>; rel=\"next\"")
    }
}

fn is_marker(parameter: &str) -> bool {
    parameter.is_empty() || parameter.split('=').next() == Some(MARKER_PARAMETER)
}

impl fmt::Display for Marker {
    /// Hexadecimal: nothing in it needs escaping in a URI, and nobody is tempted to read it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(PREFIX)?;
        self.after.bytes().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for Marker {
    type Err = UnknownMarker;

    fn from_str(text: &str) -> Result<Self, UnknownMarker> {
        text.strip_prefix(PREFIX)
            .and_then(from_hex)
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .map(|after| Self { after })
            .ok_or_else(|| UnknownMarker(text.to_owned()))
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|character| character.to_digit(16)).collect();
    let digits = digits.filter(|digits| digits.len().is_multiple_of(2))?;
    digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).ok()).collect()
}

/// Cuts `members` to a page; the marker is there if something was cut off.
///
/// Ask the store for one member more than the page holds, and this knows whether there is a next page.
pub fn cut<T>(
    mut members: Vec<T>,
    page_size: usize,
    sort_key: impl Fn(&T) -> String,
) -> (Vec<T>, Option<Marker>) {
    let has_more = members.len() > page_size;
    members.truncate(page_size);
    let marker = members.last().filter(|_| has_more).map(|last| Marker::after(sort_key(last)));
    (members, marker)
}

/// The target of the `rel="next"` link in a `Link` header, which may hold several.
pub fn next_of(link_header: &str) -> Option<&str> {
    let mut rest = link_header;
    while let Some((_, after)) = rest.split_once('<') {
        let (target, after) = after.split_once('>')?;
        let parameters = after.split('<').next().unwrap_or_default();
        if parameters.split([';', ',']).any(is_rel_next) {
            return Some(target);
        }
        rest = after;
    }
    None
}

fn is_rel_next(parameter: &str) -> bool {
    match parameter.split_once('=') {
        Some((name, value)) => {
            name.trim().eq_ignore_ascii_case("rel")
                && value.trim().trim_matches('"').split(' ').any(|rel| rel == "next")
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_next_page_keeps_the_filter_and_replaces_the_marker() {
        let link = Marker::after("é").link_header(
            "/vnflcm/v2/vnf_instances?filter=(eq,a,b)&nextpage_opaque_marker=m100&all_fields",
        );
        assert_eq!(
            link,
            "</vnflcm/v2/vnf_instances?filter=(eq,a,b)&all_fields&nextpage_opaque_marker=m1c3a9>; rel=\"next\""
        );
        assert_eq!(
            Marker::after("a").link_header("/x"),
            "</x?nextpage_opaque_marker=m161>; rel=\"next\""
        );
    }

    #[test]
    fn a_page_has_a_marker_only_if_something_follows() {
        let key = |number: &u32| number.to_string();
        assert_eq!(cut(vec![1, 2, 3], 2, key), (vec![1, 2], Some(Marker::after("2"))));
        assert_eq!(cut(vec![1, 2], 2, key), (vec![1, 2], None));
        assert_eq!(cut(Vec::new(), 0, key), (vec![], None));
    }

    #[test]
    fn the_next_link_is_found_among_others() {
        assert_eq!(next_of(r#"</a?x=1,2>; rel="prev", </b>; title="n"; rel="next""#), Some("/b"));
        assert_eq!(next_of("</a>;rel=next"), Some("/a"));
        assert_eq!(next_of(r#"</a>; rel="first""#), None);
        assert_eq!(next_of("<"), None);
    }

    #[test]
    fn a_marker_of_somebody_else_is_refused() {
        for text in ["", "m", "m1f", "m1zz", "m1ff", "page2"] {
            assert!(text.parse::<Marker>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_marker_comes_back_as_it_was_and_needs_no_escape(key in "\\PC{0,20}") {
            let text = Marker::after(key.clone()).to_string();
            prop_assert!(text.chars().all(|character| character.is_ascii_alphanumeric()));
            let marker: Marker = text.parse().unwrap();
            prop_assert_eq!(marker.sort_key(), key);
        }

        #[test]
        fn any_link_header_is_read_without_panic(header in "[<>;,= \"a-z]{0,40}") {
            next_of(&header);
        }
    }
}
