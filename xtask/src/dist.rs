//! `cargo xtask dist`: one release binary with the site in it, and beside it what it is made of.

use anyhow::{Context, Result};

use crate::{
    build::{self, Quality},
    project::Project,
    sbom,
    setup::{self, Need},
};

/// Builds `dist/parlance` and `dist/parlance.cdx.json`, and prints the binary's size.
///
/// The server keeps `--cfg erase_components`, as the WASM has it: Leptos writes other markers into the HTML
/// without it, and a page only hydrates where both sides were built alike.
pub fn dist(project: &Project) -> Result<()> {
    setup::ensure(project, Need::Run)?;
    build::site(project, Quality::Release)?;
    project
        .cargo("build")
        .args(["--release", "-p", "parlance"])
        .run()?;

    let to = project.dist_binary();
    let part = to.with_extension("part");
    let dir = project.root.join("dist");
    std::fs::create_dir_all(&dir).with_context(|| dir.display().to_string())?;
    std::fs::copy(project.target.join("release/parlance"), &part)
        .with_context(|| part.display().to_string())?;
    std::fs::rename(&part, &to).with_context(|| to.display().to_string())?;
    sbom::write(project, &to.with_extension("cdx.json"))?;
    let megabytes = std::fs::metadata(&to)?.len() as f64 / 1e6;
    println!("{}: {megabytes:.1} MB", project.show(&to));
    Ok(())
}
