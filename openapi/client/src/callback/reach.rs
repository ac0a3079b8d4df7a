//! Which addresses are called back.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Where AWS keeps its metadata under IPv6; under IPv4, and elsewhere, it is on the link.
const METADATA_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);

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
    pub(super) fn check(self, uri: &str) -> Result<Url, String> {
        let url =
            Url::parse(uri).map_err(|error| format!("`{uri}` is no address to call: {error}"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(format!("`{uri}` is no address to call: expected http:// or https://"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("an address to call carries no password; use `authentication`".to_owned());
        }
        match url.host() {
            Some(Host::Ipv4(address)) => self.admit(IpAddr::V4(address))?,
            Some(Host::Ipv6(address)) => self.admit(IpAddr::V6(address))?,
            Some(Host::Domain(_)) => {}
            None => return Err(format!("`{uri}` is no address to call: it names no host")),
        }
        Ok(url)
    }

    /// Refuses an address that is not called.
    fn admit(self, address: IpAddr) -> Result<(), String> {
        let address = address.to_canonical();
        let on_the_link = match address {
            IpAddr::V4(v4) => v4.is_link_local() || v4.is_broadcast(),
            IpAddr::V6(v6) => v6.is_unicast_link_local() || v6 == METADATA_V6,
        };
        if on_the_link || address.is_multicast() {
            return Err(format!("{address} is not called: it is of the link, or of a cloud"));
        }
        // Linux takes the unspecified address for its own.
        if self == Self::Network && (address.is_loopback() || address.is_unspecified()) {
            return Err(format!("{address} is not called: this server also speaks to others"));
        }
        Ok(())
    }
}

/// Names are judged by where they lead at the moment of the call, so that a name cannot be pointed
/// elsewhere after it was checked.
impl Resolve for Reach {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = *self;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let mut refusal = format!("{} has no address", name.as_str());
            let mut admitted: Vec<SocketAddr> = Vec::new();
            for address in found {
                match reach.admit(address.ip()) {
                    Ok(()) => admitted.push(address),
                    Err(why) => refusal = why,
                }
            }
            if admitted.is_empty() {
                return Err(refusal.into());
            }
            Ok(Box::new(admitted.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_to_the_metadata_of_a_cloud() {
        for reach in [Reach::Loopback, Reach::Network] {
            for uri in [
                "http://169.254.169.254/latest/meta-data",
                "http://[fe80::1]/",
                "http://[::ffff:169.254.169.254]/",
                "http://2852039166/",
                "http://[fd00:ec2::254]/",
                "http://224.0.0.1/",
                "http://255.255.255.255/",
                "ftp://osm.example/",
                "http://osm:hush@osm.example/",
                "osm.example",
            ] {
                assert!(reach.check(uri).is_err(), "{uri} is called within {reach:?}");
            }
        }
    }

    #[test]
    fn this_machine_is_called_only_by_a_server_that_serves_nobody_else() {
        for uri in ["http://127.0.0.1:8080/", "http://[::1]/", "http://0.0.0.0/"] {
            assert!(Reach::Loopback.check(uri).is_ok(), "{uri}");
            assert!(Reach::Network.check(uri).is_err(), "{uri}");
        }
        assert!(Reach::Network.check("https://10.1.2.3/notify").is_ok());
    }

    #[tokio::test]
    async fn a_name_is_judged_by_where_it_leads() {
        let lookup = |reach: Reach| reach.resolve("localhost".parse().unwrap());
        assert!(lookup(Reach::Network).await.is_err());
        assert!(lookup(Reach::Loopback).await.unwrap().next().is_some());
    }
}
