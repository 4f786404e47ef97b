//! What a client calls itself, in words that a person knows. Only the great families are told apart: the point is to
//! recognise one's own devices, and the rest is shown as it stands.

use crate::i18n::profile::Devices;

/// How much of an unknown name is shown, characters.
const SHOWN: usize = 60;

/// Marks of browsers, the ones that also bear the marks of others first.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("MicroMessenger/", "WeChat"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// Marks of systems, in the same manner.
const SYSTEMS: &[(&str, &str)] = &[
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

/// The name of a client by its `User-Agent`.
pub(super) fn name(agent: Option<&str>, words: &Devices) -> String {
    let agent = agent.map(str::trim).unwrap_or_default();
    let find = |marks: &[(&str, &'static str)]| {
        let mut marks = marks.iter();
        marks
            .find(|(mark, _)| agent.contains(mark))
            .map(|(_, name)| *name)
    };
    match (find(BROWSERS), find(SYSTEMS)) {
        (Some(browser), Some(system)) => (words.on)(browser, system),
        (Some(browser), None) => browser.to_owned(),
        _ if agent.is_empty() => words.unknown.to_owned(),
        _ => agent
            .chars()
            .filter(|character| !character.is_control())
            .take(SHOWN)
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Locale;

    #[test]
    fn known_clients_have_names() {
        let words = &Locale::En.profile().devices;
        for (agent, shown) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            ("curl/8.5.0", "curl/8.5.0"),
            ("  ", "Unknown device"),
        ] {
            assert_eq!(name(Some(agent), words), shown, "{agent}");
        }
        assert_eq!(name(None, words), "Unknown device");
    }

    #[test]
    fn a_strange_name_stays_short() {
        let words = &Locale::ZhCn.profile().devices;
        assert_eq!(name(Some(&"长".repeat(500)), words).chars().count(), SHOWN);
        assert_eq!(name(Some("Firefox/1 Linux"), words), "Linux 上的 Firefox");
    }
}
