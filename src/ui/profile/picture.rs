//! The secret of a second factor as a picture for the camera of a telephone.
//!
//! The service draws it too, when it makes the secret, but that is far too much for the cookie in which things travel to
//! the page that shows them once. Server only.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use qrcode::{EcLevel, QrCode, render::svg};

/// A QR code as an address for `<img>`; `None` for a text that is too long for one.
///
/// Black on white in both themes: many cameras read nothing else.
pub(super) fn picture(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let svg = code
        .render::<svg::Color<'_>>()
        .min_dimensions(240, 240)
        .build();
    Some(format!(
        "data:image/svg+xml;base64,{}",
        STANDARD.encode(svg)
    ))
}

#[cfg(test)]
mod tests {
    use super::picture;

    #[test]
    fn draws_what_fits_a_code() {
        let drawn = picture("otpauth://totp/Parlance:a@b.example?secret=GEZDGNBV&issuer=Parlance");
        assert!(drawn.is_some_and(|drawn| drawn.starts_with("data:image/svg+xml;base64,")));
        assert_eq!(picture(&"x".repeat(5_000)), None);
    }
}
