//! The tools: how each is found, and which package brings it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::{
    project::{Project, WASM_TARGET},
    shell,
};

/// The oldest Node that Playwright runs on.
const NODE_MAJOR: u32 = 20;

/// Something that a package of the system brings.
#[derive(Debug)]
pub struct Tool {
    pub name: &'static str,
    /// Packages of Debian and Ubuntu.
    pub apt: &'static [&'static str],
    pub present: fn() -> bool,
}

pub static C_COMPILER: Tool = Tool {
    name: "a C compiler",
    apt: &["gcc", "libc6-dev"],
    present: || in_path("cc").is_some(),
};
pub static NODE: Tool = Tool {
    name: "Node.js 20 or newer, with npm",
    apt: &["nodejs", "npm"],
    present: || in_path("node").is_some() && in_path("npm").is_some(),
};
pub static POSTGRES: Tool = Tool {
    name: "the PostgreSQL server",
    apt: &["postgresql"],
    present: || postgres_bin().is_some(),
};
pub static CHROMIUM: Tool = Tool {
    name: "Chromium",
    // The fonts are for the Chinese half of the screenshots.
    apt: &["chromium", "fonts-liberation", "fonts-noto-cjk"],
    present: || chromium().is_some(),
};

/// A program's path, searched as a shell does.
pub fn in_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|dir| dir.join(program))
        .find(|file| file.is_file())
}

/// The directory of `initdb` and `postgres`: the newest version that Debian keeps aside, else of the PATH.
pub fn postgres_bin() -> Option<PathBuf> {
    let complete = |dir: &Path| dir.join("initdb").is_file() && dir.join("postgres").is_file();
    let version = |dir: &Path| -> Option<u32> { dir.parent()?.file_name()?.to_str()?.parse().ok() };
    std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .filter(|dir| complete(dir))
        .max_by_key(|dir| version(dir))
        .or_else(|| {
            let initdb = in_path("initdb")?.canonicalize().ok()?;
            let dir = initdb.parent()?;
            complete(dir).then(|| dir.to_owned())
        })
}

/// The system's Chromium, or the one that `PLAYWRIGHT_CHROMIUM` names.
pub fn chromium() -> Option<PathBuf> {
    std::env::var_os("PLAYWRIGHT_CHROMIUM")
        .map_or_else(|| "/usr/bin/chromium".into(), PathBuf::from)
        .canonicalize()
        .ok()
}

/// Adds the browser's target to the toolchain in use.
pub fn wasm_target(project: &Project) -> Result<()> {
    let sysroot = shell::cmd("rustc")
        .args(["--print", "sysroot"])
        .dir(&project.root)
        .read()?;
    if Path::new(&sysroot)
        .join("lib/rustlib")
        .join(WASM_TARGET)
        .is_dir()
    {
        return Ok(());
    }
    rustup(project, &["target", "add", WASM_TARGET])
}

/// Adds rustfmt and clippy to the toolchain in use.
pub fn components(project: &Project) -> Result<()> {
    for (subcommand, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if project.cargo(subcommand).arg("--version").read().is_err() {
            rustup(project, &["component", "add", component])?;
        }
    }
    Ok(())
}

fn rustup(project: &Project, args: &[&str]) -> Result<()> {
    if in_path("rustup").is_none() {
        bail!(
            "this Rust toolchain lacks something, and rustup is not here to run `rustup {}`; \
             add it with your own package manager, or install rustup from https://rustup.rs",
            args.join(" ")
        );
    }
    println!("rustup {}", args.join(" "));
    shell::cmd("rustup").args(args).dir(&project.root).run()
}

/// Checks Node's version: a distribution may bring an older one.
pub fn node_is_new_enough() -> Result<()> {
    let version = shell::cmd("node").arg("--version").read()?;
    let major = node_major(&version).with_context(|| format!("node says it is `{version}`"))?;
    if major < NODE_MAJOR {
        bail!(
            "the browser tests need Node {NODE_MAJOR} or newer, and this is {version}; \
             https://nodejs.org/en/download has newer ones"
        );
    }
    Ok(())
}

fn node_major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_version_of_node() {
        assert_eq!(node_major("v20.20.2"), Some(20));
        assert_eq!(node_major("v9.0.0"), Some(9));
        assert_eq!(node_major("not found"), None);
    }

    #[test]
    fn finds_the_shell_in_the_path() {
        assert!(in_path("sh").is_some());
        assert!(in_path("no-such-program-anywhere").is_none());
    }
}
