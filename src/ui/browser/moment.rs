//! Moments as this browser tells them: for turns that came by the stream, whose time no page brought along.
//!
//! Milliseconds since the Unix epoch throughout. On the server there is no such clock: pages bring their texts.

/// The machine-readable form, for `<time datetime>`.
#[must_use]
pub fn iso(at: i64) -> Option<String> {
    #[cfg(feature = "hydrate")]
    let iso = date(at).to_iso_string().as_string();
    #[cfg(not(feature = "hydrate"))]
    let iso = parlance_core::domain::Timestamp(at.saturating_mul(1_000)).rfc3339();
    iso
}

/// What the clock on the wall showed, in the language `tag`, as `i18n::moment` writes it. Empty on the server.
#[must_use]
pub fn clock(at: i64, tag: &str) -> String {
    let form = if tag == "en" {
        r#"{"hour":"numeric","minute":"2-digit"}"#
    } else {
        r#"{"hour":"2-digit","minute":"2-digit"}"#
    };
    tell(at, tag, form)
}

/// Date and time in full, in the language `tag`. Empty on the server.
#[must_use]
pub fn full(at: i64, tag: &str) -> String {
    tell(at, tag, r#"{"dateStyle":"medium","timeStyle":"short"}"#)
}

/// Whole seconds from then to now; where there is no clock, to `page`, the moment when the page was made.
#[must_use]
pub fn age(at: i64, page: i64) -> u64 {
    #[cfg(feature = "hydrate")]
    let now = {
        let _ = page;
        // A moment in milliseconds fits many times over.
        js_sys::Date::now() as i64
    };
    #[cfg(not(feature = "hydrate"))]
    let now = page;
    now.saturating_sub(at).max(0).cast_unsigned() / 1_000
}

/// In the zone that was chosen in the settings, if one was and this browser knows it.
#[cfg(feature = "hydrate")]
fn tell(at: i64, tag: &str, form: &str) -> String {
    use js_sys::{Function, JSON, Reflect};
    use leptos::wasm_bindgen::{JsCast, JsValue};

    let (date, tag) = (date(at), JsValue::from(tag));
    let said = |zone: Option<String>| {
        let form = JSON::parse(form)?;
        if let Some(zone) = zone {
            Reflect::set(&form, &"timeZone".into(), &zone.into())?;
        }
        let tell: Function = Reflect::get(&date, &"toLocaleString".into())?.dyn_into()?;
        tell.call2(&date, &tag, &form)
    };
    // The form is our own and well made; a zone may be younger than the browser.
    let said = said(super::preferences::zone()).or_else(|_| said(None));
    said.ok()
        .and_then(|text| text.as_string())
        .unwrap_or_default()
}

#[cfg(not(feature = "hydrate"))]
fn tell(_at: i64, _tag: &str, _form: &str) -> String {
    String::new()
}

#[cfg(feature = "hydrate")]
fn date(at: i64) -> js_sys::Date {
    // Exact as far as JavaScript's dates reach.
    js_sys::Date::new(&(at as f64).into())
}
