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
    Copy,
    Check,
    Refresh,
    Edit,
    Trash,
    /// Three dots.
    More,
    ChevronDown,
    ChevronLeft,
    ChevronRight,
    ArrowDown,
    Close,
    /// The sidebar.
    Panel,
    Gear,
    Clock,
    ThumbUp,
    ThumbDown,
    Search,
    Keyboard,
    Sun,
    Moon,
    Monitor,
    Globe,
    Bell,
    Download,
    Offline,
    /// Somebody.
    Person,
    /// Who replies: a face in a bubble.
    Persona,
    /// Something that computes. On what the server alone writes, like the next one.
    #[cfg(feature = "ssr")]
    Model,
    /// A sheet with words on it.
    #[cfg(feature = "ssr")]
    Context,
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
            Self::Copy => "M6.6 6.6h8.2v8.2H6.6zM11.4 6.4V3.2H3.2v8.2h3.2",
            Self::Check => "M3.6 9.6 7.2 13.2 14.6 5",
            Self::Refresh => "M14.8 9A5.8 5.8 0 1 1 13 4.8L14.8 6.4M14.8 2.8v3.6h-3.6",
            Self::Edit => "M3.2 14.8 3.9 11.3 11.9 3.3 14.7 6.1 6.7 14.1zM10 5.2 12.8 8",
            Self::Trash => "M3.2 5h11.6M7 4.8V3h4v1.8M4.6 5.2 5.4 15h7.2L13.4 5.2M7.6 8v4M10.4 8v4",
            Self::More => {
                "M3.7 9a.3.3 0 1 0 .6 0 .3.3 0 1 0-.6 0zM8.7 9a.3.3 0 1 0 .6 0 .3.3 0 1 0-.6 0zM13.7 9a.3.3 0 1 0 .6 0 .3.3 0 1 0-.6 0z"
            }
            Self::ChevronDown => "M4.6 7 9 11.4 13.4 7",
            Self::ChevronLeft => "M11 4.6 6.6 9 11 13.4",
            Self::ChevronRight => "M7 4.6 11.4 9 7 13.4",
            Self::ArrowDown => "M9 3.4v11M13.6 9.8 9 14.4 4.4 9.8",
            Self::Close => "M4.6 4.6l8.8 8.8M13.4 4.6l-8.8 8.8",
            Self::Panel => "M2.8 3.6h12.4v10.8H2.8zM7 3.8v10.4",
            Self::Gear => {
                "M9 6.6a2.4 2.4 0 1 1 0 4.8 2.4 2.4 0 0 1 0-4.8zM9 2.2v2M9 13.8v2M2.2 9h2M13.8 9h2M4.2 4.2l1.4 1.4M12.4 12.4l1.4 1.4M4.2 13.8l1.4-1.4M12.4 5.6l1.4-1.4"
            }
            Self::Clock => "M9 2.6a6.4 6.4 0 1 1 0 12.8A6.4 6.4 0 0 1 9 2.6zM9 5.6V9l2.4 1.6",
            Self::ThumbUp => {
                "M5.6 8.2 8.8 2.6c1 0 1.6.8 1.4 1.8L9.6 7h4.2a1.3 1.3 0 0 1 1.3 1.6l-1.1 5a1.5 1.5 0 0 1-1.5 1.2H5.6zM5.4 8.2H2.8v6.6h2.6"
            }
            Self::ThumbDown => {
                "M5.6 9.8 8.8 15.4c1 0 1.6-.8 1.4-1.8L9.6 11h4.2a1.3 1.3 0 0 0 1.3-1.6l-1.1-5a1.5 1.5 0 0 0-1.5-1.2H5.6zM5.4 9.8H2.8V3.2h2.6"
            }
            Self::Search => "M8 3a5 5 0 1 1 0 10A5 5 0 0 1 8 3zM11.7 11.7 15.2 15.2",
            Self::Keyboard => {
                "M2 4.6h14v8.8H2zM5 7.4h.1M8 7.4h.1M11 7.4h.1M13.4 7.4h.1M6.2 10.6h5.6"
            }
            Self::Sun => {
                "M9 6a3 3 0 1 1 0 6 3 3 0 0 1 0-6zM9 1.8v1.4M9 14.8v1.4M1.8 9h1.4M14.8 9h1.4M3.9 3.9l1 1M13.1 13.1l1 1M3.9 14.1l1-1M13.1 4.9l1-1"
            }
            Self::Moon => "M15 10.6A6.4 6.4 0 1 1 7.4 3 5 5 0 0 0 15 10.6z",
            Self::Monitor => "M2.4 3.4h13.2v8.8H2.4zM6 15.2h6M9 12.4v2.6",
            Self::Globe => {
                "M9 2.4a6.6 6.6 0 1 1 0 13.2A6.6 6.6 0 0 1 9 2.4zM2.6 9h12.8M9 2.4c3.6 4 3.6 9.2 0 13.2M9 2.4c-3.6 4-3.6 9.2 0 13.2"
            }
            Self::Bell => "M4.6 12.6V8a4.4 4.4 0 0 1 8.8 0v4.6M3 12.8h12M7.6 15.4h2.8",
            Self::Download => "M9 2.8v8.4M12.8 7.6 9 11.4 5.2 7.6M3.2 14.8h11.6",
            Self::Persona => "M3 3.2h12v8.4H9.4l-3.2 3v-3H3zM6.9 6.4v1.2M11.1 6.4v1.2",
            Self::Person => {
                "M9 2.8a3.1 3.1 0 1 1 0 6.2 3.1 3.1 0 0 1 0-6.2zM3 15.2c.5-2.5 2.9-3.9 6-3.9s5.5 1.4 6 3.9"
            }
            #[cfg(feature = "ssr")]
            Self::Model => {
                "M5 5h8v8H5zM7.2 2.6v2.2M10.8 2.6v2.2M7.2 13.2v2.2M10.8 13.2v2.2M2.6 7.2h2.2M2.6 10.8h2.2M13.2 7.2h2.2M13.2 10.8h2.2"
            }
            #[cfg(feature = "ssr")]
            Self::Context => "M4 2.8h6.6L14 6.2v9H4zM6.8 9h4.4M6.8 12h4.4",
            Self::Offline => {
                "M2.4 2.4l13.2 13.2M2 7.6a10 10 0 0 1 3.4-2.2M8 4.6a10 10 0 0 1 8 3M4.6 10.4A6.2 6.2 0 0 1 7.6 8.7M11.4 9a6 6 0 0 1 2 1.4M9 13.8v.1"
            }
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
