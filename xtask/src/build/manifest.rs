//! `target/site/manifest.json`: what the site consists of. The server embeds and serves by it.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// The parts that hold texts: a page fetches one of them (`src/ui/i18n/spoken.rs`).
const LANGUAGES: [&str; 2] = ["en", "zh_cn"];

/// The whole site.
#[derive(Debug, Deserialize, Serialize)]
pub struct Manifest {
    /// Changes whenever anything in the site changes.
    pub build: String,
    /// Loader of the page's WASM.
    pub js: String,
    pub wasm: String,
    /// Loader of the render chunk, which is fetched when it is first needed.
    pub render_js: String,
    pub render_wasm: String,
    /// The style of all pages.
    pub css: String,
    /// As much of it as the pages of conversations need.
    pub chat_css: String,
    /// As much of it as visitors need.
    pub entrance_css: String,
    /// What makes the page an app; fetched when the page has come to rest.
    #[serde(default)]
    pub pwa: String,
    /// Parts of the page's WASM that are fetched when they are first needed, by name: the files of each, its own first.
    #[serde(default)]
    pub lazy: BTreeMap<String, Vec<String>>,
    /// Every file by its address.
    pub files: BTreeMap<String, Entry>,
}

/// One file. Its twins lie beside it as `NAME.br` and `NAME.gz`; a length that is absent says that there is
/// none.
#[derive(Debug, Deserialize, Serialize)]
pub struct Entry {
    /// Length in bytes, uncompressed.
    pub bytes: u64,
    /// Length of the brotli twin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub br: Option<u64>,
    /// Length of the gzip twin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gz: Option<u64>,
    /// Media type without parameters.
    #[serde(rename = "type")]
    pub kind: String,
}

impl Entry {
    /// Bytes that a browser of today is sent.
    pub fn sent(&self) -> u64 {
        self.br.unwrap_or(self.bytes)
    }
}

impl Manifest {
    /// Reads the manifest of a finished site.
    pub fn read(site: &Path) -> Result<Self> {
        let path = site.join("manifest.json");
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_str(&text).with_context(|| format!("cannot read {}", path.display()))
    }

    /// The file's text.
    pub fn to_json(&self) -> Result<String> {
        let mut text = serde_json::to_string_pretty(self).context("cannot write the manifest")?;
        text.push('\n');
        Ok(text)
    }

    /// What the browser fetches before the page is hydrated, on the page and in the language that need more.
    pub fn first_load(&self) -> Vec<&str> {
        let language = LANGUAGES.map(|name| self.part(name));
        // Parts that hold pages, of which a page fetches one at most (`src/ui/app/section.rs`), each with its sheet.
        let sections = [("entrance", &self.entrance_css), ("start", &self.chat_css)];
        let sections = sections.map(|(name, css)| {
            let mut files = self.part(name);
            files.push(css);
            files
        });
        let always = [&self.js, &self.wasm].map(String::as_str);
        let always = always.into_iter();
        let most = |parts: [Vec<_>; 2]| parts.into_iter().max_by_key(|files| self.sent(files));
        always
            .chain(most(language).unwrap_or_default())
            .chain(most(sections).unwrap_or_default())
            .collect()
    }

    /// The files of this part.
    fn part(&self, name: &str) -> Vec<&str> {
        let files = self.lazy.get(name).into_iter().flatten();
        files.map(String::as_str).collect()
    }

    /// What it fetches when Markdown or maths is first rendered in the browser.
    pub fn render_chunk(&self) -> [&str; 2] {
        [&self.render_js, &self.render_wasm]
    }

    /// Bytes sent for these files, brotli where there is a twin.
    pub fn sent(&self, urls: &[&str]) -> u64 {
        urls.iter()
            .filter_map(|url| self.files.get(*url))
            .map(Entry::sent)
            .sum()
    }
}
