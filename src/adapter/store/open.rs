//! Opening the data of an installation, with errors that a person can act on.

use std::{fmt, path::PathBuf, sync::Arc};

use parlance_server::port::{bus::Bus, journal::Journal, store::Store};
use sqlx::{Error, migrate::MigrateError, postgres::PgConnectOptions};
use uuid::Uuid;

use super::{Database, bus::Alone, place, pool::Pool, postgres, sqlite, target::Target};

/// What the frames of a reply that is being written survive. Messages and ended replies survive everything,
/// whatever this says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// The death of this process, however sudden.
    #[default]
    Process,
    /// The death of the machine too, at the price of a sync for each commit.
    Power,
    /// Nothing: no frame is kept.
    Off,
}

/// Where the data lies.
#[derive(Clone)]
pub struct StoreConfig {
    /// `postgres://…` or `sqlite:path`; `None`: SQLite in `data_dir`.
    pub url: Option<String>,
    /// Made if it is not there.
    pub data_dir: PathBuf,
    pub durability: Durability,
}

impl fmt::Debug for StoreConfig {
    /// The address may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.url.as_ref().map(|_| "…");
        f.debug_struct("StoreConfig")
            .field("url", &url)
            .field("data_dir", &self.data_dir)
            .field("durability", &self.durability)
            .finish()
    }
}

/// The opened data.
pub struct Opened {
    pub store: Arc<dyn Store>,
    pub journal: Arc<dyn Journal>,
    /// Hints between the processes that share the data.
    pub bus: Arc<dyn Bus>,
    /// Whether other processes may work on the same data.
    pub shared: bool,
    /// Names this installation among those that share a database; kept in `data_dir/instance`.
    pub instance: Uuid,
    /// For the start-up message: which database, without secrets.
    pub place: String,
}

/// Why the data could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "DATABASE_URL is not usable: {0}. Write postgres://user:password@host/database or sqlite:path/to/file.db"
    )]
    BadUrl(String),
    #[error(
        "DATABASE_URL names {}, and Parlance keeps something else under that name. Choose another, such as chat.db",
        path.display()
    )]
    NameTaken { path: PathBuf },
    #[error("{} cannot be used: {source}. Set PARLANCE_DATA_DIR to a directory that this user may write to", path.display())]
    Directory {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{} is in use by another Parlance process. Stop it, or set PARLANCE_DATA_DIR to another directory", path.display())]
    InUse { path: PathBuf },
    #[error("the database file {} cannot be opened: {reason}", path.display())]
    File { path: PathBuf, reason: String },
    #[error(
        "no PostgreSQL answers at {place}: {reason}. Check DATABASE_URL and that the server is running"
    )]
    Unreachable { place: String, reason: String },
    #[error(
        "PostgreSQL at {place} refused: {reason}. Check user, password and database in DATABASE_URL"
    )]
    Refused { place: String, reason: String },
    #[error(
        "the database was last used by a newer Parlance (its schema has step {0}, unknown here). \
         Start that version, or restore a backup made before it"
    )]
    NewerSchema(i64),
    #[error(
        "the database was last used by an older Parlance. Start this version's server once, then try again"
    )]
    OlderSchema,
    #[error("there is no database at {}. Check PARLANCE_DATA_DIR and DATABASE_URL", path.display())]
    Nothing { path: PathBuf },
    #[error("the database could not be brought up to date: {0}")]
    Migration(String),
}

/// Opens the data, brings its schema up to date, and claims it for this process.
///
/// # Errors
/// See [`OpenError`]; no text of it holds the password of the address.
pub async fn open(config: &StoreConfig) -> Result<Opened, OpenError> {
    let target =
        Target::parse(config.url.as_deref(), &config.data_dir).map_err(OpenError::BadUrl)?;
    place::make(&config.data_dir)?;
    match target {
        Target::Sqlite { file } => {
            if [sqlite::JOURNAL_FILE]
                .iter()
                .chain(&place::FILES)
                .any(|name| {
                    file.file_name()
                        .is_some_and(|own| own.eq_ignore_ascii_case(name))
                })
            {
                return Err(OpenError::NameTaken { path: file });
            }
            let dir = match file.parent() {
                Some(dir) if !dir.as_os_str().is_empty() => dir.to_path_buf(),
                _ => PathBuf::from("."),
            };
            place::make(&dir)?;
            // The claim lies beside the file: two data directories must not lead to one database.
            let claim = Arc::new(place::claim(&dir)?);
            let instance = place::instance(&config.data_dir)?;
            let (read, write) = sqlite::open_main(&file).await?;
            let journal = sqlite::FileJournal::open(
                &dir.join(sqlite::JOURNAL_FILE),
                config.durability,
                claim.clone(),
            )
            .await?;
            Ok(Opened {
                shared: false,
                store: Arc::new(Database {
                    pool: Pool::Sqlite { read, write },
                    _claim: Some(claim),
                }),
                journal: Arc::new(journal),
                bus: Arc::new(Alone),
                instance,
                place: format!("SQLite {}", file.display()),
            })
        }
        Target::Postgres(options) => {
            // Here the claim guards the instance's name: a namesake would seal our replies.
            let claim = Arc::new(place::claim(&config.data_dir)?);
            let instance = place::instance(&config.data_dir)?;
            let opened = postgres::open(*options.clone(), config.durability).await?;
            let pool = Pool::Postgres {
                pool: opened.pool,
                readers: opened.readers,
                partitions: opened.partitions,
            };
            Ok(Opened {
                shared: true,
                store: Arc::new(Database {
                    pool,
                    _claim: Some(claim),
                }),
                journal: Arc::new(opened.journal),
                bus: Arc::new(opened.bus),
                instance,
                place: format!("PostgreSQL {}", address(&options)),
            })
        }
    }
}

/// Opens the data beside a server that may be running: for commands that look something up or change single rows. Claims
/// nothing and brings nothing up to date.
///
/// # Errors
/// As [`open`]; `OlderSchema` where a server of this version has never been started, `Nothing` where none has.
pub async fn open_beside(config: &StoreConfig) -> Result<Arc<dyn Store>, OpenError> {
    let target =
        Target::parse(config.url.as_deref(), &config.data_dir).map_err(OpenError::BadUrl)?;
    let pool = match target {
        Target::Sqlite { file } => {
            if !file.exists() {
                return Err(OpenError::Nothing { path: file });
            }
            let (read, write) = sqlite::open_beside(&file).await?;
            Pool::Sqlite { read, write }
        }
        Target::Postgres(options) => {
            let (pool, readers, partitions) = postgres::open_beside(*options).await?;
            Pool::Postgres {
                pool,
                readers,
                partitions,
            }
        }
    };
    Ok(Arc::new(Database { pool, _claim: None }))
}

/// Whether the steps that the database has had are those of this binary, whose last is `newest`.
pub(super) fn same_schema(found: i64, newest: i64) -> Result<(), OpenError> {
    match found.cmp(&newest) {
        std::cmp::Ordering::Equal => Ok(()),
        std::cmp::Ordering::Less => Err(OpenError::OlderSchema),
        std::cmp::Ordering::Greater => Err(OpenError::NewerSchema(found)),
    }
}

/// The last step that a database has had.
pub(super) const LAST_STEP: &str = "select max(version) from _sqlx_migrations";

/// Host, port and database, without user and password.
pub(super) fn address(options: &PgConnectOptions) -> String {
    let host = match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    };
    format!(
        "{host}/{}",
        options
            .get_database()
            .unwrap_or_else(|| options.get_username())
    )
}

/// What a failed migration means; `newest` is the last step that this binary knows.
pub(super) fn outdated(error: MigrateError, newest: i64) -> OpenError {
    match error {
        MigrateError::VersionMissing(step) if step > newest => OpenError::NewerSchema(step),
        other => OpenError::Migration(other.to_string()),
    }
}

/// What a failed connection to PostgreSQL means.
pub(super) fn unconnected(place: String, error: &Error) -> OpenError {
    match error {
        Error::Database(refusal) => OpenError::Refused {
            place,
            reason: refusal.message().to_owned(),
        },
        other => OpenError::Unreachable {
            place,
            reason: other.to_string(),
        },
    }
}
