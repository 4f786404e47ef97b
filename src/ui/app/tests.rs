//! What a visitor's browser receives, without a server around it.

use axum::{
    body::{Body, to_bytes},
    http::{Request, header},
};
use leptos::prelude::provide_context;

use super::paths;
use crate::shell::{Assets, Sheet, shell};

struct Page {
    status: u16,
    location: String,
    html: String,
}

async fn get(path: &str, headers: &[(&str, &str)]) -> Page {
    assert!(paths().any(|path| path == "/login"));
    let assets = Assets {
        build: "b1".to_owned(),
        js: "/pkg/main.1.js".to_owned(),
        wasm: "/pkg/main.1.wasm".to_owned(),
        render_js: "/pkg/render.1.js".to_owned(),
        render_wasm: "/pkg/render.1.wasm".to_owned(),
        css: Sheet {
            address: "/pkg/main.1.css".to_owned(),
            ..Sheet::default()
        },
        ..Assets::default()
    };
    let mut request = Request::builder().uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let render = leptos_axum::render_app_to_stream_in_order_with_context(
        move || provide_context(assets.clone()),
        shell,
    );
    let response = render(request.body(Body::empty()).unwrap()).await;
    let location = response
        .headers()
        .get(header::LOCATION)
        .map_or(String::new(), |value| value.to_str().unwrap().to_owned());
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    Page {
        status,
        location,
        html: String::from_utf8(body.to_vec()).unwrap(),
    }
}

#[tokio::test]
async fn a_visitor_reads_what_this_is_in_their_language() {
    let page = get("/", &[("accept-language", "zh-CN,zh;q=0.9,en;q=0.5")]).await;
    assert_eq!(page.status, 200);
    assert!(page.html.contains("<html lang=\"zh-CN\""), "{}", page.html);
    assert!(page.html.contains("铺纸研墨"));
    assert!(
        page.html.contains("<title>Parlance</title>"),
        "{}",
        page.html
    );
    let page = get("/", &[("cookie", "theme=dark; locale=en")]).await;
    assert!(page.html.contains("data-theme=\"dark\""));
    assert!(page.html.contains("Think on paper"));
}

#[tokio::test]
async fn conversations_are_behind_the_sign_in_page_which_leads_back() {
    for path in [
        "/chat",
        "/chat/0190aaaa-0000-7000-8000-000000000000",
        "/profile",
        "/profile/devices",
    ] {
        let page = get(path, &[("accept", "text/html")]).await;
        assert_eq!(page.status, 303, "{path}");
        let next = page.location.strip_prefix("/login?next=").unwrap();
        assert_eq!(next.replace("%2F", "/").replace("%2D", "-"), path);
    }
}

#[tokio::test]
async fn an_address_that_nobody_wrote_is_404() {
    let page = get("/no/such/page", &[]).await;
    assert_eq!(page.status, 404);
    assert!(page.html.contains("Nothing is written here"));
}

#[tokio::test]
async fn the_link_of_a_letter_is_a_form_with_its_token() {
    for path in ["/reset", "/verify", "/setup"] {
        let page = get(&format!("{path}?token=a-b_c"), &[]).await;
        assert_eq!(page.status, 200, "{path}");
        let field = "name=\"token\" value=\"a-b_c\"";
        assert!(page.html.contains(field), "{path}: {}", page.html);
    }
    for path in ["/reset", "/verify"] {
        let page = get(path, &[]).await;
        assert!(page.html.contains("This link is not complete"), "{path}");
        assert!(!page.html.contains("type=\"password\""), "{path}");
    }
}

#[tokio::test]
async fn the_page_knows_the_address_that_it_was_made_for() {
    for (asked, made) in [
        ("/login?next=/chat", "/login?next=/chat"),
        ("/login?", "/login"),
        ("/login?a=1&b=%22", "/login?a=1&amp;b=%22"),
    ] {
        let page = get(asked, &[]).await;
        assert!(
            page.html.contains(&format!("data-made=\"{made}\"")),
            "{asked}: {}",
            page.html
        );
    }
}

#[tokio::test]
async fn both_forms_post_to_their_server_functions_without_scripts() {
    let page = get("/login?next=/chat/1", &[]).await;
    assert_eq!(page.status, 200);
    assert!(page.html.contains("method=\"post\""), "{}", page.html);
    assert!(page.html.contains("action=\"/rpc/"), "{}", page.html);
    assert!(
        page.html.contains("name=\"next\" value=\"/chat/1\""),
        "{}",
        page.html
    );
    let page = get("/register?next=//evil.test", &[]).await;
    assert!(page.html.contains("name=\"password_confirmation\""));
    for way in ["value", "href", "action"] {
        let way = format!("{way}=\"//evil.test");
        assert!(!page.html.contains(&way), "{}", page.html);
    }
}

#[tokio::test]
async fn the_nonce_stands_in_nonce_attributes_alone() {
    let page = get("/login", &[]).await;
    let (_, rest) = page.html.split_once("nonce=\"").unwrap();
    let (nonce, _) = rest.split_once('"').unwrap();
    assert!(nonce.len() >= 16);
    let everywhere = page.html.matches(nonce).count();
    let in_place = page.html.matches(&format!("nonce=\"{nonce}\"")).count();
    assert_eq!(everywhere, in_place);
    let scripts = page.html.matches("<script").count();
    assert_eq!(
        page.html.matches("<script nonce=").count()
            + page.html.matches("<script type=\"module\" nonce=").count(),
        scripts,
        "{}",
        page.html
    );
}
