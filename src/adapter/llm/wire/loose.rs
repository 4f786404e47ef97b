//! JSON whose shape nobody vouches for, read in one pass into what is wanted of it: what has another
//! type than expected counts as absent, and of members of one name the last counts. Readers that serde
//! derives fail as a whole on either. Knows no provider's format.

use std::{borrow::Cow, fmt, marker::PhantomData};

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// What becomes of a JSON value of each type. Types that are not listed read as the default.
pub(crate) trait Shape<'de>: Default {
    fn text(_: Cow<'de, str>) -> Self {
        Self::default()
    }

    fn flag(_: bool) -> Self {
        Self::default()
    }

    /// A whole number that is not negative.
    fn count(_: i64) -> Self {
        Self::default()
    }

    fn list<A: SeqAccess<'de>>(mut items: A) -> Result<Self, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }

    /// An object before its first member.
    fn object() -> Self {
        Self::default()
    }

    /// Reads or skips the value of one member.
    fn member<A: MapAccess<'de>>(&mut self, _: &str, members: &mut A) -> Result<(), A::Error> {
        skip(members)
    }
}

/// One JSON value by the rules of its [`Shape`].
#[derive(Debug)]
pub(crate) struct Loose<T>(pub(crate) T);

/// The value of the member whose name was just read.
pub(crate) fn value<'de, T: Shape<'de>, A: MapAccess<'de>>(members: &mut A) -> Result<T, A::Error> {
    members.next_value::<Loose<T>>().map(|value| value.0)
}

/// Passes over the value of the member whose name was just read.
pub(crate) fn skip<'de, A: MapAccess<'de>>(members: &mut A) -> Result<(), A::Error> {
    members.next_value::<IgnoredAny>().map(drop)
}

impl<'de, T: Shape<'de>> Deserialize<'de> for Loose<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader(PhantomData)).map(Self)
    }
}

struct Reader<T>(PhantomData<T>);

impl<'de, T: Shape<'de>> Visitor<'de> for Reader<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_bool<E>(self, flag: bool) -> Result<T, E> {
        Ok(T::flag(flag))
    }

    fn visit_f64<E>(self, _: f64) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<T, E> {
        // `serde_json` gives only negative numbers so.
        Ok(T::default())
    }

    fn visit_u64<E>(self, number: u64) -> Result<T, E> {
        Ok(i64::try_from(number).map_or_else(|_| T::default(), T::count))
    }

    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(T::text(Cow::Owned(text.to_owned())))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<T, E> {
        Ok(T::text(Cow::Borrowed(text)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<T, A::Error> {
        T::list(items)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<T, A::Error> {
        let mut object = T::object();
        while let Some(Loose(name)) = members.next_key::<Loose<Cow<'de, str>>>()? {
            object.member(&name, &mut members)?;
        }
        Ok(object)
    }
}

impl<'de> Shape<'de> for Cow<'de, str> {
    fn text(text: Cow<'de, str>) -> Self {
        text
    }
}

impl<'de> Shape<'de> for String {
    fn text(text: Cow<'de, str>) -> Self {
        text.into_owned()
    }
}

impl Shape<'_> for bool {
    fn flag(flag: bool) -> Self {
        flag
    }
}

impl Shape<'_> for Option<i64> {
    fn count(number: i64) -> Self {
        Some(number)
    }
}

impl<'de, T: Shape<'de>> Shape<'de> for Vec<T> {
    fn list<A: SeqAccess<'de>>(mut items: A) -> Result<Self, A::Error> {
        let mut list = Self::new();
        while let Some(Loose(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, PartialEq)]
    struct Pair {
        word: String,
        number: Option<i64>,
        pairs: Vec<Pair>,
    }

    impl<'de> Shape<'de> for Pair {
        fn member<A: MapAccess<'de>>(
            &mut self,
            name: &str,
            members: &mut A,
        ) -> Result<(), A::Error> {
            match name {
                "word" => self.word = value(members)?,
                "number" => self.number = value(members)?,
                "pairs" => self.pairs = value(members)?,
                _ => skip(members)?,
            }
            Ok(())
        }
    }

    fn pair(text: &str) -> Option<Pair> {
        serde_json::from_str(text).ok().map(|Loose(pair)| pair)
    }

    #[test]
    fn what_has_another_type_than_expected_counts_as_absent() {
        for odd in [
            "5",
            "-5",
            "5.5",
            "1e99",
            "true",
            "null",
            "\"x\"",
            "[]",
            "[1,{\"word\":\"x\"}]",
            "{}",
            r#"{"word":{"word":["x"]},"number":"5","pairs":{"word":"x"}}"#,
            r#"{"word":1,"number":-1,"pairs":2,"more":[{"word":"x"}]}"#,
            r#"{"word":[null],"number":18446744073709551615}"#,
        ] {
            assert_eq!(pair(odd), Some(Pair::default()), "{odd}");
        }
    }

    #[test]
    fn reads_escapes_in_names_and_values_and_the_last_of_two() {
        let expected = Pair {
            word: "a\nb".to_owned(),
            number: Some(7),
            pairs: vec![Pair::default(), Pair::default()],
        };
        let text = r#" {"word":"first","w\u006frd":"a\nb","number":7,"pairs":[5,{}]} "#;
        assert_eq!(pair(text), Some(expected));
    }

    #[test]
    fn what_is_no_json_is_an_error() {
        for text in [
            "",
            "{",
            "{\"word\":\"a",
            "{} {}",
            "nonsense",
            "{\"more\":[1,}",
        ] {
            assert_eq!(pair(text), None, "{text}");
        }
    }
}
