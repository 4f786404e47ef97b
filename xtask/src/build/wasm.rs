//! Rust to WebAssembly, and the JavaScript that loads it.
//!
//! The binding generator is a library here, pinned in the lock file beside the macro it must match: nobody
//! installs a program of the right version first. What it makes is made smaller on both sides of it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use wasm_bindgen_cli_support::Bindgen;

use super::{
    Quality,
    assets::{self, Asset},
    cache::Cache,
    names, unreached,
};
use crate::{
    hash,
    project::{Project, WASM_TARGET},
};

/// Part of the cache key: to be changed with the options of the generator, its version, or what is done before
/// and after it.
const GENERATOR: &[u8] = b"wasm-bindgen 0.2.130, web, 2";

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
}

/// Addresses of a chunk's files.
#[derive(Debug)]
pub struct Bound {
    pub js: String,
    pub wasm: String,
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
    })
}

fn generate(chunk: &Chunk, mut bytes: Vec<u8>, quality: Quality, dir: &Path) -> Result<()> {
    let stem = chunk.stem;
    let small = quality == Quality::Release;
    if small && !chunk.unreached.is_empty() {
        bytes = unreached::empty(&bytes, chunk.unreached)?;
    }
    let mut output = Bindgen::new()
        .input_bytes(stem, bytes)
        .web(true)
        .and_then(|bindgen| {
            bindgen
                .typescript(false)
                .remove_name_section(true)
                .remove_producers_section(true)
                // The page hands the address of the hashed file over; a default would name another.
                .omit_default_module_path(true)
                .generate_output()
        })
        .map_err(|error| anyhow!("cannot bind {stem}.wasm: {error:#}"))?;
    let mut js = output.js().to_owned();
    if small {
        js = names::shorten(output.wasm_mut(), &js);
    }
    output
        .emit(dir)
        .map_err(|error| anyhow!("cannot write {stem}.wasm: {error:#}"))?;
    Ok(std::fs::write(dir.join(format!("{stem}.js")), js)?)
}
