//! Replies as HTML with coloured code, and colours for code whose reply is still being written.
//!
//! Finding colours takes as long as everything else that a page needs together, so what was found is kept, by language
//! and text; it runs on threads of its own, few at once; and a page waits only a moment for what is not there yet. The
//! browser asks for that later, as it does for code that has just been finished. Must not enter: tags (`core::render`).

use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

use parlance_core::{
    domain::FieldCode,
    render::{
        code::{self, Marked},
        markdown::{self, Dress},
        words::Words,
    },
};
use quick_cache::{Weighter, sync::Cache};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use super::{Error, Viewer};
use crate::port::highlight::Highlighter;

/// What is kept, bytes of HTML.
const KEPT_BYTES: u64 = 8 * 1024 * 1024;
/// A first guess at how many blocks that is.
const KEPT_BLOCKS: usize = 4_096;
/// Most blocks that one request may ask about.
pub const MAX_BLOCKS: usize = 32;
/// Most code that one request may bring, bytes.
pub const MAX_REQUEST_BYTES: usize = 256 * 1024;
/// A page begins no further block after this long.
const PAGE_PATIENCE: Duration = Duration::from_millis(60);
/// Nor does a request for colours after this long.
const REQUEST_PATIENCE: Duration = Duration::from_secs(1);
/// So long a request waits for its turn.
const TURN: Duration = Duration::from_secs(2);

/// A block of code, and the word behind its fence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    pub language: String,
    pub code: String,
}

/// A text that is to be rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    pub markdown: String,
    /// Whether it is still being written.
    pub open: bool,
}

/// The verbs of rendering.
#[derive(Clone)]
pub struct Highlights {
    highlighter: Arc<dyn Highlighter>,
    kept: Arc<Kept>,
    permits: Arc<Semaphore>,
}

type Key = [u8; 32];
type Kept = Cache<Key, Arc<Marked>, Bytes>;

#[derive(Clone)]
struct Bytes;

impl Weighter<Key, Arc<Marked>> for Bytes {
    fn weight(&self, key: &Key, marked: &Arc<Marked>) -> u64 {
        (key.len() + marked.as_str().len()) as u64
    }
}

impl Highlights {
    /// With one thread for every two cores, at least one.
    #[must_use]
    pub fn new(highlighter: Arc<dyn Highlighter>) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            highlighter,
            kept: Arc::new(Cache::with_weighter(KEPT_BLOCKS, KEPT_BYTES, Bytes)),
            permits: Arc::new(Semaphore::new((cores / 2).max(1))),
        }
    }

    /// The texts as HTML, in their order. Colours that are not known yet are looked for from the last text on, because
    /// that is where a reader begins; code that has none when patience ends stays plain and unmarked.
    ///
    /// # Errors
    /// `Internal` when the thread dies.
    pub async fn render(
        &self,
        sources: Vec<Source>,
        words: Words<'static>,
    ) -> Result<Vec<String>, Error> {
        if sources.is_empty() {
            return Ok(Vec::new());
        }
        let own = self.clone();
        in_thread(move || {
            // Whoever finds all threads taken shows what is known.
            let permit = own.permits.try_acquire().ok();
            let patience = Patience::of(permit.as_ref().map(|_| PAGE_PATIENCE));
            let colours = |language: &str, code: &str| own.colours(language, code, &patience);
            let dress = Dress {
                words,
                colours: Some(&colours),
            };
            let mut pages: Vec<String> = sources
                .iter()
                .rev()
                .map(|source| page(source, dress))
                .collect();
            pages.reverse();
            pages
        })
        .await
    }

    /// Colours for blocks of code, in their order; `None` where there was no time, so that asking again may help.
    ///
    /// # Errors
    /// `Invalid` (`codes`, `too_large`) for more than [`MAX_BLOCKS`] or [`MAX_REQUEST_BYTES`]; `Internal` when the
    /// thread dies.
    pub async fn blocks(
        &self,
        _viewer: &Viewer,
        blocks: Vec<Block>,
    ) -> Result<Vec<Option<Arc<Marked>>>, Error> {
        let bytes: usize = blocks.iter().map(|block| block.code.len()).sum();
        if blocks.len() > MAX_BLOCKS || bytes > MAX_REQUEST_BYTES {
            return Err(Error::field("codes", FieldCode::TooLarge));
        }
        let turn = tokio::time::timeout(TURN, self.permits.clone().acquire_owned()).await;
        let Ok(Ok(permit)) = turn else {
            return Ok(vec![None; blocks.len()]);
        };
        let own = self.clone();
        in_thread(move || {
            let _held = permit;
            let patience = Patience::of(Some(REQUEST_PATIENCE));
            blocks
                .iter()
                .map(|block| own.colours(&block.language, &block.code, &patience))
                .collect()
        })
        .await
    }

    /// The colours of `code`: kept ones, or new ones while there is patience. Code that has no grammar, or is too
    /// much, is known to stay plain.
    fn colours(&self, language: &str, code: &str, patience: &Patience) -> Option<Arc<Marked>> {
        if !code::is_coloured(code) || !self.highlighter.knows(language) {
            return Some(Arc::new(Marked::new(code, &[])));
        }
        let key = key(language, code);
        if let Some(marked) = self.kept.get(&key) {
            return Some(marked);
        }
        if patience.is_over() {
            return None;
        }
        let find = AssertUnwindSafe(|| self.highlighter.highlight(language, code));
        // A grammar is foreign data: whatever it leads to, the code itself can be shown.
        let spans = catch_unwind(find).ok().flatten().unwrap_or_default();
        let marked = Arc::new(Marked::new(code, &spans));
        self.kept.insert(key, marked.clone());
        Some(marked)
    }
}

/// How long somebody waits for colours. Counted from the first that had to be looked for: one block is always done, and
/// what makes the very first slow is not held against it.
struct Patience {
    /// `None`: not at all.
    limit: Option<Duration>,
    begun: Cell<Option<Instant>>,
}

impl Patience {
    fn of(limit: Option<Duration>) -> Self {
        Self {
            limit,
            begun: Cell::new(None),
        }
    }

    fn is_over(&self) -> bool {
        let Some(limit) = self.limit else {
            return true;
        };
        let begun = self.begun.get();
        self.begun.set(begun.or_else(|| Some(Instant::now())));
        begun.is_some_and(|begun| begun.elapsed() > limit)
    }
}

fn page(source: &Source, dress: Dress<'_>) -> String {
    if source.open {
        markdown::tail_to_html(&source.markdown, dress)
    } else {
        markdown::to_html(&source.markdown, dress)
    }
}

/// The HTML of one person's code is given to everybody who has the same code: a digest that nobody can meet by intent.
fn key(language: &str, code: &str) -> Key {
    let mut digest = Sha256::new();
    digest.update(language.to_ascii_lowercase());
    digest.update([0]);
    digest.update(code);
    digest.finalize().into()
}

async fn in_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error::Internal(format!("rendering: {error}")))
}

#[cfg(test)]
mod tests;
