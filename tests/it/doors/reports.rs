//! What pages report about themselves.

use crate::harness::{Browser, Engine, Server, refused};

#[tokio::test]
async fn a_report_is_noted_in_the_log_and_rubbish_is_refused() {
    let server = Server::start(Engine::Sqlite, "words-3").await;
    let ann = server.member("ann").await;
    let id = ann.conversation().await;
    let send = async |who: &Browser, body: String| {
        let sent = who.post("/api/client-events").body(body).send().await;
        sent.expect("answers")
    };
    let report = format!(r#"{{"event":"stream_integrity_mismatch","conversation_id":"{id}"}}"#);
    assert_eq!(send(&ann, report.clone()).await.status(), 204);
    assert!(server.log().contains("StreamIntegrityMismatch"));
    for rubbish in ["", "{}", "x", &"x".repeat(5_000)] {
        let refusal = send(&ann, rubbish.to_owned()).await;
        assert_eq!(refused(refusal, 400).await, "bad_request");
    }
    assert_eq!(send(&server.visitor(), report).await.status(), 401);
}
