//! Names of time zones. Must not enter: which zones there are, and what their clocks show.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Longest name, bytes; the database's own are half as long.
const MAX_BYTES: usize = 64;

/// The name of a time zone as the IANA database writes such names: `Asia/Shanghai`. It is well formed; whether there is
/// such a zone is for those to say who have the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, example = "Asia/Shanghai"))]
pub struct ZoneName(String);

/// Why a text is no name of a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoZone;

impl fmt::Display for NoZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not the name of a time zone")
    }
}

impl ZoneName {
    /// The name, if it may be one.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'+' | b'-');
        let part = |part: &str| !part.is_empty() && part.bytes().all(letter);
        let fits = name.len() <= MAX_BYTES && name.split('/').all(part);
        fits.then(|| Self(name.to_owned()))
    }

    /// The name as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ZoneName {
    type Error = NoZone;

    fn try_from(name: String) -> Result<Self, NoZone> {
        Self::parse(&name).ok_or(NoZone)
    }
}

impl From<ZoneName> for String {
    fn from(name: ZoneName) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_fits_into_a_cookie_and_an_attribute_as_it_is() {
        for name in [
            "UTC",
            "Asia/Shanghai",
            "America/Argentina/Buenos_Aires",
            "Etc/GMT+8",
        ] {
            assert_eq!(
                ZoneName::parse(name).map(String::from).as_deref(),
                Some(name)
            );
        }
        let long = "a".repeat(MAX_BYTES + 1);
        for rubbish in [
            "", "/", "Asia/", "/etc", "Asia//x", "../etc", "a b", "a;b", "a\"b", "上海", &long,
        ] {
            assert_eq!(ZoneName::parse(rubbish), None, "{rubbish}");
        }
    }
}
