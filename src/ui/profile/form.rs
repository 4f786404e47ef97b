//! A form that the server alone makes: its lines, what was wrong with them, and where the cursor goes.
//!
//! Unlike `kit::Field` a line here may belong to one of several forms of a page, so its id has the form's name in it. Server
//! only.

use leptos::prelude::*;
use parlance_core::domain::ProblemCode;

use crate::{
    i18n::{Texts, profile::Profile, t},
    kit::{Glyph, Icon, Look, Notice, Tone},
    rpc::form::{Flash, received},
};

/// A form while its page is made.
pub(crate) struct Form {
    /// Names it in a flash, and its lines.
    name: &'static str,
    action: &'static str,
    /// Names of its fields, from the top.
    order: &'static [&'static str],
    class: &'static str,
    /// What is said when a token that the form sends along has ended, where it is none of a link.
    gone: Option<&'static str>,
    /// What is said of a conflict, where no field can be blamed for it.
    conflict: Option<&'static str>,
    flash: Option<Flash>,
    texts: &'static Texts,
    words: &'static Profile,
}

/// A labelled input.
#[derive(Default)]
pub(crate) struct Line {
    pub name: &'static str,
    pub label: &'static str,
    /// `text` where it is empty.
    pub kind: &'static str,
    /// The browser's autofill token.
    pub autocomplete: &'static str,
    pub hint: &'static str,
    /// What it begins with when nothing was typed yet.
    pub value: String,
    /// Has the cursor when nothing is wrong.
    pub focus: bool,
}

impl Form {
    pub(crate) fn new(
        name: &'static str,
        action: &'static str,
        order: &'static [&'static str],
    ) -> Self {
        let texts = t();
        Self {
            name,
            action,
            order,
            class: "profile-form",
            gone: None,
            conflict: None,
            flash: received(name),
            texts,
            words: texts.locale.profile(),
        }
    }

    /// Looks like a form of the entrance.
    pub(crate) fn of_entrance(mut self) -> Self {
        self.class = "entrance-form";
        self
    }

    /// The same for a form whose flash has been taken.
    pub(crate) fn with(mut self, flash: Option<Flash>) -> Self {
        self.flash = flash;
        self
    }

    /// Says this when a token that goes along has ended.
    pub(crate) fn saying_gone(mut self, text: &'static str) -> Self {
        self.gone = Some(text);
        self
    }

    /// Why it was refused.
    pub(crate) fn code(&self) -> Option<ProblemCode> {
        Some(self.flash.as_ref()?.problem.code)
    }

    /// Says this of a conflict.
    pub(crate) fn saying_conflict(mut self, text: &'static str) -> Self {
        self.conflict = Some(text);
        self
    }

    /// What is wrong with a field.
    fn error(&self, name: &str) -> Option<&'static str> {
        let problem = &self.flash.as_ref()?.problem;
        match (problem.code, name) {
            (ProblemCode::WrongPassword, "current_password")
            | (ProblemCode::FactorWrong, "code") => Some(self.texts.problem(problem.code)),
            _ => {
                let code = problem.fields.get(name)?.code;
                let own = self.words.field(name, code);
                Some(own.unwrap_or_else(|| self.texts.field(name, code)))
            }
        }
    }

    /// The first field that something is wrong with.
    fn first_bad(&self) -> Option<&'static str> {
        let mut order = self.order.iter().copied();
        order.find(|name| self.error(name).is_some())
    }

    /// A line with what was typed, and what is wrong with it.
    pub(crate) fn line(&self, line: Line) -> AnyView {
        let Line {
            name,
            label,
            kind,
            autocomplete,
            hint,
            value,
            focus,
        } = line;
        let focus = match self.first_bad() {
            Some(bad) => bad == name,
            None => focus && self.flash.is_none(),
        };
        let id = format!("{}-{name}", self.name);
        let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
        let error = self.error(name);
        let described: Vec<_> = [
            error.map(|_| error_id.as_str()),
            (!hint.is_empty()).then_some(hint_id.as_str()),
        ]
        .into_iter()
        .flatten()
        .collect();
        let described = (!described.is_empty()).then(|| described.join(" "));
        let kind = if kind.is_empty() { "text" } else { kind };
        let value = match &self.flash {
            Some(flash) if kind != "password" => flash.typed(name),
            _ => value,
        };
        let error = error.map(|error| {
            view! {
                <p class="field-error" id=error_id><Icon glyph=Glyph::Alert/><span>{error}</span></p>
            }
        });
        let hint =
            (!hint.is_empty()).then(|| view! { <p class="field-hint" id=hint_id>{hint}</p> });
        view! {
            <div class="field">
                <label class="field-label" for=id.clone()>{label}</label>
                <input
                    class="field-input"
                    id=id
                    name=name
                    type=kind
                    value=value
                    autocomplete=autocomplete
                    autocapitalize="off"
                    spellcheck="false"
                    autofocus=focus
                    aria-required="true"
                    aria-invalid=error.is_some().then_some("true")
                    aria-describedby=described
                />
                {error}
                {hint}
            </div>
        }
        .into_any()
    }

    /// A password that is to be, named `label`, and the same once more.
    pub(crate) fn new_password(&self, label: &'static str) -> AnyView {
        let auth = &self.texts.auth;
        let line = |name, label, hint| {
            self.line(Line {
                name,
                label,
                kind: "password",
                autocomplete: "new-password",
                hint,
                ..Line::default()
            })
        };
        view! {
            {line("password", label, auth.password_hint)}
            {line("password_confirmation", auth.password_confirmation, "")}
        }
        .into_any()
    }

    /// The line for the current password.
    pub(crate) fn current_password(&self) -> AnyView {
        self.line(Line {
            name: "current_password",
            label: self.words.current_password,
            kind: "password",
            autocomplete: "current-password",
            ..Line::default()
        })
    }

    /// What went wrong, where no field is to blame.
    pub(crate) fn failure(&self) -> Option<AnyView> {
        let flash = self.flash.as_ref()?;
        if self.first_bad().is_some() {
            return None;
        }
        let code = flash.problem.code;
        let own = match code {
            ProblemCode::TokenInvalid => self.gone,
            ProblemCode::Conflict => self.conflict,
            _ => None,
        };
        let text = own.unwrap_or_else(|| self.texts.problem(code));
        Some(view! { <Notice tone=Tone::Error>{text}</Notice> }.into_any())
    }

    /// The form around its lines, with the words of its button.
    pub(crate) fn view(&self, lines: AnyView, look: Look, submit: &'static str) -> AnyView {
        view! {
            <form class=self.class method="post" action=self.action novalidate=true>
                {self.failure()}
                {lines}
                <p><button class=look.class() type="submit">{submit}</button></p>
            </form>
        }
        .into_any()
    }
}
