//! Whether an IP address belongs to somebody on the public internet.
//!
//! The standard library's `is_global` is unstable and lets pass what only looks public; the crates that copy it are not
//! kept up. So: the registries of special purpose addresses, as tables.
//! <https://www.iana.org/assignments/iana-ipv4-special-registry>,
//! <https://www.iana.org/assignments/iana-ipv6-special-registry>.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{Ipv4Net, Ipv6Net};

/// What no provider answers on.
const SPECIAL_V4: [Ipv4Net; 17] = [
    v4([0, 0, 0, 0], 8),          // this network, RFC 791 §3.2
    v4([10, 0, 0, 0], 8),         // private, RFC 1918
    v4([100, 64, 0, 0], 10), // shared by carriers, RFC 6598; a cloud's metadata at 100.100.100.200
    v4([127, 0, 0, 0], 8),   // loopback, RFC 1122 §3.2.1.3
    v4([168, 63, 129, 16], 32), // looks public and is the host below an Azure machine
    v4([169, 254, 0, 0], 16), // link-local, RFC 3927; metadata of most clouds
    v4([172, 16, 0, 0], 12), // private, RFC 1918
    v4([192, 0, 0, 0], 24),  // protocol assignments, RFC 6890 §2.1
    v4([192, 0, 2, 0], 24),  // documentation, RFC 5737
    v4([192, 88, 99, 0], 24), // 6to4 relays, RFC 7526
    v4([192, 168, 0, 0], 16), // private, RFC 1918
    v4([198, 18, 0, 0], 15), // benchmarks, RFC 2544
    v4([198, 51, 100, 0], 24), // documentation, RFC 5737
    v4([203, 0, 113, 0], 24), // documentation, RFC 5737
    v4([224, 0, 0, 0], 4),   // multicast, RFC 5771
    v4([240, 0, 0, 0], 4),   // reserved, RFC 1112 §4
    v4([255, 255, 255, 255], 32), // broadcast, RFC 919 §7
];

/// The only part of IPv6 that is handed out for public use, RFC 4291 §2.4. Not in it, among others: `::`, `::1`, IPv4
/// written as `::a.b.c.d` or `::ffff:0:a.b.c.d`, local-use NAT64 64:ff9b:1::/48 (RFC 8215), 100::/64, fc00::/7, fe80::/10,
/// ff00::/8.
const GLOBAL_V6: Ipv6Net = v6([0x2000, 0, 0, 0], 3);

/// What is special within. Tunnels are refused whole, whichever IPv4 address they embed: nobody serves models through
/// them.
const SPECIAL_V6: [Ipv6Net; 4] = [
    v6([0x2001, 0, 0, 0], 23), // protocol assignments, RFC 2928; Teredo, RFC 4380
    v6([0x2001, 0x0db8, 0, 0], 32), // documentation, RFC 3849
    v6([0x2002, 0, 0, 0], 16), // 6to4, RFC 3056
    v6([0x3fff, 0, 0, 0], 20), // documentation, RFC 9637
];

/// Networks with IPv6 alone reach IPv4 hosts so, RFC 6052 §2.1: as public as the address in the last four bytes. The
/// prefixes that a network may choose for itself instead cannot be known.
const NAT64: Ipv6Net = v6([0x0064, 0xff9b, 0, 0], 96);

const fn v4(octets: [u8; 4], bits: u8) -> Ipv4Net {
    let [a, b, c, d] = octets;
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), bits)
}

const fn v6(first: [u16; 4], bits: u8) -> Ipv6Net {
    let [a, b, c, d] = first;
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0), bits)
}

/// Whether the server may connect to it for somebody.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) if NAT64.contains(&address) => {
            let [.., a, b, c, d] = address.octets();
            is_public_v4(Ipv4Addr::new(a, b, c, d))
        }
        IpAddr::V6(address) => {
            GLOBAL_V6.contains(&address)
                && !SPECIAL_V6.iter().any(|net| net.contains(&address))
                && !is_isatap(address)
        }
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    !SPECIAL_V4.iter().any(|net| net.contains(&address))
}

/// A tunnel by the lower half of the address, RFC 5214 §6.1.
fn is_isatap(address: Ipv6Addr) -> bool {
    let [_, _, _, _, kind, owner, _, _] = address.segments();
    owner == 0x5efe && matches!(kind, 0 | 0x0200)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> bool {
        is_public(text.parse().unwrap())
    }

    #[test]
    fn each_range_ends_where_it_should() {
        for (last, first) in [
            ("0.255.255.255", "1.0.0.0"),
            ("10.255.255.255", "11.0.0.0"),
            ("100.127.255.255", "100.128.0.0"),
            ("127.255.255.255", "128.0.0.0"),
            ("168.63.129.16", "168.63.129.17"),
            ("169.254.255.255", "169.255.0.0"),
            ("172.31.255.255", "172.32.0.0"),
            ("192.0.0.255", "192.0.1.0"),
            ("192.0.2.255", "192.0.3.0"),
            ("192.88.99.255", "192.88.100.0"),
            ("192.168.255.255", "192.169.0.0"),
            ("198.19.255.255", "198.20.0.0"),
            ("198.51.100.255", "198.51.101.0"),
            ("203.0.113.255", "203.0.114.0"),
            ("1fff:ffff::", "2000::"),
            ("2001:1ff:ffff::", "2001:200::"),
            ("2001:db8:ffff::", "2001:db9::"),
            ("2002:ffff::", "2003::"),
            ("3fff:fff:ffff::", "3fff:1000::"),
        ] {
            assert!(!of(last), "{last}");
            assert!(of(first), "{first}");
        }
        for (last, first) in [
            ("9.255.255.255", "10.0.0.0"),
            ("100.63.255.255", "100.64.0.0"),
            ("126.255.255.255", "127.0.0.0"),
            ("168.63.129.15", "168.63.129.16"),
            ("169.253.255.255", "169.254.0.0"),
            ("172.15.255.255", "172.16.0.0"),
            ("191.255.255.255", "192.0.0.0"),
            ("192.167.255.255", "192.168.0.0"),
            ("198.17.255.255", "198.18.0.0"),
            ("223.255.255.255", "224.0.0.0"),
            ("2000:ffff::", "2001::"),
            ("3ffe:ffff::", "3fff::"),
            ("3fff:ffff::", "4000::"),
        ] {
            assert!(of(last), "{last}");
            assert!(!of(first), "{first}");
        }
    }

    #[test]
    fn an_embedded_address_is_as_public_as_it_is() {
        for prefix in ["::ffff:", "64:ff9b::"] {
            assert!(of(&format!("{prefix}8.8.8.8")));
            for inner in ["127.0.0.1", "10.0.0.1", "169.254.169.254", "168.63.129.16"] {
                assert!(!of(&format!("{prefix}{inner}")), "{prefix}{inner}");
            }
        }
        for tunnel in [
            "::8.8.8.8",
            "::ffff:0:8.8.8.8",
            "64:ff9b:1::8.8.8.8",
            "2002:808:808::1",
            "2001:0:808:808::1",
            "2620:1::5efe:808:808",
            "2620:1::200:5efe:808:808",
        ] {
            assert!(!of(tunnel), "{tunnel}");
        }
    }
}
