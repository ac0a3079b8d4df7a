//! The query of a list: which members, how much of each, and from where on (SOL013 clause 5).

use serde_json::Value;
use thiserror::Error;

use crate::filter::{Filter, FilterError};
use crate::paging::{Marker, UnknownMarker};
use crate::selector::{Listed, Selector, SelectorError};

/// What a client asks of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// Which members.
    pub filter: Filter,
    /// How much of each.
    pub selector: Selector,
    /// Where the page starts; at the beginning, when absent.
    pub marker: Option<Marker>,
}

/// Why the query of a list cannot be answered: always the client's mistake, status 400.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ListQueryError {
    /// The filter is wrong.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// The selectors are wrong.
    #[error(transparent)]
    Selector(#[from] SelectorError),
    /// The marker is wrong.
    #[error(transparent)]
    Marker(#[from] UnknownMarker),
}

impl ListQuery {
    /// Reads the parameters of a query, names and values already decoded; unknown ones are passed over.
    pub fn from_pairs<N, V>(pairs: &[(N, V)]) -> Result<Self, ListQueryError>
    where
        N: AsRef<str>,
        V: AsRef<str>,
    {
        let pairs = || pairs.iter().map(|(name, value)| (name.as_ref(), value.as_ref()));
        Ok(Self {
            filter: Filter::from_query(pairs())?,
            selector: Selector::from_query(pairs())?,
            marker: Marker::from_query(pairs())?,
        })
    }

    /// The member as the client wants it, or `None` if it does not want it at all.
    pub fn select(&self, listed: Listed, mut member: Value) -> Option<Value> {
        // The filter sees attributes that the selector is about to take away.
        if !self.filter.matches(&member) {
            return None;
        }
        self.selector.apply(listed, &mut member);
        Some(member)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::selector::VNF_INSTANCE;

    #[test]
    fn a_filter_may_look_at_what_the_list_leaves_out() {
        let pairs = [("filter", "(eq,metadata/site,north)"), ("unknown", "1")];
        let query = ListQuery::from_pairs(&pairs).unwrap();
        let vnf = |site: &str| json!({ "id": site, "metadata": { "site": site } });
        assert_eq!(query.select(VNF_INSTANCE, vnf("north")), Some(json!({ "id": "north" })));
        assert_eq!(query.select(VNF_INSTANCE, vnf("south")), None);
    }

    #[test]
    fn each_part_of_the_query_is_checked() {
        for (name, value) in [("filter", "(x"), ("fields", ""), ("nextpage_opaque_marker", "?")] {
            assert!(ListQuery::from_pairs(&[(name, value)]).is_err(), "{name}");
        }
    }
}
