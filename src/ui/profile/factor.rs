//! `/profile/factor`: a second factor is begun, confirmed, renewed and turned off.

use leptos::{prelude::*, server_fn::ServerFn};
use parlance_core::domain::{FactorState, ProblemCode};

use super::{
    form::{Form, Line},
    page::{Place, copy_button, section},
    picture::picture,
};
use crate::{
    i18n::profile::Factor,
    kit::{Look, Notice, Tone},
    rpc::{
        factors::{
            BEGIN_FORM, BeginFactor, CODES, CONFIRM_FORM, ConfirmFactor, DisableFactor, FACTOR,
            OFF_FORM, RENEW_FORM, RenewCodes, SECRET,
        },
        once::{self, Secret},
        problem::RpcError,
        session,
    },
};

/// What the page shows.
#[derive(Clone)]
pub(super) enum Shown {
    /// New backup codes, this one time.
    Codes(Vec<String>),
    On(FactorState),
    /// A secret that waits to be confirmed.
    Begun(Secret),
    Off,
}

/// Reads the state; what is shown once comes first.
pub(super) async fn read() -> Result<Shown, RpcError> {
    let state = session::app()?.factors.state(&session::viewer()?).await?;
    if let Some(codes) = once::take::<Vec<String>>(CODES).await {
        return Ok(Shown::Codes(codes));
    }
    Ok(match once::take::<Secret>(SECRET).await {
        _ if state.on => Shown::On(state),
        Some(secret) => Shown::Begun(secret),
        None => Shown::Off,
    })
}

/// The page of this state.
pub(super) fn view(place: &Place, shown: Shown) -> AnyView {
    let words = &place.words.factor;
    let inner = match shown {
        Shown::Codes(codes) => return shown_codes(place, &codes),
        Shown::On(state) => on(place, &state),
        Shown::Begun(secret) => scan(place, secret),
        Shown::Off => off(place),
    };
    view! {
        <p class="profile-lead">{words.lead}</p>
        {inner}
    }
    .into_any()
}

fn off(place: &Place) -> AnyView {
    let words = &place.words.factor;
    let form = Form::new(BEGIN_FORM, BeginFactor::url(), &["current_password"]);
    // A code that came too late finds nothing begun; its form is not here any more, what went wrong is.
    let late = Form::new(CONFIRM_FORM, ConfirmFactor::url(), &[]);
    let late = match late.code() {
        Some(ProblemCode::NotFound) => {
            Some(view! { <Notice tone=Tone::Error>{words.late}</Notice> }.into_any())
        }
        _ => late.failure(),
    };
    view! {
        {late}
        <p><strong>{words.off}</strong>" "{words.begin_hint}</p>
        {form.view(form.current_password(), Look::Primary, words.begin)}
    }
    .into_any()
}

/// The secret for the app, and the field for its first code.
fn scan(place: &Place, secret: Secret) -> AnyView {
    let words = &place.words.factor;
    let form = Form::new(CONFIRM_FORM, ConfirmFactor::url(), &["code"]);
    let picture = picture(&secret.uri).map(|picture| {
        view! {
            <p>{words.scan}</p>
            <p><img class="profile-picture" src=picture alt=words.picture width="208" height="208"/></p>
        }
    });
    let lines = view! {
        <input type="hidden" name="secret" value=secret.secret.clone()/>
        <input type="hidden" name="uri" value=secret.uri.clone()/>
        {code_line(&form, words.code, words.code_hint)}
    };
    let steps = view! {
        {picture}
        <p>{words.by_hand}</p>
        <p><code class="profile-secret">{in_fours(&secret.secret)}</code></p>
        <p class="profile-acts">
            {copy_button(place, secret.secret)}
            <a href=secret.uri rel="external">{words.open_app}</a>
        </p>
        {form.view(lines.into_any(), Look::Primary, words.confirm)}
        <p class="profile-note">{words.confirm_hint}</p>
    };
    section(words.scan_title, steps.into_any())
}

/// Since when, what is left, and what may be done about it.
fn on(place: &Place, state: &FactorState) -> AnyView {
    let words = &place.words.factor;
    let since = state.enrolled_at.map(|at| (words.on)(&place.full(at)));
    let tone = if state.backup_left < 3 {
        Tone::Warning
    } else {
        Tone::Info
    };
    let left = (words.left)(state.backup_left);
    let renew = Form::new(RENEW_FORM, RenewCodes::url(), &["code"]);
    let renew_line = code_line(&renew, words.any_code, words.any_code_hint);
    let renew = view! {
        <p class="profile-lead">{words.renew_lead}</p>
        {renew.view(renew_line, Look::Plain, words.renew)}
    };
    let off = Form::new(
        OFF_FORM,
        DisableFactor::url(),
        &["current_password", "code"],
    );
    let off_lines = view! {
        {off.current_password()}
        {code_line(&off, words.any_code, words.any_code_hint)}
    };
    let off = view! {
        <p class="profile-lead">{words.off_lead}</p>
        {off.view(off_lines.into_any(), Look::Danger, words.turn_off)}
    };
    view! {
        <Notice tone=tone>
            {since.map(|since| view! { <p>{since}</p> })}
            <p>{left}</p>
        </Notice>
        {section(words.renew_title, renew.into_any())}
        {section(words.off_title, off.into_any())}
    }
    .into_any()
}

/// New backup codes, this one time.
fn shown_codes(place: &Place, codes: &[String]) -> AnyView {
    let words = &place.words.factor;
    let text = codes.join("\n");
    let rows = codes
        .iter()
        .map(|code| view! { <li><code>{code.clone()}</code></li> });
    view! {
        <section class="profile-once" aria-labelledby="backup-codes">
            <h2 class="profile-heading" id="backup-codes">{words.codes_title}</h2>
            <p>{words.codes_lead}</p>
            <ol class="profile-codes" role="list">{rows.collect_view()}</ol>
            <p class="profile-acts">
                {copy_button(place, text.clone())}
                <a class=Look::Plain.class() href=as_file(&text, words) download=words.file rel="external">
                    {words.download}
                </a>
            </p>
        </section>
        <p><a class=Look::Primary.class() href=FACTOR rel="external">{words.kept}</a></p>
    }
    .into_any()
}

fn code_line(form: &Form, label: &'static str, hint: &'static str) -> AnyView {
    form.line(Line {
        name: "code",
        label,
        autocomplete: "one-time-code",
        hint,
        ..Line::default()
    })
}

/// The codes as a file that needs no request: letters, digits and hyphens are what they consist of, anything else is left
/// out of an address.
fn as_file(codes: &str, words: &Factor) -> String {
    let title = leptos_router::location::Url::escape(words.codes_title);
    let codes: Vec<String> = codes
        .lines()
        .map(|code| {
            code.chars()
                .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
                .collect()
        })
        .collect();
    format!(
        "data:text/plain;charset=utf-8,Parlance%20%C2%B7%20{title}%0A%0A{}%0A",
        codes.join("%0A")
    )
}

/// A secret as it can be read and typed.
fn in_fours(secret: &str) -> String {
    let letters: Vec<char> = secret.chars().collect();
    let groups: Vec<String> = letters
        .chunks(4)
        .map(|group| group.iter().collect())
        .collect();
    groups.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Locale;

    #[test]
    fn a_secret_is_read_in_groups_of_four() {
        assert_eq!(in_fours("JBSWY3DPEHPK3PXP"), "JBSW Y3DP EHPK 3PXP");
        assert_eq!(in_fours("ABCDE"), "ABCD E");
        assert_eq!(in_fours(""), "");
    }

    #[test]
    fn the_file_holds_a_code_a_line() {
        let file = as_file("ab12-cd34\nef56-gh78", &Locale::En.profile().factor);
        assert!(file.ends_with("%0A%0Aab12-cd34%0Aef56-gh78%0A"), "{file}");
        assert!(!file.contains(' '));
    }
}
