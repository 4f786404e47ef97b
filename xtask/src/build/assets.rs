//! Files of the site: their addresses, types and compressed twins.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use flate2::{Compression, write::GzEncoder};

use super::{cache::Cache, manifest::Entry};
use crate::hash;

/// One file of the site, in memory.
#[derive(Debug)]
pub struct Asset {
    /// The path that the browser asks for.
    pub url: String,
    /// Where it lies inside the site directory.
    path: PathBuf,
    pub bytes: Vec<u8>,
}

impl Asset {
    /// A file whose name changes with its content, so that browsers may keep it for ever.
    pub fn hashed(stem: &str, extension: &str, bytes: Vec<u8>) -> Self {
        let name = format!("pkg/{stem}.{}.{extension}", hash::short(&bytes));
        Self {
            url: format!("/{name}"),
            path: name.into(),
            bytes,
        }
    }

    /// Adds it to the list and gives its address.
    pub fn add_to(self, files: &mut Vec<Self>) -> String {
        let url = self.url.clone();
        files.push(self);
        url
    }
}

/// Adds a script of our own, without its comments, and gives its address.
pub fn script(file: &Path, stem: &str, files: &mut Vec<Asset>) -> Result<String> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(Asset::hashed(stem, "js", bare(&text).into_bytes()).add_to(files))
}

/// A script without indentation and without the lines that are comments alone. Nothing cleverer: no line of it may
/// stand inside a string.
fn bare(script: &str) -> String {
    script
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect()
}

/// Adds everything in `public/`, at the root of the site and under its own name.
pub fn public(dir: &Path, files: &mut Vec<Asset>) -> Result<()> {
    if dir.exists() {
        folder(dir, "public", "", files)?;
    }
    Ok(())
}

/// Adds everything below `dir`, to the folder `inside` of the site, at addresses that begin with `url`.
/// Hidden files stay out.
pub fn folder(dir: &Path, inside: &str, url: &str, files: &mut Vec<Asset>) -> Result<()> {
    let read = || format!("cannot read {}", dir.display());
    let mut entries = std::fs::read_dir(dir)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(read)?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with('.') {
            continue;
        }
        let inside = format!("{inside}/{name}");
        let url = format!("{url}/{name}");
        if entry.path().is_dir() {
            folder(&entry.path(), &inside, &url, files)?;
        } else {
            files.push(Asset {
                url,
                path: inside.into(),
                bytes: std::fs::read(entry.path()).with_context(read)?,
            });
        }
    }
    Ok(())
}

/// Writes a file below `site` and describes it. Where both twins are worth having, the file itself stays out: hardly any
/// client asks for it, and the server can unpack one.
pub fn write(file: &Asset, site: &Path, cache: &mut Cache, compress: bool) -> Result<Entry> {
    let path = site.join(&file.path);
    let dir = path.parent().unwrap_or(site);
    std::fs::create_dir_all(dir).with_context(|| dir.display().to_string())?;
    let mut entry = Entry {
        bytes: file.bytes.len() as u64,
        br: None,
        gz: None,
        kind: media_type(&file.url).to_owned(),
    };
    if compress {
        entry.br = twin(file, &path, cache, "br", brotli)?;
        entry.gz = twin(file, &path, cache, "gz", gzip)?;
    }
    if entry.br.is_none() || entry.gz.is_none() {
        std::fs::write(&path, &file.bytes).with_context(|| path.display().to_string())?;
    }
    Ok(entry)
}

/// Writes a compressed twin and gives its length, if it is worth a second request header: pictures and
/// fonts are compressed already.
fn twin(
    file: &Asset,
    path: &Path,
    cache: &mut Cache,
    extension: &str,
    compress: impl FnOnce(&[u8]) -> Result<Vec<u8>>,
) -> Result<Option<u64>> {
    let key = format!("{}.{extension}", hash::of(&[&file.bytes]));
    let kept = cache.get(&key, |to| Ok(std::fs::write(to, compress(&file.bytes)?)?))?;
    let length = std::fs::metadata(&kept)?.len();
    if length.saturating_mul(100) > (file.bytes.len() as u64).saturating_mul(95) {
        return Ok(None);
    }
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{extension}"));
    std::fs::copy(&kept, &name).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(Some(length))
}

fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        // 4 MiB: the whole WASM lies in one window.
        lgwin: 22,
        size_hint: bytes.len(),
        ..Default::default()
    };
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut out, &params).context("brotli")?;
    Ok(out)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).context("gzip")?;
    encoder.finish().context("gzip")
}

/// The media type by the name's ending, without parameters: text is UTF-8 throughout.
fn media_type(url: &str) -> &'static str {
    match url.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "js" | "mjs" => "text/javascript",
        "wasm" => "application/wasm",
        "css" => "text/css",
        "html" => "text/html",
        "txt" => "text/plain",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "xml" => "application/xml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn puts_the_hash_of_the_content_into_the_name() {
        let one = Asset::hashed("main", "css", b"a{}".to_vec());
        let two = Asset::hashed("main", "css", b"b{}".to_vec());
        assert_ne!(one.url, two.url);
        assert!(one.url.starts_with("/pkg/main.") && one.url.ends_with(".css"));
    }

    #[test]
    fn a_script_loses_its_comments_alone() {
        let script = "// Why.\nconst a = \"https://x\"; // kept\n\n  call(a);\n";
        assert_eq!(bare(script), "const a = \"https://x\"; // kept\ncall(a);\n");
    }

    #[test]
    fn keeps_a_twin_only_where_it_saves_something() -> Result<()> {
        let dir = tempfile::tempdir()?;
        let mut cache = Cache::open(dir.path().join("cache"))?;
        let text = Asset::hashed("text", "txt", vec![b'a'; 4096]);
        let tiny = Asset::hashed("tiny", "png", vec![1, 2, 3]);
        let text_entry = write(&text, dir.path(), &mut cache, true)?;
        let tiny_entry = write(&tiny, dir.path(), &mut cache, true)?;
        assert!(text_entry.br < Some(100) && text_entry.gz < Some(100));
        assert!(text_entry.br.is_some() && text_entry.gz.is_some());
        assert_eq!((tiny_entry.br, tiny_entry.gz), (None, None));
        Ok(())
    }
}
