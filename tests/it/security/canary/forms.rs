//! The same through server functions: what pages send, with scripts and without.

use reqwest::header::ACCEPT;

use super::{PASSWORD, SECOND, THIRD, WRONG, Witness};
use crate::harness::{Browser, Server, browser::email, page::ACCEPTED};

const RPC: &str = "/rpc/parlance_ui/rpc";

/// Wrong secrets into every form that takes one, and a key that is made by a form: it is shown a single time. The key.
pub(super) async fn refused_and_shown_once(
    witness: &mut Witness,
    server: &Server,
    ann: &Browser,
) -> String {
    let stranger = server.visitor();
    let mail = email("ann");
    let rubbish = "canary-token-of-nobody-0123456789";
    for (browser, path, fields, status) in [
        (
            &stranger,
            "accounts/login",
            vec![("email", mail.as_str()), ("password", WRONG)],
            401,
        ),
        (
            &stranger,
            "accounts/login_factor",
            vec![("challenge", rubbish), ("code", "canary-code")],
            400,
        ),
        (
            &stranger,
            "accounts/register",
            vec![
                ("username", "ann"),
                ("email", mail.as_str()),
                ("password", PASSWORD),
                ("password_confirmation", WRONG),
            ],
            422,
        ),
        (
            &stranger,
            "links/reset_password",
            vec![
                ("token", rubbish),
                ("password", THIRD),
                ("password_confirmation", THIRD),
            ],
            400,
        ),
        (
            &stranger,
            "links/verify_email",
            vec![("token", rubbish), ("password", THIRD)],
            400,
        ),
        (
            &stranger,
            "setup/set_up",
            vec![
                ("token", rubbish),
                ("username", "second"),
                ("email", "second@example.com"),
                ("password", PASSWORD),
                ("password_confirmation", PASSWORD),
            ],
            400,
        ),
        (
            ann,
            "profile/save_password",
            vec![
                ("current_password", WRONG),
                ("password", THIRD),
                ("password_confirmation", THIRD),
            ],
            403,
        ),
        (
            ann,
            "profile/save_email",
            vec![("email", "other@example.com"), ("current_password", WRONG)],
            403,
        ),
        (
            ann,
            "profile/delete_account",
            vec![("current_password", WRONG), ("word", "delete")],
            403,
        ),
        (
            ann,
            "keys/make_key",
            vec![("name", "by a form"), ("current_password", WRONG)],
            403,
        ),
        (
            ann,
            "factors/disable_factor",
            vec![("current_password", WRONG), ("code", "canary-code")],
            403,
        ),
    ] {
        let path = format!("{RPC}/{path}");
        // A script asks for data, a form for a page: it is led back, what was typed in a cookie, but for secrets.
        witness
            .send(browser.post(&path).form(&fields), status)
            .await;
        if fields
            .iter()
            .any(|(name, _)| *name == "token" || *name == "challenge")
        {
            // These are led back to the very page, with what it was opened with.
            continue;
        }
        let form = browser.post(&path).header(ACCEPT, ACCEPTED).form(&fields);
        witness.send(form, 303).await;
        let page = match browser
            .get("/api/session")
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
        {
            200 => "/profile",
            _ => "/login",
        };
        witness
            .send(browser.get(page).header(ACCEPT, ACCEPTED), 200)
            .await;
    }
    let fields = [("name", "by a form"), ("current_password", SECOND)];
    let made = ann
        .post(&format!("{RPC}/keys/make_key"))
        .header(ACCEPT, ACCEPTED);
    let made = made.form(&fields).send().await.unwrap();
    assert_eq!(made.status(), 303);
    let page = ann.page("/profile/keys").await;
    let key = page.source.split("plk_").nth(1).expect("the key is shown");
    let is_of_key = |letter: &char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    let key = format!(
        "plk_{}",
        key.chars().take_while(is_of_key).collect::<String>()
    );
    assert!(key.len() >= 47, "{key}");
    witness.keep("key of a form", &key);
    let used = server
        .visitor()
        .get("/api/session")
        .header("X-API-Key", &key);
    assert_eq!(used.send().await.unwrap().status(), 200, "it is one");
    // Reloaded, it is gone.
    let again = ann.page("/profile/keys").await;
    assert!(!again.source.contains(&key) && again.source.contains("by a form"));
    key
}
