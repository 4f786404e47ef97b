//! The files that the pages need: named by their content, kept for ever, sent small.

use reqwest::header::{ACCEPT_ENCODING, IF_NONE_MATCH};
use scraper::Selector;

use crate::harness::{Engine, Server, header};

#[tokio::test]
async fn hashed_files_are_kept_for_ever_and_sent_compressed() {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/target/site/manifest.json");
    if !std::path::Path::new(manifest).exists() {
        eprintln!("the site is not built (cargo xtask build): nothing to look at");
        return;
    }
    let server = Server::start(Engine::Sqlite, "echo").await;
    let visitor = server.visitor();
    let first = visitor.page("/").await;
    assert!(first.count("style[nonce]") == 1 && first.count("link[rel=stylesheet]") == 0);
    // A browser that was given the style sheet once is told its address.
    let page = visitor.page("/").await;
    assert!(page.count("style") == 0 && page.count("link[rel=stylesheet]") == 1);
    let html = page.html();
    let links = Selector::parse("link[href]").unwrap();
    let mut addresses: Vec<_> = html
        .select(&links)
        .map(|link| link.attr("href").unwrap().to_owned())
        // The icon is its own address.
        .filter(|address| !address.starts_with("data:"))
        .collect();
    // What the boot script loads.
    addresses.extend(
        page.source
            .split('"')
            .filter(|text| text.starts_with("/pkg/"))
            .map(str::to_owned),
    );
    addresses.sort();
    addresses.dedup();
    let mut kinds = Vec::new();
    for address in &addresses {
        let response = visitor
            .get(address)
            .header(ACCEPT_ENCODING, "gzip, br")
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200, "{address}");
        assert_eq!(
            header(&response, "x-content-type-options"),
            "nosniff",
            "{address}"
        );
        if !address.starts_with("/pkg/") {
            continue;
        }
        // A worker is held to the policy of its script; what governs documents alone is left out.
        assert!(
            header(&response, "content-security-policy").contains("default-src 'none'"),
            "{address}"
        );
        assert!(
            response.headers().get("permissions-policy").is_none(),
            "{address}"
        );
        assert_eq!(
            header(&response, "cache-control"),
            "public, max-age=31536000, immutable",
            "{address}"
        );
        assert_eq!(header(&response, "content-encoding"), "br", "{address}");
        assert!(
            header(&response, "vary")
                .to_lowercase()
                .contains("accept-encoding"),
            "{address}"
        );
        kinds.push(
            header(&response, "content-type")
                .split(';')
                .next()
                .unwrap()
                .to_owned(),
        );
        let small = response.bytes().await.unwrap().len();
        let plain = visitor.get(address).send().await.unwrap();
        assert_eq!(header(&plain, "content-encoding"), "", "{address}");
        assert!(plain.bytes().await.unwrap().len() > small, "{address}");
        let gzip = visitor
            .get(address)
            .header(ACCEPT_ENCODING, "br;q=0, gzip")
            .send()
            .await
            .unwrap();
        assert_eq!(header(&gzip, "content-encoding"), "gzip", "{address}");
    }
    for kind in ["text/css", "text/javascript", "application/wasm"] {
        assert!(
            kinds.iter().any(|one| one == kind),
            "{kind} among {kinds:?}"
        );
    }
    let icon = visitor.get("/favicon.ico").send().await.unwrap();
    assert_eq!(icon.status(), 200);
    let tag = header(&icon, "etag").to_owned();
    let again = visitor
        .get("/favicon.ico")
        .header(IF_NONE_MATCH, tag)
        .send()
        .await
        .unwrap();
    assert_eq!(again.status(), 304);
}

#[tokio::test]
async fn no_other_file_is_served() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let visitor = server.visitor();
    for path in [
        "/manifest.json",
        "/pkg/",
        "/pkg/nothing.js",
        "/pkg/..%2f..%2fCargo.toml",
        "/..%2fCargo.toml",
        "/main.db",
        "/data/main.db",
        "/.env",
        "/.git/config",
    ] {
        let response = visitor.get(path).send().await.unwrap();
        assert_eq!(response.status(), 404, "{path}");
        let body = response.text().await.unwrap();
        assert!(
            !body.contains("[package]") && !body.contains("\"files\""),
            "{path}"
        );
    }
}
