//! Several reads in one message, all of one moment: the way there and back is gone once, on one connection.
//!
//! The statements of one simple query are one transaction, which its first statement makes a snapshot (PostgreSQL's
//! protocol, §55.2.2.1). Such a message has no parameters, so values stand in its text: ids and numbers, and nothing
//! that anybody wrote can become one. Where the statements were prepared they are asked by name, which spares the
//! database half of the work.

use std::{fmt::Write, vec};

use futures::TryStreamExt;
use sqlx::{AssertSqlSafe, Either, Error, FromRow, PgConnection, postgres::PgRow};
use uuid::Uuid;

const SNAPSHOT: &str = "set transaction isolation level repeatable read, read only";
/// SQLSTATE `invalid_sql_statement_name`: not prepared on this connection.
const UNKNOWN_NAME: &str = "26000";

/// What stands in the place of a parameter.
#[derive(Clone)]
pub(in super::super) struct Literal(String);

impl From<Uuid> for Literal {
    fn from(id: Uuid) -> Self {
        Self(format!("'{id}'::uuid"))
    }
}

impl From<i64> for Literal {
    fn from(number: i64) -> Self {
        Self(format!("({number})::bigint"))
    }
}

impl Literal {
    /// The one value that `statement` finds, or null.
    pub(in super::super) fn answer(statement: &'static str, values: &[Self]) -> Self {
        Self(format!("({})", filled(statement, values)))
    }
}

/// A statement with literals, or with the parameters of a prepared one.
pub(in super::super) struct Statement(String);

impl Statement {
    /// `statement` with `values` for `$1`, `$2` and so on.
    pub(in super::super) fn of(statement: &'static str, values: &[Literal]) -> Self {
        Self(filled(statement, values))
    }
}

/// `M` statements to be asked at once, of `N` values.
pub(in super::super) struct Glance<const N: usize, const M: usize> {
    /// Under which they are prepared.
    pub(in super::super) name: &'static str,
    pub(in super::super) types: [&'static str; N],
    pub(in super::super) statements: fn([Literal; N]) -> [Statement; M],
}

/// Their rows, in the order of the statements.
pub(in super::super) struct Seen(vec::IntoIter<Vec<PgRow>>);

impl<const N: usize, const M: usize> Glance<N, M> {
    /// Prepares the statements on a connection.
    pub(in super::super) async fn prepare(&self, db: &mut PgConnection) -> Result<(), Error> {
        let types = self.types.join(", ");
        let places = std::array::from_fn(|place| Literal(format!("${}", place + 1)));
        let mut text = String::new();
        for (number, statement) in (self.statements)(places).iter().enumerate() {
            // Writing into a text cannot fail.
            let _ = write!(
                text,
                "prepare {}_{number} ({types}) as {}; ",
                self.name, statement.0
            );
        }
        sqlx::raw_sql(AssertSqlSafe(text)).execute(db).await?;
        Ok(())
    }

    /// Asks with these values.
    pub(in super::super) async fn at(
        &self,
        db: &mut PgConnection,
        values: [Literal; N],
    ) -> Result<Seen, Error> {
        let given = values.each_ref().map(|value| &*value.0).join(", ");
        let by_name: [String; M] =
            std::array::from_fn(|number| format!("execute {}_{number}({given})", self.name));
        match ask(db, &by_name).await {
            Err(Error::Database(refusal)) if refusal.code().as_deref() == Some(UNKNOWN_NAME) => {
                let in_full = (self.statements)(values).map(|statement| statement.0);
                ask(db, &in_full).await
            }
            seen => seen,
        }
    }
}

async fn ask(db: &mut PgConnection, statements: &[String]) -> Result<Seen, Error> {
    let text = AssertSqlSafe(format!("{SNAPSHOT}; {}", statements.join("; ")));
    let mut parts = sqlx::raw_sql(text).fetch_many(db);
    let (mut answers, mut rows) = (Vec::new(), Vec::new());
    while let Some(part) = parts.try_next().await? {
        match part {
            Either::Right(row) => rows.push(row),
            Either::Left(_) => answers.push(std::mem::take(&mut rows)),
        }
    }
    let mut answers = answers.into_iter();
    // That of the snapshot.
    answers.next();
    Ok(Seen(answers))
}

impl Seen {
    /// The rows of the next statement.
    pub(in super::super) fn next<T>(&mut self) -> Result<Vec<T>, Error>
    where
        T: for<'r> FromRow<'r, PgRow>,
    {
        let rows = self.0.next().ok_or(Error::RowNotFound)?;
        rows.iter().map(T::from_row).collect()
    }
}

/// `statement` with `values` in the place of its parameters.
fn filled(statement: &'static str, values: &[Literal]) -> String {
    let mut pieces = statement.split('$');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let digits = piece.len() - piece.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, rest) = piece.split_at(digits);
        let place = number.parse::<usize>().ok();
        match place.and_then(|place| values.get(place.checked_sub(1)?)) {
            Some(value) => text.push_str(&value.0),
            // The database refuses it, and says which.
            None => text.extend(["$", number]),
        }
        text.push_str(rest);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_where_their_parameters_stood() {
        let id = Uuid::nil();
        let own = Literal::answer("select id from c where id = $1", &[id.into()]);
        let text = filled(
            "select $2, $1 from m where c = $1 limit $10",
            &[own, (-1).into()],
        );
        assert_eq!(
            text,
            "select (-1)::bigint, (select id from c where id = '00000000-0000-0000-0000-000000000000'::uuid) \
             from m where c = (select id from c where id = '00000000-0000-0000-0000-000000000000'::uuid) limit $10"
        );
    }
}
