//! Sending a form as it stands, without leaving the page.
//!
//! The browser's own encoding of the form goes to the form's own address, so that scripts and no scripts ask the same
//! thing; and no second encoder has to be downloaded.

use leptos::web_sys::HtmlFormElement;

use crate::rpc::problem::RpcError;

/// Posts the form; the answer is the path to go to.
///
/// # Errors
/// What the server function refused, or that no answer came.
#[cfg(feature = "hydrate")]
pub async fn post(form: HtmlFormElement) -> Result<String, RpcError> {
    let silence = |_| RpcError::unreachable();
    match exchange(&form).await {
        None => Err(RpcError::unreachable()),
        Some((true, body)) => serde_json::from_str(&body).map_err(silence),
        Some((false, body)) => Err(serde_json::from_str(&body).unwrap_or_else(silence)),
    }
}

/// Whether it went well, and what was said; `None` when nothing was.
#[cfg(feature = "hydrate")]
async fn exchange(form: &HtmlFormElement) -> Option<(bool, String)> {
    use web_sys::{FormData, UrlSearchParams};

    let data = FormData::new_with_form(form).ok()?;
    let body = UrlSearchParams::new_with_str_sequence_sequence(&data).ok()?;
    let request = gloo_net::http::Request::post(&form.action())
        .header("Accept", "application/json")
        .body(body)
        .ok()?;
    let response = request.send().await.ok()?;
    Some((response.ok(), response.text().await.ok()?))
}

/// There is nothing to send from on the server.
#[cfg(not(feature = "hydrate"))]
pub async fn post(_form: HtmlFormElement) -> Result<String, RpcError> {
    Err(RpcError::unreachable())
}
