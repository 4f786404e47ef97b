//! What another app shares becomes the draft of a new conversation.
//!
//! The browser sends it itself, as a form whose request has no origin but the person (`Sec-Fetch-Site: none`); a page of
//! another site that posts here is refused with every other foreign form.

use axum::{
    extract::{
        Multipart, State,
        multipart::{MultipartError, MultipartRejection},
    },
    response::{IntoResponse, Redirect, Response},
};
use leptos_router::location::Url;
use parlance_core::domain::ProblemCode;

use crate::web::{error::Fault, extract::MaybeSigned, state::Edge};

const PAGE: &str = "/chat";
/// Characters of a text that travel through the sign-in page, in its address.
const ADDRESS_TEXT: usize = 1_500;

/// Keeps what is shared and leads to the composer. Whoever has to sign in first finds its beginning there afterwards.
pub(super) async fn take(
    State(edge): State<Edge>,
    MaybeSigned(viewer): MaybeSigned,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, Fault> {
    let form = form.map_err(|_| Fault::new(ProblemCode::UnsupportedMediaType))?;
    let text = read(form).await?;
    let Some(viewer) = viewer else {
        let beginning: String = text.chars().take(ADDRESS_TEXT).collect();
        let next = format!("{PAGE}?q={}", Url::escape(&beginning));
        let address = format!("/login?next={}", Url::escape(&next));
        return Ok(Redirect::to(&address).into_response());
    };
    if !text.is_empty() {
        let drafts = &edge.app.drafts;
        // What was typed before stays, above.
        let before = drafts.read(&viewer, None).await?.unwrap_or_default();
        let draft = match before.trim_end() {
            "" => text,
            before => format!("{before}\n\n{text}"),
        };
        drafts.keep(&viewer, None, &draft).await?;
    }
    Ok(Redirect::to(PAGE).into_response())
}

/// The fields of the manifest's `share_target`, one below the other.
async fn read(mut form: Multipart) -> Result<String, Fault> {
    let unreadable = |error: MultipartError| {
        let code = if error.status().as_u16() == 413 {
            ProblemCode::TooLarge
        } else {
            ProblemCode::BadRequest
        };
        Fault::new(code)
    };
    let mut lines = [const { String::new() }; 3];
    while let Some(field) = form.next_field().await.map_err(unreadable)? {
        let place = match field.name() {
            Some("title") => 0,
            Some("text") => 1,
            Some("url") => 2,
            _ => continue,
        };
        lines[place] = field.text().await.map_err(unreadable)?;
    }
    Ok(joined(&lines))
}

/// One text of what is there; what stands in another part already is not said twice.
fn joined([title, text, url]: &[String; 3]) -> String {
    let (title, text, url) = (title.trim(), text.trim(), url.trim());
    let mut parts = Vec::new();
    if !text.starts_with(title) {
        parts.push(title);
    }
    parts.push(text);
    if !text.contains(url) {
        parts.push(url);
    }
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn nothing_is_said_twice() {
        for (parts, expected) in [
            (["", "", ""], ""),
            (
                ["A mill", "", " https://a.example "],
                "A mill\nhttps://a.example",
            ),
            (["A mill", "A mill that turns", ""], "A mill that turns"),
            (
                ["", "Look: https://a.example", "https://a.example"],
                "Look: https://a.example",
            ),
            (["水车", "一座水车", ""], "水车\n一座水车"),
        ] {
            assert_eq!(joined(&parts.map(str::to_owned)), expected);
        }
    }
}
