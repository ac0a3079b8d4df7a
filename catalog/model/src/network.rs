//! IPv4 networks in CIDR notation, and the addresses in them.

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An IPv4 network such as `10.20.1.0/24`. The host bits are zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Ipv4Net {
    base: u32,
    prefix_length: u8,
}

/// Text that is not an IPv4 network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an IPv4 network: something like 10.20.1.0/24 is wanted")]
pub struct NotANetwork(pub String);

impl Ipv4Net {
    /// The network that `address` lies in; `None` when the prefix is longer than 32 bits.
    #[must_use]
    pub fn new(address: Ipv4Addr, prefix_length: u8) -> Option<Self> {
        let mask = mask(prefix_length)?;
        Some(Self { base: u32::from(address) & mask, prefix_length })
    }

    /// Bits of the prefix, 0 to 32.
    #[must_use]
    pub fn prefix_length(self) -> u8 {
        self.prefix_length
    }

    /// The first address, which names the network.
    #[must_use]
    pub fn base(self) -> Ipv4Addr {
        self.base.into()
    }

    /// True when `address` lies inside.
    #[must_use]
    pub fn contains(self, address: Ipv4Addr) -> bool {
        Self::new(address, self.prefix_length) == Some(self)
    }

    /// The addresses that hosts may have, in order: without the network's own and the broadcast
    /// address, except in a /31 or /32, which have neither.
    pub fn hosts(self) -> impl Iterator<Item = Ipv4Addr> {
        let size = 1u64 << (32 - u32::from(self.prefix_length));
        let (first, end) = if size > 2 { (1, size - 1) } else { (0, size) };
        (first..end)
            .filter_map(move |i| u32::try_from(u64::from(self.base) + i).ok().map(Ipv4Addr::from))
    }
}

fn mask(prefix_length: u8) -> Option<u32> {
    match prefix_length {
        0 => Some(0),
        1..=32 => Some(u32::MAX << (32 - prefix_length)),
        33.. => None,
    }
}

impl fmt::Display for Ipv4Net {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base(), self.prefix_length)
    }
}

impl FromStr for Ipv4Net {
    type Err = NotANetwork;
    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let parse = || {
            let (address, prefix) = text.split_once('/')?;
            Self::new(address.parse().ok()?, prefix.parse().ok()?)
        };
        parse().ok_or_else(|| NotANetwork(text.to_owned()))
    }
}

impl TryFrom<String> for Ipv4Net {
    type Error = NotANetwork;
    fn try_from(text: String) -> Result<Self, NotANetwork> {
        text.parse()
    }
}

impl From<Ipv4Net> for String {
    fn from(net: Ipv4Net) -> String {
        net.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_network_names_its_hosts_and_no_others() {
        let net: Ipv4Net = "10.1.2.7/29".parse().unwrap();
        assert_eq!(net.to_string(), "10.1.2.0/29");
        let hosts: Vec<String> = net.hosts().map(|a| a.to_string()).collect();
        assert_eq!(hosts.first().map(String::as_str), Some("10.1.2.1"));
        assert_eq!(hosts.len(), 6);
    }

    proptest! {
        #[test]
        fn every_host_lies_in_its_network(address: u32, prefix in 16u8..=32) {
            let net = Ipv4Net::new(address.into(), prefix).unwrap();
            prop_assert!(net.hosts().take(300).all(|host| net.contains(host)));
            prop_assert_eq!(net.to_string().parse::<Ipv4Net>().unwrap(), net);
        }
    }
}
