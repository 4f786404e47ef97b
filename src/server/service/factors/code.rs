//! Codes as people type them, and the secret that those of the app come from.

use std::fmt::Write;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use parlance_core::domain::{Enrolment, Timestamp};
use qrcode::{EcLevel, QrCode, render::svg};
use totp_rs::{Algorithm, Builder, Totp};
use zeroize::Zeroizing;

use super::backup::{ALPHABET, CHARS};
use crate::service::Error;

/// Bytes of a secret: as long as SHA-1's output (RFC 4226 §4).
const SECRET_BYTES: usize = 20;
/// Digits of a code.
const DIGITS: usize = 6;
/// Seconds of a time step (RFC 6238 §5.2).
const STEP_SECONDS: u64 = 30;
/// What the app shows above the code.
const ISSUER: &str = "Parlance";
/// Longest text that can be a code, bytes, with spaces and all.
const LONGEST: usize = 100;

/// What somebody typed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Given {
    /// Six digits.
    App(String),
    /// A backup code in capitals, without hyphens.
    Backup(String),
}

impl Given {
    /// Takes what was typed as it was meant: spaces and hyphens, small letters, letters in place of the digits they look
    /// like, and the full-width digits of an input method.
    pub(super) fn read(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let plain: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '–' | '－'))
            .map(|c| match c {
                // The full-width forms stand in the order of ASCII.
                '！'..='～' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
                c => c,
            })
            .map(|c| c.to_ascii_uppercase())
            .collect();
        if plain.len() == DIGITS && plain.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(Self::App(plain));
        }
        let code: String = plain
            .chars()
            .map(|c| match c {
                'O' => '0',
                'I' | 'L' => '1',
                c => c,
            })
            .collect();
        let is_backup = code.len() == CHARS && code.bytes().all(|byte| ALPHABET.contains(&byte));
        is_backup.then_some(Self::Backup(code))
    }
}

/// What app and server have in common. Forgotten when dropped.
pub(super) struct Secret(pub(super) Zeroizing<Vec<u8>>);

impl Secret {
    /// # Errors
    /// `Internal` when the operating system has no randomness.
    pub(super) fn mint() -> Result<Self, Error> {
        let mut bytes = Zeroizing::new(vec![0; SECRET_BYTES]);
        getrandom::fill(&mut bytes)
            .map_err(|error| Error::Internal(format!("randomness: {error}")))?;
        Ok(Self(bytes))
    }

    /// The newest time step around `now` whose code this is: a clock may be off by one step.
    pub(super) fn step_of(&self, code: &str, now: Timestamp) -> Result<Option<u64>, Error> {
        let seconds = u64::try_from(now.0.div_euclid(1_000_000)).unwrap_or_default();
        Ok(self.totp("")?.check(code, seconds))
    }

    /// What a person needs to tell the app; `account` is the name under which it keeps it.
    pub(super) fn enrolment(&self, account: &str) -> Result<Enrolment, Error> {
        let totp = self.totp(account)?;
        let uri = totp
            .to_url()
            .map_err(|error| Error::Internal(format!("TOTP: {error}")))?;
        Ok(Enrolment {
            secret: totp.secret().to_base32(),
            qr: qr(&uri)
                .ok_or_else(|| Error::Internal("an address too long to be drawn".to_owned()))?,
            uri,
        })
    }

    fn totp(&self, account: &str) -> Result<Totp, Error> {
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(DIGITS as u8)
            .with_skew(1)
            .with_step_duration(STEP_SECONDS)
            .with_secret(totp_rs::Secret::from(self.0.as_slice()))
            // A colon would end the issuer.
            .with_account_name(account.replace(':', " "))
            .with_issuer(Some(ISSUER.to_owned()))
            .build()
            .map_err(|error| Error::Internal(format!("TOTP: {error}")))
    }
}

/// A QR code as an address that `<img>` takes: the secret never leaves for a service that draws. `None` for what is too
/// long.
#[must_use]
pub fn qr(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let svg = code
        .render::<svg::Color<'_>>()
        .min_dimensions(240, 240)
        .dark_color(svg::Color("#000"))
        .light_color(svg::Color("#fff"))
        .build();
    let mut address = String::from("data:image/svg+xml;base64,");
    // Writing into a string cannot fail.
    let _ = write!(address, "{}", STANDARD.encode(svg));
    Some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> Secret {
        Secret(Zeroizing::new(b"12345678901234567890".to_vec()))
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp(seconds * 1_000_000)
    }

    /// RFC 6238, appendix B, the last six digits.
    #[test]
    fn codes_are_those_of_the_rfc() {
        for (seconds, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
        ] {
            let step = secret().step_of(code, at(seconds)).unwrap();
            assert_eq!(step, Some(seconds as u64 / 30), "{seconds}");
        }
    }

    #[test]
    fn a_clock_may_be_off_by_one_step() {
        // The code of step 37 037 036.
        let found = |seconds| secret().step_of("081804", at(seconds)).unwrap();
        let begin = 37_037_036 * 30;
        assert_eq!(found(begin - 30), Some(37_037_036));
        assert_eq!(found(begin + 59), Some(37_037_036));
        assert_eq!(found(begin - 31), None);
        assert_eq!(found(begin + 60), None);
    }

    #[test]
    fn codes_are_read_as_they_were_meant() {
        let app = Some(Given::App("287082".to_owned()));
        for text in [
            "287082",
            " 287 082 ",
            "287-082",
            "２８７０８２",
            "287\u{3000}082",
        ] {
            assert_eq!(Given::read(text), app, "{text}");
        }
        let backup = Some(Given::Backup("0123456789ABCDEF".to_owned()));
        for text in [
            "0123-4567-89AB-CDEF",
            "ol23 4567 89ab cdef",
            "0123456789abcdef",
        ] {
            assert_eq!(Given::read(text), backup, "{text}");
        }
        for text in [
            "",
            "28708",
            "2870822",
            "28708x",
            "0123-4567-89AB-CDE",
            "ÄÖÜ456",
            &"1".repeat(5_000),
        ] {
            assert_eq!(Given::read(text), None, "{text}");
        }
    }

    #[test]
    fn an_enrolment_says_what_an_app_needs() {
        let enrolment = secret().enrolment("张三: a@b.example").unwrap();
        assert_eq!(enrolment.secret, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert!(
            enrolment.uri.starts_with("otpauth://totp/Parlance:"),
            "{}",
            enrolment.uri
        );
        for part in ["secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "issuer=Parlance"] {
            assert!(enrolment.uri.contains(part), "{}", enrolment.uri);
        }
        let svg = enrolment
            .qr
            .strip_prefix("data:image/svg+xml;base64,")
            .unwrap();
        let svg = String::from_utf8(STANDARD.decode(svg).unwrap()).unwrap();
        assert!(svg.contains("<svg") && !svg.contains("script"), "{svg}");
        assert!(!format!("{enrolment:?}").contains("GEZD"));
    }
}
