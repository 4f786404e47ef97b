//! The files of the site: embedded in the binary (read from `target/site` by development builds), and
//! described by the manifest that the build tool writes beside them.
//!
//! Must not enter: a file that the manifest does not name.

mod encoding;

use std::{borrow::Cow, collections::HashMap, fmt::Write};

use axum::{
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use parlance_core::domain::ProblemCode;
use parlance_ui::shell::Assets;
use serde::Deserialize;

use super::{error::Fault, state::Edge};
use encoding::Encoding;

/// Names under `/pkg/` hold a hash of the content.
const HASHED: &str = "/pkg/";
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Icons and the like keep their names when they change.
const FOR_AN_HOUR: HeaderValue = HeaderValue::from_static("public, max-age=3600");
/// Bytes of the digest that an entity tag shows.
const TAG_BYTES: usize = 8;

#[derive(rust_embed::RustEmbed)]
#[folder = "target/site"]
#[allow_missing = true]
struct Files;

/// `manifest.json` of the build tool.
#[derive(Deserialize)]
struct Manifest {
    build: String,
    js: String,
    wasm: String,
    render_js: String,
    render_wasm: String,
    css: String,
    /// By address.
    files: HashMap<String, Entry>,
}

/// One file; the lengths of its compressed twins are present if the twins are.
#[derive(Deserialize)]
struct Entry {
    br: Option<u64>,
    gz: Option<u64>,
    #[serde(rename = "type")]
    kind: String,
}

/// The site as it was built.
pub(super) struct Site {
    /// What pages point to; empty addresses if the site was not built.
    pub assets: Assets,
    files: HashMap<String, Entry>,
}

impl Site {
    /// Reads the manifest. Without one the pages still work, unstyled and without scripts.
    pub(super) fn load() -> Self {
        let manifest = Files::get("manifest.json")
            .ok_or_else(|| "target/site/manifest.json is not there".to_owned())
            .and_then(|file| {
                serde_json::from_slice::<Manifest>(&file.data).map_err(|e| e.to_string())
            });
        match manifest {
            Ok(manifest) => Self {
                assets: Assets {
                    build: manifest.build,
                    js: manifest.js,
                    wasm: manifest.wasm,
                    render_js: manifest.render_js,
                    render_wasm: manifest.render_wasm,
                    css: manifest.css,
                },
                files: manifest.files,
            },
            Err(error) => {
                tracing::warn!(
                    error,
                    "no site: pages come without style and scripts (cargo xtask build)"
                );
                let none = String::new;
                Self {
                    assets: Assets {
                        build: env!("CARGO_PKG_VERSION").to_owned(),
                        js: none(),
                        wasm: none(),
                        render_js: none(),
                        render_wasm: none(),
                        css: none(),
                    },
                    files: HashMap::new(),
                }
            }
        }
    }

    /// The addresses of all files.
    pub(super) fn addresses(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The file at this address, in the best encoding that the client takes.
    pub(super) fn serve(&self, address: &str, request: &HeaderMap) -> Option<Response> {
        let entry = self.files.get(address)?;
        let name = place(address);
        let plain = Files::get(&name)?;
        let encoding = Encoding::choose(request, entry.br.is_some(), entry.gz.is_some());
        let (encoding, content) = match encoding
            .suffix()
            .and_then(|end| Files::get(&format!("{name}{end}")))
        {
            Some(twin) => (encoding, twin),
            None => (Encoding::Identity, plain.clone()),
        };

        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, content_type(&entry.kind));
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        if let Some(name) = encoding.name() {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
        }
        if address.starts_with(HASHED) {
            headers.insert(header::CACHE_CONTROL, FOR_EVER);
        } else {
            headers.insert(header::CACHE_CONTROL, FOR_AN_HOUR);
            let tag = entity_tag(&plain.metadata.sha256_hash());
            let is_known = request
                .get(header::IF_NONE_MATCH)
                .and_then(|known| known.to_str().ok())
                .is_some_and(|known| {
                    known
                        .split(',')
                        .any(|one| one.trim() == tag || one.trim() == "*")
                });
            if let Ok(tag) = HeaderValue::from_str(&tag) {
                headers.insert(header::ETAG, tag);
            }
            if is_known {
                return Some((StatusCode::NOT_MODIFIED, headers).into_response());
            }
        }
        Some((headers, Body::from(bytes(content.data))).into_response())
    }
}

/// Handler of every address in the manifest.
pub(super) async fn file(State(edge): State<Edge>, request: Request) -> Result<Response, Fault> {
    edge.site
        .serve(request.uri().path(), request.headers())
        .ok_or_else(|| Fault::new(ProblemCode::NotFound))
}

/// Where the build tool puts the file: what keeps its name lies apart from what does not.
fn place(address: &str) -> String {
    match address.strip_prefix(HASHED) {
        Some(name) => format!("pkg/{name}"),
        None => format!("public{address}"),
    }
}

fn bytes(data: Cow<'static, [u8]>) -> Bytes {
    match data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => Bytes::from(data),
    }
}

fn content_type(kind: &str) -> HeaderValue {
    let is_text =
        kind.starts_with("text/") || matches!(kind, "image/svg+xml" | "application/javascript");
    let full = if is_text {
        format!("{kind}; charset=utf-8")
    } else {
        kind.to_owned()
    };
    HeaderValue::from_str(&full).unwrap_or(HeaderValue::from_static("application/octet-stream"))
}

/// Weak, because the encodings of one file share it (RFC 9110 §8.8.1).
fn entity_tag(digest: &[u8]) -> String {
    let hex = digest
        .iter()
        .take(TAG_BYTES)
        .fold(String::new(), |mut hex, byte| {
            // Writing to a String cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        });
    format!("W/\"{hex}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wasm_has_the_type_that_streaming_compilation_needs() {
        assert_eq!(content_type("application/wasm"), "application/wasm");
        assert_eq!(content_type("text/css"), "text/css; charset=utf-8");
    }

    #[test]
    fn every_file_has_its_place() {
        assert_eq!(place("/pkg/main.0a1b.css"), "pkg/main.0a1b.css");
        assert_eq!(place("/icon.svg"), "public/icon.svg");
    }

    #[test]
    fn nothing_outside_the_manifest_is_served() {
        let site = Site::load();
        for address in [
            "/manifest.json",
            "/../Cargo.toml",
            "/pkg/../../Cargo.toml",
            "",
        ] {
            assert!(
                site.serve(address, &HeaderMap::new()).is_none(),
                "{address}"
            );
        }
    }
}
