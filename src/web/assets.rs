//! The files of the site: embedded in the binary (read from `target/site` by development builds), and
//! described by the manifest that the build tool writes beside them.
//!
//! Must not enter: a file that the manifest does not name.

mod encoding;
mod kept;
mod shelf;

use std::{collections::HashMap, path::PathBuf, sync::Arc};

use axum::{
    extract::{Request, State},
    response::Response,
};
use parlance_core::domain::ProblemCode;
use parlance_server::config::Config;
use parlance_ui::shell::{Assets, Sheet};
use serde::Deserialize;

use super::{error::Fault, state::Edge};
pub(super) use shelf::HASHED;
use shelf::{Entry, Shelf, Source};

/// `manifest.json` of the build tool.
#[derive(Deserialize)]
struct Manifest {
    build: String,
    js: String,
    wasm: String,
    render_js: String,
    render_wasm: String,
    css: String,
    chat_css: String,
    entrance_css: String,
    #[serde(default)]
    pwa: String,
    #[serde(default)]
    lazy: HashMap<String, Vec<String>>,
    /// By address.
    files: HashMap<String, Entry>,
}

/// The site as it was built.
pub(super) struct Site {
    /// What pages point to; empty addresses if the site was not built.
    pub assets: Assets,
    shelf: Shelf,
    /// The build that ran here before this one.
    before: Option<Shelf>,
    data_dir: PathBuf,
}

impl Site {
    /// Reads the manifest. Without one the pages still work, unstyled and without scripts.
    pub(super) fn load(config: &Config) -> Self {
        let source = match &config.site_dir {
            Some(dir) => Source::Folder(dir.clone()),
            None => Source::Embedded,
        };
        let manifest = source
            .read("manifest.json")
            .ok_or_else(|| "manifest.json of the site is not there".to_owned())
            .and_then(|file| serde_json::from_slice::<Manifest>(&file).map_err(|e| e.to_string()));
        let (mut assets, files) = match manifest {
            Ok(manifest) => (
                Assets {
                    build: manifest.build,
                    js: manifest.js,
                    wasm: manifest.wasm,
                    render_js: manifest.render_js,
                    render_wasm: manifest.render_wasm,
                    css: sheet(manifest.css),
                    chat_css: sheet(manifest.chat_css),
                    entrance_css: sheet(manifest.entrance_css),
                    pwa: manifest.pwa,
                    lazy: manifest.lazy,
                },
                manifest.files,
            ),
            Err(error) => {
                tracing::warn!(
                    error,
                    "no site: pages come without style and scripts (cargo xtask build)"
                );
                let assets = Assets {
                    build: env!("CARGO_PKG_VERSION").to_owned(),
                    ..Assets::default()
                };
                (assets, HashMap::new())
            }
        };
        let shelf = Shelf {
            build: assets.build.clone(),
            source,
            files,
        };
        for sheet in [
            &mut assets.css,
            &mut assets.chat_css,
            &mut assets.entrance_css,
        ] {
            let text = shelf.plain(&sheet.address).unwrap_or_default();
            sheet.text = String::from_utf8_lossy(&text).into();
        }
        Self {
            before: kept::before(&config.data_dir, &assets.build),
            shelf,
            assets,
            data_dir: config.data_dir.clone(),
        }
    }

    /// The addresses of all files.
    pub(super) fn addresses(&self) -> impl Iterator<Item = &str> {
        self.shelf.files.keys().map(String::as_str)
    }

    /// The file at this address: of this build, or of the one before.
    fn serve(&self, request: &Request) -> Option<Response> {
        let (address, headers) = (request.uri().path(), request.headers());
        let shelves = [Some(&self.shelf), self.before.as_ref()];
        shelves
            .into_iter()
            .flatten()
            .find_map(|shelf| shelf.serve(address, headers))
    }
}

fn sheet(address: String) -> Sheet {
    Sheet {
        address,
        text: Arc::default(),
    }
}

/// Handler of every address in the manifest, and of hashed names that are not.
pub(super) async fn file(State(edge): State<Edge>, request: Request) -> Result<Response, Fault> {
    edge.site
        .serve(&request)
        .ok_or_else(|| Fault::new(ProblemCode::NotFound))
}

/// Puts the files of this build aside for pages that outlive it. Beside everything else: nothing waits for it.
pub(super) fn keep(edge: Edge) {
    tokio::task::spawn_blocking(move || {
        if let Err(error) = kept::keep(&edge.site.data_dir, &edge.site.shelf) {
            tracing::warn!(%error, "open pages will not outlive this build");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use parlance_server::config::Source;

    #[test]
    fn nothing_outside_the_manifest_is_served() {
        let config = Config::read(&Source::from_pairs(&[])).expect("defaults are good");
        let site = Site::load(&config);
        for address in ["/manifest.json", "/../Cargo.toml", "/pkg/../../Cargo.toml"] {
            let request = Request::builder().uri(address).body(Body::empty());
            assert!(site.serve(&request.unwrap()).is_none(), "{address}");
        }
    }
}
