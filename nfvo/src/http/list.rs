//! Lists: filter, selectors and pages (SOL013 clauses 5.2 to 5.4), the same for every resource.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::Value;
use windlass_api::filter::Filter;
use windlass_api::paging::{self, Marker};
use windlass_api::selector::{Listed, Selector};

use crate::error::{Error, Result};

/// Members on a page.
const PAGE_SIZE: usize = 200;

/// What a client asks of a list.
struct Query {
    filter: Filter,
    selector: Selector,
    marker: Option<Marker>,
}

impl Query {
    fn of(request: &HttpRequest) -> Result<Self> {
        let pairs = web::Query::<Vec<(String, String)>>::from_query(request.query_string())
            .map_err(|error| Error::Malformed(format!("the query cannot be read: {error}")))?;
        let pairs = || pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        Ok(Self {
            filter: Filter::from_query(pairs()).map_err(malformed)?,
            selector: Selector::from_query(pairs()).map_err(malformed)?,
            marker: Marker::from_query(pairs()).map_err(malformed)?,
        })
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it stands where map_err wants a function")]
fn malformed(error: impl std::error::Error) -> Error {
    Error::Malformed(error.to_string())
}

/// A page of `members`, which come with the ids that they are sorted by.
pub(super) fn answer<T: Serialize>(
    request: &HttpRequest,
    listed: Listed,
    members: Vec<(String, T)>,
) -> Result<HttpResponse> {
    let query = Query::of(request)?;
    let mut matching = Vec::new();
    for (id, member) in members {
        let after = query.marker.as_ref().is_none_or(|marker| id.as_str() > marker.sort_key());
        if !after {
            continue;
        }
        let member = serde_json::to_value(member)
            .map_err(|error| Error::broken("write a member of the list", error))?;
        if query.filter.matches(&member) {
            matching.push((id, member));
        }
    }
    matching.sort_by(|(one, _), (other, _)| one.cmp(other));
    let (mut page, next) = paging::cut(matching, PAGE_SIZE, |(id, _)| id.clone());
    page.iter_mut().for_each(|(_, member)| query.selector.apply(listed, member));

    let mut response = HttpResponse::Ok();
    if let Some(next) = next {
        let here = request.uri().path_and_query().map_or("", |path| path.as_str());
        response.insert_header((header::LINK, next.link_header(here)));
    }
    Ok(response.json(page.into_iter().map(|(_, member)| member).collect::<Vec<Value>>()))
}
