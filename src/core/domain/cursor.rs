//! The cursor of a viewer: how far it has seen a conversation.
//!
//! `rev:generation:seq`, never a bare number, because a bare number could meet the next generation.
//! Opaque to clients; a text that does not parse is no error but means "start anew".

use std::{fmt, str::FromStr};

use super::GenerationId;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const SHORT_LEN: usize = 10;

/// Ten base-32 characters (Crockford's alphabet, lower case) of a generation id's random bits:
/// enough to tell the generations of one conversation apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ShortId([u8; SHORT_LEN]);

impl ShortId {
    /// The characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Every byte is taken from ALPHABET or checked against it, hence ASCII.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl From<GenerationId> for ShortId {
    fn from(id: GenerationId) -> Self {
        let bits = id.0.as_u128();
        Self(std::array::from_fn(|place| {
            ALPHABET[(bits >> (5 * place)) as usize & 31]
        }))
    }
}

impl fmt::Display for ShortId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ShortId {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes: [u8; SHORT_LEN] = text.as_bytes().try_into().map_err(|_| BadCursor)?;
        if bytes.iter().all(|byte| ALPHABET.contains(byte)) {
            Ok(Self(bytes))
        } else {
            Err(BadCursor)
        }
    }
}

/// A text that is no cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor")]
pub struct BadCursor;

/// How far a viewer has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// Durable changes seen.
    pub rev: u64,
    /// The generation that `seq` counts in; `None` when there was none.
    pub generation: Option<ShortId>,
    /// Frames seen of it.
    pub seq: u64,
}

impl Cursor {
    /// A position on `generation`.
    #[must_use]
    pub fn on(rev: u64, generation: GenerationId, seq: u64) -> Self {
        Self {
            rev,
            generation: Some(generation.into()),
            seq,
        }
    }

    /// A position in a conversation where nothing has run.
    #[must_use]
    pub fn idle(rev: u64) -> Self {
        Self {
            rev,
            generation: None,
            seq: 0,
        }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.rev)?;
        if let Some(generation) = self.generation {
            write!(f, "{generation}")?;
        }
        write!(f, ":{}", self.seq)
    }
}

impl FromStr for Cursor {
    type Err = BadCursor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = |digits: &str| {
            let plain =
                (1..=14).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
            if plain {
                digits.parse::<u64>().map_err(|_| BadCursor)
            } else {
                Err(BadCursor)
            }
        };
        let mut fields = text.split(':');
        let (Some(rev), Some(generation), Some(seq), None) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            return Err(BadCursor);
        };
        let generation = if generation.is_empty() {
            None
        } else {
            Some(generation.parse()?)
        };
        Ok(Self {
            rev: number(rev)?,
            generation,
            seq: number(seq)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn reads_back_what_it_wrote(rev in 0u64..99_999_999_999_999, bits: u128, seq in 0u64..9_999_999, some: bool) {
            let id = GenerationId(uuid::Uuid::from_u128(bits));
            let cursor = if some { Cursor::on(rev, id, seq) } else { Cursor { rev, generation: None, seq } };
            let text = cursor.to_string();
            prop_assert!(text.len() <= 40);
            prop_assert_eq!(text.parse::<Cursor>().unwrap(), cursor);
        }

        #[test]
        fn never_panics_on_rubbish(text in ".{0,60}") {
            let _ = text.parse::<Cursor>();
        }
    }

    #[test]
    fn refuses_what_only_looks_like_one() {
        for text in [
            "",
            "1",
            "1:2",
            "::",
            "1:k7f2m9qd3x",
            "1:k7f2m9qd3x:",
            "-1::0",
            "1:UPPERCASE0:1",
            "1::0:0",
            "+1::0",
        ] {
            assert!(text.parse::<Cursor>().is_err(), "{text}");
        }
        assert_eq!("17::0".parse::<Cursor>().unwrap(), Cursor::idle(17));
    }
}
