//! What letters say, read.

use super::*;

fn all() -> Vec<Letter> {
    let link = "https://chat.example/verify?token=abc".to_owned();
    vec![
        Letter::VerifyEmail {
            link: link.clone(),
            waiting: None,
        },
        Letter::VerifyEmail {
            link: link.clone(),
            waiting: Some("Ann".to_owned()),
        },
        Letter::ResetPassword { link },
        Letter::AddressInUse {
            sign_in: "https://chat.example/login".to_owned(),
            reset: "https://chat.example/forgot".to_owned(),
        },
        Letter::AddressWanted {
            sign_in: "https://chat.example/login".to_owned(),
            reset: "https://chat.example/forgot".to_owned(),
        },
        Letter::NewDevice {
            device: Some("Firefox\r\nBcc: all@example.com".to_owned()),
            when: Timestamp(1_763_664_000_123_456),
            address: Some("203.0.113.7".to_owned()),
        },
        Letter::PasswordChanged,
        Letter::EmailChanged {
            to: "new@example.com".to_owned(),
        },
        Letter::FactorChanged(FactorChange::On),
        Letter::FactorChanged(FactorChange::Off),
        Letter::FactorChanged(FactorChange::NewBackupCodes),
    ]
}

#[test]
fn every_letter_is_written_in_both_languages() {
    for letter in all() {
        let english = compose("a@b.example", Language::En, &letter);
        let chinese = compose("a@b.example", Language::ZhCn, &letter);
        assert_ne!(english.text, chinese.text);
        assert!(english.text.is_ascii() || matches!(letter, Letter::EmailChanged { .. }));
        assert!(
            chinese.text.contains('。') && !chinese.text.contains(','),
            "{}",
            chinese.text
        );
        for mail in [english, chinese] {
            assert!(!mail.subject.contains(['\r', '\n']) && mail.subject.len() > 12);
            assert!(!mail.text.contains('\r'), "{}", mail.text);
            assert!(mail.html.contains(&format!("lang=\"{}\"", mail.language)));
            let (links, has_token) = match letter {
                Letter::VerifyEmail { .. } | Letter::ResetPassword { .. } => (1, true),
                Letter::AddressInUse { .. } | Letter::AddressWanted { .. } => (2, false),
                _ => (0, false),
            };
            assert_eq!(mail.link.is_some(), links > 0);
            assert_eq!(mail.text.matches("https://chat.example/").count(), links);
            assert_eq!(mail.text.contains("token=abc"), has_token);
            assert_eq!(mail.html.matches("href=").count(), links);
        }
    }
}

#[test]
fn a_new_device_is_told_to_the_minute() {
    let letter = &all()[5];
    let mail = compose("a@b.example", Language::En, letter);
    assert!(
        mail.text.contains("When: 2025-11-20 18:40 UTC"),
        "{}",
        mail.text
    );
    assert!(mail.text.contains("From: 203.0.113.7"), "{}", mail.text);
    assert!(
        mail.text
            .contains("Device: Firefox  Bcc: all@example.com\n"),
        "{}",
        mail.text
    );
}

#[test]
fn the_old_letter_box_learns_only_a_part_of_the_new_address() {
    let letter = Letter::EmailChanged {
        to: "newname@example.com".to_owned(),
    };
    let mail = compose("old@b.example", Language::En, &letter);
    assert!(mail.text.contains("n…@example.com") && !mail.text.contains("newname"));
}
