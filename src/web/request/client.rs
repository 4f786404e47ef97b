//! Whose address a request comes from, when proxies stand between.
//!
//! Must not enter: any header that a listed proxy does not write itself.

use std::net::{IpAddr, SocketAddr};

/// The peer, or behind listed proxies the rightmost address in `X-Forwarded-For` that is not one of
/// them. What stands further left was written by strangers. `headers`: the values in order.
pub(super) fn address(
    peer: Option<IpAddr>,
    headers: Vec<&str>,
    trusts: impl Fn(IpAddr) -> bool,
) -> Option<IpAddr> {
    let mut address = peer?.to_canonical();
    let hops = headers.iter().flat_map(|value| value.split(','));
    for hop in hops.rev() {
        if !trusts(address) {
            break;
        }
        // Rubbish: the last hop that is known is the best answer.
        let Some(next) = parse(hop.trim()) else { break };
        address = next;
    }
    Some(address)
}

/// Some proxies write the port too.
fn parse(hop: &str) -> Option<IpAddr> {
    let bare = hop.trim_start_matches('[').trim_end_matches(']');
    bare.parse()
        .ok()
        .or_else(|| hop.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
        .map(|ip: IpAddr| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, headers: &[&str]) -> String {
        let proxies: [IpAddr; 2] = ["10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap()];
        address(peer.parse().ok(), headers.to_vec(), |ip| {
            proxies.contains(&ip)
        })
        .unwrap()
        .to_string()
    }

    #[test]
    fn strangers_cannot_choose_their_address() {
        assert_eq!(seen("203.0.113.7", &["1.2.3.4"]), "203.0.113.7");
        assert_eq!(seen("10.0.0.1", &["1.2.3.4, 203.0.113.7"]), "203.0.113.7");
    }

    #[test]
    fn listed_proxies_are_looked_through() {
        assert_eq!(seen("10.0.0.1", &["203.0.113.7, 10.0.0.2"]), "203.0.113.7");
        assert_eq!(
            seen("10.0.0.1", &["203.0.113.7", "10.0.0.2"]),
            "203.0.113.7"
        );
        assert_eq!(seen("10.0.0.1", &[]), "10.0.0.1");
    }

    #[test]
    fn rubbish_ends_the_walk() {
        assert_eq!(seen("10.0.0.1", &["203.0.113.7, unknown"]), "10.0.0.1");
    }

    #[test]
    fn ports_and_mapped_addresses_are_understood() {
        assert_eq!(seen("10.0.0.1", &["203.0.113.7:4711"]), "203.0.113.7");
        assert_eq!(seen("10.0.0.1", &["[2001:db8::1]:4711"]), "2001:db8::1");
        assert_eq!(
            seen("::ffff:10.0.0.1", &["::ffff:203.0.113.7"]),
            "203.0.113.7"
        );
    }
}
