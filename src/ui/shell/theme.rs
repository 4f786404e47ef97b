//! Light, dark, or as the system has it. The reader's choice is a cookie, so the first paint is right already.

/// The reader's choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    System,
    Light,
    Dark,
}

/// `--bg` of both themes in sRGB: the browser's own bar takes no CSS variable.
const PAPER: [&str; 2] = ["#fbfaf7", "#14171d"];

impl Theme {
    pub fn from_cookie(cookie: Option<&str>) -> Self {
        match cookie {
            Some("light") => Self::Light,
            Some("dark") => Self::Dark,
            _ => Self::System,
        }
    }

    /// For `<html data-theme>`.
    pub fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// For `<meta name=color-scheme>`: no white flash before the style arrives.
    pub fn schemes(self) -> &'static str {
        match self {
            Self::System => "light dark",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Colours of the browser's bar on a light and on a dark system.
    pub fn bar_colours(self) -> [&'static str; 2] {
        let [light, dark] = PAPER;
        match self {
            Self::System => [light, dark],
            Self::Light => [light, light],
            Self::Dark => [dark, dark],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Theme;

    #[test]
    fn an_unknown_choice_is_the_systems() {
        assert_eq!(Theme::from_cookie(Some("\"><script>")), Theme::System);
        assert_eq!(
            Theme::from_cookie(Some("dark")).bar_colours(),
            ["#14171d", "#14171d"]
        );
    }
}
