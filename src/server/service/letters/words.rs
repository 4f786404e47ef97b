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
    /// Labels and addresses, the one that matters most first.
    pub links: Vec<(String, String)>,
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
        link: words.links.into_iter().next().map(|(_, link)| link),
        subject: words.subject,
    }
}

fn text(words: &Words) -> String {
    let links: Vec<String> = match words.links.as_slice() {
        [(_, only)] => vec![only.clone()],
        several => several
            .iter()
            .map(|(label, link)| format!("{label}:\n{link}"))
            .collect(),
    };
    let paragraphs: Vec<&str> = words
        .before
        .iter()
        .chain(&links)
        .chain(&words.after)
        .map(String::as_str)
        .collect();
    format!("{}\n", paragraphs.join("\n\n"))
}

fn english(letter: &Letter) -> Words {
    let alarm = "If that was not you, reset your password now and end all other sessions on your profile page.";
    match letter {
        Letter::VerifyEmail {
            link,
            waiting: Some(name),
        } => words(
            "Confirm your e-mail address",
            &[&format!(
                "Somebody, hopefully you, wants to make the account \"{}\" with this address. Choose its password:",
                plain(name)
            )],
            &[("Set up the account", link)],
            &[
                "The link works once, for 30 minutes. If it was not you, do not use it: without you there will be no such account.",
            ],
        ),
        Letter::VerifyEmail {
            link,
            waiting: None,
        } => words(
            "Confirm your e-mail address",
            &[
                "Somebody, hopefully you, gave this address for an account. Confirm that it is yours:",
            ],
            &[("Confirm the address", link)],
            &[
                "The link works once, for 30 minutes. If it was not you, do not confirm it: the account is somebody else's.",
            ],
        ),
        Letter::ResetPassword { link } => words(
            "Set a new password",
            &["Somebody, hopefully you, asked for a new password for your account. Set it here:"],
            &[("Set a new password", link)],
            &[
                "The link works once, for 30 minutes. If it was not you, there is nothing to do: your password stays as it is.",
            ],
        ),
        Letter::AddressInUse { sign_in, reset } => words(
            "You have an account already",
            &[
                "Somebody, perhaps you, wanted to make an account with this address. It has one already, so none was made.",
                "If it was you, sign in; and if the password is forgotten, set a new one.",
            ],
            &[("Sign in", sign_in), ("Set a new password", reset)],
            &[
                "If it was not you, there is nothing to do: nobody has come in, and nobody was told that you have an account.",
            ],
        ),
        Letter::AddressWanted { sign_in, reset } => words(
            "This address has an account already",
            &[
                "Somebody, perhaps you, wanted to move another account to this address. It belongs to yours, so nothing was changed.",
                "If it was you, sign in to the account that has it; and if the password is forgotten, set a new one.",
            ],
            &[("Sign in", sign_in), ("Set a new password", reset)],
            &[
                "If it was not you, there is nothing to do: nobody has come in, and nobody was told that you have an account.",
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
            &[],
            &["If that was you, there is nothing to do.", alarm],
        ),
        Letter::PasswordChanged => words(
            "Your password was changed",
            &["The password of your account was changed. All other devices were signed out."],
            &[],
            &[alarm],
        ),
        Letter::EmailChanged { to } => words(
            "The e-mail address of your account was changed",
            &[&format!(
                "Your account now has the address {}; this one is no longer used.",
                masked(to)
            )],
            &[],
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
            &[],
            &[alarm],
        ),
    }
}

fn chinese(letter: &Letter) -> Words {
    let alarm = "如果这不是您本人的操作，请立即重置密码，并在个人资料页退出其他所有设备。";
    match letter {
        Letter::VerifyEmail {
            link,
            waiting: Some(name),
        } => words(
            "请验证您的邮箱地址",
            &[&format!(
                "有人（应该就是您）想用这个邮箱地址注册账号“{}”。请为它设置密码：",
                plain(name)
            )],
            &[("完成注册", link)],
            &[
                "此链接仅可使用一次，30 分钟内有效。如果这不是您本人的操作，请不要使用此链接；没有您的确认，这个账号不会创建。",
            ],
        ),
        Letter::VerifyEmail {
            link,
            waiting: None,
        } => words(
            "请验证您的邮箱地址",
            &["有人（应该就是您）把这个邮箱地址填写为账号的邮箱。请确认这是您的邮箱："],
            &[("验证邮箱", link)],
            &[
                "此链接仅可使用一次，30 分钟内有效。如果这不是您本人的操作，请不要确认，那是别人的账号。",
            ],
        ),
        Letter::ResetPassword { link } => words(
            "设置新密码",
            &["有人（应该就是您）请求为您的账号设置新密码。请点击下方链接继续："],
            &[("设置新密码", link)],
            &[
                "此链接仅可使用一次，30 分钟内有效。如果这不是您本人的操作，请忽略本邮件，您的密码不会改变。",
            ],
        ),
        Letter::AddressInUse { sign_in, reset } => words(
            "您已经有账号了",
            &[
                "有人（可能就是您）想用这个邮箱地址注册账号。这个邮箱已经注册过，因此没有再创建新账号。",
                "如果是您本人，请直接登录；如果忘记了密码，可以重新设置。",
            ],
            &[("登录", sign_in), ("设置新密码", reset)],
            &[
                "如果这不是您本人的操作，则无需理会：没有人登录您的账号，对方也不会知道您在这里有账号。",
            ],
        ),
        Letter::AddressWanted { sign_in, reset } => words(
            "这个邮箱已经有账号了",
            &[
                "有人（可能就是您）想把另一个账号的邮箱改为这个地址。这个邮箱已经属于您现有的账号，因此没有作任何更改。",
                "如果是您本人，请登录使用这个邮箱的账号；如果忘记了密码，可以重新设置。",
            ],
            &[("登录", sign_in), ("设置新密码", reset)],
            &[
                "如果这不是您本人的操作，则无需理会：没有人登录您的账号，对方也不会知道您在这里有账号。",
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
            &[],
            &["如果是您本人登录，则无需理会。", alarm],
        ),
        Letter::PasswordChanged => words(
            "您的密码已修改",
            &["您的账号密码已修改，其他设备均已退出登录。"],
            &[],
            &[alarm],
        ),
        Letter::EmailChanged { to } => words(
            "您账号的邮箱地址已更改",
            &[&format!(
                "您的账号现在使用 {} 作为邮箱，本邮箱不再与该账号关联。",
                masked(to)
            )],
            &[],
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
            &[],
            &[alarm],
        ),
    }
}

fn words(subject: &str, before: &[&str], links: &[(&str, &String)], after: &[&str]) -> Words {
    let all = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    Words {
        subject: format!("Parlance: {subject}"),
        before: all(before),
        links: links
            .iter()
            .map(|(label, link)| ((*label).to_owned(), (*link).clone()))
            .collect(),
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
mod tests;
