//! What an account's fields must look like. Reports every bad field at once.

use email_address::EmailAddress;
use parlance_core::domain::{FieldCode, limits};

use super::Register;
use crate::service::{
    Error,
    fields::{has_nul, refuse},
    passwords,
};

/// Fields that are fit to be stored.
pub(super) struct Fields {
    pub(super) username: String,
    pub(super) email: String,
}

impl Fields {
    pub(super) fn check(register: &Register) -> Result<Self, Error> {
        let username = register.username.trim();
        let email = register.email.trim();
        let found = [
            ("username", username_problem(username)),
            ("email", email_problem(email)),
            (
                "password",
                password_problem(&register.password, &[username, email]),
            ),
            (
                "password_confirmation",
                confirmation_problem(
                    &register.password,
                    register.password_confirmation.as_deref(),
                ),
            ),
        ];
        refuse(found)?;
        Ok(Self {
            username: username.to_owned(),
            email: email.to_owned(),
        })
    }
}

/// A name that may stand alone, trimmed.
pub(super) fn username(username: &str) -> Result<&str, Error> {
    let username = username.trim();
    refuse([("username", username_problem(username))])?;
    Ok(username)
}

/// An address that may stand alone, trimmed.
pub(super) fn email(email: &str) -> Result<&str, Error> {
    let email = email.trim();
    refuse([("email", email_problem(email))])?;
    Ok(email)
}

/// A new password. `own`: what others know of the person.
pub(super) fn password(
    password: &str,
    confirmation: Option<&str>,
    own: &[&str],
) -> Result<(), Error> {
    refuse([
        ("password", password_problem(password, own)),
        (
            "password_confirmation",
            confirmation_problem(password, confirmation),
        ),
    ])
}

/// The e-mail of a sign-in, if both fields hold anything. An empty password must never reach a check.
pub(super) fn sign_in<'a>(email: &'a str, password: &str) -> Result<&'a str, Error> {
    let email = email.trim();
    let email_code = match email.is_empty() {
        true => Some(FieldCode::Required),
        false => has_nul(email),
    };
    let password_code = if password.is_empty() {
        Some(FieldCode::Required)
    } else {
        // Longer than any password that could have been set: spares the hashing.
        let most = *limits::PASSWORD_CHARS.end();
        (password.chars().count() > most).then_some(FieldCode::TooLong)
    };
    refuse([("email", email_code), ("password", password_code)])?;
    Ok(email)
}

fn username_problem(username: &str) -> Option<FieldCode> {
    let chars = username.chars().count();
    let shortest = if username.chars().any(is_cjk) {
        limits::USERNAME_CJK_CHARS
    } else {
        *limits::USERNAME_CHARS.start()
    };
    if chars == 0 {
        Some(FieldCode::Required)
    } else if username.chars().any(char::is_control) {
        Some(FieldCode::Malformed)
    } else if chars < shortest {
        Some(FieldCode::TooShort)
    } else if chars > *limits::USERNAME_CHARS.end() {
        Some(FieldCode::TooLong)
    } else {
        None
    }
}

/// Ideographs, kana and hangul: scripts in which two characters are a whole name.
fn is_cjk(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}'
        | '\u{AC00}'..='\u{D7AF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
}

fn email_problem(email: &str) -> Option<FieldCode> {
    if email.is_empty() {
        Some(FieldCode::Required)
    } else if email.chars().count() > limits::EMAIL_CHARS {
        Some(FieldCode::TooLong)
    } else if !EmailAddress::is_valid(email) || email.contains(['"', '<', '>']) {
        // Quoted local parts and display names are valid in a mail header and wrong in an account.
        Some(FieldCode::Malformed)
    } else {
        None
    }
}

/// `own`: what others know of the person, which is the first to be guessed.
fn password_problem(password: &str, own: &[&str]) -> Option<FieldCode> {
    let chars = password.chars().count();
    let mixed = password.chars().any(char::is_alphabetic) && password.chars().any(char::is_numeric);
    if chars == 0 {
        Some(FieldCode::Required)
    } else if chars < *limits::PASSWORD_CHARS.start() {
        Some(FieldCode::TooShort)
    } else if chars > *limits::PASSWORD_CHARS.end() {
        Some(FieldCode::TooLong)
    } else if chars < limits::PASSWORD_FREE_CHARS && !mixed {
        Some(FieldCode::NeedsLetterAndDigit)
    } else if passwords::is_common(password) || is_one_of(password, own) {
        Some(FieldCode::TooCommon)
    } else {
        None
    }
}

fn is_one_of(password: &str, own: &[&str]) -> bool {
    let folded = password.to_lowercase();
    own.iter().any(|text| text.to_lowercase() == folded)
}

fn confirmation_problem(password: &str, confirmation: Option<&str>) -> Option<FieldCode> {
    (confirmation? != password).then_some(FieldCode::Mismatch)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_two_ideographs_are_whole_names() {
        assert_eq!(username_problem("张三"), None);
        assert_eq!(username_problem("ab"), Some(FieldCode::TooShort));
        assert_eq!(username_problem(&"x".repeat(51)), Some(FieldCode::TooLong));
        assert_eq!(username_problem("a\nbc"), Some(FieldCode::Malformed));
    }

    #[test]
    fn passwords_need_a_mix_only_while_they_are_short() {
        for (password, expected) in [
            ("", Some(FieldCode::Required)),
            ("abc1234", Some(FieldCode::TooShort)),
            ("abcdefgh", Some(FieldCode::NeedsLetterAndDigit)),
            ("password123", Some(FieldCode::TooCommon)),
            ("PassWord1", Some(FieldCode::TooCommon)),
            ("Anna.Lee@Example.org", Some(FieldCode::TooCommon)),
            ("correct horse battery", None),
            ("密码密码密码密码1", None),
        ] {
            let problem = password_problem(password, &["anna", "anna.lee@example.org"]);
            assert_eq!(problem, expected, "{password}");
        }
        assert_eq!(
            password_problem(&"a1".repeat(129), &[]),
            Some(FieldCode::TooLong)
        );
    }

    #[test]
    fn emails_have_a_plain_form() {
        for bad in ["a", "a@", "@b.c", "a b@c.d", "A <a@b.c>", "\"x\"@b.c"] {
            assert!(email_problem(bad).is_some(), "{bad}");
        }
        assert_eq!(email_problem("zhangsan@example.com"), None);
    }
}
