//! Whether a resource passes a filter.

use std::cmp::Ordering;

use chrono::DateTime;
use serde_json::{Number, Value};

use super::{Filter, Operator, Step, Term};

impl Filter {
    /// Whether `resource`, in its JSON form, passes every term.
    pub fn matches(&self, resource: &Value) -> bool {
        self.terms.iter().all(|term| reaches(resource, &term.path, term))
    }
}

/// Whether the term holds for any value that `path` leads to from `value`.
fn reaches(value: &Value, path: &[Step], term: &Term) -> bool {
    if let Value::Array(elements) = value {
        return elements.iter().any(|element| reaches(element, path, term));
    }
    let Some((step, rest)) = path.split_first() else { return holds(value, term) };
    let Value::Object(members) = value else { return false };
    match step {
        Step::Attribute(name) => members.get(name).is_some_and(|found| reaches(found, rest, term)),
        // A key has no attributes of its own, so a path that goes on leads nowhere.
        Step::Keys if rest.is_empty() => {
            members.keys().any(|key| holds(&Value::String(key.clone()), term))
        }
        Step::Keys => false,
    }
}

/// Whether the term holds for one value that is not an array.
fn holds(found: &Value, term: &Term) -> bool {
    if matches!(found, Value::Null | Value::Object(_)) {
        return false;
    }
    let is = |value: &String, orders: &[Ordering]| {
        compare(found, value).is_some_and(|order| orders.contains(&order))
    };
    let any = |orders: &[Ordering]| term.values.iter().any(|value| is(value, orders));
    match term.operator {
        Operator::Eq | Operator::In => any(&[Ordering::Equal]),
        Operator::Neq | Operator::Nin => !any(&[Ordering::Equal]),
        Operator::Gt => any(&[Ordering::Greater]),
        Operator::Gte => any(&[Ordering::Greater, Ordering::Equal]),
        Operator::Lt => any(&[Ordering::Less]),
        Operator::Lte => any(&[Ordering::Less, Ordering::Equal]),
        Operator::Cont => contains_any(found, &term.values),
        Operator::Ncont => !contains_any(found, &term.values),
    }
}

fn contains_any(found: &Value, values: &[String]) -> bool {
    found.as_str().is_some_and(|text| values.iter().any(|value| text.contains(value.as_str())))
}

/// How the value found stands to the value asked for; `None` if they cannot be compared.
fn compare(found: &Value, asked: &str) -> Option<Ordering> {
    match found {
        Value::Bool(found) => Some(found.cmp(&asked.parse().ok()?)),
        Value::Number(found) => compare_numbers(found, asked),
        Value::String(found) => Some(compare_texts(found, asked)),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Whole numbers exactly, all others as floating point.
fn compare_numbers(found: &Number, asked: &str) -> Option<Ordering> {
    let whole = found.as_i64().map(i128::from).or_else(|| found.as_u64().map(i128::from));
    match (whole, asked.parse::<i128>()) {
        (Some(found), Ok(asked)) => Some(found.cmp(&asked)),
        _ => found.as_f64()?.partial_cmp(&asked.parse().ok()?),
    }
}

/// Points in time by time, whatever their time zones; all other texts by their characters.
fn compare_texts(found: &str, asked: &str) -> Ordering {
    match (DateTime::parse_from_rfc3339(found), DateTime::parse_from_rfc3339(asked)) {
        (Ok(found), Ok(asked)) => found.cmp(&asked),
        _ => found.cmp(asked),
    }
}
