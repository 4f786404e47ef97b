//! Making, changing and deleting personas. Plain forms of `/roles`.

use leptos::prelude::*;
use parlance_core::domain::{PersonaId, Role};
use serde::{Deserialize, Serialize};

use super::{answer::Answer, problem::RpcError};

/// The page of the personas.
pub const ROLES: &str = "/roles";
/// Where a new one is made.
pub const NEW_ROLE: &str = "/roles/new";

/// Names under which failures travel back.
pub const SAVE_FORM: &str = "role-save";
pub const IMPORT_FORM: &str = "role-import";
pub const DELETE_FORM: &str = "role-delete";

/// A preset message as the form has it; without words it is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresetLine {
    pub role: Role,
    #[serde(default)]
    pub content: String,
}

/// What the form of a persona holds. Greetings and questions are a line each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sheet {
    pub name: String,
    pub description: String,
    pub system_prompt: String,
    pub greetings: String,
    pub suggested_questions: String,
    pub presets: Vec<PresetLine>,
    /// A box that is not ticked is not sent.
    pub is_active: Option<String>,
    /// The same; of a new one alone.
    pub shared: Option<String>,
}

/// Makes a persona, or changes the one of this id. What the form does not show stays as it is.
///
/// # Errors
/// `validation`, `not_found`, `forbidden`, `conflict` when there are too many.
#[server(output = Answer)]
pub async fn save_role(
    #[server(default)] id: Option<PersonaId>,
    sheet: Sheet,
) -> Result<String, RpcError> {
    use super::{form, session};
    use parlance_server::service::personas::NewPersona;

    let typed = sheet.clone();
    let back = id.map_or_else(|| NEW_ROLE.to_owned(), |id| format!("{ROLES}/{id}"));
    let outcome = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        let shared = sheet.shared.is_some();
        match id {
            Some(id) => {
                let mut character = app.personas.get(&viewer, id).await?.character;
                server::write(sheet, &mut character);
                app.personas.change(&viewer, id, character).await?;
            }
            None => {
                let mut character = server::blank();
                server::write(sheet, &mut character);
                let new = NewPersona {
                    slug: None,
                    shared,
                    character,
                };
                app.personas.create(&viewer, new).await?;
            }
        }
        Ok(format!("{ROLES}?done=saved"))
    };
    let rest = server::rest(&typed);
    let typed = [
        ("rest", rest.as_str()),
        ("name", typed.name.as_str()),
        ("description", typed.description.as_str()),
        ("system_prompt", typed.system_prompt.as_str()),
        ("greetings", typed.greetings.as_str()),
        ("suggested_questions", typed.suggested_questions.as_str()),
    ];
    form::settle(SAVE_FORM, &back, &typed, outcome.await)
}

/// Makes a persona of a file's text.
///
/// # Errors
/// `validation` (`file` when it is no such file), `conflict` when there are too many.
#[server(output = Answer)]
pub async fn import_role(#[server(default)] file: String) -> Result<String, RpcError> {
    use super::{form, session};
    use parlance_core::domain::{Character, FieldCode};
    use parlance_server::service::{Error, personas::NewPersona};

    let outcome = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        let character: Character =
            serde_json::from_str(&file).map_err(|_| Error::field("file", FieldCode::Malformed))?;
        let new = NewPersona {
            slug: None,
            shared: false,
            character,
        };
        app.personas.create(&viewer, new).await?;
        Ok(format!("{ROLES}?done=saved"))
    };
    form::settle(
        IMPORT_FORM,
        NEW_ROLE,
        &[("file", file.as_str())],
        outcome.await,
    )
}

/// Deletes a persona. One that is gone already counts as deleted.
///
/// # Errors
/// `forbidden`.
#[server(output = Answer)]
pub async fn delete_role(id: PersonaId) -> Result<String, RpcError> {
    use super::{form, session};
    use parlance_server::service::Error;

    let outcome = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        match app.personas.delete(&viewer, id).await {
            Ok(()) | Err(Error::NotFound) => Ok(format!("{ROLES}?done=deleted")),
            Err(error) => Err(error.into()),
        }
    };
    form::settle(DELETE_FORM, &format!("{ROLES}/{id}"), &[], outcome.await)
}

#[cfg(feature = "ssr")]
pub use server::kept;

#[cfg(feature = "ssr")]
mod server {
    //! From the form's lines to a character.

    use parlance_core::domain::{
        AppPreset, Character, Persona, PersonaId, PresetMessage, ProblemCode,
    };

    use super::Sheet;
    use crate::rpc::{
        conversations::page::set_status, form::typed_lines, problem::RpcError, session,
    };

    /// One that the viewer looks after. The page of anything else is a 404.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn kept(id: PersonaId) -> Result<Persona, RpcError> {
        let (app, viewer) = (session::app()?, session::viewer()?);
        let kept = app.personas.kept(&viewer).await?;
        let one = kept.into_iter().find(|persona| persona.id == id);
        one.ok_or_else(|| ProblemCode::NotFound.into())
            .inspect_err(set_status)
    }

    /// What a refused form holds beside its lines, on its way back.
    pub(super) fn rest(sheet: &Sheet) -> String {
        let rest = Sheet {
            presets: sheet.presets.clone(),
            is_active: sheet.is_active.clone(),
            shared: sheet.shared.clone(),
            ..Sheet::default()
        };
        serde_json::to_string(&rest).unwrap_or_default()
    }

    /// A character with nothing in it.
    pub(super) fn blank() -> Character {
        Character {
            name: String::new(),
            description: String::new(),
            system_prompt: String::new(),
            avatar_url: None,
            personality: None,
            preset_messages: Vec::new(),
            app_preset: AppPreset::default(),
            is_active: true,
            // Behind the four that everybody finds.
            sort_order: 100,
        }
    }

    /// Puts what the form holds into a character.
    pub(super) fn write(sheet: Sheet, character: &mut Character) {
        character.name = sheet.name;
        character.description = sheet.description;
        character.system_prompt = typed_lines(&sheet.system_prompt);
        let preset = &mut character.app_preset;
        change_lines(&mut preset.greetings, &sheet.greetings);
        change_lines(&mut preset.suggested_questions, &sheet.suggested_questions);
        character.is_active = sheet.is_active.is_some();
        character.preset_messages = sheet
            .presets
            .into_iter()
            .filter(|line| !line.content.trim().is_empty())
            .map(|line| PresetMessage {
                role: line.role,
                content: typed_lines(&line.content),
            })
            .collect();
    }

    /// A line each. Texts of several lines, which only a file can bring, stay as they are until the field is changed.
    fn change_lines(stored: &mut Vec<String>, typed: &str) {
        let typed = typed_lines(typed);
        if typed == stored.join("\n") {
            return;
        }
        let lines = typed.lines().map(str::trim);
        *stored = lines
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect();
    }

    #[cfg(test)]
    mod tests {
        use parlance_core::domain::Role;
        use serde_json::json;

        use super::*;
        use crate::rpc::roles::PresetLine;

        #[test]
        fn what_the_form_does_not_show_stays() {
            let mut character = blank();
            character.personality = json!({ "tone": "dry" }).as_object().cloned();
            character.app_preset.more.insert("x".to_owned(), json!(1));
            character.app_preset.suggested_questions = vec!["a\nb".to_owned()];
            let line = |content: &str| PresetLine {
                role: Role::User,
                content: content.to_owned(),
            };
            let sheet = Sheet {
                greetings: " Hello \r\n\r\nHi\n".to_owned(),
                suggested_questions: "a\r\nb".to_owned(),
                presets: vec![line("a\r\nb"), line(" \n")],
                ..Sheet::default()
            };
            write(sheet, &mut character);
            assert_eq!(character.app_preset.greetings, ["Hello", "Hi"]);
            assert_eq!(character.app_preset.suggested_questions, ["a\nb"]);
            assert_eq!(character.preset_messages.len(), 1);
            assert_eq!(character.preset_messages[0].content, "a\nb");
            assert!(!character.is_active, "a box that is not ticked");
            assert!(character.personality.is_some());
            assert_eq!(character.app_preset.more.len(), 1);
        }
    }
}
