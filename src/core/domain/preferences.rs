//! How a person wants the pages to look and behave.
//!
//! Nearly every setting is a small enumeration with a word for each choice. The word is the same in JSON, in a cookie and
//! in an attribute of the page (`data-theme="dark"`). The first choice is the default and leaves no cookie. Must not
//! enter: what a setting does.

use serde::{Deserialize, Deserializer, Serialize};

mod zone;

pub use zone::ZoneName;

/// A setting: its choices and their words, the default first.
macro_rules! setting {
    (
        $(#[$doc:meta])* $name:ident {
            $(#[$first_doc:meta])* $first:ident = $first_word:literal,
            $($(#[$choice_doc:meta])* $choice:ident = $word:literal,)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum $name {
            #[default]
            #[serde(rename = $first_word)]
            $(#[$first_doc])*
            $first,
            $(#[serde(rename = $word)] $(#[$choice_doc])* $choice,)*
        }

        impl $name {
            /// All choices, the default first.
            pub const ALL: &[Self] = &[Self::$first, $(Self::$choice),*];

            /// The word of this choice.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self {
                    Self::$first => $first_word,
                    $(Self::$choice => $word,)*
                }
            }

            /// The choice that this word stands for.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|choice| choice.word() == word)
            }
        }
    };
}

setting! {
    /// A language that the pages are written in, as a BCP 47 tag.
    Language {
        En = "en",
        ZhCn = "zh-CN",
    }
}

setting! {
    /// Light, dark, or as the system has it.
    Theme {
        System = "system",
        Light = "light",
        Dark = "dark",
    }
}

setting! {
    /// The colour of links, focus and the one primary thing on a page.
    Accent {
        Indigo = "indigo",
        Pine = "pine",
        Plum = "plum",
        Ochre = "ochre",
    }
}

setting! {
    /// How large the text is; multiplies what the browser has.
    TextSize {
        Medium = "medium",
        Small = "small",
        Large = "large",
        Largest = "largest",
    }
}

setting! {
    /// How much room there is between things.
    Density {
        Comfortable = "comfortable",
        Compact = "compact",
    }
}

setting! {
    /// How wide a line of a conversation may become.
    Width {
        Normal = "normal",
        Wide = "wide",
    }
}

setting! {
    /// Whether things move.
    Motion {
        System = "system",
        Reduced = "reduced",
    }
}

setting! {
    /// How a reply appears while it is written.
    Streaming {
        /// Evenly, however it arrives.
        Smooth = "smooth",
        /// As it arrives.
        Raw = "raw",
        /// When it is complete.
        AtOnce = "at-once",
    }
}

/// All settings of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Preferences {
    /// `null`: what the browser asks for.
    pub locale: Option<Language>,
    /// `null`: that of the browser.
    pub time_zone: Option<ZoneName>,
    pub theme: Theme,
    pub accent: Accent,
    pub text_size: TextSize,
    pub density: Density,
    pub width: Width,
    pub motion: Motion,
    /// Whether Enter sends; else it begins a new line, and Ctrl+Enter sends.
    pub enter_sends: bool,
    pub streaming: Streaming,
    /// Whether the keyboard shortcuts are switched off.
    pub shortcuts_off: bool,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            locale: None,
            time_zone: None,
            theme: Theme::default(),
            accent: Accent::default(),
            text_size: TextSize::default(),
            density: Density::default(),
            width: Width::default(),
            motion: Motion::default(),
            enter_sends: true,
            streaming: Streaming::default(),
            shortcuts_off: false,
        }
    }
}

/// What is to be different; whatever is absent stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PreferencesChange {
    /// `null`: what the browser asks for.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Language>))]
    pub locale: Option<Option<Language>>,
    /// `null`: that of the browser. One that nobody knows counts as `null`.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<ZoneName>))]
    pub time_zone: Option<Option<ZoneName>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub theme: Option<Theme>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accent: Option<Accent>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text_size: Option<TextSize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub density: Option<Density>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<Width>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub motion: Option<Motion>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enter_sends: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub streaming: Option<Streaming>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shortcuts_off: Option<bool>,
}

/// What is there is there, `null` too.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    source: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(source).map(Some)
}

impl PreferencesChange {
    /// Whether everything stays as it is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl From<Preferences> for PreferencesChange {
    /// Everything as in `whole`.
    fn from(whole: Preferences) -> Self {
        Self {
            locale: Some(whole.locale),
            time_zone: Some(whole.time_zone),
            theme: Some(whole.theme),
            accent: Some(whole.accent),
            text_size: Some(whole.text_size),
            density: Some(whole.density),
            width: Some(whole.width),
            motion: Some(whole.motion),
            enter_sends: Some(whole.enter_sends),
            streaming: Some(whole.streaming),
            shortcuts_off: Some(whole.shortcuts_off),
        }
    }
}

impl Preferences {
    /// These, changed.
    #[must_use]
    pub fn with(self, change: &PreferencesChange) -> Self {
        Self {
            locale: change.locale.unwrap_or(self.locale),
            time_zone: change.time_zone.clone().unwrap_or(self.time_zone),
            theme: change.theme.unwrap_or(self.theme),
            accent: change.accent.unwrap_or(self.accent),
            text_size: change.text_size.unwrap_or(self.text_size),
            density: change.density.unwrap_or(self.density),
            width: change.width.unwrap_or(self.width),
            motion: change.motion.unwrap_or(self.motion),
            enter_sends: change.enter_sends.unwrap_or(self.enter_sends),
            streaming: change.streaming.unwrap_or(self.streaming),
            shortcuts_off: change.shortcuts_off.unwrap_or(self.shortcuts_off),
        }
    }

    /// What is stored as a JSON object. Settings and choices that this version does not know are passed over, one by
    /// one: another version may have written them.
    #[must_use]
    pub fn read(json: &str) -> Self {
        let stored: serde_json::Map<_, _> = serde_json::from_str(json).unwrap_or_default();
        stored.into_iter().fold(Self::default(), |so_far, entry| {
            let one = serde_json::Value::Object(serde_json::Map::from_iter([entry]));
            match serde_json::from_value::<PreferencesChange>(one) {
                Ok(change) => so_far.with(&change),
                Err(_) => so_far,
            }
        })
    }

    /// Name and word of every setting; no word for a default. The names are those of cookies and, after `data-`, of
    /// attributes of the page.
    #[must_use]
    pub fn words(&self) -> [(&'static str, Option<&str>); 11] {
        fn unless<T: Default + PartialEq>(
            choice: T,
            word: fn(T) -> &'static str,
        ) -> Option<&'static str> {
            (choice != T::default()).then(|| word(choice))
        }
        [
            ("locale", self.locale.map(Language::word)),
            ("zone", self.time_zone.as_ref().map(ZoneName::as_str)),
            ("theme", unless(self.theme, Theme::word)),
            ("accent", unless(self.accent, Accent::word)),
            ("size", unless(self.text_size, TextSize::word)),
            ("density", unless(self.density, Density::word)),
            ("width", unless(self.width, Width::word)),
            ("motion", unless(self.motion, Motion::word)),
            ("enter", (!self.enter_sends).then_some("newline")),
            ("streaming", unless(self.streaming, Streaming::word)),
            ("shortcuts", self.shortcuts_off.then_some("off")),
        ]
    }

    /// The settings that these words stand for; what is absent or unknown is the default. The other way of
    /// [`Self::words`].
    #[must_use]
    pub fn from_words(word: impl Fn(&str) -> Option<String>) -> Self {
        fn read<T: Default>(word: Option<String>, from: fn(&str) -> Option<T>) -> T {
            word.as_deref().and_then(from).unwrap_or_default()
        }
        Self {
            locale: word("locale").as_deref().and_then(Language::from_word),
            time_zone: word("zone").as_deref().and_then(ZoneName::parse),
            theme: read(word("theme"), Theme::from_word),
            accent: read(word("accent"), Accent::from_word),
            text_size: read(word("size"), TextSize::from_word),
            density: read(word("density"), Density::from_word),
            width: read(word("width"), Width::from_word),
            motion: read(word("motion"), Motion::from_word),
            enter_sends: word("enter").as_deref() != Some("newline"),
            streaming: read(word("streaming"), Streaming::from_word),
            shortcuts_off: word("shortcuts").as_deref() == Some("off"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unusual() -> Preferences {
        Preferences {
            locale: Some(Language::ZhCn),
            time_zone: ZoneName::parse("America/Argentina/Buenos_Aires"),
            theme: Theme::Dark,
            accent: Accent::Plum,
            text_size: TextSize::Largest,
            density: Density::Compact,
            width: Width::Wide,
            motion: Motion::Reduced,
            enter_sends: false,
            streaming: Streaming::AtOnce,
            shortcuts_off: true,
        }
    }

    #[test]
    fn what_is_written_is_read() {
        for all in [unusual(), Preferences::default()] {
            let json = serde_json::to_string(&PreferencesChange::from(all.clone())).unwrap();
            assert_eq!(Preferences::read(&json), all);
            let words = all.words();
            let word = |name: &str| {
                let (_, word) = words.iter().find(|(known, _)| *known == name)?;
                word.map(str::to_owned)
            };
            assert_eq!(Preferences::from_words(word), all);
        }
        assert!(unusual().words().iter().all(|(_, word)| word.is_some()));
        assert!(
            Preferences::default()
                .words()
                .iter()
                .all(|(_, word)| word.is_none())
        );
    }

    #[test]
    fn what_another_version_wrote_spoils_nothing() {
        let read = Preferences::read(
            r#"{"theme":"sepia","density":"compact","enter_sends":"yes","wallpaper":[1],"locale":null,"time_zone":"a b"}"#,
        );
        let compact = Preferences {
            density: Density::Compact,
            ..Preferences::default()
        };
        assert_eq!(read, compact);
        for rubbish in ["", "null", "[]", "{\"theme\":", "7"] {
            assert_eq!(Preferences::read(rubbish), Preferences::default());
        }
        assert_eq!(
            Preferences::from_words(|_| Some("\"><script>".to_owned())),
            Preferences::default()
        );
    }

    #[test]
    fn a_change_leaves_the_rest_alone() {
        let change: PreferencesChange =
            serde_json::from_str(r#"{"theme":"light","locale":null}"#).unwrap();
        assert_eq!(change.locale, Some(None));
        let changed = unusual().with(&change);
        assert_eq!((changed.theme, changed.locale), (Theme::Light, None));
        assert_eq!(changed.density, Density::Compact);
        assert!(PreferencesChange::default().is_empty() && !change.is_empty());
        assert_eq!(
            serde_json::to_string(&change).unwrap(),
            r#"{"locale":null,"theme":"light"}"#
        );
    }
}
