//! Where things lie: the root of the clone, Cargo's target directory, the finished site.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::shell::{self, Cmd};

/// The packages that are checked and tested together. One list for every command: another choice of
/// packages would mean other features of their dependencies, and all of them built a second time. `xtask`
/// stays out for the same reason; it has a dependency tree of its own.
pub const PACKAGES: [&str; 7] = [
    "parlance",
    "parlance-core",
    "parlance-server",
    "parlance-adapter",
    "parlance-ui",
    "parlance-render",
    "parlance-upstream",
];

/// The target of everything that runs in the browser.
pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// The places of one clone.
#[derive(Debug)]
pub struct Project {
    /// Directory of the root `Cargo.toml`.
    pub root: PathBuf,
    /// Cargo's target directory, which `CARGO_TARGET_DIR` may have put anywhere.
    pub target: PathBuf,
}

impl Project {
    /// Asks Cargo.
    pub fn locate() -> Result<Self> {
        #[derive(Deserialize)]
        struct Metadata {
            workspace_root: PathBuf,
            target_directory: PathBuf,
        }
        let text = shell::cmd(cargo_program())
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .read()?;
        let found: Metadata =
            serde_json::from_str(&text).context("`cargo metadata` answered nonsense")?;
        Ok(Self {
            root: found.workspace_root,
            target: found.target_directory,
        })
    }

    /// A Cargo command in the root directory.
    pub fn cargo(&self, subcommand: &str) -> Cmd {
        let mut cmd = shell::cmd(cargo_program()).dir(&self.root);
        // `cargo run` describes xtask to xtask; build scripts must not see that.
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
                cmd = cmd.env_remove(&text);
            }
        }
        cmd.arg(subcommand)
    }

    /// A Cargo command over [`PACKAGES`].
    pub fn cargo_packages(&self, subcommand: &str) -> Cmd {
        PACKAGES
            .iter()
            .fold(self.cargo(subcommand), |cmd, package| {
                cmd.args(["-p", package])
            })
    }

    /// The finished site. It does not follow `CARGO_TARGET_DIR`: the server's sources name this directory.
    pub fn site(&self) -> PathBuf {
        self.root.join("target/site")
    }

    /// Results of slow steps, by the hash of what went in.
    pub fn cache(&self) -> PathBuf {
        self.target.join("site-cache")
    }

    /// A binary of the debug build.
    pub fn debug_binary(&self, name: &str) -> PathBuf {
        self.target.join("debug").join(name)
    }

    /// What `make dist` makes.
    pub fn dist_binary(&self) -> PathBuf {
        self.root.join("dist/parlance")
    }

    /// A path for people: relative to the root where it lies inside.
    pub fn show<'a>(&self, path: &'a Path) -> std::path::Display<'a> {
        path.strip_prefix(&self.root).unwrap_or(path).display()
    }
}

fn cargo_program() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned())
}
