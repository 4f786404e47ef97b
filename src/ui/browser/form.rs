//! Sending a form as it stands, without leaving the page.
//!
//! The browser's own encoding of the form goes to the form's own address, so that scripts and no scripts ask the same
//! thing; and no second encoder has to be downloaded.

use leptos::web_sys::{HtmlElement, HtmlFormElement};

use crate::rpc::problem::RpcError;

/// Posts the form; the answer is the path to go to.
///
/// # Errors
/// What the server function refused, or that no answer came.
#[cfg(feature = "hydrate")]
pub async fn post(form: HtmlFormElement) -> Result<String, RpcError> {
    told(exchange(&form, &form.action(), None).await)
}

/// Posts the form as this button of it would: to the button's address (`formaction`), with its name and value.
///
/// # Errors
/// As [`post`].
#[cfg(feature = "hydrate")]
pub async fn press(form: HtmlFormElement, button: HtmlElement) -> Result<String, RpcError> {
    let action = button
        .get_attribute("formaction")
        .unwrap_or_else(|| form.action());
    let own = button
        .get_attribute("name")
        .zip(button.get_attribute("value"));
    told(exchange(&form, &action, own).await)
}

/// There is nothing to send from on the server.
#[cfg(not(feature = "hydrate"))]
pub async fn press(_form: HtmlFormElement, _button: HtmlElement) -> Result<String, RpcError> {
    Err(RpcError::unreachable())
}

/// What an answer of a server function means: whether it went well, and its text.
#[cfg(feature = "hydrate")]
pub(super) fn told(answer: Option<(bool, String)>) -> Result<String, RpcError> {
    let silence = |_| RpcError::unreachable();
    match answer {
        None => Err(RpcError::unreachable()),
        Some((true, body)) => serde_json::from_str(&body).map_err(silence),
        Some((false, body)) => Err(serde_json::from_str(&body).unwrap_or_else(silence)),
    }
}

/// What comes of posting `body`: whether it went well, and what was said; `None` when nothing was.
#[cfg(feature = "hydrate")]
pub(super) async fn answer(action: &str, body: web_sys::UrlSearchParams) -> Option<(bool, String)> {
    let request = gloo_net::http::Request::post(action)
        .header("Accept", "application/json")
        .body(body)
        .ok()?;
    let response = request.send().await.ok()?;
    Some((response.ok(), response.text().await.ok()?))
}

/// The answer to the form's fields.
#[cfg(feature = "hydrate")]
async fn exchange(
    form: &HtmlFormElement,
    action: &str,
    more: Option<(String, String)>,
) -> Option<(bool, String)> {
    use web_sys::{FormData, UrlSearchParams};

    let data = FormData::new_with_form(form).ok()?;
    if let Some((name, value)) = more {
        data.append_with_str(&name, &value).ok()?;
    }
    answer(
        action,
        UrlSearchParams::new_with_str_sequence_sequence(&data).ok()?,
    )
    .await
}

/// There is nothing to send from on the server.
#[cfg(not(feature = "hydrate"))]
pub async fn post(_form: HtmlFormElement) -> Result<String, RpcError> {
    Err(RpcError::unreachable())
}
