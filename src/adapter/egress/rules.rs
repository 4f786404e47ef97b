//! Which addresses may be called, by what they say of themselves: scheme, host, port. What a name resolves to is
//! `resolve`'s matter.

use std::net::IpAddr;

use parlance_server::port::egress::Blocked;
use url::{Host, Url};

use super::public::is_public;

/// Where public https services answer.
const PORTS: [u16; 2] = [443, 8443];
/// Ends of names that nobody has on the public internet: RFC 6761, RFC 6762, RFC 8375, and what ICANN keeps free for
/// inner names.
const LOCAL: [&str; 4] = ["localhost", "local", "home.arpa", "internal"];

/// How an address is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// It is on the list: wherever it leads.
    Listed,
    /// Only if it leads to a public address.
    Public,
}

/// The rules, with the list of those who run the installation.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    pub allow: Vec<(Host, u16)>,
}

impl Rules {
    /// Reads an address. The URL is what is called: there is no second parser that might read it otherwise.
    ///
    /// # Errors
    /// See [`Blocked`].
    pub(super) fn read(&self, address: &str) -> Result<Url, Blocked> {
        // The parser would drop some of these and turn others into slashes; whoever looks at the text sees another host.
        let is_odd = |c: char| c.is_whitespace() || c.is_control() || c == '\\';
        if address.contains(is_odd) {
            return Err(Blocked::Malformed);
        }
        let url = Url::parse(address).map_err(|_| Blocked::Malformed)?;
        self.way(&url)?;
        Ok(url)
    }

    /// How the address may be called.
    ///
    /// # Errors
    /// See [`Blocked`].
    pub(super) fn way(&self, url: &Url) -> Result<Way, Blocked> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Blocked::Scheme);
        }
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err(Blocked::Malformed);
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Blocked::Credentials);
        }
        let host = host.to_owned();
        let is_listed = |(known, its_port): &(Host, u16)| *known == host && *its_port == port;
        if self.allow.iter().any(is_listed) {
            return Ok(Way::Listed);
        }
        if url.scheme() != "https" {
            return Err(Blocked::Scheme);
        }
        if !PORTS.contains(&port) {
            return Err(Blocked::Port);
        }
        // Connectors ask no resolver about an address that is a number already, so it is looked at here.
        let is_outside = match host {
            Host::Ipv4(address) => is_public(IpAddr::V4(address)),
            Host::Ipv6(address) => is_public(IpAddr::V6(address)),
            Host::Domain(name) if name.ends_with('.') => return Err(Blocked::Malformed),
            Host::Domain(name) => !is_local(&name),
        };
        if is_outside {
            Ok(Way::Public)
        } else {
            Err(Blocked::Internal)
        }
    }
}

/// Whether a name can only mean something inside a network. Others may still resolve to it.
fn is_local(name: &str) -> bool {
    let ends_in = |end: &&str| {
        name.strip_suffix(*end)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    !name.contains('.') || LOCAL.iter().any(ends_in)
}

#[cfg(test)]
mod tests;
