use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn vnf() -> Value {
    json!({
        "id": "vnf-1",
        "vnfProvider": "Acme, Inc. (it's us)",
        "createdAt": "2024-05-01T12:00:00Z",
        "isAutomatic": true,
        "metadata": { "site": "north", "a/b": { "c@d,e": 10 } },
        "instantiatedVnfInfo": {
            "scaleStatus": [
                { "aspectId": "workers", "scaleLevel": 2 },
                { "aspectId": "memory", "scaleLevel": 10 },
            ],
        },
        "tags": ["red", "green"],
        "nothing": null,
    })
}

/// Each filter, and whether the VNF above passes it.
fn check(cases: &[(&str, bool)]) {
    for (text, passes) in cases {
        let filter: Filter = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(filter.matches(&vnf()), *passes, "{text}");
    }
}

#[test]
fn every_operator_compares_as_the_standard_says() {
    check(&[
        ("", true),
        ("(eq,id,vnf-1)", true),
        ("(eq,id,vnf-2)", false),
        ("(neq,id,vnf-2)", true),
        ("(neq,id,vnf-1)", false),
        ("(in,id,vnf-0,vnf-1)", true),
        ("(nin,id,vnf-0,vnf-2)", true),
        ("(nin,id,vnf-0,vnf-1)", false),
        ("(cont,id,zzz,nf-)", true),
        ("(ncont,id,zzz,yyy)", true),
        ("(ncont,id,zzz,nf-)", false),
        ("(eq,isAutomatic,true)", true),
        ("(eq,id,vnf-1);(eq,isAutomatic,false)", false),
    ]);
}

#[test]
fn numbers_compare_as_numbers_and_times_as_times() {
    check(&[
        ("(gt,instantiatedVnfInfo/scaleStatus/scaleLevel,9)", true),
        ("(gte,instantiatedVnfInfo/scaleStatus/scaleLevel,10.0)", true),
        ("(gt,instantiatedVnfInfo/scaleStatus/scaleLevel,10)", false),
        ("(lt,instantiatedVnfInfo/scaleStatus/scaleLevel,2.5)", true),
        ("(lte,instantiatedVnfInfo/scaleStatus/scaleLevel,two)", false),
        ("(eq,createdAt,2024-05-01T14:00:00+02:00)", true),
        ("(lt,createdAt,2024-05-01T13:00:00+02:00)", false),
        ("(gt,createdAt,2024-04-30T23:00:00Z)", true),
    ]);
}

#[test]
fn an_array_passes_if_any_element_does() {
    check(&[
        ("(eq,tags,green)", true),
        ("(eq,tags,blue)", false),
        ("(neq,tags,green)", true),
        ("(eq,instantiatedVnfInfo/scaleStatus/aspectId,memory)", true),
    ]);
}

#[test]
fn keys_of_maps_and_escaped_names_are_reached() {
    check(&[
        ("(eq,metadata/@key,site)", true),
        ("(eq,metadata/@key,north)", false),
        ("(eq,metadata/a~1b/c~bd~ae,10)", true),
        ("(eq,metadata/@key/site,north)", false),
        ("(cont,vnfProvider,'Acme, Inc. (it''s us)')", true),
    ]);
}

#[test]
fn an_absent_attribute_passes_no_comparison() {
    check(&[
        ("(eq,vnfInstanceName,web)", false),
        ("(neq,vnfInstanceName,web)", false),
        ("(neq,nothing,web)", false),
        ("(eq,id/deeper,vnf-1)", false),
        ("(neq,metadata,north)", false),
    ]);
}

#[test]
fn the_style_of_the_first_releases_is_understood_and_printed_anew() {
    let query = [("metadata.site.in", "south,north"), ("exclude_default", ""), ("id.eq", "a,b")];
    let filter = Filter::from_query(query).unwrap();
    assert_eq!(filter.to_string(), "(in,metadata/site,south,north);(eq,id,'a,b')");
    let same: Filter = "metadata.site.in=south,north;id.eq=a,b".parse().unwrap();
    assert_eq!(same, filter);
}

#[test]
fn an_error_says_where_and_what_was_expected() {
    let cases = [
        ("(equals,id,1)", 2, "`equals` is not an operator; expected eq, neq, in"),
        ("(eq,id)", 8, "expected `,` and a value"),
        ("(eq,id,1);x", 11, "expected `(` to open a term, found `x`"),
        ("(eq,id,1)(eq,id,2)", 10, "expected `;` between two terms, found `(`"),
        ("(eq,id,'1)", 11, "expected `'` to close the quoted value, found the end"),
        ("(eq,id,1,2)", 11, "`eq` compares with one value, and 2 are given"),
        ("(eq,a//b,1)", 7, "an attribute name is missing"),
        ("(eq,ünï/~x,1)", 9, "`~x` is not an escape"),
        ("id", 1, "expected `(operator,attribute,value)`"),
    ];
    for (text, position, reason) in cases {
        let error = text.parse::<Filter>().expect_err(text);
        assert_eq!(error.position, position, "{text}: {error}");
        assert!(error.to_string().contains(reason), "{text}: {error}");
    }
}

#[test]
fn a_filter_has_a_bounded_number_of_terms() {
    let text = vec!["(eq,id,1)"; MAX_TERMS + 1].join(";");
    assert!(text.parse::<Filter>().is_err());
}

fn any_term() -> impl Strategy<Value = Term> {
    let operator = prop::sample::select(Operator::ALL);
    let name = prop_oneof![3 => "[a-z~/,@'() ;.éß]{1,8}", 1 => Just("@key".to_owned())];
    let step = prop_oneof![4 => name.prop_map(Step::Attribute), 1 => Just(Step::Keys)];
    let values = prop::collection::vec("[a-z0-9,()';/~@ ü]{0,8}", 1..4);
    (operator, prop::collection::vec(step, 1..4), values).prop_map(
        |(operator, path, mut values)| {
            if !operator.takes_many() {
                values.truncate(1);
            }
            Term { operator, path, values }
        },
    )
}

proptest! {
    #[test]
    fn what_is_printed_is_read_back(terms in prop::collection::vec(any_term(), 0..4)) {
        let filter = Filter { terms };
        prop_assert_eq!(filter.to_string().parse::<Filter>().unwrap(), filter);
    }

    #[test]
    fn no_text_is_too_strange(text in "\\PC{0,40}", wild in "[(),;'~@a-z/=.&]{0,40}") {
        for text in [text, wild] {
            if let Ok(filter) = text.parse::<Filter>() {
                filter.matches(&vnf());
            }
        }
    }
}

#[test]
fn a_filter_tells_what_it_requires_of_an_attribute() {
    let filter = "(eq,vnfProvider,Acme);(nin,metadata/site,a,b);(gt,size,3)";
    let filter: Filter = format!("{filter};(eq,startTime,2026-01-01T00:00:00Z)").parse().unwrap();
    let required = |path: &[&str]| -> Vec<String> {
        filter.required(path).map(|required| format!("{required:?}")).collect()
    };
    assert_eq!(required(&["vnfProvider"]), [r#"OneOf(["Acme"])"#]);
    assert_eq!(required(&["metadata", "site"]), [r#"NoneOf(["a", "b"])"#]);
    assert_eq!(required(&["metadata"]), [""; 0]);
    assert_eq!(required(&["size"]), [""; 0], "an order requires no text");
    assert_eq!(required(&["startTime"]), [""; 0], "a moment has many spellings");
}
