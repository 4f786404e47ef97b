//! Starts the WASM, and tells the page how to fetch the renderer when it is first needed.
//!
//! Our own instead of Leptos' `HydrationScripts`, which reads a file beside the binary and writes the nonce into
//! `crossorigin`, where style selectors could read it.

use leptos::prelude::*;

use super::Assets;
use crate::{app::Section, i18n, rpc::session};

/// Until the router listens, going back within what used to be one document changes the address and nothing else: this
/// has the page of that address loaded. Not part of the module, which runs only when the HTML is all there. The address
/// that the page was made for is the server's word: it may be another one already when this runs. For an event that came
/// before anybody listened, the address is compared once more before the page comes to life (`app::section`).
const BACK: &str = "{ const { made } = document.currentScript.dataset;\n\
addEventListener(\"popstate\", () => \"alive\" in document.documentElement.dataset \
|| location.pathname + location.search === made || location.reload()); }";

/// Hints and the inline scripts.
#[component]
pub fn Boot(assets: Assets, nonce: Option<String>) -> impl IntoView {
    // A server that was built without the site serves plain pages.
    if assets.js.is_empty() {
        return ().into_any();
    }
    let script = script(&assets);
    let language = i18n::provide_locale().part();
    let section = section().map_or("", Section::part);
    let parts = [language, section]
        .iter()
        .filter_map(|part| assets.lazy.get(*part))
        .flatten()
        .cloned()
        .map(preload)
        .collect_view();
    view! {
        <link rel="modulepreload" href=assets.js nonce=nonce.clone()/>
        {preload(assets.wasm)}
        {parts}
        <script nonce=nonce.clone() data-made=address()>
            {BACK}
        </script>
        <script type="module" nonce=nonce data-boot=section>
            {script}
        </script>
    }
    .into_any()
}

/// The section of the page that was asked for.
fn section() -> Option<Section> {
    let request = use_context::<axum::http::request::Parts>()?;
    Section::of(request.uri.path(), session::viewer().is_ok())
}

/// Path and query that were asked for, as a browser writes them: without a question mark that asks nothing.
fn address() -> Option<String> {
    let request = use_context::<axum::http::request::Parts>()?;
    let asked = request.uri.path_and_query()?.as_str();
    Some(asked.strip_suffix('?').unwrap_or(asked).to_owned())
}

/// WASM is asked for before the script that needs it runs.
fn preload(file: String) -> impl IntoView {
    view! { <link rel="preload" href=file r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/> }
}

/// `parlanceRender()` answers one promise of the renderer's module, however often it is called; a failed download may
/// be tried again. It must be there before `hydrate` runs. A build whose files are gone (a page from before a deploy, a
/// server that never had them) is loaded anew, once: the server's page names files that it has.
fn script(assets: &Assets) -> String {
    format!(
        "let renderer, page;\n\
         globalThis.parlanceRender = () => renderer ??= import({render_js})\n\
         .then(m => m.default({{ module_or_path: {render_wasm} }}).then(() => m))\n\
         .catch(e => {{ renderer = undefined; throw e; }});\n\
         try {{\n\
         page = await import({js});\n\
         await page.default({{ module_or_path: {wasm} }});\n\
         }} catch (e) {{\n\
         if (sessionStorage.getItem(\"boot\") !== {build}) {{ sessionStorage.setItem(\"boot\", {build}); location.reload(); }}\n\
         throw e;\n\
         }}\n\
         page.hydrate();\n",
        build = literal(&assets.build),
        js = literal(&assets.js),
        wasm = literal(&assets.wasm),
        render_js = literal(&assets.render_js),
        render_wasm = literal(&assets.render_wasm),
    )
}

/// A JavaScript string that cannot end the script element.
fn literal(text: &str) -> String {
    serde_json::Value::from(text)
        .to_string()
        .replace('<', "\\u003c")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_cannot_leave_its_string() {
        let assets = Assets {
            js: "/pkg/a\"</script>.js".to_owned(),
            ..Assets::default()
        };
        let script = script(&assets);
        assert!(
            script.contains(r#"import("/pkg/a\"\u003c/script>.js");"#),
            "{script}"
        );
    }
}
