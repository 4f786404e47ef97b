//! Which database is meant: `DATABASE_URL` taken apart. Nothing is opened here.

use std::{
    path::{Path, PathBuf},
    str::FromStr,
};

use sqlx::{postgres::PgConnectOptions, sqlite::SqliteConnectOptions};

/// File of the main database when no address names another.
const MAIN_FILE: &str = "main.db";

/// A database to be opened.
pub(super) enum Target {
    Sqlite { file: PathBuf },
    Postgres(Box<PgConnectOptions>),
}

impl Target {
    /// Reads `url`; without one, a file in `data_dir` is meant. The error is a reason without the address,
    /// which may hold a password.
    pub(super) fn parse(url: Option<&str>, data_dir: &Path) -> Result<Self, String> {
        let Some(url) = url.map(str::trim).filter(|url| !url.is_empty()) else {
            return Ok(Self::Sqlite {
                file: data_dir.join(MAIN_FILE),
            });
        };
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return PgConnectOptions::from_str(url)
                .map(|options| Self::Postgres(Box::new(options)))
                .map_err(|error| error.to_string());
        }
        if !url.starts_with("sqlite:") {
            return Err("it begins with neither postgres:// nor sqlite:".to_owned());
        }
        if url.contains(":memory:") || url.contains("mode=memory") {
            return Err("a database in memory would lose everything at the next start".to_owned());
        }
        let file = SqliteConnectOptions::from_str(url)
            .map_err(|error| error.to_string())?
            .get_filename()
            .to_path_buf();
        if file.file_name().is_none() {
            return Err("it names no file".to_owned());
        }
        Ok(Self::Sqlite { file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<Target, String> {
        Target::parse(Some(url), Path::new("/data"))
    }

    #[test]
    fn nothing_set_means_a_file_in_the_data_directory() {
        for url in [None, Some(""), Some("  ")] {
            let target = Target::parse(url, Path::new("/data"));
            assert!(
                matches!(target, Ok(Target::Sqlite { file }) if file == Path::new("/data/main.db"))
            );
        }
    }

    #[test]
    fn both_engines_are_known_by_their_scheme() {
        assert!(matches!(
            parse("postgres://a:b@host/db"),
            Ok(Target::Postgres(_))
        ));
        assert!(matches!(
            parse("postgresql://host/db"),
            Ok(Target::Postgres(_))
        ));
        assert!(
            matches!(parse("sqlite:some/chat.db"), Ok(Target::Sqlite { file }) if file == Path::new("some/chat.db"))
        );
        assert!(
            matches!(parse("sqlite:///var/chat.db"), Ok(Target::Sqlite { file }) if file == Path::new("/var/chat.db"))
        );
    }

    #[test]
    fn a_bad_address_is_refused_without_its_password() {
        for url in [
            "mysql://u:hunter2@h/d",
            "postgres://u:hunter2@h:port/d",
            "hunter2",
            "sqlite:",
            "sqlite::memory:",
        ] {
            match parse(url) {
                Ok(_) => panic!("{url} was accepted"),
                Err(reason) => assert!(!reason.contains("hunter2"), "{reason}"),
            }
        }
    }
}
