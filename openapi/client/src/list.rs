//! Lists, followed page by page to their end.

use reqwest::Response;
use reqwest::header::LINK;
use serde::de::DeserializeOwned;
use url::Url;
use windlass_api::api::Api;
use windlass_api::paging;

use crate::{Client, Error, Result};

/// The longest list that is followed; a server that always has a next page is broken.
const MAX_PAGES: usize = 1_000;

/// Which members of a list, and how much of each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListOptions {
    /// An attribute filter, such as `(eq,vnfProvider,Acme)`.
    pub filter: Option<String>,
    /// How much of each member.
    pub select: Select,
}

impl ListOptions {
    /// Every member, with every attribute.
    pub fn all_fields() -> Self {
        Self { filter: None, select: Select::AllFields }
    }

    /// Only members that pass this filter.
    #[must_use]
    pub fn filtered(self, filter: impl Into<String>) -> Self {
        Self { filter: Some(filter.into()), ..self }
    }
}

/// How much of each member of a list; the names are separated by commas.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Select {
    /// What the server does not leave out by default.
    #[default]
    Default,
    /// Everything.
    AllFields,
    /// Simple and mandatory attributes, and these.
    Fields(String),
    /// Everything but these.
    ExcludeFields(String),
}

impl Client {
    /// Every member of a list, in the server's order.
    pub(crate) async fn list<T: DeserializeOwned>(
        &self,
        api: Api,
        names: &[&str],
        options: &ListOptions,
    ) -> Result<Vec<T>> {
        let mut next = Some(with_options(self.url(api, names)?, options));
        let mut members = Vec::new();
        for _ in 0..MAX_PAGES {
            let Some(url) = next else { return Ok(members) };
            let response = self.send_get(api, url.clone(), "application/json").await?;
            next = self.next_page(&url, &response)?;
            members.extend(self.json::<Vec<T>>(response).await?);
        }
        let reason = format!("the list does not end after {MAX_PAGES} pages");
        Err(Error::Unexpected { status: 200, body: reason })
    }

    /// Where the page after this one is.
    fn next_page(&self, page: &Url, response: &Response) -> Result<Option<Url>> {
        let links = response.headers().get_all(LINK).iter().filter_map(|link| link.to_str().ok());
        let Some(target) = links.into_iter().find_map(paging::next_of) else { return Ok(None) };
        match page.join(target) {
            // The token of this server is no business of another.
            Ok(next) if next.origin() == self.base().origin() => Ok(Some(next)),
            _ => Err(Error::unexpected(
                response.status(),
                format!("the next page is on another server: {target}"),
            )),
        }
    }
}

fn with_options(mut url: Url, options: &ListOptions) -> Url {
    let selector = match &options.select {
        Select::Default => None,
        Select::AllFields => Some(("all_fields", "")),
        Select::Fields(names) => Some(("fields", names.as_str())),
        Select::ExcludeFields(names) => Some(("exclude_fields", names.as_str())),
    };
    let filter = options.filter.as_deref().map(|filter| ("filter", filter));
    for (name, value) in filter.into_iter().chain(selector) {
        url.query_pairs_mut().append_pair(name, value);
    }
    url
}
