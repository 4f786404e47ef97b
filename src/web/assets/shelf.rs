//! The files of one build: where they lie, and how one of them is sent.
//!
//! Must not enter: a file that the build's manifest does not name.

use std::{
    borrow::Cow,
    collections::HashMap,
    io::Read as _,
    path::{Path, PathBuf},
};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use flate2::read::GzDecoder;
use serde::{Deserialize, Serialize};

use super::encoding::Encoding;

/// Names under `/pkg/` hold a hash of the content.
pub(in crate::web) const HASHED: &str = "/pkg/";
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// Icons and the like keep their names when they change.
const FOR_AN_HOUR: HeaderValue = HeaderValue::from_static("public, max-age=3600");

#[derive(rust_embed::RustEmbed)]
#[folder = "target/site"]
#[allow_missing = true]
struct Embedded;

/// Where files lie.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// In the binary (in `target/site` for development builds).
    Embedded,
    Folder(PathBuf),
}

impl Source {
    /// The content of a file; `name` is its path inside the site.
    pub(super) fn read(&self, name: &str) -> Option<Cow<'static, [u8]>> {
        match self {
            Self::Embedded => Embedded::get(name).map(|file| file.data),
            // Read where it is asked for: rarely, and a megabyte at the most.
            Self::Folder(dir) => std::fs::read(dir.join(name)).ok().map(Cow::Owned),
        }
    }
}

/// One file; the lengths of its compressed twins are present if the twins are.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Entry {
    pub br: Option<u64>,
    pub gz: Option<u64>,
    #[serde(rename = "type")]
    pub kind: String,
}

/// The files of one build, by address.
#[derive(Clone, Debug)]
pub(super) struct Shelf {
    pub build: String,
    pub source: Source,
    pub files: HashMap<String, Entry>,
}

impl Shelf {
    /// The file at this address as it was built. What has both compressed twins lies here only as these.
    pub(super) fn plain(&self, address: &str) -> Option<Cow<'static, [u8]>> {
        self.files.get(address)?;
        self.source.read(&place(address)).or_else(|| {
            let packed = self.twin(address, Encoding::Gzip)?;
            let mut bytes = Vec::new();
            GzDecoder::new(&*packed).read_to_end(&mut bytes).ok()?;
            Some(Cow::Owned(bytes))
        })
    }

    fn twin(&self, address: &str, encoding: Encoding) -> Option<Cow<'static, [u8]>> {
        let end = encoding.suffix()?;
        self.source.read(&format!("{}{end}", place(address)))
    }

    /// The file at this address, in the best encoding that the client takes and that is there.
    pub(super) fn serve(&self, address: &str, request: &HeaderMap) -> Option<Response> {
        let entry = self.files.get(address)?;
        let encoding = Encoding::choose(request, entry.br.is_some(), entry.gz.is_some());
        let (encoding, content) = match self.twin(address, encoding) {
            Some(twin) => (encoding, twin),
            None => (Encoding::Identity, self.plain(address)?),
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
            let tag = entity_tag(&self.build);
            let is_known = is_known(request, &tag);
            if let Ok(tag) = HeaderValue::from_str(&tag) {
                headers.insert(header::ETAG, tag);
            }
            if is_known {
                return Some((StatusCode::NOT_MODIFIED, headers).into_response());
            }
        }
        Some((headers, Body::from(bytes(content))).into_response())
    }
}

/// Where the build tool puts the file: what keeps its name lies apart from what does not.
pub(super) fn place(address: &str) -> String {
    match address.strip_prefix(HASHED) {
        Some(name) => format!("pkg/{name}"),
        None => format!("public{address}"),
    }
}

/// The folder's path of a file, which never leaves the folder.
pub(super) fn inside(dir: &Path, name: &str) -> Option<PathBuf> {
    let is_plain = |part: &str| !part.is_empty() && !part.starts_with('.');
    name.split('/').all(is_plain).then(|| dir.join(name))
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

/// Weak, because the encodings of one file share it (RFC 9110 §8.8.1). The build's name: it changes with any file.
fn entity_tag(build: &str) -> String {
    format!("W/\"{build}\"")
}

fn is_known(request: &HeaderMap, tag: &str) -> bool {
    request
        .get(header::IF_NONE_MATCH)
        .and_then(|known| known.to_str().ok())
        .is_some_and(|known| {
            known
                .split(',')
                .any(|one| one.trim() == tag || one.trim() == "*")
        })
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
    fn a_name_never_leaves_its_folder() {
        let dir = Path::new("/site");
        assert_eq!(inside(dir, "pkg/a.js"), Some("/site/pkg/a.js".into()));
        for name in ["", "../a", "pkg/../../a", "/etc/passwd", "pkg//a", "."] {
            assert_eq!(inside(dir, name), None, "{name}");
        }
    }
}
