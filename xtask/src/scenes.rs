//! `cargo xtask bench-page` and `cargo xtask shots`: the browser looks at the product, to measure it or to paint it.
//!
//! The scenes themselves lie in `end2end/bench` and `end2end/shots`.

use anyhow::{Result, bail};

use crate::{
    build::{self, Quality},
    project::Project,
    serve,
    setup::{self, Need},
    test::{Cluster, POSTGRES_URL, play},
};

/// Prints what the page of `dist/parlance` costs.
///
/// # Errors
/// When there is no such binary, or a scene cannot be played to its end.
pub fn measure(project: &Project, args: &[String]) -> Result<()> {
    let binary = project.dist_binary();
    if !binary.exists() {
        bail!(
            "there is no {}; run `make dist` first",
            project.show(&binary)
        );
    }
    setup::ensure(project, Need::Test)?;
    provider(project)?;
    let cluster = Cluster::start()?;
    play(
        project,
        "bench",
        &binary,
        &[(POSTGRES_URL, &cluster.url())],
        args,
    )
}

/// Writes pictures of every page and state into `target/shots`.
///
/// # Errors
/// As [`measure`].
pub fn paint(project: &Project, args: &[String]) -> Result<()> {
    setup::ensure(project, Need::Test)?;
    build::site(project, Quality::Release)?;
    let binary = serve::compile(project)?;
    provider(project)?;
    play(project, "shots", &binary, &[], args)
}

/// Builds the provider that answers.
fn provider(project: &Project) -> Result<()> {
    project
        .cargo("build")
        .args(["-p", "parlance-upstream"])
        .run()
}
