//! How often may be asked: by the client's address, and by the person, each for itself.
//!
//! Two scopes, two answers: whoever shares an address with a crowd learns that it is the address, and a person who asks
//! too much learns that it is they, from wherever. Keys of the API draw on what their owner has. Health and the site's
//! files are free. Counts are kept by the `governor` crate (generic cell rate algorithm), in memory, for this process.
//! Must not enter: wrong passwords; those are the service's throttle.

mod class;
mod limiter;

use std::{net::IpAddr, time::Duration};

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::{IntoResponse, Response},
};
use parlance_core::domain::{Problem, ProblemCode, UserId};
use parlance_server::{
    config::{self, PerMinute},
    service::{
        Client, Viewer,
        audit::{Entry, Kind},
        throttle::Place,
    },
};

use super::{error::Fault, state::Edge};
use class::Class;
use limiter::Limiter;

/// Draft "RateLimit header fields for HTTP" of the IETF's httpapi group: the name of the policy, its quota, its window.
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// The counts of this process.
pub(super) struct Rates {
    address: Table<Place>,
    user: Table<UserId>,
    /// All requests of people whose group has a limit of its own.
    limited: limiter::ByQuota<UserId>,
}

/// One limiter for each class.
struct Table<K: limiter::Key> {
    entrance: Limiter<K>,
    sends: Limiter<K>,
    writes: Limiter<K>,
    reads: Limiter<K>,
    streams: Limiter<K>,
}

/// Whose requests were too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    Address,
    User,
}

/// A request too many.
#[derive(Clone, Copy, Debug)]
pub(super) struct TooMany {
    scope: Scope,
    most: u32,
    wait: Duration,
}

impl Rates {
    pub(super) fn new(rates: &config::Rates) -> Self {
        Self {
            address: Table::new(&rates.address),
            user: Table::new(&rates.user),
            limited: limiter::ByQuota::default(),
        }
    }

    /// One more request from this address.
    fn of_address(&self, class: Class, address: Option<IpAddr>) -> Result<(), TooMany> {
        let limiter = self.address.of(class);
        let place = if limiter.is_crowded() {
            Place::of_a_crowd(address)
        } else {
            Place::of_one(address)
        };
        limiter.check(place).map_err(|wait| TooMany {
            scope: Scope::Address,
            most: limiter.most(),
            wait,
        })
    }

    /// One more request of this person; `all` is what their group may ask in a minute, whatever it is for, if that is
    /// limited.
    fn of_user(&self, class: Class, user: UserId, all: Option<u32>) -> Result<(), TooMany> {
        let (most, checked) = match all {
            Some(all) => (all, self.limited.check(all, user)),
            None => {
                let limiter = self.user.of(class);
                (limiter.most(), limiter.check(user))
            }
        };
        checked.map_err(|wait| TooMany {
            scope: Scope::User,
            most,
            wait,
        })
    }
}

impl<K: limiter::Key> Table<K> {
    fn new(most: &PerMinute) -> Self {
        Self {
            entrance: Limiter::new(most.entrance),
            sends: Limiter::new(most.sends),
            writes: Limiter::new(most.writes),
            reads: Limiter::new(most.reads),
            streams: Limiter::new(most.streams),
        }
    }

    fn of(&self, class: Class) -> &Limiter<K> {
        match class {
            Class::Entrance => &self.entrance,
            Class::Sends => &self.sends,
            Class::Writes => &self.writes,
            Class::Reads => &self.reads,
            Class::Streams => &self.streams,
        }
    }
}

/// One more request of this person.
async fn by_person(
    edge: &Edge,
    class: Class,
    viewer: &Viewer,
    client: &Client,
) -> Result<(), TooMany> {
    // A store that is away refuses soon enough.
    let limits = edge.app.people.limits(viewer).await.ok();
    let all = limits.and_then(|limits| limits.requests_per_minute);
    let allowed = edge.rates.of_user(class, viewer.user.id, all);
    if allowed.is_err() {
        let entry = Entry::new(Kind::RateLimited).by(viewer.user.id);
        note(edge, entry.from(client).note("scope", "user"));
    }
    allowed
}

/// One more request from this client's address.
fn from_address(edge: &Edge, class: Class, client: &Client) -> Result<(), TooMany> {
    let allowed = edge.rates.of_address(class, client.address);
    if allowed.is_err() {
        let entry = Entry::new(Kind::RateLimited).from(client);
        note(edge, entry.note("scope", "address"));
    }
    allowed
}

/// Beside the answer: who is refused shall not wait for the log, nor the log keep the door busy.
fn note(edge: &Edge, entry: Entry) {
    let audit = edge.app.audit.clone();
    tokio::spawn(async move { audit.record(entry).await });
}

impl Rates {
    /// A message shall be answered so many more times than once. Refused, it says how long to wait.
    pub(super) fn answered_beside(
        &self,
        user: UserId,
        times: usize,
        all: Option<u32>,
    ) -> Result<(), Duration> {
        (0..times).try_for_each(|_| {
            self.of_user(Class::Sends, user, all)
                .map_err(|refused| refused.wait)
        })
    }
}

/// One more message of this person, through a door that is no request.
pub(super) async fn send(edge: &Edge, viewer: &Viewer) -> Result<(), Fault> {
    // Where the socket came from was looked at when it was opened.
    Ok(by_person(edge, Class::Sends, viewer, &Client::default()).await?)
}

/// Middleware, before anything is looked up: the limits of the address.
pub(super) async fn by_address(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    let class = Class::of(request.method(), request.uri().path());
    match from_address(&edge, class, &client(&request)) {
        Ok(()) => next.run(request).await,
        Err(refused) => refused.into_response(),
    }
}

/// Middleware, once the person is known: their limits. A stranger who wants to change something is at the entrance,
/// whichever address it is: there is nothing else to change without an account.
pub(super) async fn by_user(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    let class = Class::of(request.method(), request.uri().path());
    let client = client(&request);
    let viewer = request.extensions().get::<Option<Viewer>>();
    let allowed = match viewer.cloned().flatten().as_ref() {
        Some(viewer) => by_person(&edge, class, viewer, &client).await,
        None if matches!(class, Class::Sends | Class::Writes) => {
            from_address(&edge, Class::Entrance, &client)
        }
        None => Ok(()),
    };
    match allowed {
        Ok(()) => next.run(request).await,
        Err(refused) => refused.into_response(),
    }
}

fn client(request: &Request) -> Client {
    let client = request.extensions().get::<Client>();
    client.cloned().unwrap_or_default()
}

impl TooMany {
    fn policy(self) -> String {
        let name = match self.scope {
            Scope::Address => "address",
            Scope::User => "user",
        };
        format!("\"{name}\";q={};w=60", self.most)
    }

    fn detail(self) -> String {
        let most = self.most;
        match self.scope {
            Scope::Address => {
                format!("Too many requests from this address: {most} of this kind a minute.")
            }
            Scope::User => format!("Too many requests of this account: {most} a minute."),
        }
    }
}

impl From<TooMany> for Fault {
    fn from(refused: TooMany) -> Self {
        Problem::new(ProblemCode::RateLimited)
            .detail(refused.detail())
            .retry_after(refused.wait)
            .into()
    }
}

impl IntoResponse for TooMany {
    fn into_response(self) -> Response {
        let mut response = Fault::from(self).into_response();
        if let Ok(policy) = HeaderValue::from_str(&self.policy()) {
            response.headers_mut().insert(POLICY, policy);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use parlance_server::config::{Config, Source};
    use uuid::Uuid;

    fn rates(pairs: &[(&str, &str)]) -> Rates {
        let config = Config::read(&Source::from_pairs(pairs)).unwrap();
        Rates::new(&config.rates)
    }

    #[test]
    fn an_ipv6_network_has_the_allowance_of_one_address() {
        let rates = rates(&[("PARLANCE_RATE_ADDRESS_READS", "2")]);
        let ask = |text: &str| rates.of_address(Class::Reads, text.parse().ok()).is_ok();
        assert!(ask("2001:db8:1:2::1") && ask("2001:db8:1:2::2"));
        assert!(!ask("2001:db8:1:2::3"));
        assert!(ask("2001:db8:1:3::1") && ask("192.0.2.1"));
    }

    #[test]
    fn classes_and_scopes_are_counted_apart() {
        let rates = rates(&[
            ("PARLANCE_RATE_USER_SENDS", "1"),
            ("PARLANCE_RATE_USER_WRITES", "1"),
        ]);
        let me = UserId(Uuid::from_u128(1));
        assert!(rates.of_user(Class::Sends, me, None).is_ok());
        let refused = rates.of_user(Class::Sends, me, None).unwrap_err();
        assert_eq!(refused.scope, Scope::User);
        assert_eq!(refused.policy(), "\"user\";q=1;w=60");
        assert!(refused.wait > Duration::from_secs(50) && refused.wait <= Duration::from_secs(60));
        assert!(rates.of_user(Class::Writes, me, None).is_ok());
        assert!(
            rates
                .of_user(Class::Sends, UserId(Uuid::from_u128(2)), None)
                .is_ok()
        );
        assert!(rates.of_address(Class::Sends, None).is_ok());
    }

    #[test]
    fn the_limit_of_a_group_stands_for_all_classes() {
        let rates = rates(&[("PARLANCE_RATE_USER_READS", "1")]);
        let me = UserId(Uuid::from_u128(1));
        for class in [Class::Reads, Class::Reads, Class::Sends] {
            assert!(rates.of_user(class, me, Some(3)).is_ok());
        }
        assert!(rates.of_user(Class::Writes, me, Some(3)).is_err());
        // Another limit begins anew.
        assert!(rates.of_user(Class::Writes, me, Some(5)).is_ok());
    }
}
