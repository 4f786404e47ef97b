//! The icon of the window, in the document itself: a first visit has one request less to make.

use std::sync::LazyLock;

use leptos::prelude::*;

static ICON: LazyLock<String> = LazyLock::new(|| address(include_str!("../../../public/icon.svg")));

/// The icon, and the file for browsers that take no drawing.
pub(super) fn icon() -> impl IntoView {
    view! {
        <link rel="icon" href=ICON.as_str() type="image/svg+xml"/>
        <link rel="alternate icon" href="/favicon.ico" sizes="32x32"/>
    }
}

/// A drawing as an address (RFC 2397): what would end the address or its attribute is written otherwise.
fn address(drawing: &str) -> String {
    let line: String = drawing.lines().map(str::trim).collect();
    let line = line.replace('"', "'").replace('#', "%23");
    format!(
        "data:image/svg+xml,{}",
        line.replace('<', "%3C").replace('>', "%3E")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_the_address_early() {
        assert_eq!(
            address("<svg\n>\n  <path d=\"M0 0\" fill=\"#fff\"/>\n</svg>\n"),
            "data:image/svg+xml,%3Csvg%3E%3Cpath d='M0 0' fill='%23fff'/%3E%3C/svg%3E"
        );
    }
}
