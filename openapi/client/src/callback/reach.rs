//! Which addresses are called back.

use url::Url;

use crate::guard::{self, Resolver, without_query};

/// How far callbacks reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// This machine too: for servers that nobody else can speak to.
    Loopback,
    /// Other machines only.
    Network,
}

impl Reach {
    /// Reads a URI that may be called.
    pub(crate) fn check(self, uri: &str) -> Result<Url, String> {
        let refused = |why: String| format!("`{}` is not called: {why}", without_query(uri));
        let url = Url::parse(uri).map_err(|error| refused(error.to_string()))?;
        // Its text holds the password that the address should not.
        guard::check(&url, self.has_loopback()).map_err(|why| match url.password() {
            Some(_) => why,
            None => refused(why),
        })?;
        Ok(url)
    }

    /// Judges names by where they lead.
    pub(super) fn resolver(self) -> Resolver {
        Resolver { loopback: self.has_loopback() }
    }

    fn has_loopback(self) -> bool {
        match self {
            Self::Loopback => true,
            Self::Network => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_is_refused_and_no_secret() {
        let told = Reach::Network.check("ftp://osm.example/n?key=hush").unwrap_err();
        assert!(told.contains("ftp://osm.example/n") && !told.contains("hush"), "{told}");
        let told = Reach::Network.check("http://osm:hush@osm.example/").unwrap_err();
        assert!(!told.contains("hush"), "{told}");
        assert!(Reach::Loopback.check("osm.example").is_err());
    }
}
