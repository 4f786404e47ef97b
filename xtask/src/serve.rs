//! `cargo xtask run`: the site as it is shipped, the server in its debug build.

use std::path::PathBuf;

use anyhow::Result;

use crate::{
    build::{self, Quality},
    project::Project,
    setup::{self, Need},
    shell,
};

/// Installs, builds and becomes the server, so that signals and the terminal are the server's own.
pub fn run(project: &Project) -> Result<()> {
    setup::ensure(project, Need::Run)?;
    build::site(project, Quality::Release)?;
    let server = compile(project)?;
    shell::cmd(server).dir(&project.root).exec()
}

/// Builds the debug server and gives its path.
pub fn compile(project: &Project) -> Result<PathBuf> {
    // The server's sources name the site's directory, so it must be there for the compiler.
    std::fs::create_dir_all(project.site())?;
    project.cargo("build").args(["-p", "parlance"]).run()?;
    Ok(project.debug_binary("parlance"))
}
