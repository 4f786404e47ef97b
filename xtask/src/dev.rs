//! `cargo xtask dev`: serves, watches the sources, builds what is needed and starts the server again.
//!
//! It looks at the times of files twice a second. That needs no system interface, works on network drives
//! and in containers, and costs nothing at this number of files.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    thread,
    time::{Duration, SystemTime},
};

use anyhow::{Context, Result};

use crate::{
    build::{self, Quality},
    interrupt,
    project::Project,
    serve,
    setup::{self, Need},
    shell::{self, Running},
};

/// Time between two looks.
const POLL: Duration = Duration::from_millis(500);

type Seen = BTreeMap<PathBuf, SystemTime>;

/// What has changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Change {
    /// Rust, manifests or migrations.
    code: bool,
    /// Style or public files.
    site: bool,
}

impl Change {
    fn and(self, other: Self) -> Self {
        Self {
            code: self.code || other.code,
            site: self.site || other.site,
        }
    }
}

/// Serves until it is stopped.
pub fn watch(project: &Project) -> Result<()> {
    setup::ensure(project, Need::Run)?;
    let mut seen = look(project)?;
    let mut server = None;
    let mut change = Change {
        code: true,
        site: true,
    };
    loop {
        // The old server goes on until the new one is built; one that does not compile changes nothing.
        // What failed is tried again with the next change, whatever that is.
        let failed = match build(project, change) {
            Ok(()) => {
                drop(server.take());
                server = Some(start(project)?);
                Change::default()
            }
            Err(_) if interrupt::pending() => return Ok(()),
            Err(error) => {
                eprintln!("error: {error:#}\nwaiting for a change");
                change
            }
        };
        (seen, change) = loop {
            thread::sleep(POLL);
            if interrupt::pending() {
                return Ok(());
            }
            if let Some(running) = &mut server
                && let Some(status) = running.poll()?
            {
                eprintln!("the server ended ({status}); waiting for a change");
                server = None;
            }
            let now = look(project)?;
            let change = compare(project, &seen, &now);
            if change != Change::default() {
                break (now, change.and(failed));
            }
        };
    }
}

fn build(project: &Project, change: Change) -> Result<()> {
    if change.code {
        serve::compile(project)?;
    }
    // The site's WASM is Cargo's business: it compiles nothing when no file of the browser's half changed.
    build::site(project, Quality::Quick)
}

fn start(project: &Project) -> Result<Running> {
    shell::cmd(project.debug_binary("parlance"))
        .dir(&project.root)
        .spawn()
}

fn look(project: &Project) -> Result<Seen> {
    let mut seen = Seen::new();
    for name in [
        "src",
        "style",
        "public",
        "migrations",
        "Cargo.toml",
        "Cargo.lock",
    ] {
        walk(&project.root.join(name), &mut seen)?;
    }
    Ok(seen)
}

/// Adds a file, or all files of a directory; what vanishes while it is read is simply not there.
fn walk(path: &Path, seen: &mut Seen) -> Result<()> {
    let Ok(meta) = std::fs::metadata(path) else {
        return Ok(());
    };
    if !meta.is_dir() {
        seen.insert(
            path.to_owned(),
            meta.modified().context("no file times here")?,
        );
        return Ok(());
    }
    let Ok(entries) = std::fs::read_dir(path) else {
        return Ok(());
    };
    for entry in entries.flatten() {
        walk(&entry.path(), seen)?;
    }
    Ok(())
}

fn compare(project: &Project, before: &Seen, now: &Seen) -> Change {
    let mut change = Change::default();
    let gone = before.keys().filter(|path| !now.contains_key(*path));
    let touched = now
        .iter()
        .filter(|(path, time)| before.get(*path) != Some(*time))
        .map(|(path, _)| path);
    for path in gone.chain(touched) {
        let below = |name| path.starts_with(project.root.join(name));
        if below("style") || below("public") {
            change.site = true;
        } else {
            change.code = true;
        }
    }
    change
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_style_from_code_and_notices_what_is_gone() {
        let project = Project {
            root: "/p".into(),
            target: "/p/target".into(),
        };
        let at = |path: &str| (PathBuf::from(path), SystemTime::UNIX_EPOCH);
        let before = Seen::from([at("/p/src/lib.rs"), at("/p/style/main.css")]);
        let styled = Seen::from([at("/p/src/lib.rs")]);
        let site = Change {
            code: false,
            site: true,
        };
        assert_eq!(compare(&project, &before, &styled), site);
        let coded = Seen::from([
            at("/p/style/main.css"),
            at("/p/src/lib.rs"),
            at("/p/src/new.rs"),
        ]);
        let code = Change {
            code: true,
            site: false,
        };
        assert_eq!(compare(&project, &before, &coded), code);
        assert_eq!(compare(&project, &before, &before), Change::default());
    }
}
