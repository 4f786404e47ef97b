//! What fields of all kinds must look like, and how bad ones are told: all of them at once. What one field may say stands
//! with its subject.

use std::collections::BTreeMap;

use parlance_core::domain::{FieldCode, FieldProblem};

use super::Error;

/// Refuses if anything is wrong: names of fields, and what is wrong with them.
///
/// # Errors
/// `Invalid` with every bad field.
pub(super) fn refuse<const COUNT: usize>(
    found: [(&str, Option<FieldCode>); COUNT],
) -> Result<(), Error> {
    refused(bad(found))
}

/// The same for what [`bad`] and others found.
///
/// # Errors
/// `Invalid` with every bad field.
pub(super) fn refused(fields: BTreeMap<String, FieldProblem>) -> Result<(), Error> {
    if fields.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(fields))
    }
}

/// Those fields that something is wrong with.
pub(super) fn bad<const COUNT: usize>(
    found: [(&str, Option<FieldCode>); COUNT],
) -> BTreeMap<String, FieldProblem> {
    found
        .into_iter()
        .filter_map(|(field, code)| Some((field.to_owned(), code?.into())))
        .collect()
}

/// A name of at most so many characters, in one line.
pub(super) fn name(text: &str, most: usize) -> Option<FieldCode> {
    if text.is_empty() {
        return Some(FieldCode::Required);
    }
    line(text, most)
}

/// One line of at most so many characters.
pub(super) fn line(text: &str, most: usize) -> Option<FieldCode> {
    if text.chars().count() > most {
        return Some(FieldCode::TooLong);
    }
    text.chars()
        .any(char::is_control)
        .then_some(FieldCode::Malformed)
}

/// A text of at most so many characters.
pub(super) fn text(text: &str, most: usize) -> Option<FieldCode> {
    if text.chars().count() > most {
        return Some(FieldCode::TooLong);
    }
    has_nul(text)
}

/// PostgreSQL takes no NUL in a text.
pub(super) fn has_nul(text: &str) -> Option<FieldCode> {
    text.contains('\0').then_some(FieldCode::Malformed)
}
