//! What must be installed, and the installing of it: Debian and Ubuntu by apt, elsewhere by saying what.
//!
//! It never installs or updates a Rust toolchain: `rust-toolchain.toml` names one, and rustup brings it.

mod packages;
mod tools;

use anyhow::Result;

use self::tools::Tool;
pub use self::{
    packages::unasked,
    tools::{chromium, postgres_bin},
};
use crate::project::Project;

/// What the machine is to be ready for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Building and serving: rustup and a C compiler.
    Run,
    /// The tests as well: rustfmt, clippy, Node, PostgreSQL and a browser.
    Test,
}

/// Installs what is missing.
///
/// # Errors
/// When something cannot be had; the error says what to do.
pub fn ensure(project: &Project, need: Need) -> Result<()> {
    tools::wasm_target(project)?;
    let mut wanted: Vec<&'static Tool> = vec![&tools::C_COMPILER];
    if need == Need::Test {
        tools::components(project)?;
        wanted.extend([&tools::NODE, &tools::POSTGRES]);
        // Elsewhere the browser is Playwright's own, which comes with the browser tests.
        if packages::is_debian() {
            wanted.push(&tools::CHROMIUM);
        }
    }
    let missing: Vec<_> = wanted
        .iter()
        .filter(|tool| !(tool.present)())
        .copied()
        .collect();
    if !missing.is_empty() {
        packages::install(&missing)?;
    }
    if need == Need::Test {
        tools::node_is_new_enough()?;
    }
    Ok(())
}
