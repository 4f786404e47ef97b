//! What letters say, in both languages.

use parlance_core::domain::{Timestamp, preferences::Language};

use super::{FactorChange, Letter, html};
use crate::port::mailer::Mail;

/// Longest name of a device in a letter, characters.
const DEVICE_CHARS: usize = 120;

/// A letter before it is text or HTML.
pub(super) struct Words {
    pub subject: String,
    pub before: Vec<String>,
    /// Label and address.
    pub link: Option<(String, String)>,
    pub after: Vec<String>,
}

/// Writes the letter.
pub(super) fn compose(to: &str, language: Language, letter: &Letter) -> Mail {
    let words = match language {
        Language::En => english(letter),
        Language::ZhCn => chinese(letter),
    };
    let tag = match language {
        Language::En => "en",
        Language::ZhCn => "zh-CN",
    };
    Mail {
        to: to.to_owned(),
        language: tag,
        text: text(&words),
        html: html::page(tag, &words),
        link: words.link.map(|(_, link)| link),
        subject: words.subject,
    }
}

fn text(words: &Words) -> String {
    let link = words.link.as_ref().map(|(_, link)| link);
    let paragraphs: Vec<&str> = words
        .before
        .iter()
        .chain(link)
        .chain(&words.after)
        .map(String::as_str)
        .collect();
    format!("{}\n", paragraphs.join("\n\n"))
}

fn english(letter: &Letter) -> Words {
    let alarm = "If that was not you, reset your password now and end all other sessions on your profile page.";
    match letter {
        Letter::VerifyEmail { link } => words(
            "Confirm your e-mail address",
            &[
                "Somebody, hopefully you, gave this address for an account. Confirm that it is yours:",
            ],
            Some(("Confirm the address", link)),
            &["The link works once, for 30 minutes. If it was not you, there is nothing to do."],
        ),
        Letter::ResetPassword { link } => words(
            "Set a new password",
            &["Somebody, hopefully you, asked for a new password for your account. Set it here:"],
            Some(("Set a new password", link)),
            &[
                "The link works once, for 30 minutes. If it was not you, there is nothing to do: your password stays as it is.",
            ],
        ),
        Letter::NewDevice {
            device,
            when,
            address,
        } => words(
            "New sign-in to your account",
            &[
                "Somebody signed in to your account from a device that was not seen before.",
                &format!(
                    "Device: {}",
                    device
                        .as_deref()
                        .map_or_else(|| "unknown".to_owned(), plain)
                ),
                &format!("When: {}", moment(*when)),
                &format!(
                    "From: {}",
                    address
                        .as_deref()
                        .map_or_else(|| "unknown".to_owned(), plain)
                ),
            ],
            None,
            &["If that was you, there is nothing to do.", alarm],
        ),
        Letter::PasswordChanged => words(
            "Your password was changed",
            &["The password of your account was changed. All other devices were signed out."],
            None,
            &[alarm],
        ),
        Letter::EmailChanged { to } => words(
            "The e-mail address of your account was changed",
            &[&format!(
                "Your account now has the address {}; this one is no longer used.",
                masked(to)
            )],
            None,
            &["If that was not you, write to the people who run this site at once."],
        ),
        Letter::FactorChanged(change) => words(
            "The second factor of your account was changed",
            &[match change {
                FactorChange::On => {
                    "Signing in to your account now needs a code from your authenticator app as well."
                }
                FactorChange::Off => {
                    "Signing in to your account no longer needs a code from your authenticator app."
                }
                FactorChange::NewBackupCodes => {
                    "New backup codes were made for your account. The old ones no longer work."
                }
            }],
            None,
            &[alarm],
        ),
    }
}

fn chinese(letter: &Letter) -> Words {
    let alarm = "如果这不是您本人的操作，请立即重置密码，并在个人资料页退出其他所有设备。";
    match letter {
        Letter::VerifyEmail { link } => words(
            "请验证您的邮箱地址",
            &["有人（应该就是您）用这个邮箱地址注册了账号。请确认这是您的邮箱："],
            Some(("验证邮箱", link)),
            &["此链接仅可使用一次，30 分钟内有效。如果这不是您本人的操作，请忽略本邮件。"],
        ),
        Letter::ResetPassword { link } => words(
            "设置新密码",
            &["有人（应该就是您）请求为您的账号设置新密码。请点击下方链接继续："],
            Some(("设置新密码", link)),
            &[
                "此链接仅可使用一次，30 分钟内有效。如果这不是您本人的操作，请忽略本邮件，您的密码不会改变。",
            ],
        ),
        Letter::NewDevice {
            device,
            when,
            address,
        } => words(
            "您的账号有新的登录",
            &[
                "您的账号在一台新设备上登录了。",
                &format!(
                    "设备：{}",
                    device.as_deref().map_or_else(|| "未知".to_owned(), plain)
                ),
                &format!("时间：{}", moment(*when)),
                &format!(
                    "来源：{}",
                    address.as_deref().map_or_else(|| "未知".to_owned(), plain)
                ),
            ],
            None,
            &["如果是您本人登录，则无需理会。", alarm],
        ),
        Letter::PasswordChanged => words(
            "您的密码已修改",
            &["您的账号密码已修改，其他设备均已退出登录。"],
            None,
            &[alarm],
        ),
        Letter::EmailChanged { to } => words(
            "您账号的邮箱地址已更改",
            &[&format!(
                "您的账号现在使用 {} 作为邮箱，本邮箱不再与该账号关联。",
                masked(to)
            )],
            None,
            &["如果这不是您本人的操作，请立即联系本站管理员。"],
        ),
        Letter::FactorChanged(change) => words(
            "您账号的两步验证设置已更改",
            &[match change {
                FactorChange::On => {
                    "您的账号已开启两步验证，今后登录时还需要输入验证器应用中的验证码。"
                }
                FactorChange::Off => "您的账号已关闭两步验证，今后登录时不再需要验证码。",
                FactorChange::NewBackupCodes => "您的账号已生成新的备用码，旧的备用码已失效。",
            }],
            None,
            &[alarm],
        ),
    }
}

fn words(subject: &str, before: &[&str], link: Option<(&str, &String)>, after: &[&str]) -> Words {
    let all = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    Words {
        subject: format!("Parlance: {subject}"),
        before: all(before),
        link: link.map(|(label, link)| (label.to_owned(), link.clone())),
        after: all(after),
    }
}

/// To the minute, in UTC: a letter knows nobody's time zone.
fn moment(when: Timestamp) -> String {
    let text = when.rfc3339().unwrap_or_default();
    let minute = text.get(..16).unwrap_or(&text).replace('T', " ");
    format!("{minute} UTC")
}

/// What a client called itself, in one line.
fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(DEVICE_CHARS)
        .collect()
}

/// As much of an address as its owner recognises: whoever reads the old letter box may be a stranger by now.
fn masked(address: &str) -> String {
    let (name, host) = address.rsplit_once('@').unwrap_or((address, ""));
    let first: String = name.chars().take(1).collect();
    format!("{first}…@{host}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<Letter> {
        let link = "https://chat.example/verify?token=abc".to_owned();
        vec![
            Letter::VerifyEmail { link: link.clone() },
            Letter::ResetPassword { link },
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
                let has_link = matches!(
                    letter,
                    Letter::VerifyEmail { .. } | Letter::ResetPassword { .. }
                );
                assert_eq!(mail.link.is_some(), has_link);
                assert_eq!(mail.text.contains("token=abc"), has_link);
                assert_eq!(mail.html.matches("href=").count(), usize::from(has_link));
            }
        }
    }

    #[test]
    fn a_new_device_is_told_to_the_minute() {
        let letter = &all()[2];
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
}
