//! The page that stands in for one that could not be made: no scripts, no session, nothing that could
//! fail in its turn.

use axum::http::{HeaderMap, header};
use axum_extra::extract::CookieJar;
use parlance_core::domain::Problem;
use parlance_ui::i18n::Locale;

/// The language of the page: chosen by cookie, else the first that the browser names and we have.
pub(in crate::web) fn locale(headers: &HeaderMap) -> Locale {
    let jar = CookieJar::from_headers(headers);
    let named = || {
        let languages = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
        languages
            .split(',')
            .find_map(|range| Locale::from_tag(range.split(';').next()?))
    };
    jar.get("locale")
        .and_then(|cookie| Locale::from_tag(cookie.value()))
        .or_else(named)
        .unwrap_or(Locale::En)
}

/// The whole document. Every text in it is ours: the catalogue's, a file's address, a checked id.
pub(super) fn render(problem: &Problem, locale: Locale, css: &str) -> String {
    let texts = locale.texts();
    let style = if css.is_empty() {
        String::new()
    } else {
        format!(r#"<link rel="stylesheet" href="{css}">"#)
    };
    format!(
        "<!doctype html>\n<html lang=\"{lang}\" data-theme=\"system\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\">\
         <title>{title} · {name}</title>{style}</head>\
         <body><div class=\"page\"><main class=\"blank\" id=\"content\">\
         <p class=\"blank-code\" aria-hidden=\"true\">{status}</p><h1 class=\"title\">{title}</h1>\
         <p class=\"lead\">{lead}</p><p><a href=\"/\">{back}</a></p><p><small>{id}</small></p>\
         </main></div></body></html>\n",
        lang = locale.tag(),
        name = texts.site.name,
        status = problem.status,
        title = texts.errors.failed_title,
        lead = texts.problem(problem.code),
        back = texts.errors.back_home,
        id = problem.request_id.as_deref().unwrap_or_default(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn speaks_the_readers_language() {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::ACCEPT_LANGUAGE,
            HeaderValue::from_static("fr, zh-CN;q=0.9, en;q=0.8"),
        );
        assert_eq!(locale(&headers), Locale::ZhCn);
        headers.insert(header::COOKIE, HeaderValue::from_static("a=b; locale=en"));
        assert_eq!(locale(&headers), Locale::En);
    }
}
