//! The pages of one's own account in English.

use parlance_core::domain::FieldCode;

use super::{Account, Data, Devices, Factor, Keys, Password, Profile};

pub(super) static PROFILE: Profile = Profile {
    title: "Profile",
    pages: "Pages of the profile",
    current_password: "Current password",
    copy: "Copy",
    last_used: "Last used ",
    account: Account {
        title: "Name and e-mail",
        since: |day| format!("Here since {day}"),
        groups: ["Member", "Pro", "Administrator"],
        group: "Group: ",
        name: "Name",
        name_hint: "3 to 50 characters; nobody else here may have it.",
        name_save: "Change name",
        name_saved: "Your name is changed.",
        email: "E-mail",
        email_hint: "You sign in with it. The old address is told of the change.",
        email_hint_letter: "You sign in with it. A new one counts when you open the link in the letter that we send there; \
                            then the old one is told.",
        email_save: "Change e-mail",
        email_saved: "Your e-mail address is changed.",
        email_kept: "Your e-mail address stays as it is.",
        wanted: |email| {
            format!(
                "Waiting for confirmation: {email}. Open the link in the letter that we sent there; until then your \
                 address stays as it is."
            )
        },
        keep: "Cancel the change",
        unverified: |email| {
            format!("{email} is not confirmed yet. Open the link in the letter that we sent there.")
        },
        send_again: "Send the letter again",
        letter_sent: "The letter is on its way. Its link works for 30 minutes.",
        reminder: "Your e-mail address is not confirmed yet.",
    },
    password: Password {
        title: "Password",
        lead: "With a new password every other device is signed out. API keys stay.",
        new: "New password",
        save: "Change password",
        saved: "Your password is changed. All other devices were signed out.",
    },
    devices: Devices {
        title: "Devices",
        lead: "Where you are signed in. Whatever you do not know here, sign it out and change your password.",
        list: "Devices",
        this: "This device",
        browser: "Browser",
        program: "Program",
        on: |browser, system| format!("{browser} on {system}"),
        unknown: "Unknown device",
        since: "Signed in ",
        sign_out: "Sign out",
        signed_out: "The device is signed out.",
        others: "Sign out everywhere else",
        others_hint: "Only this device stays signed in.",
        others_out: "All other devices are signed out.",
        alone: "You are signed in nowhere else.",
    },
    factor: Factor {
        title: "Second factor",
        lead: "With a second factor your password alone opens nothing: signing in also takes a code from an app on your \
               phone, which changes every 30 seconds.",
        off: "The second factor is off.",
        begin_hint: "You need an app for such codes, for example Aegis, 2FAS, or your password manager.",
        begin: "Set it up",
        scan_title: "Give the secret to your app",
        scan: "Scan this picture with the app.",
        picture: "QR code with the secret for your app",
        by_hand: "Or type the secret into it:",
        open_app: "Open it in an app on this device",
        code: "Code of the app",
        code_hint: "The six digits that it shows now.",
        confirm: "Turn it on",
        confirm_hint: "Whoever leaves this page before that begins again.",
        late: "That took longer than a secret waits. Begin again.",
        done: "The second factor is on, and all other devices were signed out. You will need it the next time you sign in.",
        codes_title: "Your backup codes",
        codes_lead: "Each of them stands in for the app once, when your phone is not at hand. They are shown this one \
                     time: print them, or keep them where you keep your passwords.",
        download: "Download",
        file: "parlance-backup-codes.txt",
        kept: "I have kept them",
        on: |day| format!("The second factor is on since {day}."),
        left: |count| match count {
            0 => "No backup code is left: make new ones.".to_owned(),
            1 => "One backup code is left.".to_owned(),
            _ => format!("{count} backup codes are left."),
        },
        any_code: "Code",
        any_code_hint: "From your app, or a backup code.",
        renew_title: "New backup codes",
        renew_lead: "The old ones stop working.",
        renew: "Make new codes",
        off_title: "Turn it off",
        off_lead: "Your password alone will do then.",
        turn_off: "Turn off",
        turned_off: "The second factor is off.",
    },
    keys: Keys {
        title: "API keys",
        lead: "For programs of yours that speak to this server in your name. A key opens your conversations, and \
               nothing on these pages.",
        list: "API keys",
        empty: "There are no keys.",
        ends_in: |end| format!("ends in {end}"),
        made_on: "Made ",
        never_used: "Never used",
        good_until: "Good until ",
        revoke: "Revoke",
        revoked: "The key is revoked. Programs that used it are refused from now on.",
        make_title: "A new key",
        name: "What is it for?",
        name_hint: "A name by which you will know it.",
        make: "Make a key",
        made_title: |name| format!("The key “{name}”"),
        made_lead: "It is shown this one time. Keep it like a password; if it gets lost, revoke it and make another.",
    },
    data: Data {
        title: "Your data",
        export_title: "Take it with you",
        export_lead: "One file with your account, your personas, contexts and models (without their keys), and all \
                      conversations with their messages, as JSON.",
        export: "Download everything",
        delete_title: "Delete the account",
        delete_lead: "There is no way back, so download everything first. What goes:",
        goes: [
            "your name, address, password, second factor and keys,",
            "all conversations with all of their messages and drafts,",
            "your personas and contexts, your models and their keys,",
            "every sign-in: all devices are signed out at once.",
        ],
        delete_end: "It leaves the database within a day. Backups of the administrator may hold it for longer.",
        word_label: "Type “delete” to confirm",
        delete: "Delete my account",
    },
    field,
};

fn field(field: &str, code: FieldCode) -> Option<&'static str> {
    let text = match (field, code) {
        ("current_password", FieldCode::Required) => "Enter your current password.",
        ("password", FieldCode::Required) => "Enter the new password.",
        ("code", FieldCode::Required) => "Enter the code.",
        ("code", _) => "A code has six digits; a backup code looks as it did on its sheet.",
        ("name", FieldCode::Required) => "Give the key a name.",
        ("name", FieldCode::TooLong) => "Use a shorter name.",
        ("word", _) => "That was another word. Nothing was deleted.",
        _ => return None,
    };
    Some(text)
}
