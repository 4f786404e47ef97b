//! Capital and small letters. The browser knows them for every script there is; tables of our own would be a part of
//! every download.

/// `text` in capitals.
#[must_use]
pub fn upper(text: &str) -> String {
    #[cfg(all(feature = "hydrate", target_family = "wasm"))]
    let upper = js_sys::JsString::from(text).to_upper_case().into();
    #[cfg(not(all(feature = "hydrate", target_family = "wasm")))]
    let upper = text.to_uppercase();
    upper
}

/// `text` in small letters.
#[must_use]
pub fn lower(text: &str) -> String {
    #[cfg(all(feature = "hydrate", target_family = "wasm"))]
    let lower = js_sys::JsString::from(text).to_lower_case().into();
    #[cfg(not(all(feature = "hydrate", target_family = "wasm")))]
    let lower = text.to_lowercase();
    lower
}
