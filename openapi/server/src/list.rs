//! Lists: filter, selectors and pages (SOL013 clauses 5.2 to 5.4), the same for every resource.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::Value;
use windlass_api::filter::Filter;
use windlass_api::paging::{self, Marker};
use windlass_api::selector::{Listed, Selector};

use crate::{Problem, Result};

/// Members on a page.
const PAGE_SIZE: usize = 200;

/// Members that are read at once for a list that is narrowed: a page, and one to see whether there
/// is another.
const READ_AT_ONCE: usize = PAGE_SIZE + 1;

/// What a client asks of a list.
struct Query {
    filter: Filter,
    selector: Selector,
    marker: Option<Marker>,
}

/// What is to be read of a list next.
#[derive(Debug)]
pub struct Wanted<'a> {
    /// What members must be; whoever reads may pass others on, but must leave none of these out.
    pub filter: &'a Filter,
    /// Only members whose id is greater.
    pub after: Option<String>,
    /// How many at most; fewer say that there are no more.
    pub limit: usize,
}

impl Query {
    fn of(request: &HttpRequest) -> Result<Self> {
        let pairs = web::Query::<Vec<(String, String)>>::from_query(request.query_string())
            .map_err(|error| Problem::new(400, format!("the query cannot be read: {error}")))?;
        let pairs = || pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        Ok(Self {
            filter: Filter::from_query(pairs()).map_err(malformed)?,
            selector: Selector::from_query(pairs()).map_err(malformed)?,
            marker: Marker::from_query(pairs()).map_err(malformed)?,
        })
    }
}

impl Query {
    /// The member as it goes out, when it passes the filter.
    fn matching<T: Serialize>(&self, (id, member): (String, T)) -> Result<Option<(String, Value)>> {
        let member = serde_json::to_value(member)
            .map_err(|error| Problem::broken("write a member of the list", &error))?;
        Ok(self.filter.matches(&member).then_some((id, member)))
    }

    /// The first page of what matches, in the order that it comes in.
    fn page(
        &self,
        request: &HttpRequest,
        listed: Listed,
        matching: Vec<(String, Value)>,
    ) -> HttpResponse {
        let (mut page, next) = paging::cut(matching, PAGE_SIZE, |(id, _)| id.clone());
        page.iter_mut().for_each(|(_, member)| self.selector.apply(listed, member));
        let mut response = HttpResponse::Ok();
        if let Some(next) = next {
            let here = request.uri().path_and_query().map_or("", |path| path.as_str());
            response.insert_header((header::LINK, next.link_header(here)));
        }
        response.json(page.into_iter().map(|(_, member)| member).collect::<Vec<Value>>())
    }
}

fn malformed(error: impl std::error::Error) -> Problem {
    Problem::new(400, error.to_string())
}

/// A page of a list that is read piece by piece, in the order of its members' ids, which `read`
/// gives with them.
///
/// # Errors
/// 400 when the query cannot be read; what `read` says.
pub async fn pages<T: Serialize>(
    request: &HttpRequest,
    listed: Listed,
    mut read: impl AsyncFnMut(Wanted<'_>) -> Result<Vec<(String, T)>>,
) -> Result<HttpResponse> {
    let query = Query::of(request)?;
    let mut after = query.marker.as_ref().map(|marker| marker.sort_key().to_owned());
    let mut matching = Vec::new();
    loop {
        let wanted = Wanted { filter: &query.filter, after, limit: READ_AT_ONCE };
        let members = read(wanted).await?;
        let is_end = members.len() < READ_AT_ONCE;
        after = members.last().map(|(id, _)| id.clone());
        for member in members {
            matching.extend(query.matching(member)?);
        }
        if is_end || matching.len() > PAGE_SIZE {
            return Ok(query.page(request, listed, matching));
        }
    }
}

/// A page of `members`, which come with the ids that they are sorted by.
///
/// # Errors
/// 400 when the query cannot be read.
pub fn answer<T: Serialize>(
    request: &HttpRequest,
    listed: Listed,
    members: Vec<(String, T)>,
) -> Result<HttpResponse> {
    let query = Query::of(request)?;
    let mut matching = Vec::new();
    for (id, member) in members {
        let after = query.marker.as_ref().is_none_or(|marker| id.as_str() > marker.sort_key());
        if after {
            matching.extend(query.matching((id, member))?);
        }
    }
    matching.sort_by(|(one, _), (other, _)| one.cmp(other));
    Ok(query.page(request, listed, matching))
}
