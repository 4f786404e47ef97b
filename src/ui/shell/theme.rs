//! What the browser must know of the theme before any style has arrived.

use parlance_core::domain::preferences::Theme;

/// `--bg` of both themes in sRGB: the browser's own bar takes no CSS variable.
const PAPER: [&str; 2] = ["#fbfaf7", "#14171d"];

/// The theme in a cookie; anything else is the system's.
pub fn from_cookie(cookie: Option<&str>) -> Theme {
    cookie.and_then(Theme::from_word).unwrap_or_default()
}

/// For `<meta name=color-scheme>`: no white flash before the style arrives.
pub fn schemes(theme: Theme) -> &'static str {
    match theme {
        Theme::System => "light dark",
        Theme::Light => "light",
        Theme::Dark => "dark",
    }
}

/// Colours of the browser's bar on a light and on a dark system.
pub fn bar_colours(theme: Theme) -> [&'static str; 2] {
    let [light, dark] = PAPER;
    match theme {
        Theme::System => [light, dark],
        Theme::Light => [light, light],
        Theme::Dark => [dark, dark],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_choice_is_the_systems() {
        assert_eq!(from_cookie(Some("\"><script>")), Theme::System);
        assert_eq!(
            bar_colours(from_cookie(Some("dark"))),
            ["#14171d", "#14171d"]
        );
    }
}
