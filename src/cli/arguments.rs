//! Arguments that several verbs take.

use std::path::Path;

use anyhow::Context as _;
use clap::Args;
use serde::de::DeserializeOwned;
use serde_json::Value;
use windlass_api::common::KeyValuePairs;
use windlass_api::vnflcm::{ScaleType, StopType};

/// Values for what the descriptor leaves open.
#[derive(Args, Clone, Debug, Default)]
pub struct Params {
    /// A value for what the descriptor leaves open; JSON if it reads as JSON, else text
    #[arg(long = "param", short, value_name = "KEY=VALUE", value_parser = pair)]
    params: Vec<(String, Value)>,
}

impl Params {
    /// The values by name; the last one of a name counts.
    pub fn map(self) -> KeyValuePairs {
        self.params.into_iter().collect()
    }
}

/// Whether to stay until an operation is done.
#[derive(Args, Clone, Copy, Debug)]
pub struct Waiting {
    /// Wait until it is done, and show its steps
    #[arg(long, short)]
    pub wait: bool,
}

/// Which way to scale.
#[derive(Args, Clone, Copy, Debug)]
#[group(required = true, multiple = false)]
pub struct Direction {
    /// Make it larger
    #[arg(long)]
    out: bool,
    /// Make it smaller
    #[arg(long = "in")]
    inwards: bool,
}

impl Direction {
    /// The direction in the words of the standard.
    pub fn scale_type(self) -> ScaleType {
        if self.inwards { ScaleType::ScaleIn } else { ScaleType::ScaleOut }
    }
}

/// How to stop guests.
#[derive(Args, Clone, Copy, Debug)]
pub struct Stopping {
    /// Cut the power instead of asking the guests to stop
    #[arg(long, conflicts_with = "timeout")]
    forceful: bool,
    /// How long the guests may take to stop
    #[arg(long, value_name = "SECONDS")]
    pub timeout: Option<u32>,
}

impl Stopping {
    /// The way in the words of the standard.
    pub fn stop_type(self) -> StopType {
        if self.forceful { StopType::Forceful } else { StopType::Graceful }
    }
}

/// `key=value`, the value being JSON or text.
pub fn pair(text: &str) -> Result<(String, Value), String> {
    let (key, value) = split(text)?;
    let value = serde_json::from_str(value).unwrap_or_else(|_text| Value::from(value));
    Ok((key.to_owned(), value))
}

/// `aspect=level`.
pub fn level(text: &str) -> Result<(String, u32), String> {
    let (aspect, level) = split(text)?;
    let level = level.parse().map_err(|_error| format!("{level:?} is not a level"))?;
    Ok((aspect.to_owned(), level))
}

fn split(text: &str) -> Result<(&str, &str), String> {
    let parts = text.split_once('=').filter(|(key, _)| !key.is_empty());
    parts.ok_or_else(|| "expected a name, `=`, and a value".to_owned())
}

/// A request that somebody wrote into a file, in YAML or JSON.
pub fn request<T: DeserializeOwned>(file: &Path) -> anyhow::Result<T> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {file:?}"))?;
    serde_yaml::from_str(&text).with_context(|| format!("{file:?} is not such a request"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_parameter_is_json_where_it_can_be_and_text_otherwise() {
        assert_eq!(pair("size=3").unwrap(), ("size".to_owned(), json!(3)));
        assert_eq!(pair("on=true").unwrap().1, json!(true));
        assert_eq!(pair("address=10.0.0.1").unwrap().1, json!("10.0.0.1"));
        assert_eq!(pair(r#"list=["a","b"]"#).unwrap().1, json!(["a", "b"]));
        assert_eq!(pair("equation=a=b").unwrap().1, json!("a=b"));
        assert_eq!(pair("empty=").unwrap().1, json!(""));
        assert!(pair("=3").is_err());
        assert!(pair("size").is_err());
    }

    #[test]
    fn a_level_is_a_number() {
        assert_eq!(level("web=2").unwrap(), ("web".to_owned(), 2));
        assert!(level("web=many").is_err());
    }
}
