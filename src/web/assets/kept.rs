//! The hashed files of the build before this one, in the data directory.
//!
//! A page that was loaded yesterday names yesterday's files, and fetches some of them only when it needs them. So each
//! process puts its own aside when it starts, and answers for the latest others that it finds there. Where two builds
//! stand behind one address, the one that never ran here cannot be answered for: the page's loader then loads the page
//! anew, once.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

use serde::{Deserialize, Serialize};

use super::shelf::{Entry, HASHED, Shelf, Source, inside, place};

/// Below the data directory: one folder for each build.
const FOLDER: &str = "site";
const MANIFEST: &str = "kept.json";

#[derive(Deserialize, Serialize)]
struct Kept {
    files: HashMap<String, Entry>,
}

/// The build that ran here last before `build`, if any.
pub(super) fn before(data_dir: &Path, build: &str) -> Option<Shelf> {
    let (name, dir) = others(data_dir, build).into_iter().next()?;
    let kept: Kept = serde_json::from_slice(&fs::read(dir.join(MANIFEST)).ok()?).ok()?;
    Some(Shelf {
        build: name,
        source: Source::Folder(dir),
        files: kept.files,
    })
}

/// Puts the hashed files of `shelf` aside for the build that comes next, and removes what is older than the one before.
///
/// # Errors
/// The data directory cannot be written; then pages of this build find nothing after the next deploy, and load anew.
pub(super) fn keep(data_dir: &Path, shelf: &Shelf) -> io::Result<()> {
    if shelf.files.is_empty() {
        return Ok(());
    }
    let root = data_dir.join(FOLDER);
    let dir = inside(&root, &shelf.build)
        .ok_or_else(|| io::Error::other("the build's name is no file name"))?;
    if dir.join(MANIFEST).exists() {
        // Its time says which build ran last.
        fs::write(dir.join(MANIFEST), manifest(shelf)?)?;
    } else {
        // Several processes may share the folder: each writes its own, and the first to finish wins.
        let part = root.join(format!("{}.{}.part", shelf.build, std::process::id()));
        let copied = copy(shelf, &part).and_then(|()| fs::rename(&part, &dir));
        if copied.is_err() {
            let _ = fs::remove_dir_all(&part);
        }
        if !dir.join(MANIFEST).exists() {
            copied?;
        }
    }
    for (_, old) in others(data_dir, &shelf.build).into_iter().skip(1) {
        fs::remove_dir_all(old)?;
    }
    Ok(())
}

/// What a browser is sent: the compressed twins. A client that takes neither has no worker and no old page.
fn copy(shelf: &Shelf, part: &Path) -> io::Result<()> {
    for (address, entry) in hashed(shelf) {
        let name = place(address);
        let names = match (entry.br, entry.gz) {
            (Some(_), Some(_)) => vec![format!("{name}.br"), format!("{name}.gz")],
            _ => vec![name],
        };
        for name in names {
            let to = inside(part, &name).ok_or_else(|| io::Error::other(name.clone()))?;
            fs::create_dir_all(to.parent().unwrap_or(part))?;
            let content = shelf.source.read(&name);
            fs::write(to, content.ok_or(io::ErrorKind::NotFound)?)?;
        }
    }
    fs::write(part.join(MANIFEST), manifest(shelf)?)
}

fn manifest(shelf: &Shelf) -> io::Result<Vec<u8>> {
    let files = hashed(shelf).map(|(address, entry)| {
        let mut entry = entry.clone();
        if entry.br.is_none() || entry.gz.is_none() {
            (entry.br, entry.gz) = (None, None);
        }
        (address.to_owned(), entry)
    });
    let kept = Kept {
        files: files.collect(),
    };
    Ok(serde_json::to_vec(&kept)?)
}

fn hashed(shelf: &Shelf) -> impl Iterator<Item = (&str, &Entry)> {
    let files = shelf.files.iter();
    files
        .map(|(address, entry)| (address.as_str(), entry))
        .filter(|(address, _)| address.starts_with(HASHED))
}

/// The other builds that were put aside, the one that ran last first.
fn others(data_dir: &Path, build: &str) -> Vec<(String, PathBuf)> {
    let mut found: Vec<(SystemTime, String, PathBuf)> = Vec::new();
    for entry in fs::read_dir(data_dir.join(FOLDER)).into_iter().flatten() {
        let Ok(entry) = entry else { continue };
        let name = entry.file_name().to_string_lossy().into_owned();
        let used = fs::metadata(entry.path().join(MANIFEST)).and_then(|file| file.modified());
        if let (true, Ok(used)) = (name != build && !name.ends_with(".part"), used) {
            found.push((used, name, entry.path()));
        }
    }
    found.sort_by(|one, other| other.cmp(one));
    found
        .into_iter()
        .map(|(_, name, path)| (name, path))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderMap, HeaderValue, header};

    /// A build with one script, which it finds in `site`.
    fn built(site: &Path, build: &str, twins: bool) -> Shelf {
        let dir = site.join(build);
        fs::create_dir_all(dir.join("pkg")).unwrap();
        let address = format!("/pkg/app.{build}.js");
        for end in ["", ".br", ".gz"] {
            fs::write(dir.join(format!("pkg/app.{build}.js{end}")), build).unwrap();
        }
        let length = twins.then_some(1);
        let entry = Entry {
            br: length,
            gz: length,
            kind: "text/javascript".to_owned(),
        };
        Shelf {
            build: build.to_owned(),
            source: Source::Folder(dir),
            files: HashMap::from([(address, entry.clone()), ("/icon.svg".to_owned(), entry)]),
        }
    }

    #[test]
    fn the_build_before_is_answered_for_and_older_ones_are_forgotten() {
        let site = tempfile::tempdir().unwrap();
        let data = tempfile::tempdir().unwrap();
        for (at, build) in ["a", "b", "c"].into_iter().enumerate() {
            keep(data.path(), &built(site.path(), build, at == 1)).unwrap();
            // Times of files are as coarse as a tick of the kernel.
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        let before = before(data.path(), "c").unwrap();
        assert_eq!(before.build, "b");
        let mut request = HeaderMap::new();
        request.insert(
            header::ACCEPT_ENCODING,
            HeaderValue::from_static("gzip, br"),
        );
        let answer = before.serve("/pkg/app.b.js", &request).unwrap();
        assert_eq!(answer.headers()["content-encoding"], "br");
        assert!(before.serve("/icon.svg", &request).is_none());
        assert!(!data.path().join("site/a").exists());
        assert_eq!(others(data.path(), "b")[0].0, "c", "after a step back");
    }

    #[test]
    fn a_build_without_twins_is_kept_plain() {
        let site = tempfile::tempdir().unwrap();
        let data = tempfile::tempdir().unwrap();
        keep(data.path(), &built(site.path(), "a", false)).unwrap();
        let kept = before(data.path(), "b").unwrap();
        assert!(kept.serve("/pkg/app.a.js", &HeaderMap::new()).is_some());
    }
}
