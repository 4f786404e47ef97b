//! Icons of our own drawing: 18 px, strokes of 1.6 px with round ends, in the colour of the text around them.

use leptos::prelude::*;

/// Which icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyph {
    Menu,
    Plus,
    Send,
    Stop,
    SignOut,
    Alert,
    Info,
}

impl Glyph {
    /// Path data in a box of 18 × 18.
    fn path(self) -> &'static str {
        match self {
            Self::Menu => "M3 5h12M3 9h12M3 13h7.5",
            Self::Plus => "M9 3.6v10.8M3.6 9h10.8",
            Self::Send => "M9 14.6V3.6M4.4 8.2 9 3.6l4.6 4.6",
            Self::Stop => "M5.4 5.4h7.2v7.2H5.4z",
            Self::SignOut => {
                "M7.2 3H4.4A1.4 1.4 0 0 0 3 4.4v9.2A1.4 1.4 0 0 0 4.4 15h2.8M11.8 12.3 15.1 9l-3.3-3.3M14.9 9H7.4"
            }
            Self::Alert => "M9 2.8 16 15H2zM9 7.4v3.4M9 12.9v.1",
            Self::Info => "M9 2.4a6.6 6.6 0 1 1 0 13.2A6.6 6.6 0 0 1 9 2.4zM9 8.4v3.8M9 5.8v.1",
        }
    }
}

/// An icon. It says nothing by itself: whatever it stands in needs a label.
#[component]
pub fn Icon(glyph: Glyph) -> impl IntoView {
    // A stop sign is a solid square, as on every player.
    let class = if glyph == Glyph::Stop {
        "icon icon-solid"
    } else {
        "icon"
    };
    view! {
        <svg class=class viewBox="0 0 18 18" width="18" height="18" aria-hidden="true" focusable="false">
            <path d=glyph.path()></path>
        </svg>
    }
}
