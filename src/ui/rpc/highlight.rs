//! Colours for code that a page shows without: its reply is still being written, or there was no time for it at first.

use leptos::prelude::*;

use super::{answer::Answer, problem::RpcError};

/// HTML for blocks of code: `codes[n]` in the language `languages[n]`. `None` where there was no time.
///
/// # Errors
/// `unauthenticated`; `bad_request` where the lists differ in length; `validation` (`codes`) for too much.
#[server(output = Answer)]
pub async fn highlight(
    #[server(default)] languages: Vec<String>,
    #[server(default)] codes: Vec<String>,
) -> Result<Vec<Option<String>>, RpcError> {
    use super::session;
    use parlance_core::domain::ProblemCode;
    use parlance_server::service::highlight::Block;

    let found = async {
        let (app, viewer) = (session::app()?, session::viewer()?);
        if languages.len() != codes.len() {
            return Err(ProblemCode::BadRequest.into());
        }
        let blocks = languages
            .into_iter()
            .zip(codes)
            .map(|(language, code)| Block { language, code })
            .collect();
        let found = app.highlights.blocks(&viewer, blocks).await?;
        Ok(found
            .into_iter()
            .map(|marked| marked.map(|marked| marked.as_str().to_owned()))
            .collect())
    };
    found
        .await
        .inspect_err(super::conversations::page::set_status)
}
