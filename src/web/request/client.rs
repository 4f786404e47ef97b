//! Whose address a request comes from, when proxies stand between.
//!
//! Proxies tell by one of two headers, and pass on the other one as a stranger may have written it. Where both are there
//! they must therefore say the same; else neither is believed.
//! Must not enter: any header that a listed proxy does not write itself.

use std::{
    borrow::Cow,
    net::{IpAddr, SocketAddr},
};

use axum::http::{HeaderMap, header::FORWARDED};

const X_FORWARDED_FOR: &str = "x-forwarded-for";

/// The peer, or behind listed proxies the rightmost address that is not one of them, by `X-Forwarded-For` or by
/// `Forwarded` (RFC 7239). What stands further left was written by strangers.
pub(super) fn address(
    peer: Option<IpAddr>,
    headers: &HeaderMap,
    trusts: impl Fn(IpAddr) -> bool,
) -> Option<IpAddr> {
    let peer = peer?.to_canonical();
    if !trusts(peer) {
        return Some(peer);
    }
    let hops = values(headers, X_FORWARDED_FOR).flat_map(|value| value.split(','));
    let told = walk(peer, hops.map(str::trim).map(parse).collect(), &trusts);
    let hops = values(headers, FORWARDED.as_str()).flat_map(|value| pieces(value, ','));
    let told_formally = walk(peer, hops.map(forwarded).collect(), &trusts);
    Some(match (told, told_formally) {
        (Some(one), Some(other)) if one == other => one,
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) | (Some(_), Some(_)) => peer,
    })
}

fn values<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = &'a str> {
    // One that cannot be read is a hop that nobody knows.
    headers
        .get_all(name)
        .into_iter()
        .map(|value| value.to_str().unwrap_or_default())
}

/// From the peer leftwards to the first that is no listed proxy; `None` if there is no header at all.
fn walk(
    peer: IpAddr,
    hops: Vec<Option<IpAddr>>,
    trusts: impl Fn(IpAddr) -> bool,
) -> Option<IpAddr> {
    if hops.is_empty() {
        return None;
    }
    let mut address = peer;
    for hop in hops.into_iter().rev() {
        if !trusts(address) {
            break;
        }
        // Rubbish: the last hop that is known is the best answer.
        let Some(next) = hop else { break };
        address = next;
    }
    Some(address)
}

/// The `for` of one element of `Forwarded`: `for="[2001:db8::1]:4711";proto=https`.
fn forwarded(element: &str) -> Option<IpAddr> {
    pieces(element, ';').find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        let is_for = name.trim().eq_ignore_ascii_case("for");
        is_for.then(|| parse(&unquoted(value.trim())))?
    })
}

/// A text cut at a character that stands in no quotes.
fn pieces(text: &str, cut: char) -> impl DoubleEndedIterator<Item = &str> {
    let (mut quoted, mut escaped, mut start) = (false, false, 0);
    let mut found = Vec::new();
    for (place, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if c == cut && !quoted => {
                found.push(&text[start..place]);
                start = place + c.len_utf8();
            }
            _ => {}
        }
    }
    found.push(&text[start..]);
    found.into_iter()
}

/// RFC 9110 §5.6.4.
fn unquoted(text: &str) -> Cow<'_, str> {
    match text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
    {
        Some(inner) if inner.contains('\\') => Cow::Owned(inner.replace('\\', "")),
        Some(inner) => Cow::Borrowed(inner),
        None => Cow::Borrowed(text),
    }
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
    use axum::http::{HeaderName, HeaderValue};

    fn seen_by(peer: &str, headers: &[(&'static str, &str)]) -> String {
        let proxies: [IpAddr; 2] = ["10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap()];
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let value = HeaderValue::from_str(value).unwrap();
            map.append(HeaderName::from_static(name), value);
        }
        address(peer.parse().ok(), &map, |ip| proxies.contains(&ip))
            .unwrap()
            .to_string()
    }

    fn seen(peer: &str, values: &[&str]) -> String {
        let headers: Vec<_> = values.iter().map(|v| (X_FORWARDED_FOR, *v)).collect();
        seen_by(peer, &headers)
    }

    fn formally(peer: &str, values: &[&str]) -> String {
        let headers: Vec<_> = values.iter().map(|v| ("forwarded", *v)).collect();
        seen_by(peer, &headers)
    }

    #[test]
    fn strangers_cannot_choose_their_address() {
        assert_eq!(seen("203.0.113.7", &["1.2.3.4"]), "203.0.113.7");
        assert_eq!(seen("10.0.0.1", &["1.2.3.4, 203.0.113.7"]), "203.0.113.7");
        assert_eq!(formally("203.0.113.7", &["for=1.2.3.4"]), "203.0.113.7");
        let both = formally("10.0.0.1", &["for=1.2.3.4, for=203.0.113.7"]);
        assert_eq!(both, "203.0.113.7");
    }

    #[test]
    fn listed_proxies_are_looked_through() {
        assert_eq!(seen("10.0.0.1", &["203.0.113.7, 10.0.0.2"]), "203.0.113.7");
        assert_eq!(
            seen("10.0.0.1", &["203.0.113.7", "10.0.0.2"]),
            "203.0.113.7"
        );
        assert_eq!(seen("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(
            formally("10.0.0.1", &["For=203.0.113.7;proto=https, for=10.0.0.2"]),
            "203.0.113.7"
        );
    }

    #[test]
    fn rubbish_ends_the_walk() {
        assert_eq!(seen("10.0.0.1", &["203.0.113.7, unknown"]), "10.0.0.1");
        assert_eq!(seen("10.0.0.1", &[""]), "10.0.0.1");
        for rubbish in [
            "for=203.0.113.7, for=unknown",
            "for=_hidden",
            "for=\"unclosed, for=203.0.113.7",
            "by=203.0.113.7;proto=http",
            "203.0.113.7",
            "for",
            ",;,=",
        ] {
            assert_eq!(formally("10.0.0.1", &[rubbish]), "10.0.0.1", "{rubbish}");
        }
    }

    #[test]
    fn a_header_that_the_proxy_passes_on_unread_gains_nothing() {
        let both = |for_, formal| {
            seen_by(
                "10.0.0.1",
                &[(X_FORWARDED_FOR, for_), ("forwarded", formal)],
            )
        };
        assert_eq!(both("203.0.113.7", "for=1.2.3.4"), "10.0.0.1");
        assert_eq!(both("1.2.3.4", "for=203.0.113.7"), "10.0.0.1");
        assert_eq!(both("203.0.113.7", "for=203.0.113.7"), "203.0.113.7");
    }

    #[test]
    fn ports_and_mapped_addresses_are_understood() {
        assert_eq!(seen("10.0.0.1", &["203.0.113.7:4711"]), "203.0.113.7");
        assert_eq!(seen("10.0.0.1", &["[2001:db8::1]:4711"]), "2001:db8::1");
        assert_eq!(
            seen("::ffff:10.0.0.1", &["::ffff:203.0.113.7"]),
            "203.0.113.7"
        );
        assert_eq!(
            formally("10.0.0.1", &[r#"for="[2001:db8::1]:4711";by="a,\"b""#]),
            "2001:db8::1"
        );
    }
}
