//! Small parts that every page is made of, on native elements. Must not enter: anything that knows the product.

mod button;
mod field;
mod icon;
mod notice;
mod seal;

pub use button::{Button, IconButton, Look};
pub use field::Field;
pub use icon::{Glyph, Icon};
pub use notice::{Notice, Tone};
pub use seal::Seal;
