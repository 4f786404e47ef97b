//! Results of slow work, kept in files named by the hash of what went in.

use std::{collections::HashSet, ffi::OsString, path::PathBuf};

use anyhow::{Context, Result};

/// One directory of results.
#[derive(Debug)]
pub struct Cache {
    dir: PathBuf,
    used: HashSet<OsString>,
}

impl Cache {
    /// Opens the directory, which is made when it is missing.
    pub fn open(dir: PathBuf) -> Result<Self> {
        std::fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
        Ok(Self {
            dir,
            used: HashSet::new(),
        })
    }

    /// The result under `key`, made now if it is not there. `make` writes to the path that it is given,
    /// a file or a directory; the path gets its final name only afterwards, so a result is never half.
    pub fn get(
        &mut self,
        key: &str,
        make: impl FnOnce(&std::path::Path) -> Result<()>,
    ) -> Result<PathBuf> {
        let path = self.dir.join(key);
        self.used.insert(key.into());
        if !path.exists() {
            let unfinished = self.dir.join(format!("{key}.{}.part", std::process::id()));
            make(&unfinished)?;
            std::fs::rename(&unfinished, &path)
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(path)
    }

    /// Removes what this run had no use for.
    pub fn forget_unused(self) -> Result<()> {
        for entry in std::fs::read_dir(&self.dir).context("cannot read the site cache")? {
            let entry = entry?;
            if self.used.contains(&entry.file_name()) {
                continue;
            }
            if entry.file_type()?.is_dir() {
                std::fs::remove_dir_all(entry.path())?;
            } else {
                std::fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makes_a_result_once_and_forgets_it_when_it_is_not_asked_for() -> Result<()> {
        let dir = tempfile::tempdir()?;
        let at = || Cache::open(dir.path().join("cache"));
        let mut first = at()?;
        let path = first.get("key", |path| Ok(std::fs::write(path, "result")?))?;
        first.forget_unused()?;
        let mut second = at()?;
        second.get("key", |_| anyhow::bail!("it was there"))?;
        second.forget_unused()?;
        assert!(path.exists());
        at()?.forget_unused()?;
        assert!(!path.exists());
        Ok(())
    }
}
