//! A person without a picture: the first character of their name in a round.

use leptos::prelude::*;

use crate::i18n::letters::upper;

/// How many colours there are (`avatar-0` and on, in `kit.css`).
const COLOURS: u32 = 5;

/// The round of `name`; the same name has the same colour everywhere. Decorative: the name stands beside it.
pub fn avatar(name: &str) -> AnyView {
    let class = format!("avatar avatar-{}", colour(name));
    view! { <span class=class aria-hidden="true">{initial(name)}</span> }.into_any()
}

/// The first letter in upper case, or the first character of a name that has no letters to speak of.
fn initial(name: &str) -> String {
    let first = name.chars().find(|c| c.is_alphanumeric());
    match first.or_else(|| name.trim().chars().next()) {
        Some(first) => upper(first.encode_utf8(&mut [0; 4])),
        None => "?".to_owned(),
    }
}

fn colour(name: &str) -> u32 {
    let sum = name
        .chars()
        .fold(0_u32, |sum, c| sum.wrapping_mul(31).wrapping_add(c.into()));
    sum % COLOURS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_known_by_its_first_character() {
        for (name, shown) in [
            ("anna", "A"),
            ("  zoë", "Z"),
            ("张三", "张"),
            ("🦊", "🦊"),
            ("(ß)", "SS"),
            ("", "?"),
        ] {
            assert_eq!(initial(name), shown, "{name:?}");
        }
    }

    #[test]
    fn a_name_keeps_its_colour() {
        assert_eq!(colour("张三"), colour("张三"));
        assert!(
            ["a", "b", "c", "张三"]
                .iter()
                .all(|name| colour(name) < COLOURS)
        );
    }
}
