//! Where strangers may lead us: to their files, and to where they want to be told.
//!
//! Names are judged by the addresses that they stand for at the moment of connecting, and each
//! redirect is judged as the first address was.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use thiserror::Error;
use url::{Host, Url};

/// Why a way is not taken.
#[derive(Debug, Error)]
#[error("{0}")]
pub(crate) struct Forbidden(pub String);

/// Addresses of clouds' metadata services that are not link-local.
const METADATA: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
];

/// Refuses a URI that nobody is led to. `loopback` says whether this machine may be reached.
pub(crate) fn check(uri: &Url, loopback: bool) -> Result<(), String> {
    if !matches!(uri.scheme(), "http" | "https") {
        return Err(format!("`{}` is neither http nor https", uri.scheme()));
    }
    if !uri.username().is_empty() || uri.password().is_some() {
        return Err("credentials belong beside the address, not into it".to_owned());
    }
    match uri.host() {
        Some(Host::Domain(_)) => Ok(()),
        Some(Host::Ipv4(address)) => check_address(address.into(), loopback),
        Some(Host::Ipv6(address)) => check_address(address.into(), loopback),
        None => Err("it names no server".to_owned()),
    }
}

/// Refuses an address that leads to this machine, to its link or to nobody in particular.
fn check_address(address: IpAddr, loopback: bool) -> Result<(), String> {
    let plain = embedded(address).unwrap_or(address);
    let what = match plain {
        _ if METADATA.contains(&plain) => "a metadata service",
        _ if plain.is_loopback() && loopback => return Ok(()),
        _ if plain.is_loopback() => "this machine itself",
        _ if plain.is_unspecified() => "this machine itself",
        _ if plain.is_multicast() => "a group and no server",
        IpAddr::V4(v4) if v4.is_link_local() => "link-local, where metadata services are",
        IpAddr::V4(v4) if v4.is_broadcast() || v4.octets()[0] == 0 => "no server's",
        IpAddr::V6(v6) if v6.is_unicast_link_local() => "link-local",
        IpAddr::V4(_) | IpAddr::V6(_) => return Ok(()),
    };
    Err(format!("the address {address} is {what}"))
}

/// The IPv4 address that an IPv6 address stands for: mapped, compatible, translated or tunnelled.
fn embedded(address: IpAddr) -> Option<IpAddr> {
    let IpAddr::V6(v6) = address else { return None };
    let [a, b, c, d, e, f, g, h] = v6.segments();
    let v4 = |high: u16, low: u16| {
        let [[first, second], [third, fourth]] = [high.to_be_bytes(), low.to_be_bytes()];
        Some(Ipv4Addr::new(first, second, third, fourth).into())
    };
    match [a, b, c, d, e, f] {
        [0, 0, 0, 0, 0, 0] if g != 0 => v4(g, h),
        [0, 0, 0, 0, 0, 0xffff] | [0x64, 0xff9b, 0, 0, 0, 0] => v4(g, h),
        [0x2002, high, low, ..] => v4(high, low),
        _ => None,
    }
}

/// A URI as it may be shown and logged: without its query, where people put secrets.
#[must_use]
pub fn without_query(uri: &str) -> &str {
    uri.split(['?', '#']).next().unwrap_or_default()
}

/// Follows so many redirects, none of them to a worse place.
pub(crate) fn redirects(most: usize, loopback: bool) -> Policy {
    Policy::custom(move |attempt| {
        let was_safe = attempt.previous().last().is_some_and(|from| from.scheme() == "https");
        let told = if attempt.previous().len() > most {
            Err(format!("it is redirected more than {most} times"))
        } else if was_safe && attempt.url().scheme() == "http" {
            Err("it is redirected from https to http".to_owned())
        } else {
            check(attempt.url(), loopback)
        };
        match told {
            Ok(()) => attempt.follow(),
            Err(told) => attempt.error(Forbidden(told)),
        }
    })
}

/// Resolves names at the moment of the call, unless one of their addresses is forbidden: a name
/// cannot be pointed elsewhere after it was checked.
#[derive(Debug)]
pub(crate) struct Resolver {
    pub loopback: bool,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let loopback = self.loopback;
        Box::pin(async move {
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            for address in &found {
                check_address(address.ip(), loopback).map_err(Forbidden)?;
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reach;

    /// What nobody is led to, wherever this server listens.
    const REFUSED: [&str; 21] = [
        "http://169.254.169.254/latest/meta-data",
        "http://0xa9fea9fe/",
        "http://2852039166/",
        "http://[::ffff:169.254.169.254]/",
        "http://[::a9fe:a9fe]/",
        "http://[64:ff9b::a9fe:a9fe]/",
        "http://[2002:a9fe:a9fe::]/",
        "http://[fe80::1]/",
        "http://[fd00:ec2::254]/",
        "http://100.100.100.200/",
        "http://[64:ff9b::100.100.100.200]/",
        "http://0.0.0.0/",
        "http://0.1.2.3/",
        "http://[::]/",
        "http://224.0.0.1/",
        "http://[ff02::1]/",
        "http://255.255.255.255/",
        "file:///etc/passwd",
        "ftp://example.com/",
        "http://user@example.com/",
        "http://user:password@example.com/",
    ];
    /// What only a server is led to that serves this machine alone.
    const HERE: [&str; 5] = [
        "http://127.0.0.1:8080/",
        "http://127.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b::127.0.0.1]/",
    ];

    /// Whether a URI is refused to files and to callbacks, which must agree.
    fn is_refused(uri: &str, loopback: bool) -> bool {
        let file = check(&Url::parse(uri).unwrap(), loopback).is_err();
        let reach = if loopback { Reach::Loopback } else { Reach::Network };
        let callback = reach.check(uri).is_err();
        assert_eq!(file, callback, "{uri} is a file's or a callback's, and not the other's");
        file
    }

    #[test]
    fn what_only_this_machine_may_reach_is_refused_however_it_is_written() {
        for uri in REFUSED {
            assert!(is_refused(uri, false) && is_refused(uri, true), "{uri} is not refused");
        }
        for uri in HERE {
            assert!(is_refused(uri, false), "{uri} is not refused");
            assert!(!is_refused(uri, true), "{uri} is refused where a setting allows it");
        }
        for uri in ["http://10.1.2.3/a.csar", "https://[2001:db8::1]/", "https://example.com/a"] {
            assert!(!is_refused(uri, false), "{uri} is refused");
        }
        let metadata = Url::parse("http://169.254.169.254/").unwrap();
        let told = check(&metadata, true).unwrap_err();
        assert!(told.contains("169.254.169.254") && told.contains("link-local"), "{told}");
    }

    #[tokio::test]
    async fn a_name_is_judged_by_where_it_leads() {
        let lookup = |loopback| Resolver { loopback }.resolve("localhost".parse().unwrap());
        assert!(lookup(false).await.is_err());
        assert!(lookup(true).await.unwrap().next().is_some());
    }

    #[test]
    fn a_uri_is_shown_without_its_query() {
        assert_eq!(without_query("https://osm.example/n?key=hush#top"), "https://osm.example/n");
        assert_eq!(without_query("https://osm.example/n#top?"), "https://osm.example/n");
    }
}
