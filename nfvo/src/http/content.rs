//! Files over HTTP: uploads of the right type and length, downloads with ranges.

use std::io::{Cursor, Write};
use std::ops::Range;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use windlass_packages::ByteStream;
use windlass_server::problem::content_type;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::Answer;
use crate::catalog::{Described, Served};
use crate::error::{Error, Result};
use crate::nfvo::Core;

const ZIP: &str = "application/zip";
const TEXT: &str = "text/plain";

/// Refuses an upload that is no archive, or that says that it is too long.
pub(super) fn check_upload(request: &HttpRequest, core: &Core) -> Result<()> {
    let found = content_type(request);
    let kind = found.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if !["", ZIP, "application/octet-stream"].contains(&kind.as_str()) {
        return Err(Error::MediaType { found, wanted: ZIP });
    }
    let limit_bytes = core.settings.package_limit_bytes;
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > limit_bytes) {
        return Err(Error::TooLarge { limit_bytes });
    }
    Ok(())
}

/// A file, or the part of it that is asked for.
pub(super) async fn serve(
    request: &HttpRequest,
    core: &Core,
    served: Served,
    media_type: &str,
) -> Answer {
    let (size, tag) = (served.size_bytes, format!("\"{}\"", served.tag));
    let has = |name, wanted: &dyn Fn(&str) -> bool| {
        let value = request.headers().get(name).and_then(|value| value.to_str().ok());
        value.map(wanted)
    };
    let is_tag = |value: &str| value.trim() == tag;
    if has(header::IF_NONE_MATCH, &|tags| tags == "*" || tags.split(',').any(is_tag)) == Some(true)
    {
        return Ok(HttpResponse::NotModified().insert_header((header::ETAG, tag)).finish());
    }
    // A part of something else than the client has the beginning of is of no use to it.
    let is_same = has(header::IF_RANGE, &is_tag).unwrap_or(true);
    let range = if is_same { range(request, size)? } else { None };
    let mut response = match &range {
        None => HttpResponse::Ok(),
        Some(range) => {
            let (first, last) = (range.start, range.end.saturating_sub(1));
            let mut response = HttpResponse::PartialContent();
            response.insert_header((header::CONTENT_RANGE, format!("bytes {first}-{last}/{size}")));
            response
        }
    };
    response.insert_header((header::ACCEPT_RANGES, "bytes")).insert_header((header::ETAG, tag));
    let stream = served.open(core, range).await?;
    Ok(streamed(response.content_type(media_type), stream))
}

fn streamed(response: &mut actix_web::HttpResponseBuilder, stream: ByteStream) -> HttpResponse {
    // Files are mostly images: compressing them once more would only take time.
    response.insert_header(header::ContentEncoding::Identity);
    response.no_chunking(stream.size_bytes);
    response.streaming(stream)
}

/// A file in whose type nothing is known.
pub(super) const BYTES: &str = "application/octet-stream";

/// The whole archive.
pub(super) const ARCHIVE: &str = ZIP;

/// A text file.
pub(super) fn text(content: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok().content_type(TEXT).body(content)
}

/// A descriptor: its one file, or a zip of them, as the client accepts and the descriptor allows.
pub(super) fn descriptor(request: &HttpRequest, described: &Described) -> Answer {
    let accepts = Accepts::of(request);
    match described.single() {
        Some(single) if accepts.text => Ok(text(single.to_vec())),
        _ if accepts.zip => Ok(HttpResponse::Ok().content_type(ZIP).body(zipped(described)?)),
        _ => {
            let told = "the descriptor has several files: they come as application/zip";
            Err(Error::NotAcceptable(told.to_owned()).into())
        }
    }
}

/// What a client takes a descriptor as.
struct Accepts {
    text: bool,
    zip: bool,
}

impl Accepts {
    fn of(request: &HttpRequest) -> Self {
        let accept = request.headers().get_all(header::ACCEPT);
        let accept: Vec<&str> = accept.filter_map(|value| value.to_str().ok()).collect();
        let types = accept.iter().flat_map(|value| value.split(','));
        let types: Vec<&str> =
            types.map(|kind| kind.split(';').next().unwrap_or_default().trim()).collect();
        let any = |known: &[&str]| types.is_empty() || types.iter().any(|one| known.contains(one));
        Self { text: any(&[TEXT, "text/*", "*/*"]), zip: any(&[ZIP, "application/*", "*/*"]) }
    }
}

fn zipped(described: &Described) -> Result<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let mut write = || {
        for (path, content) in &described.files {
            archive.start_file(path, SimpleFileOptions::default())?;
            archive.write_all(content)?;
        }
        Ok::<(), zip::result::ZipError>(())
    };
    let broken = |error| Error::broken("zip the descriptor", error);
    write().map_err(broken)?;
    Ok(archive.finish().map_err(broken)?.into_inner())
}

/// The range that is asked for; `None` for the whole, also when what is asked for is not
/// understood, as RFC 9110 wants.
fn range(request: &HttpRequest, size_bytes: u64) -> Result<Option<Range<u64>>> {
    let asked = request.headers().get(header::RANGE).and_then(|value| value.to_str().ok());
    let Some((first, last)) = asked.and_then(bounds) else { return Ok(None) };
    let range = match (first, last) {
        (Some(first), Some(last)) => first..last.saturating_add(1).min(size_bytes),
        (Some(first), None) => first..size_bytes,
        (None, Some(length)) => size_bytes.saturating_sub(length)..size_bytes,
        (None, None) => return Ok(None),
    };
    if range.is_empty() { Err(Error::Range { size_bytes }) } else { Ok(Some(range)) }
}

/// The two ends of `bytes=first-last`.
fn bounds(text: &str) -> Option<(Option<u64>, Option<u64>)> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    let end = |text: &str| match text.trim() {
        "" => Some(None),
        digits => digits.parse().ok().map(Some),
    };
    let (first, last) = (end(first)?, end(last)?);
    let in_order = first.zip(last).is_none_or(|(first, last)| first <= last);
    in_order.then_some((first, last))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_range_is_cut_to_the_content_and_what_lies_outside_is_refused() {
        let ask = |text: &str| {
            let request = TestRequest::default().insert_header((header::RANGE, text));
            range(&request.to_http_request(), 100)
        };
        assert_eq!(ask("bytes=0-9").unwrap(), Some(0..10));
        assert_eq!(ask("bytes=90-").unwrap(), Some(90..100));
        assert_eq!(ask("bytes=-10").unwrap(), Some(90..100));
        assert_eq!(ask("bytes=50-1000").unwrap(), Some(50..100));
        assert!(matches!(ask("bytes=100-"), Err(Error::Range { size_bytes: 100 })));
        assert_eq!(ask("bytes=9-3").unwrap(), None);
        assert_eq!(ask("lines=1-2").unwrap(), None);
        assert_eq!(ask("bytes=0-1,5-6").unwrap(), None);
    }
}
