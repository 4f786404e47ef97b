//! Who may use whom. Cargo keeps the walls between crates; these are the ones within, and the absences.

use super::source::{files, is_test, paths, product, read};

/// The files of a room: those below the folder, and the one beside it.
fn room(folder: &str) -> Vec<String> {
    let (below, beside) = (format!("{folder}/"), format!("{folder}.rs"));
    let inside = |path: &String| path.starts_with(&below) || *path == beside;
    let found: Vec<_> = files(&["src"], "rs")
        .filter(|path| inside(path) && !is_test(path))
        .collect();
    assert!(!found.is_empty(), "{folder} is empty");
    found
}

/// Below `folder`, nothing may be named that begins with one of `forbidden`.
fn assert_absent(folder: &str, forbidden: &[&str]) {
    for path in room(folder) {
        for name in paths(&path) {
            let found = forbidden
                .iter()
                .find(|one| name == **one || name.starts_with(&format!("{one}::")));
            assert!(found.is_none(), "{path} names {name}");
        }
    }
}

/// Below `folder`, of `from` only `allowed` may be named.
fn assert_only(folder: &str, from: &str, allowed: &[&str]) {
    let prefix = format!("{from}::");
    for path in room(folder) {
        for name in paths(&path) {
            let Some(rest) = name.strip_prefix(&prefix) else {
                continue;
            };
            let room = rest.split("::").next().unwrap_or_default();
            // `crate::{self}` and the like name nothing new.
            assert!(
                room.is_empty() || allowed.contains(&room),
                "{path} names {name}"
            );
        }
    }
}

const LEPTOS: &[&str] = &[
    "leptos",
    "leptos_axum",
    "leptos_meta",
    "leptos_router",
    "server_fn",
];

#[test]
fn core_has_no_io_no_clock_and_no_framework() {
    assert_absent("src/core", LEPTOS);
    assert_absent(
        "src/core",
        &[
            "axum",
            "sqlx",
            "tokio",
            "reqwest",
            "tracing",
            "std::fs",
            "std::net",
            "std::env",
            "std::process",
            "std::thread",
            "std::time::SystemTime",
            "std::time::Instant",
            "parlance_server",
            "parlance_adapter",
            "parlance_ui",
        ],
    );
}

#[test]
fn the_server_knows_neither_sql_nor_http_nor_pages() {
    assert_absent("src/server", LEPTOS);
    assert_absent(
        "src/server",
        &[
            "axum",
            "http",
            "hyper",
            "sqlx",
            "reqwest",
            "parlance_adapter",
            "parlance_ui",
        ],
    );
    for path in files(&["src/server"], "rs").filter(|path| !is_test(path)) {
        let code = product(&path).to_lowercase();
        for sql in ["\"select ", "\"insert into", "\"update ", "\"delete from"] {
            assert!(!code.contains(sql), "{path} holds SQL");
        }
    }
}

#[test]
fn within_the_server_each_room_uses_the_next_one_only() {
    assert_only("src/server/port", "crate", &["port"]);
    // Typed configuration is plain data.
    assert_only("src/server/engine", "crate", &["engine", "port", "config"]);
    assert_only(
        "src/server/service",
        "crate",
        &["service", "engine", "port", "config"],
    );
    // The engine takes its time from the port; what it may measure is how long something lasts.
    assert_absent(
        "src/server/engine",
        &["std::time::SystemTime", "time::OffsetDateTime", "std::env"],
    );
    assert_absent(
        "src/server/service",
        &[
            "std::time::SystemTime",
            "time::OffsetDateTime",
            "std::env",
            "std::fs",
        ],
    );
}

#[test]
fn adapters_see_the_ports_and_not_each_other() {
    assert_only("src/adapter", "parlance_server", &["port"]);
    assert_absent("src/adapter", LEPTOS);
    assert_absent("src/adapter", &["axum", "parlance_ui"]);
    let rooms = ["clock", "egress", "llm", "store"];
    for room in rooms {
        // Models that people name are asked through the way that is guarded.
        let beside: &[&str] = if room == "llm" { &["egress"] } else { &[] };
        let allowed = [&[room], beside].concat();
        assert_only(&format!("src/adapter/{room}"), "crate", &allowed);
    }
    // One adapter for a provider does not lean on another.
    for provider in ["agent", "anthropic", "demo", "gemini", "openai"] {
        assert_only(
            &format!("src/adapter/llm/{provider}"),
            "crate::llm",
            &[provider, "wire"],
        );
    }
    assert_only("src/adapter/llm/wire", "crate::llm", &["wire"]);
}

#[test]
fn pages_reach_the_services_through_their_server_functions_alone() {
    assert_absent(
        "src/ui",
        &["sqlx", "parlance_adapter", "std::env", "std::fs"],
    );
    assert_only("src/ui/rpc", "parlance_server", &["App", "app", "service"]);
    for room in [
        "chat", "sidebar", "auth", "home", "kit", "state", "browser", "i18n", "app", "shell",
    ] {
        assert_absent(&format!("src/ui/{room}"), &["parlance_server"]);
    }
    // The parts of the kit know no domain and nothing else of ours.
    assert_only("src/ui/kit", "crate", &["i18n", "kit"]);
    assert_absent("src/ui/kit", &["parlance_core"]);
    // Pure state builds no views.
    assert_only("src/ui/state", "crate", &["state", "i18n"]);
}

#[test]
fn the_edge_uses_services_and_no_adapter() {
    assert_absent(
        "src/web",
        &["sqlx", "parlance_adapter", "argon2", "std::env"],
    );
    assert_only("src/web", "crate", &["web", "shutdown"]);
    assert_only("src/web/api", "parlance_server", &["App", "service"]);
}

#[test]
fn adapters_are_chosen_at_one_place() {
    for path in files(&["src"], "rs")
        .filter(|path| !path.starts_with("src/adapter") && path != "src/launch.rs")
    {
        assert!(
            !read(&path).contains("parlance_adapter::"),
            "{path} names an adapter"
        );
    }
}

/// One sanitiser writes the HTML of replies; nothing else may put HTML into a page, but for what the
/// composer says where scripts are off: the catalogue's own words.
#[test]
fn html_is_set_where_the_renderer_made_it() {
    let allowed = [
        "src/ui/browser/code.rs",
        "src/ui/browser/render/live.rs",
        "src/ui/browser/render/sheet.rs",
        "src/ui/chat/body.rs",
        "src/ui/chat/composer.rs",
        // Reads it, for the clipboard.
        "src/ui/chat/copying.rs",
        // The server's own markup, fetched.
        "src/ui/chat/greeting.rs",
        "src/ui/chat/model.rs",
        // The server's own markup, as it is in the page already.
        "src/ui/kit/still.rs",
        "src/ui/shortcuts.rs",
    ];
    for path in files(&["src/ui"], "rs").filter(|path| !is_test(path)) {
        let sets = product(&path).contains("inner_html");
        assert!(
            !sets || allowed.contains(&path.as_str()),
            "{path} sets HTML"
        );
    }
}
