//! Pages for coming in, and the button for going out. Real forms: scripts only save a page load.

mod entrance;
mod login;
mod register;
mod sign_out;
mod submission;

pub use login::Login;
pub use register::Register;
pub use sign_out::sign_out;
pub use submission::Submission;
