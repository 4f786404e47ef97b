//! Packages of the system: installed by apt where that may be done, otherwise printed as a command.
//!
//! As root they are installed at once. Anyone else is asked, if there is somebody to ask;
//! `PARLANCE_SETUP_YES=1` answers for machines.

use std::io::{BufRead, IsTerminal, Write};

use anyhow::{Context, Result, bail};

use super::tools::{Tool, in_path};
use crate::shell;

/// Whether this is Debian itself. Its relatives differ in the one thing that matters here: Ubuntu has no
/// real package of Chromium.
pub fn is_debian() -> bool {
    std::fs::read_to_string("/etc/os-release")
        .is_ok_and(|text| text.lines().any(|line| line.trim() == "ID=debian"))
}

/// Installs the packages of these tools.
pub fn install(missing: &[&Tool]) -> Result<()> {
    let names = missing
        .iter()
        .map(|tool| tool.name)
        .collect::<Vec<_>>()
        .join(", ");
    let packages: Vec<&str> = missing.iter().flat_map(|tool| tool.apt).copied().collect();
    if in_path("apt-get").is_none() {
        bail!("missing: {names}. Install it with your package manager, then try again.");
    }
    let line = format!(
        "sudo apt-get update && sudo apt-get install -y {}",
        packages.join(" ")
    );
    println!("missing: {names}");
    let prefix: &[&str] = if rustix::process::geteuid().is_root() {
        &[]
    } else if in_path("sudo").is_some() && agreed(&line)? {
        &["sudo"]
    } else {
        bail!("missing: {names}. Install it with\n\n    {line}\n");
    };
    apt(prefix, &["update"])?;
    let mut install = vec!["install", "-y", "--no-install-recommends"];
    install.extend(packages);
    apt(prefix, &install)?;
    match missing.iter().find(|tool| !(tool.present)()) {
        Some(tool) => bail!(
            "{} is still missing after its packages were installed",
            tool.name
        ),
        None => Ok(()),
    }
}

fn apt(prefix: &[&str], args: &[&str]) -> Result<()> {
    let words = [
        prefix,
        &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"],
        args,
    ]
    .concat();
    println!("{}", words.join(" "));
    let (program, rest) = words.split_first().context("an empty command")?;
    shell::cmd(program).args(rest).run_interactive()
}

fn consented() -> bool {
    std::env::var_os("PARLANCE_SETUP_YES").is_some_and(|value| value == "1")
}

/// Whether packages of the system may be installed without asking anybody.
pub fn unasked() -> bool {
    in_path("apt-get").is_some() && (rustix::process::geteuid().is_root() || consented())
}

fn agreed(line: &str) -> Result<bool> {
    if consented() {
        return Ok(true);
    }
    if !std::io::stdin().is_terminal() {
        return Ok(false);
    }
    print!("Run `{line}` now? [y/N] ");
    std::io::stdout().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
