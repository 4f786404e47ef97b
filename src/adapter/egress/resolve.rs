//! What names stand for. Looked up once for a connection, and the connection goes to what was looked at: a name that
//! means something else a moment later gains nothing by it.

use std::{net::SocketAddr, sync::Arc};

use parlance_server::port::egress::Blocked;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::public::is_public;

/// As the machine resolves names.
pub(super) struct System;

impl Resolve for System {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            // The connector puts the port in.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(answer(found.collect()))
        })
    }
}

/// Lets a name pass only if every address that it stands for is public. One that stands for both kinds is no mishap.
pub(super) struct PublicOnly(pub Arc<dyn Resolve>);

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let found = self.0.resolve(name);
        Box::pin(async move {
            let found: Vec<_> = found.await?.collect();
            if found.iter().all(|address| is_public(address.ip())) {
                Ok(answer(found))
            } else {
                Err(Blocked::Internal.into())
            }
        })
    }
}

fn answer(found: Vec<SocketAddr>) -> Addrs {
    Box::new(found.into_iter())
}
