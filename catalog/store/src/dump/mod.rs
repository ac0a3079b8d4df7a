//! A database as lines of JSON, which either kind of database takes in again.
//!
//! ```text
//!  {"table":"vnf_instance","columns":[["id","text"],["generation","bigInt"], …]}
//!  ["6f1c…",3, …]
//! ```
//! A dump is one moment of a database, whatever is written meanwhile. Lines say which columns they
//! have, so a dump is taken in by the tables as they were when it was made; what was changed about
//! tables since is done to it afterwards, as it would be to a database of that age.

mod error;
mod insert;
mod load;
mod page;
mod schema;
mod snapshot;
mod tables;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use error::DumpError;
pub use load::Replacement;
pub use schema::Schema;
pub use snapshot::Snapshot;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Kind {
    Text,
    BigInt,
    Integer,
    Bool,
}

/// The line in front of the rows of a table.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    table: String,
    columns: Vec<(String, Kind)>,
}

/// What one column of one row holds.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Cell {
    Text(Option<String>),
    BigInt(Option<i64>),
    Integer(Option<i32>),
    Bool(Option<bool>),
}

impl Cell {
    /// `None` when the value is of another kind.
    fn parse(kind: Kind, value: Value) -> Option<Self> {
        let is_null = value.is_null();
        let cell = match (kind, value) {
            (Kind::Text, Value::String(text)) => Self::Text(Some(text)),
            (Kind::Text, _) => Self::Text(None),
            (Kind::BigInt, value) => Self::BigInt(value.as_i64()),
            (Kind::Integer, value) => {
                Self::Integer(value.as_i64().and_then(|number| number.try_into().ok()))
            }
            // SQLite has no truth, only 0 and 1.
            (Kind::Bool, value) => {
                Self::Bool(value.as_bool().or_else(|| value.as_i64().map(|number| number != 0)))
            }
        };
        (is_null || !cell.is_null()).then_some(cell)
    }

    fn is_null(&self) -> bool {
        match self {
            Self::Text(text) => text.is_none(),
            Self::BigInt(number) => number.is_none(),
            Self::Integer(number) => number.is_none(),
            Self::Bool(truth) => truth.is_none(),
        }
    }

    fn into_value(self) -> Value {
        match self {
            Self::Text(text) => text.into(),
            Self::BigInt(number) => number.into(),
            Self::Integer(number) => number.into(),
            Self::Bool(truth) => truth.into(),
        }
    }
}

/// The cells of a line; `None` when they are not those that the columns want.
fn cells(columns: &[(impl AsRef<str>, Kind)], line: &str) -> Option<Vec<Cell>> {
    let values: Vec<Value> = serde_json::from_str(line).ok()?;
    if values.len() != columns.len() {
        return None;
    }
    columns.iter().zip(values).map(|((_, kind), value)| Cell::parse(*kind, value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [(&str, Kind); 4] =
        [("name", Kind::Text), ("at", Kind::BigInt), ("id", Kind::Integer), ("on", Kind::Bool)];

    #[test]
    fn both_databases_mean_the_same_by_their_lines() {
        let sqlite = cells(&COLUMNS, r#"["a\"b",9007199254740993,1,1]"#).unwrap();
        let postgres = cells(&COLUMNS, r#"["a\"b", 9007199254740993, 1, true]"#).unwrap();
        assert_eq!(sqlite, postgres);
        assert_eq!(sqlite[1], Cell::BigInt(Some(9_007_199_254_740_993)));
        let nothing = cells(&COLUMNS, "[null,null,null,null]").unwrap();
        assert!(nothing.iter().all(Cell::is_null));
    }

    #[test]
    fn a_line_that_is_not_of_the_table_is_refused() {
        for line in [
            "",
            "{}",
            "[]",
            r#"["a",1,1]"#,
            r#"["a",1,1,1,1]"#,
            r#"[1,1,1,1]"#,
            r#"["a",1.5,1,1]"#,
            r#"["a",1,5000000000,1]"#,
            r#"["a",1,1,"yes"]"#,
        ] {
            assert_eq!(cells(&COLUMNS, line), None, "{line}");
        }
    }
}
