//! Where somebody is, as far as an address tells: how wide a net belongs to one person, or to one who attacks.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A net of addresses that count as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// The address is not known.
    Nowhere,
    V4(Ipv4Addr),
    V6(Ipv6Addr),
}

/// Bits of an IPv6 address that one customer of a network is given: beneath them there are addresses without number.
const V6_ONE: u32 = 64;
/// Bits that a whole site may be given.
const V6_MANY: u32 = 48;
const V4_MANY: u32 = 24;
/// The widest nets, for when there is no room to tell more apart.
const V6_CROWD: u32 = 32;
const V4_CROWD: u32 = 16;

impl Place {
    /// One client: an IPv4 address, or an IPv6 /64.
    #[must_use]
    pub fn of_one(address: Option<IpAddr>) -> Self {
        Self::cut(address, 32, V6_ONE)
    }

    /// A subnet: an IPv4 /24, or an IPv6 /48.
    #[must_use]
    pub fn of_many(address: Option<IpAddr>) -> Self {
        Self::cut(address, V4_MANY, V6_MANY)
    }

    /// A network: an IPv4 /16, or an IPv6 /32. There are too few of them to fill a memory.
    #[must_use]
    pub fn of_a_crowd(address: Option<IpAddr>) -> Self {
        Self::cut(address, V4_CROWD, V6_CROWD)
    }

    fn cut(address: Option<IpAddr>, v4: u32, v6: u32) -> Self {
        match address.map(|address| address.to_canonical()) {
            None => Self::Nowhere,
            Some(IpAddr::V4(address)) => Self::V4(Ipv4Addr::from_bits(
                address.to_bits() & (u32::MAX << (32 - v4)),
            )),
            Some(IpAddr::V6(address)) => Self::V6(Ipv6Addr::from_bits(
                address.to_bits() & (u128::MAX << (128 - v6)),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_network_counts_as_one_client() {
        let one = |text: &str| Place::of_one(text.parse().ok());
        assert_eq!(one("2001:db8:1:2::1"), one("2001:db8:1:2:ffff::9"));
        assert_ne!(one("2001:db8:1:2::1"), one("2001:db8:1:3::1"));
        assert_ne!(one("192.0.2.1"), one("192.0.2.2"));
        assert_eq!(one("::ffff:192.0.2.1"), one("192.0.2.1"));
    }

    #[test]
    fn subnets_and_networks_are_wider() {
        let many = |text: &str| Place::of_many(text.parse().ok());
        assert_eq!(many("192.0.2.1"), many("192.0.2.200"));
        assert_ne!(many("192.0.2.1"), many("192.0.3.1"));
        assert_eq!(many("2001:db8:1:2::1"), many("2001:db8:1:9::1"));
        assert_ne!(many("2001:db8:1::1"), many("2001:db8:2::1"));
        let crowd = |text: &str| Place::of_a_crowd(text.parse().ok());
        assert_eq!(crowd("192.0.2.1"), crowd("192.0.9.1"));
        assert_eq!(crowd("2001:db8:1::1"), crowd("2001:db8:2::1"));
        assert_eq!(many("rubbish"), Place::Nowhere);
    }
}
