//! What is kept, what is refused, and what happens to code that cannot be coloured.

use std::sync::atomic::{AtomicUsize, Ordering};

use parlance_core::{
    domain::{Group, SessionId, Timestamp, User, UserId},
    render::code::{Class, Span},
};

use super::*;
use crate::port::store::SessionKind;

/// Takes the first two bytes for a keyword, and counts how often it was asked.
#[derive(Default)]
struct Crayon {
    asked: AtomicUsize,
}

impl Highlighter for Crayon {
    fn knows(&self, language: &str) -> bool {
        !language.eq_ignore_ascii_case("klingon")
    }

    fn highlight(&self, language: &str, _: &str) -> Option<Vec<Span>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        assert_ne!(language, "broken", "a grammar that panics");
        (language != "endless").then(|| {
            vec![Span {
                bytes: 2,
                class: Some(Class::Keyword),
            }]
        })
    }
}

fn world() -> (Arc<Crayon>, Highlights) {
    let crayon = Arc::new(Crayon::default());
    (crayon.clone(), Highlights::new(crayon))
}

fn block(language: &str, code: &str) -> Block {
    Block {
        language: language.to_owned(),
        code: code.to_owned(),
    }
}

fn source(markdown: &str) -> Source {
    Source {
        markdown: markdown.to_owned(),
        open: false,
    }
}

fn viewer() -> Viewer {
    let epoch = Timestamp(0);
    Viewer {
        user: User {
            id: UserId(uuid::Uuid::nil()),
            username: "ann".to_owned(),
            email: "ann@a.example".to_owned(),
            email_verified: false,
            group: Group::User,
            avatar_url: None,
            created_at: epoch,
            updated_at: epoch,
        },
        session_id: SessionId(uuid::Uuid::nil()),
        kind: SessionKind::Browser,
        preferences: None,
    }
}

async fn html(highlights: &Highlights, blocks: Vec<Block>) -> Vec<Option<String>> {
    let found = highlights.blocks(&viewer(), blocks).await.unwrap();
    found
        .into_iter()
        .map(|marked| marked.map(|marked| marked.as_str().to_owned()))
        .collect()
}

#[tokio::test]
async fn the_same_code_is_coloured_once_for_page_and_request() {
    let (crayon, highlights) = world();
    let coloured = "<span class=\"kw\">fn</span> a() &lt; b\n";
    for language in ["rust", "Rust"] {
        assert_eq!(
            html(&highlights, vec![block(language, "fn a() < b\n")]).await,
            [Some(coloured.to_owned())]
        );
    }
    let page = highlights
        .render(
            vec![source("no code"), source("```rust\nfn a() < b\n```\n")],
            Words::default(),
        )
        .await
        .unwrap();
    assert!(page[0].contains("no code"));
    assert!(
        page[1].contains("data-hl") && page[1].contains(coloured),
        "{}",
        page[1]
    );
    assert_eq!(crayon.asked.load(Ordering::Relaxed), 1);
    html(&highlights, vec![block("go", "fn a() < b\n")]).await;
    assert_eq!(crayon.asked.load(Ordering::Relaxed), 2, "another language");
}

#[tokio::test]
async fn code_that_cannot_be_coloured_is_plain_and_settled() {
    let (crayon, highlights) = world();
    let long = "x".repeat(code::MAX_LINE_BYTES + 1);
    let blocks = vec![
        block("klingon", "a < b"),
        block("broken", "a < b"),
        block("endless", "a < b"),
        block("rust", &long),
    ];
    let plain = Some("a &lt; b".to_owned());
    assert_eq!(
        html(&highlights, blocks).await,
        [plain.clone(), plain.clone(), plain, Some(long)]
    );
    assert_eq!(crayon.asked.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_request_brings_no_more_than_it_may() {
    let (_, highlights) = world();
    let ask = |blocks| async { highlights.blocks(&viewer(), blocks).await };
    assert!(ask(vec![block("rust", "a"); MAX_BLOCKS]).await.is_ok());
    let many = ask(vec![block("rust", "a"); MAX_BLOCKS + 1]).await;
    let large = ask(vec![block("rust", &"a".repeat(MAX_REQUEST_BYTES + 1))]).await;
    for refused in [many, large] {
        assert!(matches!(refused, Err(Error::Invalid(_))), "{refused:?}");
    }
}

#[tokio::test]
async fn a_page_does_not_wait_when_all_threads_are_taken() {
    let (crayon, highlights) = world();
    let all = highlights.permits.available_permits();
    let taken = highlights
        .permits
        .clone()
        .acquire_many_owned(u32::try_from(all).unwrap());
    let taken = taken.await.unwrap();
    let text = || vec![source("```rust\nfn a\n```\n")];
    let page = highlights.render(text(), Words::default()).await.unwrap();
    assert!(
        page[0].contains("fn a") && !page[0].contains("data-hl"),
        "{}",
        page[0]
    );
    assert_eq!(crayon.asked.load(Ordering::Relaxed), 0);
    drop(taken);
    let page = highlights.render(text(), Words::default()).await.unwrap();
    assert!(page[0].contains("data-hl"), "{}", page[0]);
}
