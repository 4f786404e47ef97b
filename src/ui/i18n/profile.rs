//! Texts of the pages of one's own account. The server alone writes them, so the browser does not download these.

mod en;
mod zh_cn;

use parlance_core::domain::{FieldCode, Group};

use super::Locale;

/// Texts of these pages.
pub struct Profile {
    pub title: &'static str,
    pub pages: &'static str,
    pub current_password: &'static str,
    pub copy: &'static str,
    /// A moment follows, as after the others that end with a space or a colon.
    pub last_used: &'static str,
    pub account: Account,
    pub password: Password,
    pub devices: Devices,
    pub factor: Factor,
    pub keys: Keys,
    pub data: Data,
    /// What is wrong with a field that only these pages have.
    field: fn(&str, FieldCode) -> Option<&'static str>,
}

/// Name and address.
pub struct Account {
    pub title: &'static str,
    pub since: fn(&str) -> String,
    /// `User`, `Pro`, `Admin`.
    pub groups: [&'static str; 3],
    pub group: &'static str,
    pub name: &'static str,
    pub name_hint: &'static str,
    pub name_save: &'static str,
    pub name_saved: &'static str,
    pub email: &'static str,
    pub email_hint: &'static str,
    /// Where it must be confirmed.
    pub email_hint_letter: &'static str,
    pub email_save: &'static str,
    pub email_saved: &'static str,
    pub email_kept: &'static str,
    pub unverified: fn(&str) -> String,
    /// The address that the account is to have.
    pub wanted: fn(&str) -> String,
    pub keep: &'static str,
    pub send_again: &'static str,
    pub letter_sent: &'static str,
    /// One line above the conversations.
    pub reminder: &'static str,
}

/// The password.
pub struct Password {
    pub title: &'static str,
    pub lead: &'static str,
    pub new: &'static str,
    pub save: &'static str,
    pub saved: &'static str,
}

/// Where one is signed in.
pub struct Devices {
    pub title: &'static str,
    pub lead: &'static str,
    pub list: &'static str,
    pub this: &'static str,
    pub browser: &'static str,
    pub program: &'static str,
    /// Browser and system.
    pub on: fn(&str, &str) -> String,
    pub unknown: &'static str,
    pub since: &'static str,
    pub sign_out: &'static str,
    pub signed_out: &'static str,
    pub others: &'static str,
    pub others_hint: &'static str,
    pub others_out: &'static str,
    pub alone: &'static str,
}

/// The second factor.
pub struct Factor {
    pub title: &'static str,
    pub lead: &'static str,
    pub off: &'static str,
    pub begin_hint: &'static str,
    pub begin: &'static str,
    pub scan_title: &'static str,
    pub scan: &'static str,
    /// What the picture is, for those who cannot see it.
    pub picture: &'static str,
    pub by_hand: &'static str,
    pub open_app: &'static str,
    pub code: &'static str,
    pub code_hint: &'static str,
    pub confirm: &'static str,
    pub confirm_hint: &'static str,
    /// The secret has waited for longer than it may.
    pub late: &'static str,
    pub done: &'static str,
    pub codes_title: &'static str,
    pub codes_lead: &'static str,
    pub download: &'static str,
    pub file: &'static str,
    pub kept: &'static str,
    pub on: fn(&str) -> String,
    pub left: fn(u32) -> String,
    pub any_code: &'static str,
    pub any_code_hint: &'static str,
    pub renew_title: &'static str,
    pub renew_lead: &'static str,
    pub renew: &'static str,
    pub off_title: &'static str,
    pub off_lead: &'static str,
    pub turn_off: &'static str,
    pub turned_off: &'static str,
}

/// Keys for programs.
pub struct Keys {
    pub title: &'static str,
    pub lead: &'static str,
    pub list: &'static str,
    pub empty: &'static str,
    pub ends_in: fn(&str) -> String,
    pub made_on: &'static str,
    pub never_used: &'static str,
    pub good_until: &'static str,
    pub revoke: &'static str,
    pub revoked: &'static str,
    pub make_title: &'static str,
    pub name: &'static str,
    pub name_hint: &'static str,
    pub make: &'static str,
    pub made_title: fn(&str) -> String,
    pub made_lead: &'static str,
}

/// What is kept, and its end.
pub struct Data {
    pub title: &'static str,
    pub export_title: &'static str,
    pub export_lead: &'static str,
    pub export: &'static str,
    pub delete_title: &'static str,
    pub delete_lead: &'static str,
    pub goes: [&'static str; 4],
    pub delete_end: &'static str,
    pub word_label: &'static str,
    pub delete: &'static str,
}

impl Profile {
    /// The name of a group.
    #[must_use]
    pub fn group(&self, group: Group) -> &'static str {
        let [user, pro, admin] = self.account.groups;
        match group {
            Group::User => user,
            Group::Pro => pro,
            Group::Admin => admin,
        }
    }

    /// What is wrong with `field`, where these pages have words of their own for it.
    #[must_use]
    pub fn field(&self, field: &str, code: FieldCode) -> Option<&'static str> {
        (self.field)(field, code)
    }
}

impl Locale {
    /// Texts of the pages of one's own account.
    #[must_use]
    pub fn profile(self) -> &'static Profile {
        match self {
            Self::En => &en::PROFILE,
            Self::ZhCn => &zh_cn::PROFILE,
        }
    }
}
