//! The form of a persona. The browser itself asks for what is missing or too long, before anything is sent.

use leptos::{prelude::*, server_fn::ServerFn};
use parlance_core::domain::{Persona, PresetMessage, Role, limits};

use crate::{
    chat::initial,
    forms_page::field::{Deletion, Labelled, Refusal, tick, value, wrong},
    i18n::{Texts, roles::Roles},
    kit::{Look, Notice, Tone},
    rpc::{
        form::{Flash, received},
        roles::{
            DELETE_FORM, DeleteRole, IMPORT_FORM, ImportRole, PresetLine, SAVE_FORM, SaveRole,
            Sheet,
        },
    },
};

/// The fields that say themselves what is wrong with them.
const FIELDS: [&str; 5] = [
    "name",
    "description",
    "system_prompt",
    "greetings",
    "suggested_questions",
];
/// Empty places for further preset messages.
const SPARE: usize = 2;

/// A line or a field of several lines.
struct Line<'a> {
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    value: &'a str,
    /// Characters.
    most: usize,
    /// 1: a single line.
    rows: u8,
    required: bool,
}

/// The form of a new persona or of this one, and what else can be done with it.
pub(super) fn view(
    texts: &'static Texts,
    words: &'static Roles,
    persona: Option<&Persona>,
    is_admin: bool,
) -> AnyView {
    let form = form(words, persona, is_admin);
    let rest = match persona {
        Some(persona) => acts(words, persona),
        None => import(texts, words),
    };
    view! {
        {failure(texts, received(DELETE_FORM).as_ref())}
        {form}
        {rest}
    }
    .into_any()
}

fn form(words: &'static Roles, persona: Option<&Persona>, is_admin: bool) -> AnyView {
    let flash = received(SAVE_FORM);
    let character = persona.map(|persona| &persona.character);
    let value = |name: &str, stored: Option<&str>| value(flash.as_ref(), name, stored);
    let listed = |lines: Option<&Vec<String>>| lines.map(|lines| lines.join("\n"));
    let preset = character.map(|character| &character.app_preset);
    let greetings = listed(preset.map(|preset| &preset.greetings));
    let questions = listed(preset.map(|preset| &preset.suggested_questions));
    let lines = [
        Line {
            name: "name",
            label: words.name,
            hint: "",
            value: &value("name", character.map(|one| one.name.as_str())),
            most: limits::PERSONA_NAME_CHARS,
            rows: 1,
            required: true,
        },
        Line {
            name: "description",
            label: words.description,
            hint: words.description_hint,
            value: &value("description", character.map(|one| one.description.as_str())),
            most: limits::PERSONA_DESCRIPTION_CHARS,
            rows: 1,
            required: false,
        },
        Line {
            name: "system_prompt",
            label: words.prompt,
            hint: words.prompt_hint,
            value: &value(
                "system_prompt",
                character.map(|one| one.system_prompt.as_str()),
            ),
            most: limits::SYSTEM_PROMPT_CHARS,
            rows: 8,
            required: true,
        },
        Line {
            name: "greetings",
            label: words.greetings,
            hint: words.greetings_hint,
            value: &value("greetings", greetings.as_deref()),
            most: limits::PRESET_LINES * limits::PRESET_LINE_CHARS,
            rows: 2,
            required: false,
        },
        Line {
            name: "suggested_questions",
            label: words.questions,
            hint: words.questions_hint,
            value: &value("suggested_questions", questions.as_deref()),
            most: limits::PRESET_LINES * limits::PRESET_LINE_CHARS,
            rows: 4,
            required: false,
        },
    ]
    .map(|it| line(flash.as_ref(), it))
    .into_iter()
    .collect_view();
    let rest = flash.as_ref().map(|flash| flash.typed("rest"));
    let rest = rest.and_then(|rest| serde_json::from_str::<Sheet>(&rest).ok());
    let id = persona.map(|persona| {
        view! { <input type="hidden" name="id" value=persona.id.to_string()/> }
    });
    let is_active = match &rest {
        Some(rest) => rest.is_active.is_some(),
        None => character.is_none_or(|character| character.is_active),
    };
    let is_shared = rest.as_ref().is_some_and(|rest| rest.shared.is_some());
    let shared = (is_admin && persona.is_none())
        .then(|| tick("shared", words.shared, Some(words.shared_hint), is_shared));
    let refusal = flash.as_ref().map(|flash| {
        let refusal = Refusal {
            fields: &FIELDS,
            rest: &["rest"],
            unfit: words.unfit,
            too_much: words.too_much,
        };
        refusal.view(flash)
    });
    let presets = match rest {
        Some(rest) => rest.presets,
        None => stored_presets(persona),
    };
    view! {
        <form class="profile-form role-form" method="post" action=SaveRole::url()>
            {refusal}
            {id}
            {lines}
            {preset_fields(words, presets)}
            {tick("is_active", words.active, Some(words.active_hint), is_active)}
            {shared}
            <p><button class=Look::Primary.class() type="submit">{words.save}</button></p>
        </form>
    }
    .into_any()
}

fn line(flash: Option<&Flash>, line: Line<'_>) -> AnyView {
    let field = Labelled {
        id: format!("role-{}", line.name),
        label: line.label,
        error: wrong(flash, line.name),
        hint: line.hint.to_owned(),
    };
    let (id, invalid, described) = (field.id.clone(), field.invalid(), field.described());
    let name = format!("sheet[{}]", line.name);
    let input = if line.rows == 1 {
        view! {
            <input
                class="field-input"
                id=id
                name=name
                value=line.value.to_owned()
                maxlength=line.most
                required=line.required
                pattern=line.required.then_some(".*\\S.*")
                autocomplete="off"
                aria-invalid=invalid
                aria-describedby=described
            />
        }
        .into_any()
    } else {
        view! {
            <textarea
                class="field-input"
                id=id
                name=name
                rows=line.rows
                maxlength=line.most
                required=line.required
                dir="auto"
                aria-invalid=invalid
                aria-describedby=described
            >
                {initial(line.value.to_owned())}
            </textarea>
        }
        .into_any()
    };
    field.around(input)
}

fn stored_presets(persona: Option<&Persona>) -> Vec<PresetLine> {
    let stored = persona.map(|persona| persona.character.preset_messages.clone());
    let line = |preset: PresetMessage| PresetLine {
        role: preset.role,
        content: preset.content,
    };
    stored.unwrap_or_default().into_iter().map(line).collect()
}

/// The preset messages, and room for two more.
fn preset_fields(words: &'static Roles, presets: Vec<PresetLine>) -> AnyView {
    let presets = presets
        .into_iter()
        .filter(|preset| !preset.content.trim().is_empty());
    let spare = [Role::User, Role::Assistant]
        .into_iter()
        .cycle()
        .take(SPARE);
    let spare = spare.map(|role| PresetLine {
        role,
        content: String::new(),
    });
    let roles = [
        (Role::User, "user", words.person),
        (Role::Assistant, "assistant", words.persona),
        (Role::System, "system", words.system),
    ];
    let rows = presets
        .chain(spare)
        .enumerate()
        .map(|(place, preset)| {
            let options = roles.map(|(role, word, text)| {
                view! { <option value=word selected=role == preset.role>{text}</option> }
            });
            let label = format!("{} {}", words.preset, place + 1);
            let who = format!("{label}: {}", words.preset_role);
            view! {
                <div class="role-preset">
                    <select class="field-input" name=format!("sheet[presets][{place}][role]") aria-label=who>
                        {options.into_iter().collect_view()}
                    </select>
                    <textarea
                        class="field-input"
                        name=format!("sheet[presets][{place}][content]")
                        rows="2"
                        dir="auto"
                        aria-label=label
                    >
                        {initial(preset.content)}
                    </textarea>
                </div>
            }
        })
        .collect_view();
    view! {
        <fieldset class="role-presets">
            <legend class="field-label">{words.presets}</legend>
            <p class="field-hint">{words.presets_hint}</p>
            {rows}
        </fieldset>
    }
    .into_any()
}

/// Taking it along, and its end.
fn acts(words: &'static Roles, persona: &Persona) -> AnyView {
    let file = format!("/api/v1/roles/{}/export", persona.id);
    let deletion = Deletion {
        action: DeleteRole::url(),
        id: persona.id.to_string(),
        label: words.delete,
        lead: words.delete_lead,
        now: words.delete_now,
    };
    view! {
        <section class="profile-part">
            <h2 class="profile-heading">{words.more}</h2>
            <p class="profile-note">{words.more_lead}</p>
            <div class="profile-acts">
                <a class="button" href=file download rel="external">{words.export}</a>
                {deletion.view()}
            </div>
        </section>
    }
    .into_any()
}

/// Making one of a file's text.
fn import(texts: &'static Texts, words: &'static Roles) -> AnyView {
    let flash = received(IMPORT_FORM);
    let is_bad = flash
        .as_ref()
        .is_some_and(|flash| !flash.problem.fields.is_empty());
    let problem = match is_bad {
        true => Some(view! { <Notice tone=Tone::Error>{words.no_file}</Notice> }.into_any()),
        false => failure(texts, flash.as_ref()),
    };
    let typed = flash.map(|flash| flash.typed("file")).unwrap_or_default();
    view! {
        <section class="profile-part">
            <h2 class="profile-heading">{words.import}</h2>
            <form class="profile-form" method="post" action=ImportRole::url()>
                {problem}
                <div class="field">
                    <label class="field-label" for="role-file">{words.import_text}</label>
                    <textarea class="field-input" id="role-file" name="file" rows="4" required spellcheck="false">
                        {initial(typed)}
                    </textarea>
                </div>
                <p><button class=Look::Plain.class() type="submit">{words.import}</button></p>
            </form>
        </section>
    }
    .into_any()
}

/// What went wrong, where no field of the form says it.
fn failure(texts: &'static Texts, flash: Option<&Flash>) -> Option<AnyView> {
    let problem = &flash?.problem;
    if !problem.fields.is_empty() {
        return None;
    }
    let text = texts.problem(problem.code);
    Some(view! { <Notice tone=Tone::Error>{text}</Notice> }.into_any())
}
