//! What a provider is sent: its own form of the question, and the key where it belongs and nowhere else.

use serde_json::{Value, json};

use super::*;

/// The conversation that is asked about.
fn conversation() -> Prompt {
    let mut prompt = saying("Hello");
    let turn = |role, content: &str| Turn {
        role,
        content: content.to_owned(),
    };
    let further = [
        turn(Role::Assistant, "Yes?"),
        turn(Role::User, "words-3 please"),
    ];
    prompt.turns.extend(further);
    prompt
}

#[tokio::test]
async fn each_kind_is_asked_in_its_own_form() {
    let said = |role: &str, content: &str| json!({ "role": role, "content": content });
    let part = |role: &str, text: &str| json!({ "role": role, "parts": [{ "text": text }] });
    let turns: Value = json!([
        said("user", "Hello"),
        said("assistant", "Yes?"),
        said("user", "words-3 please")
    ]);
    let with_system = json!([said("system", "Be brief."), turns[0], turns[1], turns[2]]);
    for (kind, path, header, body) in [
        (
            "openai",
            "/v1/chat/completions",
            ("authorization", format!("Bearer {KEY}")),
            json!({ "model": "words-3", "stream": true, "stream_options": { "include_usage": true }, "messages": with_system }),
        ),
        (
            "anthropic",
            "/anthropic/v1/messages",
            ("x-api-key", KEY.to_owned()),
            json!({ "model": "words-3", "stream": true, "max_tokens": 8_192, "system": "Be brief.", "messages": turns }),
        ),
        (
            "gemini",
            "/gemini/v1beta/models/words-3:streamGenerateContent?alt=sse",
            ("x-goog-api-key", KEY.to_owned()),
            json!({
                "systemInstruction": { "parts": [{ "text": "Be brief." }] },
                "contents": [part("user", "Hello"), part("model", "Yes?"), part("user", "words-3 please")],
            }),
        ),
        (
            "agent",
            "/agent",
            ("authorization", format!("Bearer {KEY}")),
            json!({ "version": 1, "stream": true, "messages": with_system }),
        ),
    ] {
        let upstream = Upstream::start().await;
        let llm = of_kind(kind, &upstream, Some("words-3"));
        let outcome = Outcome::of_prompt(&*llm, conversation()).await;
        assert_eq!(outcome.words(), 3, "{kind}: {:?}", outcome.error);
        let seen = upstream.requests().pop().expect("a request");
        assert_eq!(seen.path, path);
        let (name, value) = header;
        assert_eq!(seen.headers.get(name), Some(&value), "{kind}");
        assert_eq!(seen.headers["content-type"], "application/json", "{kind}");
        for (other, value) in &seen.headers {
            assert!(other == name || !value.contains(KEY), "{kind}: {other}");
        }
        let sent = seen.body;
        if kind == "anthropic" {
            assert_eq!(seen.headers["anthropic-version"], "2023-06-01");
        }
        assert_eq!(sent, body, "{kind}");
    }
}

#[tokio::test]
async fn without_a_model_the_first_listed_answers() {
    for kind in ["openai", "anthropic", "gemini"] {
        let upstream = Upstream::start().await;
        let llm = of_kind(kind, &upstream, None);
        for _ in 0..2 {
            let mut pieces = llm.ask(prompt()).await.expect("an answer");
            let named = pieces.next().await.expect("a piece").expect("no error");
            assert_eq!(named, Piece::Model("words-200@50".to_owned()), "{kind}");
        }
        assert!(
            llm.describe()
                .starts_with("the first model listed at http://127.0.0.1:")
        );
    }
}

#[tokio::test]
async fn a_name_and_password_in_the_address_are_sent_and_not_shown() {
    let upstream = Upstream::start().await;
    let url = upstream.agent_url().replace("//", "//me:hidden-word@");
    let agent = Agent::new(RemoteConfig {
        base_url: Some(url),
        ..RemoteConfig::default()
    });
    let agent = agent.expect("a sound configuration");
    assert_eq!(Outcome::of(&agent).await.words(), 3);
    let seen = upstream.requests().pop().expect("a request");
    assert!(seen.headers["authorization"].starts_with("Basic "));
    let shown = format!("{agent:?} {}", agent.describe());
    assert!(!shown.contains("hidden-word"), "{shown}");
}

#[tokio::test]
async fn a_question_that_breaks_the_rules_of_its_kind_is_refused_there() {
    // The test provider is as strict as the real ones: this is a test of the test.
    let upstream = Upstream::start().await;
    let keyless = RemoteConfig {
        base_url: Some(upstream.anthropic_url()),
        model: Some("words-3".to_owned()),
        ..RemoteConfig::default()
    };
    let keyless = Anthropic::new(keyless).expect("a sound configuration");
    let refused = Outcome::of(&keyless).await;
    assert_eq!(refused.code(), Some(ProblemCode::UpstreamAuth));
    let anthropic = of_kind("anthropic", &upstream, Some("words-3"));
    let mut prompt = prompt();
    prompt.turns.push(Turn {
        role: Role::Assistant,
        content: "Well".to_owned(),
    });
    let refused = Outcome::of_prompt(&*anthropic, prompt).await;
    assert_eq!(refused.code(), Some(ProblemCode::UpstreamBadRequest));
}
