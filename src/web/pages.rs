//! Pages and server functions: Leptos mounted on the router.
//!
//! Must not enter: what a page shows. This file hands each request's context over and passes on what
//! comes back.

use std::pin::Pin;

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, Uri, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use futures::{Stream, StreamExt, stream};
use leptos::{
    context::{provide_context, use_context},
    nonce::use_nonce,
    prelude::{IntoView, Owner},
    server_fn::axum::server_fn_paths,
};
use leptos_axum::ResponseOptions;
use parlance_core::domain::ProblemCode;
use parlance_server::service;
use parlance_ui::{app::paths, pwa::PushKey, rpc::form::own_path, shell::shell};

use super::{error::Fault, extract, headers::page_csp, router::is_api, state::Edge};

/// The pages that the app names, and its server functions.
pub(super) fn router() -> Router<Edge> {
    let mut router = Router::new().route("/rpc/{*function}", post(call).get(call));
    for path in paths() {
        let shown =
            get(async |State(edge): State<Edge>, request: Request| page(&edge, request).await);
        router = router.route(path, shown);
    }
    router.layer(axum::middleware::map_response(see_other))
}

/// Everything that has no route.
pub(super) async fn elsewhere(State(edge): State<Edge>, request: Request) -> Response {
    let path = request.uri().path();
    let is_page = !is_api(path) && !path.starts_with("/pkg/") && !path.starts_with("/rpc/");
    if !is_page || !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Fault::new(ProblemCode::NotFound).into_response();
    }
    if let Some(address) = without_trailing_slash(request.uri()) {
        return Redirect::permanent(&address).into_response();
    }
    let mut response = page(&edge, request).await;
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}

/// Where `/login/` should have gone; never away from this site.
fn without_trailing_slash(uri: &Uri) -> Option<String> {
    let shorter = uri
        .path()
        .strip_suffix('/')
        .filter(|path| !path.is_empty())?;
    let query = uri
        .query()
        .map(|query| format!("?{query}"))
        .unwrap_or_default();
    own_path(&format!("{shorter}{query}"))
}

/// Renders a page to its end, then answers: its status, its title and where it leads may depend on
/// what is read on the way, and the head is the first thing to leave.
async fn page(edge: &Edge, request: Request) -> Response {
    leptos_axum::handle_response_inner(context(edge), shell, request, whole).await
}

type Chunks = Pin<Box<dyn Stream<Item = String> + Send>>;

/// Instead of Leptos' own ways, which render what had to wait outside of the request's owner: what is
/// built there finds the context of whichever request its thread took up last, another person's.
fn whole<V: IntoView + 'static>(
    app: V,
    scripts: Box<dyn FnOnce() -> Chunks + Send>,
    _out_of_order: bool,
) -> Pin<Box<dyn Future<Output = Chunks> + Send>> {
    let owner = Owner::current().unwrap_or_default();
    let mut html = Box::pin(app.to_html_stream_in_order());
    let html = stream::poll_fn(move |cx| owner.with(|| html.as_mut().poll_next(cx)));
    Box::pin(async move {
        let html = html.collect::<String>().await;
        Box::pin(stream::once(std::future::ready(html)).chain(scripts())) as Chunks
    })
}

/// Runs a server function.
async fn call(State(edge): State<Edge>, request: Request) -> Response {
    let (method, path) = (request.method(), request.uri().path());
    if !server_fn_paths().any(|(known, verb)| known == path && verb == *method) {
        return Fault::new(ProblemCode::NotFound).into_response();
    }
    leptos_axum::handle_server_fns_with_context(context(&edge), request)
        .await
        .into_response()
}

/// What pages and server functions find in their context; the request itself comes from Leptos.
fn context(edge: &Edge) -> impl Fn() + Clone + Send + Sync + 'static {
    let edge = edge.clone();
    move || {
        let parts = use_context::<Parts>();
        let viewer = parts.as_ref().and_then(extract::viewer);
        let client = parts.and_then(|parts| parts.extensions.get::<service::Client>().cloned());
        provide_context(edge.app.clone());
        provide_context(viewer);
        provide_context(client.unwrap_or_default());
        provide_context(edge.cookie.clone());
        provide_context(edge.site.assets.clone());
        if let Some(key) = edge.app.pushes.public_key() {
            provide_context(PushKey(key.to_owned()));
        }
        if let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>())
            && let Ok(policy) = HeaderValue::from_str(&page_csp(&nonce))
        {
            response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
        }
    }
}

/// Leptos redirects with 302, after which browsers may repeat a POST; 303 makes it a GET.
async fn see_other(mut response: Response<Body>) -> Response<Body> {
    if response.status() == StatusCode::FOUND {
        *response.status_mut() = StatusCode::SEE_OTHER;
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trailing_slash_never_leads_away() {
        let target = |uri: &str| without_trailing_slash(&uri.parse().unwrap());
        assert_eq!(
            target("/login/?next=/chat"),
            Some("/login?next=/chat".to_owned())
        );
        for kept in ["/", "/login", "//evil.test/", "/\\evil.test/"] {
            assert_eq!(target(kept), None, "{kept}");
        }
    }
}
