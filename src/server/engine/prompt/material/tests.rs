//! Prompts from materials, without a store.

use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::engine::tests::message;

fn character(told: Value) -> Character {
    serde_json::from_value(told).expect("a character")
}

fn material(kept: Option<&str>, continues_prefix: bool) -> Material {
    let path = PathEnd {
        messages: vec![
            message(1, Role::User, "one"),
            message(2, Role::Assistant, "two"),
            message(3, Role::User, "three"),
            message(4, Role::Assistant, ""),
            message(5, Role::User, "five"),
        ],
        earlier: false,
    };
    let kept = kept.map(|text| message(6, Role::Assistant, text));
    Material::new(
        Some(character(
            json!({ "name": "Nell", "system_prompt": "Be kind." }),
        )),
        path,
        kept.as_ref(),
        continues_prefix,
    )
    .expect("a path")
}

fn shortened(
    material: Material,
    sizes: &Sizes,
    budget: usize,
    summary: Option<Summary>,
    counter: &Counter,
) -> (Prompt, Option<Digest>) {
    let plan = material.plan(sizes, budget, summary, counter);
    material.carry_out(&plan)
}

fn said(prompt: &Prompt) -> Vec<(Role, &str)> {
    prompt
        .turns
        .iter()
        .map(|turn| (turn.role, turn.content.as_str()))
        .collect()
}

#[test]
fn a_prompt_is_the_persona_then_the_path_without_empty_replies() {
    let prompt = material(None, true).compose(0, None);
    assert_eq!(
        said(&prompt),
        [
            (Role::System, "Be kind."),
            (Role::User, "one"),
            (Role::Assistant, "two"),
            (Role::User, "three"),
            (Role::User, "five"),
        ]
    );
    assert_eq!(prompt.prefix, None);
}

#[test]
fn presets_stand_between_the_persona_and_the_path_and_greetings_nowhere() {
    let nell = character(json!({
        "name": "Nell", "system_prompt": "Be kind.",
        "preset_messages": [
            { "role": "user", "content": "a" },
            { "role": "system", "content": "Always." },
            { "role": "assistant", "content": "b" },
        ],
        "app_preset": { "greetings": ["Hello!"], "suggested_questions": ["Why?"] },
    }));
    let path = PathEnd {
        messages: vec![message(1, Role::User, "one")],
        earlier: false,
    };
    let material = Material::new(Some(nell), path, None, true).expect("a path");
    assert!(!material.fits_by_bytes("Be kind.\n\nAlways.abone".len()));
    assert_eq!(
        said(&material.compose(0, None)),
        [
            (Role::System, "Be kind.\n\nAlways."),
            (Role::User, "a"),
            (Role::Assistant, "b"),
            (Role::User, "one"),
        ]
    );
}

#[test]
fn a_summary_joins_the_one_system_turn() {
    let prompt = material(None, true).compose(2, Some("They counted."));
    let said = said(&prompt);
    assert_eq!(said.len(), 3);
    assert_eq!(said[0].0, Role::System);
    assert!(said[0].1.starts_with("Be kind.\n\n") && said[0].1.ends_with("\n\nThey counted."));
    assert_eq!(said[1], (Role::User, "three"));
}

#[test]
fn a_model_that_can_is_handed_the_beginning_of_its_answer() {
    let prompt = material(Some("Six is"), true).compose(0, None);
    assert_eq!(prompt.prefix.as_deref(), Some("Six is"));
    assert_eq!(prompt.turns.last().expect("turns").content, "five");
    let nothing = material(Some(""), true).compose(0, None);
    assert_eq!(nothing.prefix, None);
}

#[test]
fn another_model_is_asked_to_go_on_and_reminded_of_the_end() {
    let kept = format!("{}{}", "x".repeat(1_000), "末".repeat(QUOTED));
    let prompt = material(Some(&kept), false).compose(0, None);
    assert_eq!(prompt.prefix, None);
    let said = said(&prompt);
    let [.., (Role::Assistant, reply), (Role::User, request)] = said[..] else {
        panic!("{said:?}");
    };
    assert_eq!(reply, kept);
    assert!(request.ends_with(&format!("\n\n{}", "末".repeat(QUOTED))));
    let short = go_on("ab");
    assert!(short[1].content.ends_with("\n\nab"));
}

#[test]
fn bytes_settle_it_only_when_nothing_lies_before_the_path() {
    let mut material = material(None, true);
    assert!(material.fits_by_bytes(1_000));
    assert!(!material.fits_by_bytes(20));
    material.earlier = true;
    assert!(!material.fits_by_bytes(1_000));
}

#[test]
fn what_is_to_be_summed_up_begins_where_the_last_summary_ended() {
    let material = material(None, true);
    let digest = material.digest(2, 1, Some("before")).expect("a message");
    assert_eq!(digest.messages[0].content, "three");
    assert_eq!(digest.previous.as_deref(), Some("before"));
    assert!(material.digest(2, 0, None).is_none());
}

/// Four turns of about a hundred tokens each, then a question.
fn long() -> Material {
    let mut messages = Vec::new();
    for turn in 0..4 {
        messages.push(message(turn * 2 + 1, Role::User, &"word ".repeat(50)));
        messages.push(message(turn * 2 + 2, Role::Assistant, &"more ".repeat(50)));
    }
    messages.push(message(9, Role::User, "And now?"));
    let path = PathEnd {
        messages,
        earlier: false,
    };
    Material::new(None, path, None, false).expect("a path")
}

fn summary(up_to: u128) -> Summary {
    Summary {
        up_to: MessageId(Uuid::from_u128(up_to)),
        text: "They said words.".to_owned(),
    }
}

#[test]
fn what_does_not_fit_is_left_out_and_is_to_be_summed_up() {
    let (material, counter) = (long(), Counter::load());
    let sizes = material.sizes(&counter);
    let (prompt, digest) = shortened(material, &sizes, 260, None, &counter);
    assert_eq!(prompt.turns.len(), 5, "two turns and the question");
    let digest = digest.expect("messages");
    assert_eq!((digest.messages.len(), digest.previous), (6, None));
}

#[test]
fn a_summary_stands_for_what_it_covers_and_makes_room_for_a_while() {
    let (material, counter) = (long(), Counter::load());
    let sizes = material.sizes(&counter);
    let (prompt, digest) = shortened(material, &sizes, 400, Some(summary(4)), &counter);
    assert_eq!(
        prompt.turns.len(),
        6,
        "the notes, two turns and the question"
    );
    assert!(prompt.turns[0].content.ends_with("They said words."));
    assert!(digest.is_none(), "nothing new is left out");
}

#[test]
fn what_a_summary_does_not_cover_joins_the_next_one() {
    let (material, counter) = (long(), Counter::load());
    let sizes = material.sizes(&counter);
    let (prompt, digest) = shortened(material, &sizes, 260, Some(summary(2)), &counter);
    assert_eq!(prompt.turns.len(), 6);
    let digest = digest.expect("messages");
    assert_eq!(digest.messages[0].id, MessageId(Uuid::from_u128(3)));
    assert_eq!(digest.previous.as_deref(), Some("They said words."));
}

#[test]
fn a_summary_of_another_branch_or_without_room_is_left_out() {
    let counter = Counter::load();
    let sizes = long().sizes(&counter);
    for (budget, up_to) in [(260, 77), (3, 2)] {
        let (prompt, _) = shortened(long(), &sizes, budget, Some(summary(up_to)), &counter);
        assert!(prompt.turns.iter().all(|turn| turn.role != Role::System));
    }
}

#[test]
fn while_all_fits_nothing_is_left_out_though_a_summary_is_made_ahead() {
    let (material, counter) = (long(), Counter::load());
    let sizes = material.sizes(&counter);
    let total: usize = sizes.history.iter().map(|size| size.tokens).sum();
    let (prompt, digest) = shortened(material, &sizes, total + 10, None, &counter);
    assert_eq!(prompt.turns.len(), 9);
    assert_eq!(digest.expect("messages").messages.len(), 4);
}

fn context(told: Value) -> ConversationContext {
    serde_json::from_value(told).expect("a context")
}

fn id(number: u128) -> String {
    MessageId(Uuid::from_u128(number)).to_string()
}

#[test]
fn a_context_stands_behind_the_persona_and_rules_what_counts_and_how_it_is_told() {
    let told = context(json!({
        "content": "Answer in verse.", "excluded": [id(2), id(99)], "wordings": { id(3): "drei" },
    }));
    let prompt = material(None, true).in_context(&told).compose(0, None);
    assert_eq!(
        said(&prompt),
        [
            (Role::System, "Be kind.\n\nAnswer in verse."),
            (Role::User, "one"),
            (Role::User, "drei"),
            (Role::User, "five"),
        ]
    );
}

#[test]
fn what_is_answered_always_counts_and_may_be_worded_otherwise() {
    let told = context(json!({ "excluded": [id(5)], "wordings": { id(5): "fünf" } }));
    let prompt = material(None, true).in_context(&told).compose(0, None);
    assert_eq!(prompt.turns.last().expect("turns").content, "fünf");
}

#[test]
fn a_blank_context_adds_no_system_turn() {
    let path = PathEnd {
        messages: vec![message(1, Role::User, "one")],
        earlier: false,
    };
    let told = context(json!({ "content": " \n" }));
    let material = Material::new(None, path, None, true).expect("a path");
    assert_eq!(material.in_context(&told).compose(0, None).turns.len(), 1);
}
