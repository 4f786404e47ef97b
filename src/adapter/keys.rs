//! `port::keys` on the file system and in the environment. No key is ever logged, and none goes anywhere but into its file.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Mutex,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use parlance_server::port::keys::{KEY_BYTES, Keys, KeysError, MasterKey};
use secrecy::ExposeSecret;
use zeroize::Zeroizing;

/// Where the present key comes from.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// Set itself.
    Given(MasterKey),
    /// In a file that somebody else keeps.
    File(PathBuf),
    /// In a file of ours, made at the first start, which nobody else may read.
    Own(PathBuf),
}

/// The keys that the settings lead to.
pub struct MasterKeys {
    source: KeySource,
    /// What is gone over to next, where that was set.
    next: Option<MasterKey>,
    /// One process changes the file once at a time; other processes replace it whole.
    writing: Mutex<()>,
}

impl MasterKeys {
    #[must_use]
    pub fn new(source: KeySource, next: Option<MasterKey>) -> Self {
        Self {
            source,
            next,
            writing: Mutex::default(),
        }
    }

    /// File and whether it is ours: then nobody else may read it.
    fn file(&self) -> Option<(&Path, bool)> {
        match &self.source {
            KeySource::Given(_) => None,
            KeySource::File(path) => Some((path, false)),
            KeySource::Own(path) => Some((path, true)),
        }
    }
}

impl Keys for MasterKeys {
    fn held(&self) -> Result<Vec<MasterKey>, KeysError> {
        let mut keys = match &self.source {
            KeySource::Given(key) => vec![key.clone()],
            KeySource::File(path) => {
                read(path)?.ok_or_else(|| refuse(path, "is not there (PARLANCE_MASTER_KEY)"))?
            }
            KeySource::Own(path) => {
                keep_private(path)?;
                read(path)?.unwrap_or_default()
            }
        };
        let fingerprints: Vec<_> = keys.iter().map(|key| key.fingerprint).collect();
        let next = self.next.clone();
        keys.extend(next.filter(|next| !fingerprints.contains(&next.fingerprint)));
        Ok(keys)
    }

    fn first(&self) -> Result<MasterKey, KeysError> {
        match self.held()?.into_iter().next() {
            Some(key) => Ok(key),
            None => self.next(),
        }
    }

    fn next(&self) -> Result<MasterKey, KeysError> {
        if let Some(next) = &self.next {
            return Ok(next.clone());
        }
        let Some((path, _)) = self.file() else {
            return Err(KeysError(
                "The master key is set by PARLANCE_MASTER_KEY, so the next one must be set, too. Make one (openssl rand \
                 -base64 32), start all servers with it as PARLANCE_MASTER_KEY_NEXT, then rotate with both set"
                    .to_owned(),
            ));
        };
        let _one_at_a_time = self.writing.lock();
        append(path)
    }

    fn place(&self) -> String {
        match self.file() {
            None => "PARLANCE_MASTER_KEY".to_owned(),
            Some((path, _)) => path.display().to_string(),
        }
    }
}

/// The file's keys, the oldest first; `None` where there is no file. Each line is `version:key`; a line without a version
/// is the first.
fn read(path: &Path) -> Result<Option<Vec<MasterKey>>, KeysError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => Zeroizing::new(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(refuse(path, &format!("cannot be read: {error}"))),
    };
    let lines = numbered(&text).ok_or_else(|| {
        refuse(
            path,
            "is no file of master keys: each line must be a number, a colon and 32 bytes in base64",
        )
    })?;
    if lines.is_empty() {
        return Err(refuse(path, "holds no master key"));
    }
    Ok(Some(lines.into_iter().map(|(_, key)| key).collect()))
}

fn numbered(text: &str) -> Option<Vec<(u64, MasterKey)>> {
    let mut lines = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (version, key) = match line.split_once(':') {
            Some((version, key)) => (version.trim().parse().ok()?, key),
            None => (1, line),
        };
        lines.push((version, MasterKey::read(key)?));
    }
    lines.sort_by_key(|(version, _)| *version);
    let are_different = lines.windows(2).all(|pair| pair[0].0 != pair[1].0);
    are_different.then_some(lines)
}

/// Adds a new key to the file, which is replaced as a whole: a reader sees the old one or the new one.
fn append(path: &Path) -> Result<MasterKey, KeysError> {
    let unwritten = |error: io::Error| refuse(path, &format!("cannot be written: {error}"));
    if let Some(dir) = path.parent().filter(|dir| !dir.as_os_str().is_empty()) {
        fs::create_dir_all(dir).map_err(unwritten)?;
    }
    // Of two processes that rotate at once the second adds to what the first has written. Given back with the file.
    let turn = File::create(path.with_extension("key.lock")).map_err(unwritten)?;
    turn.lock().map_err(unwritten)?;
    let old = match fs::read_to_string(path) {
        Ok(text) => Zeroizing::new(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Zeroizing::default(),
        Err(error) => return Err(unwritten(error)),
    };
    let known = numbered(&old).ok_or_else(|| refuse(path, "is no file of master keys"))?;
    let version = known.last().map_or(0, |(version, _)| *version) + 1;
    let mut bytes = [0; KEY_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| KeysError(format!("No randomness: {error}")))?;
    let key = MasterKey::new(bytes);
    let mut text = Zeroizing::new(String::new());
    for (version, key) in known.iter().chain([&(version, key.clone())]) {
        let encoded = Zeroizing::new(STANDARD.encode(key.bytes.expose_secret()));
        text.push_str(&format!("{version}:{}\n", *encoded));
    }
    let draft = path.with_extension("key.new");
    // Left by a crash, perhaps with other rights.
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unwritten(error)),
        _ => {}
    }
    let mut file = private(&draft).map_err(unwritten)?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&draft, path))
        .and_then(|()| sync_dir(path))
        .map_err(unwritten)?;
    Ok(key)
}

/// A new file that nobody else can read, from its first moment on.
fn private(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A key that is lost with the machine's power loses all that it sealed: the name must be on the disk before it is used.
fn sync_dir(path: &Path) -> io::Result<()> {
    match path.parent().filter(|dir| !dir.as_os_str().is_empty()) {
        #[cfg(unix)]
        Some(dir) => File::open(dir)?.sync_all(),
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn keep_private(path: &Path) -> Result<(), KeysError> {
    use std::os::unix::fs::PermissionsExt;
    match fs::metadata(path) {
        Ok(found) if found.permissions().mode() & 0o077 != 0 => Err(refuse(
            path,
            &format!(
                "can be read by others (mode {:o}). Mend it with: chmod 600 {}",
                found.permissions().mode() & 0o777,
                path.display()
            ),
        )),
        _ => Ok(()),
    }
}

/// The system has no such rights.
#[cfg(not(unix))]
fn keep_private(_: &Path) -> Result<(), KeysError> {
    Ok(())
}

fn refuse(path: &Path, why: &str) -> KeysError {
    KeysError(format!("The master key's file {} {why}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::env;

    /// A directory that goes with the test.
    struct Place(PathBuf);

    impl Place {
        fn new(name: &str) -> Self {
            let dir = env::temp_dir().join(format!("parlance-keys-{}-{name}", std::process::id()));
            let _ = fs::remove_dir_all(&dir);
            fs::create_dir_all(&dir).unwrap();
            Self(dir)
        }

        fn keys(&self) -> MasterKeys {
            MasterKeys::new(KeySource::Own(self.0.join("master.key")), None)
        }
    }

    impl Drop for Place {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn names(keys: &MasterKeys) -> Vec<String> {
        keys.held()
            .unwrap()
            .iter()
            .map(|key| key.fingerprint.to_string())
            .collect()
    }

    #[test]
    fn the_first_start_makes_a_key_and_a_rotation_another() {
        let place = Place::new("first");
        let keys = place.keys();
        assert!(names(&keys).is_empty());
        let first = keys.first().unwrap();
        assert_eq!(
            keys.first().unwrap().fingerprint,
            first.fingerprint,
            "it stays"
        );
        let second = keys.next().unwrap();
        let both = [
            first.fingerprint.to_string(),
            second.fingerprint.to_string(),
        ];
        assert_eq!(names(&keys), both);
        assert_eq!(names(&place.keys()), both, "another process reads the same");
        let text = fs::read_to_string(place.0.join("master.key")).unwrap();
        assert!(text.starts_with("1:") && text.contains("\n2:"));
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let place = Place::new("mode");
        let keys = place.keys();
        keys.first().unwrap();
        let path = place.0.join("master.key");
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let error = keys.held().unwrap_err().to_string();
        assert!(
            error.contains("mode 640") && error.contains("chmod 600"),
            "{error}"
        );
    }

    #[test]
    fn rubbish_is_refused_and_not_repeated() {
        let place = Place::new("rubbish");
        let path = place.0.join("master.key");
        for text in [
            "hunter2\n",
            "",
            "1:hunter2\n",
            "x:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n",
        ] {
            fs::write(&path, text).unwrap();
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            }
            let error = place.keys().held().unwrap_err().to_string();
            assert!(
                !error.contains("hunter2") && error.contains("master.key"),
                "{error}"
            );
        }
    }

    #[test]
    fn a_key_that_was_set_needs_its_successor_set_too() {
        let given = || KeySource::Given(MasterKey::new([1; 32]));
        let keys = MasterKeys::new(given(), None);
        assert!(
            keys.next()
                .unwrap_err()
                .to_string()
                .contains("PARLANCE_MASTER_KEY_NEXT")
        );
        let next = MasterKey::new([2; 32]);
        let keys = MasterKeys::new(given(), Some(next.clone()));
        assert_eq!(keys.next().unwrap().fingerprint, next.fingerprint);
        assert_eq!(names(&keys).len(), 2);
        assert_ne!(keys.first().unwrap().fingerprint, next.fingerprint);
    }

    #[test]
    fn a_file_that_somebody_else_keeps_may_hold_one_bare_key() {
        let place = Place::new("bare");
        let path = place.0.join("secret");
        let keys = MasterKeys::new(KeySource::File(path.clone()), None);
        assert!(keys.held().is_err(), "it is not made");
        fs::write(&path, "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n").unwrap();
        assert_eq!(
            names(&keys),
            [MasterKey::new([1; 32]).fingerprint.to_string()]
        );
    }
}
