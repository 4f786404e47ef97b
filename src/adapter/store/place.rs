//! The directory that holds the data: making it, claiming it for one process, and the name of the
//! installation in it. No database is touched here.

use std::{
    fs::{DirBuilder, File, TryLockError},
    io::{Error, ErrorKind, Write},
    path::{Path, PathBuf},
};

use uuid::Uuid;

use super::open::OpenError;

const CLAIM_FILE: &str = "lock";
const INSTANCE_FILE: &str = "instance";
/// Of `adapter::keys`.
const KEY_FILE: &str = "master.key";
/// Names in the directory that no database may have.
pub(super) const FILES: [&str; 3] = [CLAIM_FILE, INSTANCE_FILE, KEY_FILE];

/// Proof that this process alone uses a directory; ends when dropped, or with the process, however it dies.
pub(super) struct Claim {
    _file: File,
}

/// Makes `dir` with its parents, readable by nobody else.
pub(super) fn make(dir: &Path) -> Result<(), OpenError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(|source| unusable(dir, source))
}

/// Claims `dir` with an advisory lock on a file in it.
pub(super) fn claim(dir: &Path) -> Result<Claim, OpenError> {
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(dir.join(CLAIM_FILE))
        .map_err(|source| unusable(dir, source))?;
    match file.try_lock() {
        Ok(()) => Ok(Claim { _file: file }),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse {
            path: dir.to_path_buf(),
        }),
        Err(TryLockError::Error(source)) => Err(unusable(dir, source)),
    }
}

/// The id of this installation, made at the first start. Call it with the directory claimed.
pub(super) fn instance(dir: &Path) -> Result<Uuid, OpenError> {
    let path = dir.join(INSTANCE_FILE);
    match std::fs::read_to_string(&path) {
        Ok(text) => Uuid::try_parse(text.trim()).map_err(|_| {
            let reason = "it holds no UUID; delete it and a new one is made";
            unusable(&path, Error::new(ErrorKind::InvalidData, reason))
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let id = Uuid::new_v4();
            write_whole(&path, &format!("{id}\n")).map_err(|source| unusable(&path, source))?;
            Ok(id)
        }
        Err(source) => Err(unusable(&path, source)),
    }
}

/// Writes beside the file and renames, so that a crash leaves either nothing or all of it.
fn write_whole(path: &Path, text: &str) -> Result<(), Error> {
    let draft = path.with_extension("new");
    let mut file = File::create(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(draft, path)
}

fn unusable(path: &Path, source: Error) -> OpenError {
    OpenError::Directory {
        path: PathBuf::from(path),
        source,
    }
}
