//! The site: everything the browser fetches, hashed, compressed and described by a manifest, in `target/site`.
//!
//! Slow results (bindings, brotli) are kept by the hash of what went in, so that only what changed is done
//! again. What must not enter: the server; it only reads what is written here.

mod assets;
mod cache;
mod manifest;
mod names;
mod relocs;
mod sizes;
mod split;
mod style;
mod unreached;
mod wasm;

pub use self::{manifest::Manifest, sizes::FIRST_LOAD_BUDGET};

use std::path::Path;

use anyhow::{Context, Result};

use self::{assets::Asset, cache::Cache, wasm::Chunk};
use crate::{hash, project::Project};

/// How much work goes into the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quality {
    /// Small: what is shipped, and what the tests see.
    Release,
    /// Quick: unoptimised WASM, nothing compressed. For `dev` alone.
    Quick,
}

/// The page's own WASM.
const PAGE: Chunk = Chunk {
    package: "parlance",
    stem: "parlance",
    features: &["--no-default-features", "--features", "hydrate"],
    unreached: unreached::NEVER_CALLED,
    unread: unreached::UNREAD,
};
/// Markdown and maths, fetched when they are first needed.
const RENDER: Chunk = Chunk {
    package: "parlance-render",
    stem: "render",
    features: &[],
    unreached: &[],
    unread: &[],
};

/// Builds the site.
///
/// # Errors
/// When something does not compile or cannot be written; the site that was there stays then.
pub fn site(project: &Project, quality: Quality) -> Result<()> {
    let page = wasm::compile(project, &PAGE, quality)?;
    let render = wasm::compile(project, &RENDER, quality)?;

    let mut cache = Cache::open(project.cache())?;
    let mut files = Vec::new();
    let page = wasm::bind(&mut cache, &PAGE, &page, quality, &mut files)?;
    let render = wasm::bind(&mut cache, &RENDER, &render, quality, &mut files)?;
    let mut sheet = |entry: &str| {
        let css = style::bundle(&project.root.join(format!("style/{entry}.css")))?;
        anyhow::Ok(Asset::hashed(entry, "css", css.into_bytes()).add_to(&mut files))
    };
    let css = sheet("main")?;
    let chat_css = sheet("chat-page")?;
    let entrance_css = sheet("entrance-page")?;
    let pwa = assets::script(&project.root.join("src/ui/pwa/page.js"), "pwa", &mut files)?;
    assets::public(&project.root.join("public"), &mut files)?;

    let mut manifest = Manifest {
        build: build_id(&files),
        js: page.js,
        wasm: page.wasm,
        render_js: render.js,
        render_wasm: render.wasm,
        css,
        chat_css,
        entrance_css,
        pwa,
        lazy: page.lazy,
        files: Default::default(),
    };
    write(project, &files, &mut manifest, &mut cache, quality)?;
    cache.forget_unused()?;
    if quality == Quality::Release {
        sizes::print(&manifest);
    }
    Ok(())
}

/// One id for the whole site: it changes when anything in it does.
fn build_id(files: &[Asset]) -> String {
    let mut lines: Vec<String> = files
        .iter()
        .map(|file| format!("{} {}", file.url, hash::of(&[&file.bytes])))
        .collect();
    lines.sort();
    hash::short(lines.join("\n").as_bytes())
}

/// Writes into a new directory and renames it, so that nobody ever reads half a site.
fn write(
    project: &Project,
    files: &[Asset],
    manifest: &mut Manifest,
    cache: &mut Cache,
    quality: Quality,
) -> Result<()> {
    let site = project.site();
    let fresh = site.with_file_name("site.new");
    let stale = site.with_file_name("site.old");
    for left_over in [&fresh, &stale] {
        remove_dir(left_over)?;
    }
    std::fs::create_dir_all(&fresh).with_context(|| fresh.display().to_string())?;
    for file in files {
        let entry = assets::write(file, &fresh, cache, quality == Quality::Release)?;
        manifest.files.insert(file.url.clone(), entry);
    }
    let text = manifest.to_json()?;
    let existing = std::fs::read(site.join("manifest.json")).unwrap_or_default();
    if existing == text.as_bytes() {
        // Untouched files keep their times, and the release binary that embeds them is not linked again.
        return remove_dir(&fresh);
    }
    std::fs::write(fresh.join("manifest.json"), text).context("cannot write the manifest")?;
    if site.exists() {
        std::fs::rename(&site, &stale).with_context(|| site.display().to_string())?;
    }
    std::fs::rename(&fresh, &site).with_context(|| site.display().to_string())?;
    remove_dir(&stale)
}

fn remove_dir(dir: &Path) -> Result<()> {
    match std::fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", dir.display()))
        }
        _ => Ok(()),
    }
}
