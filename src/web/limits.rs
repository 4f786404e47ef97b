//! How much one request may send, and how many streams one person, and this process, may hold.
//!
//! Must not enter: the figures; they are in `domain::limits`. How often somebody may ask is `rate`'s.

mod body;
mod functions;
mod head;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    extract::Request,
    http::header,
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::StreamExt;
use parlance_core::domain::{ProblemCode, UserId, limits};

use super::error::Fault;
pub(super) use body::in_time;
pub(super) use functions::functions;
pub(super) use head::head;

/// A body that is too large is still read to its end, and dropped, if it is no larger than this, bytes.
const LINGER_BYTES: u64 = 16 * 1024 * 1024;
/// For reading such a body.
const LINGER_TIME: Duration = Duration::from_secs(5);

/// Middleware: a body that announces itself as too large is not kept. What lies about its length is
/// cut off while it is read.
pub(super) async fn announced_length(request: Request, next: Next) -> Response {
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    match announced {
        Some(length) if length > limits::BODY_BYTES as u64 => {
            if length <= LINGER_BYTES {
                linger(request).await;
            }
            too_large().into_response()
        }
        _ => next.run(request).await,
    }
}

/// Lets the client finish: most read no answer while they are still sending, and closing the
/// connection on them would show as a broken one instead of the refusal.
async fn linger(request: Request) {
    let mut body = request.into_body().into_data_stream();
    let read = async { while let Some(Ok(_)) = body.next().await {} };
    // Whoever is slower than this has no claim to hear why.
    let _ = tokio::time::timeout(LINGER_TIME, read).await;
}

pub(super) fn too_large() -> Fault {
    Fault::new(ProblemCode::TooLarge)
        .detail(format!("A request may hold {} bytes.", limits::BODY_BYTES))
}

/// Between two looks whether all streams are gone.
const LOOK: Duration = Duration::from_millis(10);

/// The open streams of everybody.
#[derive(Clone)]
pub(super) struct Streams {
    open: Arc<Mutex<Open>>,
    most: usize,
    most_per_user: usize,
}

#[derive(Default)]
struct Open {
    all: usize,
    by_user: HashMap<UserId, usize>,
}

/// Why there is no place for one more stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    /// This person holds as many as one may.
    Person,
    /// This process holds as many as it can.
    Process,
}

impl From<Full> for Fault {
    fn from(full: Full) -> Self {
        match full {
            Full::Person => Self::new(ProblemCode::StreamLimit),
            Full::Process => Self::new(ProblemCode::RateLimited),
        }
    }
}

impl Streams {
    pub(super) fn new(most: usize, most_per_user: usize) -> Self {
        Self {
            open: Arc::default(),
            most,
            most_per_user,
        }
    }

    /// Takes a place for one more stream of this person; dropping the place gives it back.
    pub(super) fn enter(&self, user: UserId) -> Result<Place, Full> {
        let mut open = self.open();
        if open.all >= self.most {
            return Err(Full::Process);
        }
        let count = open.by_user.entry(user).or_default();
        if *count >= self.most_per_user {
            return Err(Full::Person);
        }
        *count += 1;
        open.all += 1;
        Ok(Place {
            streams: self.clone(),
            user,
        })
    }

    /// Waits until nobody holds one.
    pub(super) async fn gone(&self) {
        while self.open().all > 0 {
            tokio::time::sleep(LOOK).await;
        }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One open stream.
pub(super) struct Place {
    streams: Streams,
    user: UserId,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.streams.open();
        open.all -= 1;
        if let Some(count) = open.by_user.get_mut(&self.user) {
            *count -= 1;
            if *count == 0 {
                open.by_user.remove(&self.user);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    const ME: UserId = UserId(Uuid::from_u128(1));
    const OTHER: UserId = UserId(Uuid::from_u128(2));

    #[test]
    fn a_closed_stream_makes_room_for_another() {
        let streams = Streams::new(100, 2);
        let mut places = vec![streams.enter(ME).unwrap(), streams.enter(ME).unwrap()];
        assert_eq!(streams.enter(ME).err(), Some(Full::Person));
        assert!(streams.enter(OTHER).is_ok());
        places.pop();
        places.push(streams.enter(ME).unwrap());
        assert_eq!(streams.enter(ME).err(), Some(Full::Person));
        places.clear();
        assert!(streams.open().by_user.is_empty());
        assert_eq!(streams.open().all, 0);
    }

    #[test]
    fn a_process_holds_so_many_of_all_people() {
        let streams = Streams::new(2, 2);
        let _held = [streams.enter(ME).unwrap(), streams.enter(OTHER).unwrap()];
        assert_eq!(streams.enter(OTHER).err(), Some(Full::Process));
    }
}
