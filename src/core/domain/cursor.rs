//! The cursor of a viewer: how far it has seen a conversation.
//!
//! `rev:generation:seq`, never a bare number, because a bare number could meet the next generation.
//! Opaque to clients; a text that does not parse is no error but means "start anew".

use std::{fmt, str::FromStr};

use super::{
    GenerationId, Lane,
    lane::{FIRST, LANES},
};

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

/// How far a viewer has seen each lane of a conversation: the lanes' cursors in order, joined by `.`. With one lane it
/// is that cursor's own text. A lane of which nothing was seen has an empty place, and is begun anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position([Option<Cursor>; LANES]);

impl Position {
    /// What was seen of a lane.
    #[must_use]
    pub fn of(&self, lane: Lane) -> Option<Cursor> {
        self.0.get(usize::from(lane)).copied().flatten()
    }

    /// Notes what was seen of a lane. There are no lanes beyond the last.
    pub fn set(&mut self, lane: Lane, cursor: Option<Cursor>) {
        if let Some(place) = self.0.get_mut(usize::from(lane)) {
            *place = cursor;
        }
    }

    /// Durable changes seen in every lane of which anything was.
    #[must_use]
    pub fn rev(&self) -> Option<u64> {
        self.0.iter().flatten().map(|cursor| cursor.rev).min()
    }
}

impl From<Cursor> for Position {
    fn from(first: Cursor) -> Self {
        let mut position = Self::default();
        position.set(FIRST, Some(first));
        position
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lanes = self
            .0
            .iter()
            .rposition(Option::is_some)
            .map_or(0, |last| last + 1);
        for (lane, cursor) in self.0[..lanes].iter().enumerate() {
            if lane > 0 {
                f.write_str(".")?;
            }
            if let Some(cursor) = cursor {
                cursor.fmt(f)?;
            }
        }
        Ok(())
    }
}

impl FromStr for Position {
    type Err = BadCursor;

    /// A lane's part that is no cursor stands for nothing seen of that lane.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut position = Self::default();
        for (lane, part) in text.split('.').enumerate() {
            *position.0.get_mut(lane).ok_or(BadCursor)? = part.parse().ok();
        }
        if position == Self::default() {
            return Err(BadCursor);
        }
        Ok(position)
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
            let _ = text.parse::<Position>();
        }

        #[test]
        fn a_position_reads_back_what_it_wrote(seen in proptest::array::uniform3(proptest::option::of((0u64..999, any::<u128>(), 0u64..999)))) {
            let mut position = Position::default();
            for (lane, seen) in (0..).zip(seen) {
                let on = |(rev, bits, seq)| Cursor::on(rev, GenerationId(uuid::Uuid::from_u128(bits)), seq);
                position.set(lane, seen.map(on));
            }
            let read = position.to_string().parse::<Position>();
            prop_assert_eq!(read.ok(), seen.iter().any(Option::is_some).then_some(position));
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

    #[test]
    fn a_position_in_one_lane_is_its_cursor_and_every_other_lane_has_a_part() {
        let one = Position::from(Cursor::idle(17));
        assert_eq!(one.to_string(), "17::0");
        assert_eq!("17::0".parse(), Ok(one));
        let mut two = one;
        two.set(2, Some(Cursor::idle(18)));
        assert_eq!(two.to_string(), "17::0..18::0");
        assert_eq!(
            "17::0.k7.18::0".parse(),
            Ok(two),
            "of the second lane nothing is known"
        );
        assert_eq!((two.of(0), two.of(1)), (Some(Cursor::idle(17)), None));
        assert_eq!((two.rev(), Position::default().rev()), (Some(17), None));
        for text in ["", ".", "k7", "1::0.1::0.1::0.1::0"] {
            assert_eq!(text.parse::<Position>(), Err(BadCursor), "{text}");
        }
    }
}
