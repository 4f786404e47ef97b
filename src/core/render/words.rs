//! The few words that the renderer itself puts on the page: on the buttons of a code block, and as names of what scrolls.
//!
//! They are in the reader's language, so whoever renders brings them; both languages stand in the catalogue of the pages.
//! No Markdown engine here: this is part of the first bundle.

/// What stands between two words on their way into the chunk that renders.
const BETWEEN: char = '\n';
/// Where the number goes in [`Words::all`].
const NUMBER: char = '#';

/// Words for the parts of a rendered text, in one language. They are escaped like everything else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Words<'a> {
    /// The button that copies a block of code.
    pub copy: &'a str,
    /// The switch that breaks long lines of code.
    pub wrap: &'a str,
    /// The switch that unfolds a long block of code; `#` is the number of its lines.
    pub all: &'a str,
    /// Names of the boxes that scroll by themselves.
    pub code: &'a str,
    pub table: &'a str,
    pub formula: &'a str,
}

impl<'a> Words<'a> {
    /// One text for all of them, for a door that lets texts through only.
    #[must_use]
    pub fn pack(&self) -> String {
        [
            self.copy,
            self.wrap,
            self.all,
            self.code,
            self.table,
            self.formula,
        ]
        .join("\n")
    }

    /// What [`Words::pack`] packed; what is missing is empty.
    #[must_use]
    pub fn unpack(packed: &'a str) -> Self {
        let mut words = packed.split(BETWEEN);
        let mut next = || words.next().unwrap_or_default();
        Self {
            copy: next(),
            wrap: next(),
            all: next(),
            code: next(),
            table: next(),
            formula: next(),
        }
    }

    /// [`Words::all`] before and behind the number.
    #[must_use]
    pub fn around_number(&self) -> (&'a str, &'a str) {
        self.all.split_once(NUMBER).unwrap_or((self.all, ""))
    }
}

#[cfg(test)]
mod tests {
    use super::Words;

    #[test]
    fn packed_words_come_out_as_they_went_in() {
        let words = Words {
            copy: "复制",
            wrap: "Wrap",
            all: "Show all # lines",
            code: "Code",
            table: "",
            formula: "Formula",
        };
        assert_eq!(Words::unpack(&words.pack()), words);
        assert_eq!(words.around_number(), ("Show all ", " lines"));
        assert_eq!(Words::unpack(""), Words::default());
    }
}
