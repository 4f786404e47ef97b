//! Small parts that every page is made of, on native elements. Must not enter: anything that knows the product.
//!
//! Menus, dialogs and tooltips are the browser's own (`popover`, `<dialog>`, CSS), so they answer before the scripts
//! are there and without them. What has no behaviour is a function that gives a view, or a class:
//!
//! - menus: [`Menu`] around `<button class="menu-item">`, `<a class="menu-item">` or forms with such a button;
//!   `menu-item-danger` for what destroys, `<hr class="menu-line">` between groups;
//! - tooltips: `data-tip="Words"` on a button or link; its keys stand behind them where it has a shortcut
//!   (`shortcuts::hints`); the accessible name is still the element's own affair;
//! - a gap that is being filled: [`skeleton`], or `class="skeleton"` on a box of the size to come.

mod avatar;
mod button;
mod dialog;
mod field;
#[cfg(debug_assertions)]
mod gallery;
mod icon;
mod live_region;
mod menu;
mod notice;
mod seal;
mod skeleton;
mod still;
mod switch;
mod tabs;
pub mod toast;

pub use avatar::avatar;
pub use button::{Button, IconButton, Look};
pub use dialog::Dialog;
pub use field::Field;
#[cfg(debug_assertions)]
pub use gallery::Gallery;
pub use icon::{Glyph, Icon};
pub use live_region::LiveRegion;
pub use menu::Menu;
pub use notice::{Notice, Tone};
pub use seal::Seal;
pub use skeleton::skeleton;
#[cfg(not(feature = "ssr"))]
pub use still::load_here;
pub use still::{Reading, aside, still, still_after, still_page, still_title, unscripted};
pub use switch::switch;
pub use tabs::tabs;
