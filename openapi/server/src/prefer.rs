//! `Prefer: wait` (RFC 7240 clause 4.3): a client would rather wait for news than ask again.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header::HeaderName;

static PREFER: HeaderName = HeaderName::from_static("prefer");
/// The longest that anybody waits: within what clients take for silence.
const LONGEST: Duration = Duration::from_secs(20);

/// How long the client would wait; `None` when it does not say.
#[must_use]
pub fn wait(request: &HttpRequest) -> Option<Duration> {
    let preferences = request.headers().get_all(&PREFER).filter_map(|value| value.to_str().ok());
    let mut seconds = preferences.flat_map(|value| value.split(',')).filter_map(|preference| {
        let (name, value) = preference.split(';').next()?.split_once('=')?;
        let is_wait = name.trim().eq_ignore_ascii_case("wait");
        is_wait.then(|| value.trim().trim_matches('"').parse().ok()).flatten()
    });
    seconds.next().map(|seconds| Duration::from_secs(seconds).min(LONGEST))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn asked(prefer: &str) -> Option<Duration> {
        wait(&TestRequest::default().insert_header(("Prefer", prefer)).to_http_request())
    }

    #[test]
    fn a_client_says_how_long_it_would_wait_among_other_things() {
        assert_eq!(asked("wait=2"), Some(Duration::from_secs(2)));
        assert_eq!(asked("respond-async, Wait = 5; of=which"), Some(Duration::from_secs(5)));
        assert_eq!(asked("wait=86400"), Some(LONGEST));
        assert_eq!(asked("wait=long"), None);
        assert_eq!(asked("return=minimal"), None);
    }
}
