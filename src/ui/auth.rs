//! Pages for coming in, and the button for going out. Real forms: scripts only save a page load.

#[cfg(feature = "ssr")]
mod address;
mod entrance;
mod login;
mod register;
mod side;
mod sign_out;
mod submission;

pub use login::Login;
pub use register::Register;
pub use side::{SideDoor, side_door};
pub use sign_out::sign_out;
pub use submission::Submission;
