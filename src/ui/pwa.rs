//! What the server writes for the installed app: links and the loader of its script in the head, the notices as a
//! template beside them, and the page for the time without a network.
//!
//! Server only: the browser's half is `pwa/page.js`, a script that is fetched when the page has come to rest. As part of
//! the WASM it would cost every first load, and be missing just when the WASM does not fit the page.
//! Must not enter: what needs to be hydrated.

use leptos::prelude::*;

use crate::{
    i18n::{pwa::Pwa, t},
    kit::Look,
    shell::Assets,
};

mod offline;

pub use offline::offline_document;

/// The public half of the server's push key; in context where pushing is set up.
#[derive(Clone, Debug)]
pub struct PushKey(pub String);

/// What stands in the document's head.
#[component]
pub fn PwaHead(assets: Assets, nonce: Option<String>) -> impl IntoView {
    let key = use_context::<PushKey>().map(|PushKey(key)| key);
    let texts = &t().pwa;
    // Pictures keep their names when they change.
    let touch_icon = format!("/icons/apple-touch.png?{}", assets.build);
    let loader = (!assets.pwa.is_empty()).then(|| {
        view! {
            <script type="module" nonce=nonce>
                {loader(&assets.pwa)}
            </script>
        }
    });
    view! {
        // With cookies, since language and theme may be in them.
        <link rel="manifest" href="/manifest.webmanifest" crossorigin="use-credentials"/>
        <link rel="apple-touch-icon" href=touch_icon/>
        <template id="pwa" data-key=key data-label=texts.notices>
            {notices(texts)}
        </template>
        {loader}
    }
}

/// Asks for the script when the page is alive and the browser has nothing better to do; a page whose WASM does not come
/// needs it all the more, and waits for so long. The browser's offer to install may come before that.
fn loader(address: &str) -> String {
    const PATIENCE_MS: u32 = 8_000;
    format!(
        "addEventListener(\"beforeinstallprompt\", e => {{ e.preventDefault(); globalThis.parlanceInstall ??= e; }});\n\
         const come = () => (globalThis.requestIdleCallback ?? setTimeout)(() => import({}).catch(() => {{}}));\n\
         addEventListener(\"load\", () => new Promise(alive => {{\n\
         const root = document.documentElement, look = () => \"alive\" in root.dataset && alive();\n\
         new MutationObserver(look).observe(root, {{ attributeFilter: [\"data-alive\"] }});\n\
         setTimeout(alive, {PATIENCE_MS});\n\
         look();\n\
         }}).then(come));\n",
        serde_json::Value::from(address)
            .to_string()
            .replace('<', "\\u003c"),
    )
}

fn notices(texts: &Pwa) -> impl IntoView {
    let offline = view! {
        {texts.offline}
        <span class="pwa-needs-network">{texts.offline_writing}</span>
    };
    [
        notice("update", texts.update, Some(texts.reload), texts.later),
        notice("offline", offline, Some(texts.try_again), ""),
        notice(
            "install",
            texts.install,
            Some(texts.install_button),
            texts.later,
        ),
        notice("ios", texts.install_ios, None, texts.later),
        notice("push", texts.push, Some(texts.push_button), texts.later),
    ]
}

/// One notice: what it says, the button that does it, and the one that puts it off (none if empty).
fn notice(
    name: &'static str,
    words: impl IntoView + 'static,
    act: Option<&'static str>,
    later: &'static str,
) -> AnyView {
    // Where there is nothing to put off there is little to do.
    let look = if later.is_empty() {
        Look::Plain
    } else {
        Look::Primary
    };
    let act = act.map(|act| view! { <button type="button" class=look.class()>{act}</button> });
    let later = (!later.is_empty()).then(|| {
        view! { <button type="button" class=Look::Quiet.class() data-dismiss="">{later}</button> }
    });
    view! {
        <div class="pwa-notice" data-pwa=name role="status">
            <p>{words}</p>
            {act}
            {later}
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::loader;

    #[test]
    fn an_address_cannot_leave_its_string() {
        let script = loader("/pkg/a\"</script>.js");
        assert!(
            script.contains(r#"import("/pkg/a\"\u003c/script>.js")"#),
            "{script}"
        );
    }
}
