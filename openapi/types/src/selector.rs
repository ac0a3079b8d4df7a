//! Attribute selectors: how much of each member of a list a client wants (SOL013 clause 5.3).
//!
//! | parameters | what is sent |
//! |---|---|
//! | none, or `exclude_default` | everything but what the resource leaves out by default |
//! | `all_fields` | everything |
//! | `fields=…` | simple and mandatory attributes, and those named |
//! | `exclude_fields=…` | everything but those named |
//! | `exclude_default` and `fields=…` | as by default, and those named |
//!
//! Only complex attributes, objects and arrays, can be named; simple ones are always sent.

use serde_json::{Map, Value};
use thiserror::Error;

use crate::filter::unescape;

/// What a kind of resource leaves out of lists, and what it never leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Complex attributes that are left out unless asked for.
    pub excluded_by_default: &'static [&'static str],
    /// Complex attributes that are always sent.
    pub mandatory: &'static [&'static str],
}

/// `VnfInstance` in lists (SOL003 clause 5.4.2.3.2).
pub const VNF_INSTANCE: Listed = Listed {
    excluded_by_default: &[
        "vnfConfigurableProperties",
        "vimConnectionInfo",
        "instantiatedVnfInfo",
        "metadata",
        "extensions",
    ],
    mandatory: &["_links"],
};

/// `Alarm` in lists, which leave nothing out (SOL003 clause 7.4.2.3.2).
pub const ALARM: Listed = Listed { excluded_by_default: &[], mandatory: &["_links"] };

/// `VnfLcmOpOcc` in lists (SOL003 clause 5.4.12.3.2).
pub const VNF_LCM_OP_OCC: Listed = Listed {
    excluded_by_default: &[
        "operationParams",
        "error",
        "resourceChanges",
        "changedInfo",
        "changedExtConnectivity",
        "lcmCoordinations",
        "modificationsTriggeredByVnfPkgChange",
        "warnings",
    ],
    mandatory: &["_links"],
};

/// `VnfPkgInfo` in lists (SOL005 clause 9.4.2.3.2).
pub const VNF_PKG_INFO: Listed = Listed {
    excluded_by_default: &[
        "softwareImages",
        "additionalArtifacts",
        "userDefinedData",
        "checksum",
        "onboardingFailureDetails",
    ],
    mandatory: &["_links"],
};

/// `NsdInfo` in lists (SOL005 clause 5.4.2.3.2).
pub const NSD_INFO: Listed = Listed {
    excluded_by_default: &["userDefinedData", "onboardingFailureDetails"],
    mandatory: &["_links"],
};

/// `NsInstance` in lists (SOL005 clause 6.4.2.3.2).
pub const NS_INSTANCE: Listed = Listed {
    excluded_by_default: &[
        "vnfInstance",
        "pnfInfo",
        "virtualLinkInfo",
        "vnffgInfo",
        "sapInfo",
        "nsScaleStatus",
        "additionalAffinityOrAntiAffinityRule",
        "wanConnectionInfo",
    ],
    mandatory: &["_links"],
};

/// `NsLcmOpOcc` in lists (SOL005 clause 6.4.9.3.2).
pub const NS_LCM_OP_OCC: Listed = Listed {
    excluded_by_default: &[
        "operationParams",
        "changedVnfInfo",
        "error",
        "resourceChanges",
        "lcmCoordinations",
        "warnings",
    ],
    mandatory: &["_links"],
};

/// Resources of Windlass itself, which leave nothing out.
pub const PLAIN: Listed = Listed { excluded_by_default: &[], mandatory: &["_links"] };

/// How much of each member to send.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Selector {
    /// What the resource does not leave out by default.
    #[default]
    Default,
    /// Everything.
    All,
    /// Simple and mandatory attributes, and these.
    Only(Vec<Path>),
    /// Everything but these.
    Without(Vec<Path>),
    /// As by default, and these.
    DefaultAnd(Vec<Path>),
}

/// Where an attribute is: the names on the way to it.
pub type Path = Vec<String>;

/// Why the selectors of a query cannot be followed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum SelectorError {
    /// Two parameters contradict each other.
    #[error("`{0}` cannot be combined with `{1}`")]
    Combination(&'static str, &'static str),
    /// A list of attributes has an empty name or a wrong escape.
    #[error("`{attribute}` in `{parameter}` is not the name of an attribute")]
    Attribute {
        /// The parameter that holds the list.
        parameter: &'static str,
        /// The name that is none.
        attribute: String,
    },
}

const ALL_FIELDS: &str = "all_fields";
const FIELDS: &str = "fields";
const EXCLUDE_FIELDS: &str = "exclude_fields";
const EXCLUDE_DEFAULT: &str = "exclude_default";

impl Selector {
    /// The selector of a list's query; other parameters are passed over.
    pub fn from_query<'a>(
        query: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, SelectorError> {
        let (mut all, mut default, mut only, mut without) = (false, false, None, None);
        for (name, value) in query {
            match name {
                ALL_FIELDS => all = true,
                EXCLUDE_DEFAULT => default = true,
                FIELDS => only = Some(paths(FIELDS, value)?),
                EXCLUDE_FIELDS => without = Some(paths(EXCLUDE_FIELDS, value)?),
                _ => {}
            }
        }
        let clash = |one, other| Err(SelectorError::Combination(one, other));
        match (all, default, only, without) {
            (true, true, _, _) => clash(ALL_FIELDS, EXCLUDE_DEFAULT),
            (true, _, Some(_), _) => clash(ALL_FIELDS, FIELDS),
            (true, _, _, Some(_)) => clash(ALL_FIELDS, EXCLUDE_FIELDS),
            (_, _, Some(_), Some(_)) => clash(FIELDS, EXCLUDE_FIELDS),
            (_, true, _, Some(_)) => clash(EXCLUDE_DEFAULT, EXCLUDE_FIELDS),
            (true, false, None, None) => Ok(Self::All),
            (false, false, Some(only), None) => Ok(Self::Only(only)),
            (false, true, Some(only), None) => Ok(Self::DefaultAnd(only)),
            (false, false, None, Some(without)) => Ok(Self::Without(without)),
            (false, _, None, None) => Ok(Self::Default),
        }
    }

    /// Takes from `resource`, in its JSON form, what the client does not want.
    pub fn apply(&self, listed: Listed, resource: &mut Value) {
        let Value::Object(members) = resource else { return };
        match self {
            Self::All => {}
            Self::Default => keep(members, &[], |name| !listed.excluded_by_default.contains(&name)),
            Self::Only(paths) => keep(members, paths, |name| listed.mandatory.contains(&name)),
            Self::DefaultAnd(paths) => {
                keep(members, paths, |name| !listed.excluded_by_default.contains(&name));
            }
            Self::Without(paths) => {
                for path in paths {
                    if !listed.mandatory.contains(&path[0].as_str()) {
                        exclude(members, path);
                    }
                }
            }
        }
    }
}

/// The paths of a comma-separated list.
fn paths(parameter: &'static str, list: &str) -> Result<Vec<Path>, SelectorError> {
    list.split(',').map(|attribute| path(parameter, attribute)).collect()
}

fn path(parameter: &'static str, attribute: &str) -> Result<Path, SelectorError> {
    let names = attribute.split('/').map(unescape).collect::<Result<Path, _>>();
    match names {
        Ok(names) if names.iter().all(|name| !name.is_empty()) => Ok(names),
        _ => Err(SelectorError::Attribute { parameter, attribute: attribute.to_owned() }),
    }
}

/// Keeps simple attributes, those that `wanted` wants whole, and of the others what `paths` lead to.
fn keep(members: &mut Map<String, Value>, paths: &[Path], wanted: impl Fn(&str) -> bool) {
    members.retain(|name, value| {
        if is_simple(value) || wanted(name) {
            return true;
        }
        let rests: Vec<&[String]> =
            paths.iter().filter(|path| path[0] == *name).map(|path| &path[1..]).collect();
        prune(value, &rests);
        !rests.is_empty()
    });
}

/// Leaves of `value` only what `paths` lead to; a path that ends here leads to all of it.
fn prune(value: &mut Value, paths: &[&[String]]) {
    if paths.iter().any(|path| path.is_empty()) {
        return;
    }
    match value {
        Value::Array(elements) => elements.iter_mut().for_each(|element| prune(element, paths)),
        Value::Object(members) => members.retain(|name, value| {
            let rests: Vec<&[String]> =
                paths.iter().filter(|path| path[0] == *name).map(|path| &path[1..]).collect();
            prune(value, &rests);
            !rests.is_empty()
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Removes the complex attribute that `path` leads to.
fn exclude(members: &mut Map<String, Value>, path: &[String]) {
    let Some((name, rest)) = path.split_first() else { return };
    if rest.is_empty() {
        if members.get(name).is_some_and(|value| !is_simple(value)) {
            members.shift_remove(name);
        }
        return;
    }
    match members.get_mut(name) {
        Some(Value::Object(inner)) => exclude(inner, rest),
        Some(Value::Array(elements)) => {
            elements.iter_mut().filter_map(Value::as_object_mut).for_each(|e| exclude(e, rest));
        }
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | None => {}
    }
}

const fn is_simple(value: &Value) -> bool {
    !matches!(value, Value::Object(_) | Value::Array(_))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// What a VNF instance looks like in a list with this query.
    fn listed(query: &[(&str, &str)]) -> Value {
        let mut vnf = json!({
            "id": "vnf-1",
            "instantiatedVnfInfo": {
                "flavourId": "small",
                "scaleStatus": [{ "aspectId": "workers", "scaleLevel": 1 }],
                "extCpInfo": [],
            },
            "metadata": { "site": "north" },
            "_links": { "self": { "href": "/" } },
        });
        Selector::from_query(query.iter().copied()).unwrap().apply(VNF_INSTANCE, &mut vnf);
        vnf
    }

    #[test]
    fn a_list_leaves_out_by_default_what_is_long() {
        let short = json!({ "id": "vnf-1", "_links": { "self": { "href": "/" } } });
        assert_eq!(listed(&[]), short);
        assert_eq!(listed(&[("exclude_default", "")]), short);
    }

    #[test]
    fn fields_adds_what_is_named_and_nothing_around_it() {
        let some = listed(&[("fields", "instantiatedVnfInfo/scaleStatus/aspectId,metadata")]);
        assert_eq!(
            some,
            json!({
                "id": "vnf-1",
                "instantiatedVnfInfo": { "scaleStatus": [{ "aspectId": "workers" }] },
                "metadata": { "site": "north" },
                "_links": { "self": { "href": "/" } },
            })
        );
        assert_eq!(
            listed(&[("fields", "metadata"), ("exclude_default", "")])["metadata"]["site"],
            "north"
        );
    }

    #[test]
    fn exclude_fields_removes_what_is_named_but_never_what_is_mandatory() {
        let most = listed(&[("exclude_fields", "instantiatedVnfInfo/extCpInfo,_links,id")]);
        assert!(most["instantiatedVnfInfo"].get("extCpInfo").is_none());
        assert_eq!(most["instantiatedVnfInfo"]["flavourId"], "small");
        assert_eq!(most["id"], "vnf-1");
        assert!(most.get("_links").is_some());
    }

    #[test]
    fn all_fields_leaves_everything() {
        assert_eq!(listed(&[("all_fields", "")]).as_object().unwrap().len(), 4);
    }

    #[test]
    fn selectors_that_contradict_each_other_are_refused() {
        let names = [ALL_FIELDS, FIELDS, EXCLUDE_FIELDS, EXCLUDE_DEFAULT];
        for one in names {
            for other in names.into_iter().filter(|other| *other != one) {
                let legal = [one, other].iter().all(|n| [FIELDS, EXCLUDE_DEFAULT].contains(n));
                let result = Selector::from_query([(one, "metadata"), (other, "metadata")]);
                assert_eq!(result.is_ok(), legal, "{one} and {other}");
            }
        }
        assert!(Selector::from_query([(FIELDS, "a,,b")]).is_err());
        assert!(Selector::from_query([(FIELDS, "a~x")]).is_err());
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            "[a-c]{0,2}".prop_map(Value::from)
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec(("[a-c]", inner), 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_selector_panics_and_none_touches_simple_attributes(
            resource in any_json(),
            parameter in prop::sample::select(vec![ALL_FIELDS, FIELDS, EXCLUDE_FIELDS, EXCLUDE_DEFAULT]),
            list in "[a-c/,~01]{0,12}",
        ) {
            let Ok(selector) = Selector::from_query([(parameter, list.as_str())]) else { return Ok(()) };
            let mut left = resource.clone();
            selector.apply(VNF_INSTANCE, &mut left);
            for (name, value) in resource.as_object().into_iter().flatten() {
                if is_simple(value) {
                    prop_assert_eq!(left.get(name), Some(value));
                }
            }
        }
    }
}
