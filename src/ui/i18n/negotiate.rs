//! Which language to answer in (RFC 9110 §12.5.4). Pure.

use super::Locale;

/// The cookie wins; then the reader's languages by weight; then English.
#[must_use]
pub fn negotiate(cookie: Option<&str>, accept_language: Option<&str>) -> Locale {
    if let Some(locale) = cookie.and_then(Locale::from_tag) {
        return locale;
    }
    let mut best: Option<(f32, Locale)> = None;
    for range in accept_language.unwrap_or_default().split(',') {
        let mut parts = range.split(';');
        let Some(locale) = parts.next().and_then(Locale::from_tag) else {
            continue;
        };
        let weight = parts
            .find_map(|parameter| parameter.trim().strip_prefix("q="))
            .map_or(1.0, |weight| weight.trim().parse().unwrap_or(0.0));
        // Equal weights keep the order in which they were written.
        if weight > best.map_or(0.0, |(weight, _)| weight) {
            best = Some((weight, locale));
        }
    }
    best.map_or(Locale::En, |(_, locale)| locale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readers_own_choice_wins() {
        assert_eq!(
            negotiate(Some("zh-CN"), Some("en-US,en;q=0.9")),
            Locale::ZhCn
        );
        assert_eq!(negotiate(Some("klingon"), Some("zh")), Locale::ZhCn);
    }

    #[test]
    fn the_heaviest_language_that_exists_is_taken() {
        assert_eq!(
            negotiate(None, Some("fr-FR, en;q=0.4, zh-TW;q=0.8")),
            Locale::ZhCn
        );
        assert_eq!(negotiate(None, Some("en, zh")), Locale::En);
        assert_eq!(negotiate(None, Some("zh;q=0, de")), Locale::En);
        assert_eq!(negotiate(None, Some(";;,q=,zh;q=garbage")), Locale::En);
        assert_eq!(negotiate(None, None), Locale::En);
    }
}
