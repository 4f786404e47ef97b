//! On whose behalf something is done, and what that allows.

use std::net::IpAddr;

use parlance_core::domain::{
    Group, Preferences, ProblemCode, SessionId, User, UserId, preferences::Language,
};

use super::Error;
use crate::port::store::SessionKind;

/// A signed-in person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    pub user: User,
    pub session_id: SessionId,
    /// What the request was made with.
    pub kind: SessionKind,
    /// How this person wants the pages; `None` when they never chose anything.
    pub preferences: Option<Preferences>,
}

impl Viewer {
    /// Whether the person themselves acts. A program with an API key has their rights in everything but matters of the
    /// account.
    ///
    /// # Errors
    /// `Refused(Forbidden)` for an API key.
    pub fn in_person(&self) -> Result<(), Error> {
        match self.kind {
            SessionKind::Browser | SessionKind::Api => Ok(()),
            SessionKind::Key => Err(Error::Refused(ProblemCode::Forbidden)),
        }
    }

    /// The right to look after other people's accounts.
    ///
    /// # Errors
    /// `Refused(Forbidden)` for everybody but an admin in person.
    pub fn admin(&self) -> Result<Admin, Error> {
        self.in_person()?;
        match self.user.group {
            Group::Admin => Ok(Admin(self.user.id)),
            Group::User | Group::Pro => Err(Error::Refused(ProblemCode::Forbidden)),
        }
    }
}

/// Somebody who may look after other people's accounts. Only [`Viewer::admin`] makes one.
#[derive(Clone, Copy, Debug)]
pub struct Admin(UserId);

impl Admin {
    #[must_use]
    pub fn id(self) -> UserId {
        self.0
    }
}

/// Where a request comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// What a session that begins now is for. The edge says so: it alone sees who asks.
    pub kind: parlance_core::domain::DeviceKind,
    pub user_agent: Option<String>,
    pub address: Option<IpAddr>,
    /// The language of letters.
    pub locale: Language,
    /// Scheme and host by which the client reached us, as browsers write an origin; empty when nobody knows.
    pub origin: String,
}

impl Client {
    /// Whether it reached us by a name that means the machine it is on itself. Anybody can say so.
    #[must_use]
    pub fn names_this_machine(&self) -> bool {
        url::Url::parse(&self.origin).is_ok_and(|url| match url.host() {
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            Some(url::Host::Domain(name)) => name == "localhost",
            None => false,
        })
    }
}
