//! Databases for one run in a PostgreSQL cluster that is there already, made and dropped by `psql`. What the cluster's
//! processes spend is counted as a whole: nobody else should be at work in it.

use std::{fs, process::Command};

use anyhow::{Context, Result, bail};

use crate::child::find;

/// A cluster, and what was made in it.
#[derive(Debug)]
pub struct Cluster {
    /// Of a database that is there, for making others.
    url: String,
    /// The process whose children do the work.
    pub postmaster: u32,
    made: Vec<String>,
}

impl Cluster {
    /// # Errors
    /// It does not answer, or runs on another machine.
    pub fn at(url: &str) -> Result<Self> {
        let data = psql(url, "show data_directory")?;
        let path = format!("{}/postmaster.pid", data.trim());
        let text = fs::read_to_string(&path).with_context(|| path.clone())?;
        let pid = text
            .lines()
            .next()
            .and_then(|line| line.trim().parse().ok());
        Ok(Self {
            url: url.to_owned(),
            postmaster: pid.with_context(|| format!("no number in {path}"))?,
            made: Vec::new(),
        })
    }

    /// Makes a database for this data directory.
    pub fn create(&mut self, data: &str) -> Result<()> {
        let name = database(data);
        psql(&self.url, &format!("create database {name}"))?;
        self.made.push(name);
        Ok(())
    }

    /// Where the database of a data directory is.
    pub fn url(&self, data: &str) -> String {
        let (address, settings) = match self.url.split_once('?') {
            Some((address, settings)) => (address, format!("?{settings}")),
            None => (self.url.as_str(), String::new()),
        };
        let server = address
            .rsplit_once('/')
            .map_or(address, |(server, _)| server);
        format!("{server}/{}{settings}", database(data))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for name in &self.made {
            if let Err(error) = psql(&self.url, &format!("drop database {name} with (force)")) {
                eprintln!("  note: the database {name} is left behind: {error:#}");
            }
        }
    }
}

fn database(data: &str) -> String {
    format!(
        "parlance_load_{}_{}",
        std::process::id(),
        data.replace('-', "_")
    )
}

fn psql(url: &str, command: &str) -> Result<String> {
    let binary = find("psql").context("no psql on this machine")?;
    let output = Command::new(binary)
        .args(["-X", "-q", "-A", "-t", "-c", command, url])
        .output()
        .context("cannot start psql")?;
    if !output.status.success() {
        bail!("{command}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
