//! The pages of models in English.

use parlance_core::domain::{FieldCode, ModelKind};

use super::{Choice, Form, Models, Params, Replied};

pub(super) static REPLIED: Replied = Replied {
    persona: "Persona",
    cost: "Cost",
    again: "Answer again with another model…",
};

pub(super) static MODELS: Models = Models {
    title: "Models",
    lead: "Which models can be asked, and where. A conversation asks this server’s own unless you choose another.",
    all: "All models",
    new: "New model",
    change: "Change model",
    quota: |own, limit| match limit {
        Some(limit) => format!("Models of your own: {own} of {limit}"),
        None => format!("Models of your own: {own}"),
    },
    full: |limit| match limit {
        0 => "Your group may keep no models of its own. Whoever runs this server can change that."
            .to_owned(),
        _ => format!(
            "The limit is reached: your group may keep {limit} models of its own. Delete one to make room, or ask whoever runs this server."
        ),
    },
    empty: "You have no models of your own yet.",
    servers: "This server’s",
    everybodys: "For everybody",
    yours: "Yours",
    key: |end| format!("Key ends in …{end}"),
    window: |tokens| format!("Window of {tokens} tokens"),
    prices: |read, written| format!("A million tokens: {read} in, {written} out"),
    begin: "Begin",
    edit: "Edit",
    select: |name| format!("Select {name}"),
    delete: "Delete selected",
    delete_lead: "Keys are deleted with them. Conversations that use one of these ask nobody until you choose another.",
    delete_now: "Delete for ever",
    deleted: "Deleted.",
    none_selected: "Nothing was selected, so nothing was deleted.",
    form: Form {
        presets: "Begin with a provider",
        name: "Name",
        name_hint: "As lists show it.",
        kind: "Kind",
        kinds: |kind| match kind {
            ModelKind::OpenAi => "OpenAI or compatible",
            ModelKind::Anthropic => "Anthropic",
            ModelKind::Gemini => "Google Gemini",
            ModelKind::Agent => "Agent of your own",
        },
        address: "Address",
        address_hint: "Empty: the provider’s own. An agent needs one.",
        model: "Model",
        model_hint: "As the provider calls it. Test the connection for a list.",
        key: "Key",
        key_hint: "Kept sealed, sent to this address alone, and never shown again.",
        key_kept: |end| {
            format!(
                "A key is kept; it ends in …{end}. Leave this empty to keep it. It is asked for again when the address leads elsewhere."
            )
        },
        key_held: "The key that you typed is held for a quarter of an hour. Leave this empty to use it for the same address.",
        key_drop: "Forget the key that is kept",
        window: "Context window, tokens",
        window_hint: "Prompt and answer together. Empty: by what is known of the model.",
        price_in: "Price of a million tokens in",
        price_out: "Price of a million tokens out",
        prices_hint: "In any currency; what a reply cost is shown in its details.",
        shared: "For everybody",
        shared_hint: "All people of this server can choose it. They see neither address nor key.",
        save: "Save",
        saved: "The model is saved.",
        test: "Test connection",
        listed: |all, shown| match (all, shown) {
            (1, _) => "The provider answers. It lists 1 model, suggested below.".to_owned(),
            (all, shown) if all == shown => {
                format!("The provider answers. It lists {all} models, suggested below.")
            }
            (all, shown) => format!(
                "The provider answers. It lists {all} models; {shown} of them are suggested below."
            ),
        },
        answers: "The provider answers. It lists no models.",
        failed: "The connection does not work.",
        refused_key: "The provider refused the key.",
        stale: "It was not saved: the model has been changed elsewhere meanwhile. What you typed is still here; save again \
                to put it in the place of that.",
        too_much: "What you typed was too long to come back whole. Please look at every field before you save.",
    },
    parameters: Params {
        title: "Parameters",
        lead: "What is left empty is not sent.",
        temperature: "Temperature (0 to 2)",
        top_p: "Top p (above 0, up to 1)",
        max_tokens: "Longest answer, tokens",
        presence: "Presence penalty (−2 to 2)",
        frequency: "Frequency penalty (−2 to 2)",
        stop: "Stop words",
        stop_hint: "One a line, at most 8. An answer ends before one of them.",
        seed: "Seed",
        effort: "Thinking",
        efforts: ["None", "Minimal", "Low", "Medium", "High"],
        extra: "More, as JSON",
        extra_hint: "An object that goes into the request as it is, for what only this provider knows. Conversations add to it with models of your own alone.",
        unset: "Not set",
        as_model: "As the model has it",
    },
    choice: Choice {
        title: "Model of this conversation",
        lead: "Replies from now on. Parameters are remembered with this conversation alone.",
        again: "Answer again",
        again_lead: "Another reply beside this one. The conversation keeps its own model.",
        model: "Model",
        persona: "Persona",
        same_persona: "As before",
        save: "Save",
        answer: "Answer again",
        take: "Use",
        parameters: "Parameters",
        gone: "The model that was chosen is gone",
        back: "Back to the conversation",
        beside: "Ask side by side",
        beside_hint: "Up to two more answer every message at the same time. You keep the answer that you like best.",
        places: ["Side by side with", "And with"],
        no_other: "No other",
        with: "+ Side by side",
    },
    field,
};

fn field(field: &str, code: FieldCode) -> Option<&'static str> {
    Some(match (field, code) {
        ("name", FieldCode::Required) => "Give it a name.",
        ("model", FieldCode::Required) => {
            "Which of the provider’s models? Test the connection for a list."
        }
        ("base_url", FieldCode::Required) => "An agent needs an address.",
        ("base_url", _) => {
            "This is no address that can be called: give one with https://, without a password or a query in it."
        }
        ("api_key", FieldCode::Required) => {
            "The address leads elsewhere, or the key is held no longer: enter the key again."
        }
        ("api_key", _) => {
            "This does not look like a key. Leave out spaces and words such as “Bearer”."
        }
        ("model_config_id", _) => "This model is gone. Choose another one.",
        ("compare_with", _) => {
            "Choose other models than the first, each of them once, of those that are still there."
        }
        ("persona_id", _) => "This persona is gone. Choose another one.",
        ("parameters.temperature", _) => "A number from 0 to 2.",
        ("parameters.top_p", _) => "A number above 0, at most 1.",
        ("parameters.presence_penalty" | "parameters.frequency_penalty", _) => {
            "A number from −2 to 2."
        }
        ("parameters.max_tokens" | "context_tokens", _) => "A whole number of tokens, at least 1.",
        ("parameters.seed", _) => "A whole number.",
        ("parameters.stop", _) => "At most 8 lines of at most 200 characters.",
        ("parameters.extra", FieldCode::TooLong) => "At most 16 KiB.",
        ("parameters.extra", _) => {
            "A JSON object such as {\"top_k\": 3}, without what the request itself says (model, messages, stream …)."
        }
        ("price_in" | "price_out", _) => "A price from 0, such as 2.5.",
        _ => return None,
    })
}
