//! `windlass version`: of this program, and of the server.

use serde::Serialize;
use windlass_api::api::Api;
use windlass_client::Error;

use super::context::Context;
use super::draw::Style;
use super::outcome::Outcome;

/// What this program and its servers are.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Versions {
    client: &'static str,
    server: String,
    /// The versions of the APIs that the servers have.
    apis: Vec<String>,
}

/// Prints the version of this program, and of the APIs of the servers if there are any.
pub async fn run(context: &Context) -> anyhow::Result<Outcome> {
    let mut apis = Vec::new();
    for api in Api::ALL {
        let server =
            if matches!(*api, Api::VnfLcm | Api::VnfFm) { &context.vnfm } else { &context.nfvo };
        match server.api_versions(*api).await {
            Ok(mut answer) => apis.extend(
                answer
                    .api_versions
                    .pop()
                    .map(|newest| format!("{} {}", api.name(), newest.version)),
            ),
            // Who is away for one API is away for all of them.
            Err(Error::Unreachable { .. }) => break,
            Err(Error::Problem(_) | Error::Unexpected { .. } | Error::Invalid(_)) => {}
        }
    }
    let server = context.nfvo.base_url().to_owned();
    let versions = Versions { client: env!("CARGO_PKG_VERSION"), server, apis };
    context.output.result(&versions, |style| draw(&versions, style))?;
    Ok(Outcome::Done)
}

fn draw(versions: &Versions, style: &Style) -> String {
    let server = match versions.apis.is_empty() {
        true => format!("no server that speaks our APIs at {}", versions.server),
        false => format!("{} speaks {}", versions.server, versions.apis.join(", ")),
    };
    format!("windlass {}\n{}", versions.client, style.faint(&server))
}
