//! The HTTP API: one router, mounted under `/api/v1` and `/api`, each route with its description.
//!
//! Must not enter: rules. A handler takes the request apart, calls one verb and writes the answer.

mod account;
mod admin;
mod audit;
mod auth;
pub(super) mod chat;
mod client_events;
mod contexts;
mod conversations;
mod devices;
mod email;
mod export;
mod factor;
mod generations;
mod keys;
mod messages;
mod models;
mod personas;
mod preferences;
mod push;
mod refusals;
mod session;
mod sockets;
mod user;

use axum::{Json, Router, response::Redirect, routing::get};
use parlance_core::domain::{ConversationSort, Event, Problem};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::state::Edge;

pub(super) const DOCS: &str = "/api/docs";
pub(super) const DESCRIPTION: &str = "/api/openapi.json";

/// The head of the description; paths and their schemas come from the routes.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Parlance",
        description = "Conversations with language models.\n\n\
            Sign in with `POST /auth/login`: browsers get a cookie, programs a pair of tokens too. An access token or an \
            API key goes into `Authorization: Bearer …` (a key into `X-API-Key` as well). A request that changes \
            something by a cookie needs an `Origin` header with this server's own address (browsers send it). Errors are problem \
            details (RFC 9457) with a stable `code`. Times are RFC 3339 in UTC. Ids are UUIDs.\n\n\
            Beside the addresses below there is one socket outside of `/api`: \
            `GET /ws/chat/{session_id}?token=…[&after=CURSOR]`, described at `GET /chat/ws/chat`."
    ),
    servers((url = "/api/v1"), (url = "/api", description = "The same, without the version")),
    components(schemas(Problem, Event, ConversationSort)),
    modifiers(&Credentials),
    tags(
        (name = "auth", description = "Coming in and going out"),
        (name = "account", description = "What a person does with their account"),
        (name = "admin", description = "Other people's accounts, for admins"),
        (name = "conversations", description = "Conversations and their messages"),
        (name = "generations", description = "Replies under way"),
        (name = "personas", description = "Who replies"),
        (name = "contexts", description = "What models are told beside the conversation"),
        (name = "models", description = "Which models are asked, where, and how"),
        (name = "chat", description = "The same conversations in the words of other front ends"),
    )
)]
struct Head;

struct Credentials;

impl Modify for Credentials {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let cookie = ApiKeyValue::with_description(
            "parlance",
            "Set by signing in. Named `__Host-parlance` where the server is reached by https.",
        );
        let components = api.components.get_or_insert_default();
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
        let bearer = Http::builder()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(
                "An access token, or an API key. Does wherever the cookie does.",
            ));
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer.build()));
    }
}

/// The description of the API (OpenAPI 3.1).
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    routes().into_openapi()
}

/// The routes without their prefix, and the two addresses that lead to the description.
pub(super) fn router() -> Router<Edge> {
    let (router, description) = routes().split_for_parts();
    router.route(
        "/openapi.json",
        get(move || std::future::ready(Json(description.clone()))),
    )
}

/// Swagger UI, which wants its own absolute address.
pub(super) fn docs() -> Router<Edge> {
    utoipa_swagger_ui::SwaggerUi::new(DOCS)
        .config(utoipa_swagger_ui::Config::from(DESCRIPTION))
        .into()
}

/// 308 from addresses where people look for the description first.
pub(super) fn redirects() -> Router<Edge> {
    let to = |address: &'static str| get(move || std::future::ready(Redirect::permanent(address)));
    Router::new()
        .route("/docs", to(DOCS))
        .route("/api/v1/docs", to(DOCS))
        .route("/openapi.json", to(DESCRIPTION))
}

fn routes() -> OpenApiRouter<Edge> {
    let enveloped = OpenApiRouter::new()
        .routes(routes!(auth::register))
        .routes(routes!(auth::login))
        .routes(routes!(auth::factor))
        .routes(routes!(auth::tokens::refresh))
        .routes(routes!(user::user_register))
        .routes(routes!(user::user_login))
        .routes(routes!(user::user_refresh))
        .routes(routes!(personas::list_roles, personas::create_role))
        .routes(routes!(
            personas::get_role,
            personas::change_role,
            personas::delete_role
        ))
        .routes(routes!(personas::export_role))
        .routes(routes!(models::facade::list_model_configs))
        .routes(routes!(models::facade::can_create_model_config))
        .routes(routes!(models::facade::create_model_config))
        .routes(routes!(models::facade::update_model_config))
        .routes(routes!(models::facade::delete_model_configs))
        .routes(routes!(models::facade::create_conversation_with))
        .routes(routes!(chat::chat_send))
        .routes(routes!(chat::history::chat_history))
        .layer(axum::middleware::map_response(super::error::envelop));
    OpenApiRouter::with_openapi(Head::openapi())
        .merge(enveloped)
        .routes(routes!(auth::logout))
        .routes(routes!(auth::logout_everywhere))
        .merge(accounts())
        .routes(routes!(models::list_models, models::create_model))
        .routes(routes!(models::can_create_model))
        .routes(routes!(models::try_model))
        .routes(routes!(
            models::get_model,
            models::update_model,
            models::delete_model
        ))
        .routes(routes!(models::test_model))
        .routes(routes!(session::get_session))
        .routes(routes!(
            preferences::get_preferences,
            preferences::update_preferences
        ))
        .routes(routes!(
            conversations::list_conversations,
            conversations::create_conversation
        ))
        .routes(routes!(
            conversations::get_conversation,
            conversations::update_conversation,
            conversations::delete_conversation
        ))
        .routes(routes!(
            contexts::get_conversation_context,
            contexts::set_conversation_context
        ))
        .routes(routes!(contexts::list_contexts, contexts::create_context))
        .routes(routes!(
            contexts::get_context,
            contexts::change_context,
            contexts::delete_context
        ))
        .routes(routes!(conversations::restore_conversation))
        .routes(routes!(conversations::stream_conversation))
        .routes(routes!(messages::list_messages, messages::send_message))
        .routes(routes!(messages::regenerate_reply))
        .routes(routes!(messages::continue_reply))
        .routes(routes!(messages::select_message))
        .routes(routes!(messages::keep_reply))
        .routes(routes!(account::stream_account))
        .routes(routes!(account::make_ticket))
        .routes(routes!(push::subscribe))
        .routes(routes!(push::unsubscribe))
        .routes(routes!(chat::chat))
        .routes(routes!(chat::title::generate_title))
        .routes(routes!(sockets::chat_socket))
        .routes(routes!(client_events::report_client_event))
        .routes(routes!(generations::stop_generation))
        .routes(routes!(generations::stop_conversation))
}

/// What a person does with their account, and admins with those of others.
fn accounts() -> OpenApiRouter<Edge> {
    OpenApiRouter::new()
        .routes(routes!(auth::links::ask_verification))
        .routes(routes!(auth::links::verify))
        .routes(routes!(auth::links::ask_reset))
        .routes(routes!(auth::links::reset))
        .routes(routes!(auth::links::is_setup_open, auth::links::setup))
        .routes(routes!(user::user_logout))
        .routes(routes!(user::me))
        .routes(routes!(user::change_username))
        .routes(routes!(email::change_email))
        .routes(routes!(email::get_email_change, email::cancel_email_change))
        .routes(routes!(email::send_email_change_letter))
        .routes(routes!(user::change_password))
        .routes(routes!(devices::list_devices, devices::revoke_devices))
        .routes(routes!(devices::revoke_device))
        .routes(routes!(export::export_account))
        .routes(routes!(devices::delete_account))
        .routes(routes!(keys::list_keys, keys::make_key))
        .routes(routes!(keys::revoke_key))
        .routes(routes!(factor::get_factor, factor::begin_factor))
        .routes(routes!(factor::confirm_factor))
        .routes(routes!(factor::renew_codes))
        .routes(routes!(factor::disable_factor))
        .routes(routes!(admin::list_people))
        .routes(routes!(audit::read_audit))
        .routes(routes!(admin::change_person))
        .routes(routes!(admin::end_sessions))
        .routes(routes!(admin::list_groups))
        .routes(routes!(admin::set_group_limits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_is_described() {
        let api = serde_json::to_value(openapi()).unwrap();
        let paths = api["paths"].as_object().unwrap();
        let mut count = 0;
        for (path, item) in paths {
            for (method, operation) in item.as_object().unwrap() {
                count += 1;
                assert!(
                    operation["summary"].is_string(),
                    "{method} {path} has no summary"
                );
                assert!(operation["tags"].is_array(), "{method} {path} has no tag");
                assert!(
                    operation["responses"]["default"].is_object(),
                    "{method} {path} hides its errors"
                );
            }
        }
        assert_eq!(count, 97);
    }

    #[test]
    fn every_reference_has_its_schema() {
        let text = serde_json::to_string(&openapi()).unwrap();
        let api = serde_json::to_value(openapi()).unwrap();
        for reference in text.split("\"#/components/schemas/").skip(1) {
            let name = reference.split('"').next().unwrap();
            assert!(
                api["components"]["schemas"][name].is_object(),
                "{name} is not described"
            );
        }
    }
}
