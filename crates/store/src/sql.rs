//! SQL with its values: the few functions that every query of this crate goes through.
//!
//! Prepared statements are cached by their text, so text never contains values: those are always bound.

use api_types::MaybeKnown;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, Value, ValueRef};
use rusqlite::{Params, Row, ToSql, params_from_iter};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::{Cursor, Db, Error, Millis, Result};

/// A type that can be read from a row.
///
/// A value that the type doesn't have is [`crate::Error::Unreadable`]: impossible values aren't shown.
pub(crate) trait FromRow: Sized {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self>;
}

/// Implements [`FromRow`] for a struct whose fields are named after the row's columns. `field as Wrapper` reads the
/// column as that wrapper and unwraps it.
macro_rules! from_row {
    ($type:ty { $($field:ident $(as $wrapper:ident)?),* $(,)? }) => {
        impl $crate::sql::FromRow for $type {
            fn from_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
                let mut columns = $crate::sql::Columns::of(row);
                Ok(Self { $($field: $crate::sql::from_row!(@field columns $field $($wrapper)?)),* })
            }
        }
    };
    (@field $columns:ident $field:ident) => { $columns.get(stringify!($field))? };
    (@field $columns:ident $field:ident $wrapper:ident) => {
        $columns.get::<$crate::sql::$wrapper<_>>(stringify!($field))?.0
    };
}
pub(crate) use from_row;

/// A row's columns by name; fastest when they are read in the row's order.
pub(crate) struct Columns<'a, 'stmt> {
    row: &'a Row<'stmt>,
    next: usize,
}

impl<'a, 'stmt> Columns<'a, 'stmt> {
    pub(crate) fn of(row: &'a Row<'stmt>) -> Self {
        Self { row, next: 0 }
    }

    pub(crate) fn get<T: FromSql>(&mut self, name: &str) -> rusqlite::Result<T> {
        let statement = self.row.as_ref();
        let at = match statement.column_name(self.next) {
            Ok(next) if next == name => self.next,
            _ => statement.column_index(name)?,
        };
        self.next = at + 1;
        self.row.get(at)
    }
}

/// A value of an enumeration, by its name.
pub(crate) struct Named<T>(pub(crate) T);

impl<T: api_types::Named> FromSql for Named<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        T::from_name(value.as_str()?).map(Self).ok_or(FromSqlError::InvalidType)
    }
}

/// A value of an enumeration, by its name, which a newer program may have added; optional where the column may be NULL.
pub(crate) struct NamedIfKnown<T>(pub(crate) T);

impl<T: api_types::Named> FromSql for NamedIfKnown<MaybeKnown<T>> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Ok(Self(value.as_str()?.to_owned().into()))
    }
}

impl<T: api_types::Named> FromSql for NamedIfKnown<Option<MaybeKnown<T>>> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Ok(Self(value.as_str_or_null()?.map(|name| name.to_owned().into())))
    }
}

/// A value stored as JSON; `None` where the column is NULL.
pub(crate) struct Json<T>(pub(crate) Option<T>);

impl<T: DeserializeOwned> FromSql for Json<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let text = value.as_str_or_null()?;
        text.map(serde_json::from_str).transpose().map(Self).map_err(|_| FromSqlError::InvalidType)
    }
}

/// How many digits a code has: 4 or 6 (R6).
pub(crate) struct CodeLength<T>(pub(crate) T);

impl FromSql for CodeLength<u8> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value.as_i64()? {
            4 => Ok(Self(4)),
            6 => Ok(Self(6)),
            other => Err(FromSqlError::OutOfRange(other)),
        }
    }
}

/// A point in time that can be written as a date; optional where the column may be NULL.
pub(crate) struct Moment<T>(pub(crate) T);

impl FromSql for Moment<Millis> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let millis = value.as_i64()?;
        jiff::Timestamp::from_millisecond(millis).map(|_| Self(millis)).map_err(|_| FromSqlError::OutOfRange(millis))
    }
}

impl FromSql for Moment<Option<Millis>> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Ok(Self(Option::<Moment<Millis>>::column_result(value)?.map(|moment| moment.0)))
    }
}

macro_rules! from_row_of_values {
    ($($value:ident $position:tt),*) => {
        impl<$($value: FromSql),*> FromRow for ($($value,)*) {
            fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
                Ok(($(row.get::<_, $value>($position)?,)*))
            }
        }
    };
}
from_row_of_values!(A 0);
from_row_of_values!(A 0, B 1);
from_row_of_values!(A 0, B 1, C 2);
from_row_of_values!(A 0, B 1, C 2, D 3);
from_row_of_values!(A 0, B 1, C 2, D 3, E 4);

/// Every row.
pub(crate) fn all<T: FromRow>(db: &Db, sql: &str, params: impl Params) -> Result<Vec<T>> {
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map(params, T::from_row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Every readable row, for a list in which one damaged record must not hide all the others. The program's log names
/// those that can't be read.
pub(crate) fn all_readable<T: FromRow>(db: &Db, sql: &str, params: impl Params) -> Result<Vec<T>> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut readable = Vec::new();
    while let Some(row) = rows.next()? {
        readable.extend(read_or_skip(row)?);
    }
    Ok(readable)
}

/// Reads a row; `None`, and a line in the program's log, if it can't be read.
fn read_or_skip<T: FromRow>(row: &Row<'_>) -> Result<Option<T>> {
    match T::from_row(row).map_err(Error::from) {
        Ok(record) => Ok(Some(record)),
        Err(error) if error.is_single_record() => {
            let id = row.get::<_, Uuid>("id").map(|id| id.to_string()).unwrap_or_default();
            tracing::error!(%error, %id, "a record was left out of a list");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// The first row, if there is one.
pub(crate) fn optional<T: FromRow>(db: &Db, sql: &str, params: impl Params) -> Result<Option<T>> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    Ok(rows.next()?.map(T::from_row).transpose()?)
}

/// The first row, which must exist.
pub(crate) fn one<T: FromRow>(db: &Db, sql: &str, params: impl Params) -> Result<T> {
    optional(db, sql, params)?.ok_or_else(|| rusqlite::Error::QueryReturnedNoRows.into())
}

/// The first value of every row.
pub(crate) fn values<T: FromSql>(db: &Db, sql: &str, params: impl Params) -> Result<Vec<T>> {
    Ok(all::<(T,)>(db, sql, params)?.into_iter().map(|(value,)| value).collect())
}

/// The `id` of every row whose id can be read.
pub(crate) fn ids<Id: FromSql>(db: &Db, sql: &str, params: impl Params) -> Result<Vec<Id>> {
    Ok(all_readable::<(Id,)>(db, sql, params)?.into_iter().map(|(id,)| id).collect())
}

/// The first value of the first row, if there is one.
pub(crate) fn optional_value<T: FromSql>(db: &Db, sql: &str, params: impl Params) -> Result<Option<T>> {
    Ok(optional::<(T,)>(db, sql, params)?.map(|(value,)| value))
}

/// The first value of the first row, which must exist.
pub(crate) fn value<T: FromSql>(db: &Db, sql: &str, params: impl Params) -> Result<T> {
    Ok(one::<(T,)>(db, sql, params)?.0)
}

/// Executes a statement; returns how many rows it changed.
pub(crate) fn execute(db: &Db, sql: &str, params: impl Params) -> Result<usize> {
    Ok(db.prepare_cached(sql)?.execute(params)?)
}

/// A query built from parts, with its values. The parts are the program's own text, never a request's.
#[derive(Clone, Debug, Default)]
pub struct Query {
    text: String,
    values: Vec<Value>,
}

impl Query {
    /// A query that starts with this text.
    pub(crate) fn new(text: &str) -> Self {
        Self { text: text.to_owned(), values: Vec::new() }
    }

    /// Adds text.
    pub(crate) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Adds a value.
    pub(crate) fn bind(&mut self, value: impl ToSql) -> &mut Self {
        let value = match value.to_sql().expect("values of this crate's types") {
            ToSqlOutput::Owned(value) => value,
            ToSqlOutput::Borrowed(value) => Value::try_from(value).expect("values of this crate's types"),
            _ => unreachable!("only with features of rusqlite that aren't used"),
        };
        self.text.push('?');
        self.values.push(value);
        self
    }

    /// Adds values with commas between them.
    pub(crate) fn bind_list(&mut self, values: impl IntoIterator<Item = impl ToSql>) -> &mut Self {
        for (position, value) in values.into_iter().enumerate() {
            if position > 0 {
                self.push(", ");
            }
            self.bind(value);
        }
        self
    }

    /// The text, with a `?` for each value, for the query-plan test.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The values, in the order of their `?`.
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// Every row.
    pub(crate) fn all<T: FromRow>(&self, db: &Db) -> Result<Vec<T>> {
        all(db, &self.text, params_from_iter(&self.values))
    }

    /// Like [`all_readable`].
    pub(crate) fn all_readable<T: FromRow>(&self, db: &Db) -> Result<Vec<T>> {
        all_readable(db, &self.text, params_from_iter(&self.values))
    }

    /// A page of a list: the readable ones of the first `limit` rows, and the cursor after which the next page begins,
    /// if there are more. The query must be ordered by the column `key`, then by `id`.
    pub(crate) fn page<T: FromRow>(&self, db: &Db, key: &str, limit: u32) -> Result<(Vec<T>, Option<Cursor>)> {
        let mut statement = db.prepare_cached(&self.text)?;
        let mut rows = statement.query(params_from_iter(&self.values))?;
        let mut page = Vec::new();
        let mut last = None;
        for _ in 0..limit {
            let Some(row) = rows.next()? else { return Ok((page, None)) };
            page.extend(read_or_skip(row)?);
            last = position(row, key).or(last);
        }
        let more = rows.next()?.is_some();
        Ok((page, last.filter(|_| more)))
    }

    /// Like [`ids()`].
    pub(crate) fn ids<Id: FromSql>(&self, db: &Db) -> Result<Vec<Id>> {
        ids(db, &self.text, params_from_iter(&self.values))
    }

    /// The first row, if there is one.
    pub(crate) fn optional<T: FromRow>(&self, db: &Db) -> Result<Option<T>> {
        optional(db, &self.text, params_from_iter(&self.values))
    }

    /// The first value of the first row, if there is one.
    pub(crate) fn optional_value<T: FromSql>(&self, db: &Db) -> Result<Option<T>> {
        optional_value(db, &self.text, params_from_iter(&self.values))
    }
}

/// The cursor of a row in a list; `None` if it can't be read.
fn position(row: &Row<'_>, key: &str) -> Option<Cursor> {
    let key = match row.get_ref(key).ok()? {
        ValueRef::Integer(number) => number.to_string(),
        other => other.as_str().ok()?.to_owned(),
    };
    Some(Cursor { key, id: row.get::<_, Uuid>("id").ok()?.to_string() })
}
