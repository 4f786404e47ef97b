//! What every handler of the edge may reach.
//!
//! Must not enter: anything that changes with the request.

use std::{ops::Deref, sync::Arc};

use parlance_server::App;
use parlance_ui::rpc::session::SessionCookie;
use tokio_util::task::TaskTracker;

use super::{assets::Site, limits::Streams, rate::Rates};

/// State of the router. One pointer, since every layer makes a copy of it for every request.
#[derive(Clone)]
pub(super) struct Edge(Arc<Shared>);

/// What it points to.
pub(super) struct Shared {
    pub app: App,
    pub cookie: SessionCookie,
    pub site: Site,
    pub streams: Streams,
    pub rates: Arc<Rates>,
    /// Requests that change something, until they are through.
    pub verbs: TaskTracker,
    /// `scheme://host[:port]` of the public address, if one is configured.
    pub public_origin: Option<Arc<str>>,
}

impl Deref for Edge {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl Edge {
    pub(super) fn new(app: App) -> Self {
        let secure = app.config.is_https();
        // Browsers take the `__Host-` prefix only from cookies that are Secure, and not all of them
        // store Secure cookies that came over plain http.
        let name = if secure {
            "__Host-parlance"
        } else {
            "parlance"
        };
        let public_origin = app
            .config
            .public_url
            .as_ref()
            .map(|url| url.origin().ascii_serialization().into());
        let rates = Arc::new(Rates::new(&app.config.rates));
        let counted = rates.clone();
        app.messages
            .count_beside(move |user, times, all| counted.answered_beside(user, times, all));
        Self(Arc::new(Shared {
            cookie: SessionCookie {
                name: name.to_owned(),
                secure,
            },
            site: Site::load(&app.config),
            rates,
            streams: Streams::new(app.config.streams, app.config.streams_per_user),
            verbs: TaskTracker::new(),
            public_origin,
            app,
        }))
    }

    /// Whether a peer's `X-Forwarded-*` headers are believed.
    pub(super) fn trusts(&self, peer: std::net::IpAddr) -> bool {
        self.app
            .config
            .trusted_proxies
            .iter()
            .any(|network| network.contains(&peer.to_canonical()))
    }
}
