//! `windlass subscription`: who is told of what happens, and how that fares.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand, ValueEnum};
use serde_json::Value;
use windlass_api::api::Api;
use windlass_api::common::{
    BasicParams, ClientCredentialsParams, Secret, SubscriptionAuthType, SubscriptionAuthentication,
    SubscriptionRequest,
};
use windlass_api::windlass::SubscriptionDelivery;
use windlass_client::{Client, ListOptions};

use super::context::Context;
use super::draw::{Cell, Grid, Page, Style};
use super::outcome::Outcome;
use super::resolve::{Candidate, resolve};

/// What can be asked of subscriptions.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// List subscriptions, and whether they are served
    List,
    /// Show a subscription, and why it is not served
    Show {
        /// The subscription
        subscription: String,
    },
    /// Subscribe a receiver, which must answer a GET with 204
    Create {
        /// What to tell of
        #[arg(value_enum)]
        about: About,
        /// Where to send notifications
        callback_uri: String,
        /// Which notifications: a filter of the API in JSON
        #[arg(long, value_name = "JSON", value_parser = json)]
        filter: Option<Value>,
        #[command(flatten)]
        credentials: Credentials,
    },
    /// Unsubscribe a receiver
    Delete {
        /// The subscription
        subscription: String,
    },
    /// Tell a receiver at once what it has missed, parked or not
    Resume {
        /// The subscription
        subscription: String,
    },
}

/// What can be told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum About {
    /// VNFs and their operations
    Vnf,
    /// Network services and their operations
    Ns,
    /// VNF packages
    Package,
    /// Network service descriptors
    Nsd,
}

impl About {
    fn api(self) -> Api {
        match self {
            Self::Vnf => Api::VnfLcm,
            Self::Ns => Api::NsLcm,
            Self::Package => Api::VnfPkgm,
            Self::Nsd => Api::Nsd,
        }
    }
}

/// How the receiver knows who notifies it.
#[derive(Args, Clone, Debug)]
pub struct Credentials {
    /// User, or client id, that the receiver expects
    #[arg(long, value_name = "NAME", requires = "password_file")]
    user: Option<String>,
    /// File with the password, or the client's secret
    #[arg(long, value_name = "FILE", requires = "user")]
    password_file: Option<PathBuf>,
    /// Where to get OAuth 2 tokens with them, instead of sending them to the receiver
    #[arg(long, value_name = "URL", requires = "user")]
    token_endpoint: Option<String>,
}

impl Credentials {
    fn authentication(self) -> Result<Option<SubscriptionAuthentication>> {
        let (Some(name), Some(file)) = (self.user, self.password_file) else { return Ok(None) };
        let password = std::fs::read_to_string(&file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        let password = Secret(password.trim_end_matches(['\r', '\n']).to_owned());
        let nothing = SubscriptionAuthentication::default();
        Ok(Some(match self.token_endpoint {
            None => SubscriptionAuthentication {
                auth_type: vec![SubscriptionAuthType::Basic],
                params_basic: Some(BasicParams { user_name: name, password }),
                ..nothing
            },
            Some(token_endpoint) => SubscriptionAuthentication {
                auth_type: vec![SubscriptionAuthType::Oauth2ClientCredentials],
                params_oauth2_client_credentials: Some(ClientCredentialsParams {
                    client_id: name,
                    client_password: password,
                    token_endpoint,
                }),
                ..nothing
            },
        }))
    }
}

impl Verb {
    /// Asks it.
    pub async fn run(self, context: &Context) -> Result<Outcome> {
        match self {
            Self::List => {
                let all = every(context).await?;
                context.output.result(&all, |style| table(&all, style))?;
            }
            Self::Show { subscription } => {
                let found = find(context, &subscription).await?;
                context.output.result(&found, |style| page(&found, style))?;
            }
            Self::Create { about, callback_uri, filter, credentials } => {
                let authentication = credentials.authentication()?;
                let request =
                    SubscriptionRequest { filter, callback_uri, authentication, verbosity: None };
                let server = server(context, about.api());
                let made = server.subscription_create(about.api(), &request).await?;
                let made = server.subscription_delivery_read(about.api(), &made.id).await?;
                context.output.result(&made, |style| page(&made, style))?;
            }
            Self::Delete { subscription } => {
                let found = find(context, &subscription).await?;
                let api = api(&found)?;
                server(context, api).subscription_delete(api, &found.id).await?;
                context.output.note(&format!("{} is told nothing more", found.callback_uri));
            }
            Self::Resume { subscription } => {
                let found = find(context, &subscription).await?;
                let api = api(&found)?;
                let resumed = server(context, api).subscription_resume(api, &found.id).await?;
                context.output.result(&resumed, |style| page(&resumed, style))?;
            }
        }
        Ok(Outcome::Done)
    }
}

/// The server that keeps the subscriptions of an API.
fn server(context: &Context, api: Api) -> &Client {
    if api == Api::VnfLcm { &context.vnfm } else { &context.nfvo }
}

fn api(delivery: &SubscriptionDelivery) -> Result<Api> {
    let named = About::value_variants().iter().map(|about| about.api());
    named
        .into_iter()
        .find(|api| api.name() == delivery.api)
        .with_context(|| format!("the API {} is not known here", delivery.api))
}

/// Every subscription of every API.
async fn every(context: &Context) -> Result<Vec<SubscriptionDelivery>> {
    let mut all = Vec::new();
    for about in About::value_variants() {
        let api = about.api();
        let options = ListOptions::default();
        all.extend(server(context, api).subscription_delivery_list(api, &options).await?);
    }
    Ok(all)
}

async fn find(context: &Context, wanted: &str) -> Result<SubscriptionDelivery> {
    let mut all = every(context).await?;
    let candidate = |one: &SubscriptionDelivery| Candidate::new(&one.id, [&one.callback_uri]);
    let id = resolve("subscription", wanted, all.iter().map(candidate).collect())?;
    let at = all.iter().position(|one| one.id == id);
    at.map(|at| all.swap_remove(at)).context("the subscription is gone")
}

fn json(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

fn table(all: &[SubscriptionDelivery], style: &Style) -> String {
    let headings = ["id", "API", "receiver", "state", "waiting", "failures", "lost"];
    let mut grid = Grid::new(style, &headings);
    for one in all {
        grid.row([
            Cell::id(&one.id),
            Cell::from(&one.api),
            Cell::from(&one.callback_uri),
            Cell::state(one.state),
            Cell::from(one.backlog),
            Cell::from(one.attempts),
            Cell::from(one.events_lost),
        ]);
    }
    grid.to_string()
}

fn page(one: &SubscriptionDelivery, style: &Style) -> String {
    Page::new(style)
        .field("id", &one.id)
        .field("API", &one.api)
        .field("receiver", &one.callback_uri)
        .state("state", one.state)
        .field("waiting", one.backlog)
        .field("failures", one.attempts)
        .maybe("last error", one.last_error.clone())
        .maybe("next attempt", one.next_attempt.map(|time| time.to_rfc3339()))
        .maybe("parked since", one.parked_since.map(|time| time.to_rfc3339()))
        .field("lost", one.events_lost)
        .draw()
}
