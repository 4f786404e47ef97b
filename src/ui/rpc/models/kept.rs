//! The form of a model on its way back to its page: what was typed, the key too, and what came of it.
//!
//! It travels in a cookie that scripts cannot read, sealed for the session (`service::handover`): a key is never written
//! into a page, and what was typed is not lost all the same. Server only.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use parlance_core::domain::{ConnectionTest, FieldCode, ModelConfigId, Problem, ProblemCode};
use serde::{Deserialize, Serialize};

use super::{MODELS, ModelSheet, NEW_MODEL};
use crate::rpc::{
    form::{cookie, keep_cookie, own_name},
    problem::RpcError,
    session,
};

/// How long a form may be thought over, seconds.
const KEPT_SECONDS: u32 = 15 * 60;
/// Browsers drop cookies beyond 4096 bytes; sealed and spelled out, this is less.
const KEPT_BYTES: usize = 2_700;

/// A form that came back.
#[derive(Clone, Serialize, Deserialize)]
pub struct Kept {
    of: Option<ModelConfigId>,
    pub sheet: ModelSheet,
    pub told: Told,
    /// Something typed was too long to come back.
    pub lost: bool,
}

/// What came of it.
#[derive(Clone, Serialize, Deserialize)]
pub enum Told {
    /// The provider answered: some of its models, and how many it has.
    Listed { models: Vec<String>, all: usize },
    /// It was not saved, or the provider did not answer.
    Refused {
        testing: bool,
        code: ProblemCode,
        fields: BTreeMap<String, FieldCode>,
    },
}

impl Told {
    /// What a test brought.
    #[must_use]
    pub fn listed(test: ConnectionTest) -> Self {
        Self::Listed {
            all: test.models.len(),
            models: test.models,
        }
    }

    /// Why there is nothing else to tell.
    #[must_use]
    pub fn refused(problem: &Problem, testing: bool) -> Self {
        let fields = problem.fields.iter();
        Self::Refused {
            testing,
            code: problem.code,
            fields: fields.map(|(name, bad)| (name.clone(), bad.code)).collect(),
        }
    }
}

/// The page that shows a form which came back.
#[must_use]
pub fn page(of: Option<ModelConfigId>) -> String {
    let page = of.map_or_else(|| NEW_MODEL.to_owned(), |id| format!("{MODELS}/{id}"));
    format!("{page}?typed=1")
}

/// Sends the form back to its page.
///
/// # Errors
/// `unauthenticated`, and the vault's.
pub async fn keep(
    of: Option<ModelConfigId>,
    sheet: ModelSheet,
    told: Told,
) -> Result<(), RpcError> {
    let (app, viewer) = (session::app()?, session::viewer()?);
    let kept = Kept {
        of,
        sheet,
        told,
        lost: false,
    };
    let (user, session) = (viewer.user.id, viewer.session_id);
    let json = fitted(kept);
    let sealed = app.handover.seal_for(user, session, &json, KEPT_SECONDS);
    let value = URL_SAFE_NO_PAD.encode(sealed.await?);
    keep_cookie(&name(), &value, KEPT_SECONDS);
    Ok(())
}

/// The form of this configuration, or of a new one, that came back a while ago. It stays until it is saved.
pub async fn read(of: Option<ModelConfigId>) -> Option<Kept> {
    let (app, viewer) = (session::app().ok()?, session::viewer().ok()?);
    let sealed = URL_SAFE_NO_PAD.decode(cookie(&name())?).ok()?;
    let (user, session) = (viewer.user.id, viewer.session_id);
    let opened = app.handover.open(user, session, sealed).await?;
    let kept: Kept = serde_json::from_slice(&opened).ok()?;
    (kept.of == of).then_some(kept)
}

/// Has the browser forget it.
pub fn forget() {
    if cookie(&name()).is_some() {
        keep_cookie(&name(), "", 0);
    }
}

/// As much of it as a cookie can hold: first fewer models, those that are like the one that was typed before all others;
/// then without what is longest.
fn fitted(mut kept: Kept) -> Vec<u8> {
    if let Told::Listed { models, .. } = &mut kept.told {
        let typed = kept.sheet.model.trim().to_lowercase();
        models.sort_by_cached_key(|name| !name.to_lowercase().contains(&typed));
    }
    loop {
        let json = serde_json::to_vec(&kept).unwrap_or_default();
        if json.len() <= KEPT_BYTES {
            return json;
        }
        match &mut kept.told {
            Told::Listed { models, .. } if models.len() > 8 => {
                models.truncate(models.len() * 7 / 8);
            }
            _ => {
                let sheet = &mut kept.sheet;
                let lines = [
                    &mut sheet.parameters.extra,
                    &mut sheet.parameters.stop,
                    &mut sheet.api_key,
                    &mut sheet.base_url,
                    &mut sheet.model,
                    &mut sheet.name,
                ];
                let longest = lines.into_iter().max_by_key(|line| line.len());
                match longest.filter(|line| !line.is_empty()) {
                    Some(line) => line.clear(),
                    // Nothing is left that a person could have made so long.
                    None => return Vec::new(),
                }
                kept.lost = true;
            }
        }
    }
}

fn name() -> String {
    own_name("parlance-model")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(sheet: ModelSheet, models: usize) -> Kept {
        let models = (0..models).map(|number| format!("provider/model-{number}"));
        let models: Vec<_> = models.collect();
        Kept {
            of: None,
            sheet,
            told: Told::Listed {
                all: models.len(),
                models,
            },
            lost: false,
        }
    }

    fn back(kept: Kept) -> Kept {
        let json = fitted(kept);
        assert!(json.len() <= KEPT_BYTES);
        serde_json::from_slice(&json).unwrap()
    }

    #[test]
    fn of_many_models_those_come_back_that_were_looked_for() {
        let sheet = ModelSheet {
            model: "Model-49".to_owned(),
            api_key: "sk-1".to_owned(),
            ..ModelSheet::default()
        };
        let kept = back(kept(sheet, 500));
        let Told::Listed { models, all } = kept.told else {
            panic!("not listed")
        };
        assert_eq!((all, models[0].as_str()), (500, "provider/model-49"));
        assert!((30..500).contains(&models.len()), "{}", models.len());
        assert!(!kept.lost && kept.sheet.api_key == "sk-1");
    }

    #[test]
    fn what_is_too_long_is_said_to_be_lost() {
        let mut sheet = ModelSheet {
            name: "Mine".to_owned(),
            ..ModelSheet::default()
        };
        sheet.parameters.extra = "x".repeat(10_000);
        let kept = back(kept(sheet, 1));
        assert!(kept.lost);
        assert_eq!(kept.sheet.name, "Mine");
        assert!(kept.sheet.parameters.extra.is_empty());
    }
}
