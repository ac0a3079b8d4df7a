//! The one place that turns errors into answers: RFC 9457 bodies with the codes of SOL013 clause 6.4.

use actix_web::http::header;
use windlass_server::Problem;

use crate::error::Error;

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let status = error.status();
        match error {
            // The causes of what broke here go to the log, not to the client.
            Error::Broken { doing, source } => Self::broken(doing, &*source),
            Error::Journal(error) if status == 500 => Self::broken("use the journal", &error),
            Error::Away { source, .. } if status == 503 => {
                Self::new(status, source.to_string()).with_header(header::RETRY_AFTER, "5")
            }
            Error::Range { size_bytes } => Self::new(status, error.to_string())
                .with_header(header::CONTENT_RANGE, &format!("bytes */{size_bytes}")),
            Error::NotFound { .. }
            | Error::Malformed(_)
            | Error::Refused(_)
            | Error::Conflict(_)
            | Error::NotAcceptable(_)
            | Error::TooLarge { .. }
            | Error::MediaType { .. }
            | Error::Unprocessable(_)
            | Error::Away { .. }
            | Error::Told { .. }
            | Error::NoRoom
            | Error::Journal(_) => Self::new(status, error.to_string()),
        }
    }
}
