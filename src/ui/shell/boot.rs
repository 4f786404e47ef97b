//! Starts the WASM, and tells the page how to fetch the renderer when it is first needed.
//!
//! Our own instead of Leptos' `HydrationScripts`, which reads a file beside the binary and writes the nonce into
//! `crossorigin`, where style selectors could read it.

use leptos::prelude::*;

use super::Assets;

/// Hints and the one inline script.
#[component]
pub fn Boot(assets: Assets, nonce: Option<String>) -> impl IntoView {
    // A server that was built without the site serves plain pages.
    if assets.js.is_empty() {
        return ().into_any();
    }
    let script = script(&assets);
    view! {
        <link rel="modulepreload" href=assets.js nonce=nonce.clone()/>
        <link rel="preload" href=assets.wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
        <script type="module" nonce=nonce>
            {script}
        </script>
    }
    .into_any()
}

/// `parlanceRender()` answers one promise of the renderer's module, however often it is called; a failed download may
/// be tried again. It must be there before `hydrate` runs.
fn script(assets: &Assets) -> String {
    format!(
        "import init, {{ hydrate }} from {js};\n\
         let renderer;\n\
         globalThis.parlanceRender = () => renderer ??= import({render_js})\n\
         .then(m => m.default({{ module_or_path: {render_wasm} }}).then(() => m))\n\
         .catch(e => {{ renderer = undefined; throw e; }});\n\
         await init({{ module_or_path: {wasm} }});\n\
         hydrate();\n",
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
            script.contains(r#"from "/pkg/a\"\u003c/script>.js";"#),
            "{script}"
        );
    }
}
