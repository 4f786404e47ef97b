//! The root of the package: on the server the axum edge, in the browser the entry into hydration.
//!
//! Must not enter: anything else. Services are in `server`, pages in `ui`.

#[cfg(feature = "ssr")]
pub mod commands;
#[cfg(feature = "ssr")]
pub mod files;
#[cfg(feature = "ssr")]
pub mod launch;
#[cfg(feature = "ssr")]
pub mod shutdown;
#[cfg(feature = "ssr")]
pub mod telemetry;
#[cfg(feature = "ssr")]
pub mod web;

/// Brings the page that the server rendered to life. The page's loader calls it once.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    // Built for use, panics have no words left that it could show.
    #[cfg(debug_assertions)]
    console_error_panic_hook::set_once();
    parlance_ui::app::begin();
}
