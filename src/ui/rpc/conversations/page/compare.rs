//! Replies that are compared: for each beside the first a page as if it were alone, from the message on that all of them
//! answer.

use std::collections::HashMap;

use parlance_core::domain::{self, ModelConfig, ModelConfigId, ProblemCode};

use super::{Eyes, shown};
use crate::{
    rpc::problem::RpcError,
    state::page::{Beside, Compared, ComposerSeed, OpenPage, Topic, Turn},
};

/// What the models of a comparison are called.
pub(super) struct Names {
    first: String,
    known: HashMap<ModelConfigId, String>,
}

impl Names {
    /// What a model is called; nothing for one that is gone.
    fn of(&self, id: Option<ModelConfigId>) -> String {
        let id = id.unwrap_or(ModelConfigId::INSTALLATION);
        self.known.get(&id).cloned().unwrap_or_default()
    }
}

/// The names of these, and of `first`, which was asked first.
pub(super) fn names(first: Option<ModelConfigId>, models: Option<Vec<ModelConfig>>) -> Names {
    let models = models.into_iter().flatten();
    let known = models.map(|one| (one.id, one.name)).collect();
    let names = Names {
        first: String::new(),
        known,
    };
    Names {
        first: names.of(first),
        ..names
    }
}

/// What a page says of the replies to `asked`, in a conversation that is followed from `cursor`.
///
/// # Errors
/// `internal` when the renderer dies.
pub(super) async fn told(
    beside: Vec<domain::Beside>,
    (asked, topic, cursor): (&Turn, &Topic, &str),
    names: Names,
    eyes: &Eyes,
) -> Result<String, RpcError> {
    let Some(message) = asked.id.filter(|_| !beside.is_empty()) else {
        return Ok(String::new());
    };
    // What was asked is shown once, by the page around.
    let asked = Turn {
        content: String::new(),
        ..asked.clone()
    };
    let mut pages = Vec::new();
    for one in beside {
        let written = one.message.as_ref().and_then(|reply| reply.model.clone());
        let model = Some(names.of(one.model_config_id)).filter(|name| !name.is_empty());
        let replies = one.message.into_iter().collect();
        let (replies, active) = shown(replies, Vec::new(), one.active, eyes).await?;
        let page = OpenPage {
            conversation: topic.clone(),
            persona: None,
            made_at: eyes.now.millis(),
            turns: std::iter::once(asked.clone()).chain(replies).collect(),
            earlier: false,
            past: None,
            window: None,
            finds: None,
            active,
            failure: one.failure,
            compared: String::new(),
            cursor: cursor.to_owned(),
            composer: ComposerSeed::default(),
        };
        pages.push(Beside {
            lane: one.lane,
            model: model.or(written).unwrap_or_default(),
            page,
        });
    }
    let compared = Compared {
        message,
        model: names.first,
        beside: pages,
    };
    serde_json::to_string(&compared).map_err(|_| ProblemCode::Internal.into())
}
