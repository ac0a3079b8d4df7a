//! Where a database is.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::error::StoreError;

/// Where a database is: in a file, or on a PostgreSQL server.
///
/// What it prints holds no password.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// A file of SQLite's.
    File(PathBuf),
    /// A schema on a server.
    Postgres(PostgresUrl),
}

impl Location {
    /// The database of one program on a PostgreSQL server: a schema of its own, made when missing.
    ///
    /// # Errors
    /// [`StoreError::BadLocation`] when `url` does not begin with `postgresql://` or `postgres://`,
    /// or when the name of the schema is not made of small letters, digits and `_`.
    pub fn postgres(url: &str, schema: &str) -> Result<Self, StoreError> {
        let of_postgres = ["postgresql://", "postgres://"];
        if !of_postgres.iter().any(|scheme| url.starts_with(scheme)) {
            return Err(StoreError::BadLocation("a database URL begins with `postgresql://`"));
        }
        let plain = |letter: char| letter.is_ascii_lowercase() || letter == '_';
        if !schema.starts_with(plain) || !schema.chars().all(|c| plain(c) || c.is_ascii_digit()) {
            return Err(StoreError::BadLocation("the name of a schema is in small letters"));
        }
        Ok(Self::Postgres(PostgresUrl { url: url.to_owned(), schema: schema.to_owned() }))
    }

    pub(crate) fn cannot_open(&self, source: impl std::error::Error) -> StoreError {
        let reason = chain(&source);
        let reason = match self {
            Self::File(_) => reason,
            Self::Postgres(url) => url.without_secrets(&reason),
        };
        StoreError::Open { database: self.to_string(), reason }
    }
}

/// An error with its causes; one that only repeats the line above is left out.
fn chain(error: &dyn std::error::Error) -> String {
    let mut told = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let line = cause.to_string();
        if !told.contains(&line) {
            told = format!("{told}: {line}");
        }
        next = cause.source();
    }
    told.trim_end().to_owned()
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Postgres(url) => url.fmt(f),
        }
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Location({self})")
    }
}

impl From<PathBuf> for Location {
    fn from(path: PathBuf) -> Self {
        Self::File(path)
    }
}

impl From<&PathBuf> for Location {
    fn from(path: &PathBuf) -> Self {
        Self::File(path.clone())
    }
}

impl From<&Path> for Location {
    fn from(path: &Path) -> Self {
        Self::File(path.to_owned())
    }
}

/// A server's URL, as libpq reads it, and a schema there.
#[derive(Clone, PartialEq, Eq)]
pub struct PostgresUrl {
    url: String,
    schema: String,
}

impl PostgresUrl {
    pub(crate) fn schema(&self) -> &str {
        &self.schema
    }

    /// The URL with bounds for whatever it does not bound itself: a server that is away must be
    /// noticed.
    pub(crate) fn with_bounds(&self) -> String {
        let application = format!("windlass-{}", self.schema);
        let bounds = [
            ("connect_timeout", "10"),
            ("keepalives_idle", "10"),
            ("keepalives_interval", "5"),
            ("keepalives_count", "3"),
            ("tcp_user_timeout", "20000"),
            ("application_name", application.as_str()),
        ];
        let mut url = self.url.clone();
        for (name, value) in bounds {
            if !self.url.contains(&format!("{name}=")) {
                let before = if url.contains('?') { '&' } else { '?' };
                url.push_str(&format!("{before}{name}={value}"));
            }
        }
        url
    }

    /// The part between `//` and the path.
    fn authority(&self) -> &str {
        let rest = self.url.split_once("://").map_or("", |(_, rest)| rest);
        rest.split(['/', '?']).next().unwrap_or(rest)
    }

    /// What of the URL nobody is to read.
    fn secrets(&self) -> impl Iterator<Item = &str> {
        let user = self.authority().rsplit_once('@').map(|(user, _)| user);
        let password = user.and_then(|user| user.split_once(':')).map(|(_, password)| password);
        let query = self.url.split_once('?').map_or("", |(_, query)| query);
        let named = query.split('&').filter_map(|pair| pair.split_once('='));
        let named = named.filter(|(name, _)| name.contains("password")).map(|(_, value)| value);
        password.into_iter().chain(named).filter(|secret| !secret.is_empty())
    }

    /// libpq quotes what it cannot read, the whole URL if need be.
    fn without_secrets(&self, text: &str) -> String {
        let clean = text.replace(&self.with_bounds(), "the URL").replace(&self.url, "the URL");
        self.secrets().fold(clean, |text, secret| text.replace(secret, "***"))
    }
}

impl fmt::Display for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let authority = self.authority();
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let path = self.url.split_once("://").map_or("", |(_, rest)| rest);
        let path = path.strip_prefix(authority).unwrap_or_default();
        let path = path.split('?').next().unwrap_or_default();
        // An `@` behind what looks like the host ends a password that was not encoded.
        if path.contains('@') || (!authority.contains('@') && self.url.contains('@')) {
            return write!(f, "postgresql://… (schema {})", self.schema);
        }
        write!(f, "postgresql://{host}{path} (schema {})", self.schema)
    }
}

impl fmt::Debug for PostgresUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(url: &str) -> PostgresUrl {
        match Location::postgres(url, "nfvo").unwrap() {
            Location::Postgres(url) => url,
            Location::File(path) => panic!("{path:?}"),
        }
    }

    #[test]
    fn a_password_is_never_printed() {
        for secret in [
            "postgresql://windlass:s3cret@db.example:5432/mano",
            "postgresql://windlass@db.example/mano?password=s3cret",
            "postgresql://windlass:s3cret@db.example/mano?sslpassword=s3cret&sslmode=require",
            "postgresql://windlass:s3cret/not@encoded@db.example/mano",
            "postgresql://windlass:s3cret?not@encoded@db.example/mano",
        ] {
            let url = url(secret);
            for printed in [url.to_string(), format!("{url:?}")] {
                assert!(!printed.contains("s3cret"), "{printed}");
            }
            let quoted = format!("cannot read {secret}, or {}", url.with_bounds());
            assert!(!url.without_secrets(&quoted).contains("s3cret"));
        }
        let plain = url("postgresql://windlass:s3cret@db.example:5432/mano");
        assert_eq!(plain.to_string(), "postgresql://db.example:5432/mano (schema nfvo)");
        assert_eq!(plain.without_secrets("no entry for \"s3cret\""), "no entry for \"***\"");
    }

    #[test]
    fn bounds_are_added_where_the_url_has_none() {
        let bounded = url("postgresql://db/mano?connect_timeout=3").with_bounds();
        assert!(bounded.starts_with("postgresql://db/mano?connect_timeout=3&keepalives_idle=10"));
        let bounded = url("postgresql:///mano").with_bounds();
        assert!(bounded.starts_with("postgresql:///mano?connect_timeout=10&"));
        assert!(bounded.ends_with("&application_name=windlass-nfvo"));
    }

    #[test]
    fn a_schema_is_a_plain_name() {
        for name in ["", "Nfvo", "nf vo", "1st", "a;drop"] {
            assert!(Location::postgres("postgresql:///mano", name).is_err(), "{name}");
        }
        assert!(Location::postgres("mysql://db", "nfvo").is_err());
    }
}
