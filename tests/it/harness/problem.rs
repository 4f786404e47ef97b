//! Refusals in the product's error format, whose form is checked wherever one is read.

use reqwest::Response;
use serde_json::Value;

/// The value of a header, empty if it is absent.
pub fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    let value = response.headers().get(name);
    value.map_or("", |value| value.to_str().expect("readable header"))
}

/// The problem details of a refusal.
///
/// # Panics
/// When the status is another or the body is no problem of ours.
pub async fn problem(response: Response, status: u16) -> Value {
    let (got, url) = (response.status().as_u16(), response.url().to_string());
    let kind = header(&response, "content-type").to_owned();
    let request_id = header(&response, "x-request-id").to_owned();
    let body = response.text().await.expect("a whole body");
    assert_eq!(got, status, "{url}: {body}");
    assert_eq!(kind, "application/problem+json", "{url}: {body}");
    let problem: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(problem["status"], status, "{url}");
    assert!(
        problem["code"].is_string() && problem["title"].is_string() && problem["type"].is_string(),
        "{url}: {body}"
    );
    assert!(
        !request_id.is_empty() && problem["request_id"] == request_id,
        "{url}: {body}"
    );
    problem
}

/// The code of a refusal, after the checks of [`problem`].
pub async fn refused(response: Response, status: u16) -> String {
    problem(response, status).await["code"]
        .as_str()
        .expect("code")
        .to_owned()
}

/// What is wrong with each field, as `name code`, in the order of the names.
pub fn fields(problem: &Value) -> Vec<String> {
    let fields = problem["fields"].as_object();
    let words = fields.into_iter().flatten().map(|(name, field)| {
        assert!(
            field["message"]
                .as_str()
                .is_some_and(|text| !text.is_empty()),
            "{problem}"
        );
        format!("{name} {}", field["code"].as_str().expect("code"))
    });
    words.collect()
}
