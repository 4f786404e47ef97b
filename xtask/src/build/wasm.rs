//! Rust to WebAssembly, and the JavaScript that loads it.
//!
//! The binding generator is a library here, pinned in the lock file beside the macro it must match: nobody
//! installs a program of the right version first. What it makes is made smaller on both sides of it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, anyhow, ensure};
use base64::{Engine, prelude::BASE64_STANDARD};
use wasm_bindgen_cli_support::Bindgen;

use super::{
    Quality,
    assets::{self, Asset},
    cache::Cache,
    names, split, unreached,
};
use crate::{
    hash,
    project::{Project, WASM_TARGET},
};

/// Part of the cache key: to be changed with the options of the generator, its version, or what is done before
/// and after it.
const GENERATOR: &[u8] = b"wasm-bindgen 0.2.130, web, split 0.2.4, 10";

/// The folder in a chunk's results that holds its lazy parts.
const PARTS: &str = "parts";

/// Parts that are smaller travel in the loader: a few strings that two languages share. Bytes.
const NO_REQUEST: usize = 1024;

/// One WASM file with its loader.
#[derive(Debug)]
pub struct Chunk {
    /// The package that holds it.
    pub package: &'static str,
    /// What its files are called.
    pub stem: &'static str,
    /// Options that choose its features.
    pub features: &'static [&'static str],
    /// Parts of the names of functions that are linked and never called.
    pub unreached: &'static [&'static str],
    /// Parts of the names of functions whose words nobody reads.
    pub unread: &'static [&'static str],
}

/// Addresses of a chunk's files.
#[derive(Debug)]
pub struct Bound {
    pub js: String,
    pub wasm: String,
    /// Parts that are fetched when they are first needed, by name: each with what it shares with others.
    pub lazy: BTreeMap<String, Vec<String>>,
}

/// Compiles a chunk and gives the path of the raw WASM.
pub fn compile(project: &Project, chunk: &Chunk, quality: Quality) -> Result<PathBuf> {
    let (profile, dir) = match quality {
        Quality::Release => ("wasm-release", "wasm-release"),
        Quality::Quick => ("dev", "debug"),
    };
    // Only a cdylib: with the rlib beside it, link-time optimisation would not be done.
    project
        .cargo("rustc")
        .args(["-p", chunk.package, "--lib", "--crate-type", "cdylib"])
        .args(["--target", WASM_TARGET, "--profile", profile])
        .args(chunk.features)
        // What the linker knew of each number: how functions and data are taken out again.
        .args(["--", "-C", "link-arg=--emit-relocs"])
        .run()?;
    let file = format!("{}.wasm", chunk.package.replace('-', "_"));
    Ok(project.target.join(WASM_TARGET).join(dir).join(file))
}

/// Makes the loader, and adds it and the finished WASM to `files`.
pub fn bind(
    cache: &mut Cache,
    chunk: &Chunk,
    raw: &Path,
    quality: Quality,
    files: &mut Vec<Asset>,
) -> Result<Bound> {
    let bytes = std::fs::read(raw).with_context(|| format!("cannot read {}", raw.display()))?;
    let content = hash::of(&[GENERATOR, &bytes]);
    let key = format!("{}-{content}", chunk.stem);
    let dir = cache.get(&key, |dir| generate(chunk, bytes, quality, dir))?;

    let wasm = std::fs::read(dir.join(format!("{}_bg.wasm", chunk.stem)))?;
    let mut js = std::fs::read_to_string(dir.join(format!("{}.js", chunk.stem)))?;
    let mut addresses = BTreeMap::new();
    for (name, part) in parts(&dir.join(PARTS))? {
        let fetched = split::request(&name);
        ensure!(js.contains(&fetched), "no loader fetches {name}");
        if part.len() < NO_REQUEST {
            js = js.replace(&fetched, &enclosed(&part));
            continue;
        }
        let asset = Asset::hashed(&format!("{}.{name}", chunk.stem), "wasm", part);
        let file = asset.url.rsplit('/').next().unwrap_or_default();
        js = js.replace(&format!("\"./{name}.wasm\""), &format!("\"./{file}\""));
        addresses.insert(name, asset.add_to(files));
    }
    let lazy = addresses
        .iter()
        .filter_map(|(name, own)| Some((name.strip_prefix("split_")?, own)))
        .map(|(name, own)| {
            let shared = split::shared(&js, name).filter_map(|chunk| addresses.get(chunk));
            (
                name.to_owned(),
                [own].into_iter().chain(shared).cloned().collect(),
            )
        })
        .collect();
    let snippets = dir.join("snippets");
    if snippets.exists() {
        // JavaScript that a crate brings along; its own names stay the same when its content changes.
        let name = format!("snippets.{}", hash::short(content.as_bytes()));
        js = js.replace("./snippets/", &format!("./{name}/"));
        let inside = format!("pkg/{name}");
        assets::folder(&snippets, &inside, &format!("/{inside}"), files)?;
    }
    Ok(Bound {
        js: Asset::hashed(chunk.stem, "js", js.into_bytes()).add_to(files),
        wasm: Asset::hashed(chunk.stem, "wasm", wasm).add_to(files),
        lazy,
    })
}

fn generate(chunk: &Chunk, mut bytes: Vec<u8>, quality: Quality, dir: &Path) -> Result<()> {
    let stem = chunk.stem;
    let small = quality == Quality::Release;
    std::fs::create_dir_all(dir)?;
    if small {
        bytes = unreached::empty(bytes, chunk.unreached, chunk.unread)?;
    }
    let between = tempfile::tempdir()?;
    let parts = split::split(&bytes, between.path())?;
    let mut output = Bindgen::new()
        .input_bytes(stem, parts.main.clone())
        .web(true)
        .and_then(|bindgen| {
            bindgen
                .typescript(false)
                .remove_name_section(true)
                .remove_producers_section(true)
                // The parts are linked to the page's memory and table.
                .keep_lld_exports(!parts.lazy.is_empty())
                // The page hands the address of the hashed file over; a default would name another.
                .omit_default_module_path(true)
                .generate_output()
        })
        .map_err(|error| anyhow!("cannot bind {stem}.wasm: {error:#}"))?;
    let mut js = parts.join(output.js())?;
    if small {
        js = bare(&names::shorten(output.wasm_mut(), &js));
    }
    output
        .emit(dir)
        .map_err(|error| anyhow!("cannot write {stem}.wasm: {error:#}"))?;
    std::fs::create_dir_all(dir.join(PARTS))?;
    for (name, part) in &parts.lazy {
        std::fs::write(dir.join(PARTS).join(name), part)?;
    }
    Ok(std::fs::write(dir.join(format!("{stem}.js")), js)?)
}

/// A part in the loader itself, as if it had been fetched.
fn enclosed(part: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(part);
    format!(
        "Promise.resolve(new Response(Uint8Array.from(atob(\"{text}\"), c => c.charCodeAt(0)), \
         {{ headers: {{ \"content-type\": \"application/wasm\" }} }}))"
    )
}

/// A loader without indentation and without lines that are comments alone: the generator begins no line of a string
/// with any of these.
fn bare(js: &str) -> String {
    js.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .filter(|line| !["//", "/*", "*"].iter().any(|mark| line.starts_with(mark)))
        .flat_map(|line| [line, "\n"])
        .collect()
}

/// The files of a folder, by their names, in order.
fn parts(dir: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut parts = BTreeMap::new();
    for entry in std::fs::read_dir(dir).with_context(|| dir.display().to_string())? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        parts.insert(name, std::fs::read(entry.path())?);
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loader_loses_its_comments_and_nothing_else() {
        let js = "/**\n * Says what.\n */\nf() {\n    // why\n    return a * b; // c\n}\n\n";
        assert_eq!(bare(js), "f() {\nreturn a * b; // c\n}\n");
    }
}
