//! The installed app as the browser's machinery sees it: manifest, worker, the page without a network, what is shared,
//! what is forgotten, and messages that reach a browser without a page.

mod builds;
pub(crate) mod push;
mod share;

use std::collections::BTreeSet;

use reqwest::{
    Method,
    header::{ACCEPT, ACCEPT_LANGUAGE, COOKIE},
};
use serde_json::{Value, json};

use crate::harness::{Browser, Engine, Server, header, page::ACCEPTED};

async fn manifest(visitor: &Browser, language: &str, cookie: &str) -> Value {
    let request = visitor.get("/manifest.webmanifest");
    let request = request
        .header(ACCEPT_LANGUAGE, language)
        .header(COOKIE, cookie);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(
        header(&response, "content-type"),
        "application/manifest+json"
    );
    assert_eq!(header(&response, "vary"), "accept-language, cookie");
    response.json().await.unwrap()
}

#[tokio::test]
async fn the_manifest_speaks_the_readers_language_and_wears_the_theme() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let visitor = server.visitor();
    let english = manifest(&visitor, "en", "").await;
    assert_eq!(english["lang"], "en");
    assert_eq!(english["shortcuts"][0]["name"], "New conversation");
    for (language, cookie) in [("zh-CN,zh;q=0.9", ""), ("en", "locale=zh-CN")] {
        let chinese = manifest(&visitor, language, cookie).await;
        assert_eq!(chinese["lang"], "zh-CN");
        assert_eq!(chinese["id"], english["id"], "one app in both languages");
    }
    let dark = manifest(&visitor, "en", "theme=dark").await;
    assert_ne!(dark["background_color"], english["background_color"]);
    let page = visitor.page("/").await;
    let link = page.attribute("link[rel=manifest]", "href");
    assert_eq!(link.as_deref(), Some("/manifest.webmanifest"));
}

#[tokio::test]
async fn the_worker_names_everything_that_a_page_needs() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let visitor = server.visitor();
    let page = visitor.page("/").await;
    let response = visitor.get("/sw.js").send().await.unwrap();
    if page.attribute("link[rel=modulepreload]", "href").is_none() {
        assert_eq!(response.status(), 404, "without a site there is no worker");
        return;
    }
    assert_eq!(
        header(&response, "content-type"),
        "text/javascript; charset=utf-8"
    );
    assert_eq!(header(&response, "cache-control"), "no-cache");
    assert!(header(&response, "content-security-policy").contains("connect-src 'self'"));
    let build = header(&response, "x-build").to_owned();
    let script = response.text().await.unwrap();
    let again = visitor.get("/sw.js").send().await.unwrap();
    assert_eq!(
        again.text().await.unwrap(),
        script,
        "the same build, the same bytes"
    );

    let named = script
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("const BUILD = ")?.strip_suffix(';'))
        .unwrap();
    let named: Value = serde_json::from_str(named).unwrap();
    assert_eq!(named["id"], build);
    let assets: BTreeSet<&str> = named["assets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|asset| asset.as_str().unwrap())
        .collect();
    let wanted = page
        .source
        .split('"')
        .filter(|text| text.starts_with("/pkg/"));
    for address in wanted {
        assert!(assets.contains(address), "{address}");
    }
    for address in assets {
        let response = visitor.get(address).send().await.unwrap();
        assert_eq!(response.status(), 200, "{address}");
    }
}

#[tokio::test]
async fn the_page_without_a_network_is_nobodys_and_needs_nothing() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let ann = server.member("ann").await;
    let ask = async |language: &str| {
        let request = ann.get("/offline").header(ACCEPT_LANGUAGE, language);
        let response = request.header(ACCEPT, ACCEPTED).send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(header(&response, "x-reader"), "");
        response.text().await.unwrap()
    };
    let english = ask("en").await;
    assert!(english.contains("No connection") && !english.contains("ann<"));
    assert!(!english.contains("data-boot"), "it must not come to life");
    assert!(ask("zh-CN").await.contains("没有网络连接"));
}

#[tokio::test]
async fn pages_name_their_reader_to_the_worker() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    let (ann, bob) = (server.member("ann").await, server.member("bob").await);
    let id = ann.conversation().await;
    let of = async |browser: &Browser, path: &str| {
        browser.page(path).await.header("x-reader").to_owned()
    };
    let path = format!("/chat/{id}");
    let reader = of(&ann, &path).await;
    assert!(!reader.is_empty());
    assert_eq!(of(&ann, "/chat").await, reader);
    assert_ne!(of(&bob, "/chat").await, reader);
    assert_eq!(of(&server.visitor(), "/").await, "");
    let data = ann.get("/api/session").send().await.unwrap();
    assert_eq!(header(&data, "x-reader"), "");
}

#[tokio::test]
async fn signing_out_makes_the_browser_forget_everything() {
    let server = Server::start(Engine::Sqlite, "echo").await;
    for door in ["/rpc/", "/api/auth/logout"] {
        let name = format!("ann{}", door.len());
        let ann = server.member(&name).await;
        let door = if door.starts_with("/rpc") {
            ann.page("/chat").await.form("form.sign-out").action
        } else {
            door.to_owned()
        };
        let response = ann.post(&door).send().await.unwrap();
        assert!(response.status().is_success(), "{door}");
        assert_eq!(
            header(&response, "clear-site-data"),
            "\"cache\", \"storage\"",
            "{door}"
        );
    }
    let ann = server.member("ann").await;
    let body = json!({ "email": "ann@example.com", "password": "wrong" });
    let refused = ann
        .request(Method::POST, "/api/auth/login")
        .json(&body)
        .send()
        .await
        .unwrap();
    assert_eq!(header(&refused, "clear-site-data"), "");
}
