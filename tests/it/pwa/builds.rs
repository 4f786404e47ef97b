//! Pages that outlive their build: its files are still there after the next deploy, and the addresses that they call.

use std::{collections::BTreeSet, fs, path::Path, time::Duration};

use leptos::server_fn::axum::server_fn_paths;
use serde_json::json;

use crate::harness::{Engine, Server, header};

/// The addresses of all server functions, one a line.
const ADDRESSES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/pwa/addresses.txt");

/// A site with one script.
fn built(dir: &Path, build: &str) -> String {
    let site = dir.join(build);
    fs::create_dir_all(site.join("pkg")).unwrap();
    let script = format!("/pkg/app.{build}.js");
    fs::write(site.join(&script[1..]), format!("// {build}")).unwrap();
    let manifest = json!({
        "build": build, "js": script, "wasm": "", "render_js": "", "render_wasm": "", "css": "", "chat_css": "", "entrance_css": "",
        "files": { script.as_str(): { "bytes": 4, "type": "text/javascript" } },
    });
    fs::write(site.join("manifest.json"), manifest.to_string()).unwrap();
    site.display().to_string()
}

async fn eventually(server: &Server, path: &str) -> bool {
    for _ in 0..200 {
        if server.data_dir().join(path).exists() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    false
}

#[tokio::test]
async fn the_files_of_the_build_before_are_answered_for() {
    let sites = tempfile::tempdir().unwrap();
    let [a, b, c] = ["a0", "b0", "c0"].map(|build| built(sites.path(), build));
    let mut server = Server::start_with(Engine::Sqlite, "echo", &[("PARLANCE_SITE_DIR", &a)]).await;
    let mut workers = Vec::new();
    for (build, next) in [("a0", Some(&b)), ("b0", Some(&c)), ("c0", None)] {
        assert!(eventually(&server, &format!("site/{build}/kept.json")).await);
        let visitor = server.visitor();
        let worker = visitor.get("/sw.js").send().await.unwrap();
        assert_eq!(header(&worker, "x-build"), build);
        workers.push(worker.text().await.unwrap());
        let mut found = Vec::new();
        for one in ["a0", "b0", "c0"] {
            let file = visitor.get(&format!("/pkg/app.{one}.js")).send().await;
            let file = file.unwrap();
            if file.status() == 200 {
                assert!(
                    header(&file, "cache-control").contains("immutable"),
                    "{one}"
                );
                assert_eq!(file.text().await.unwrap(), format!("// {one}"));
                found.push(one);
            }
        }
        let expected: &[&str] = match build {
            "a0" => &["a0"],
            "b0" => &["a0", "b0"],
            _ => &["b0", "c0"],
        };
        assert_eq!(found, expected, "while {build} runs");
        if let Some(next) = next {
            server.kill();
            server.restart_with(&[("PARLANCE_SITE_DIR", next)]);
        }
    }
    assert!(workers[0] != workers[1] && workers[1] != workers[2]);
}

/// Yesterday's page calls them: one that goes, or gets another name, has to stay for a release first. A new one is
/// added to the list.
#[test]
fn server_functions_keep_their_addresses() {
    let now: BTreeSet<String> = server_fn_paths()
        .map(|(path, method)| format!("{method} {path}"))
        .collect();
    let all: String = now.iter().map(|line| format!("{line}\n")).collect();
    if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
        fs::write(ADDRESSES, &all).unwrap();
    }
    let listed = fs::read_to_string(ADDRESSES).unwrap();
    assert_eq!(
        all, listed,
        "the addresses differ from {ADDRESSES}. If that is meant: UPDATE_SNAPSHOTS=1"
    );
}
