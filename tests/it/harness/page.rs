//! Pages as a browser without scripts reads them, and their forms as it sends them.

use reqwest::{
    Response,
    header::{ACCEPT, HeaderMap, REFERER},
};
use scraper::{ElementRef, Html, Selector};

use super::Browser;

/// What browsers say when they want a page.
pub const ACCEPTED: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// A page, or the redirect that stood in its place.
pub struct Page {
    pub path: String,
    pub status: u16,
    pub headers: HeaderMap,
    pub source: String,
}

/// A form with what would be sent.
#[derive(Clone, Debug)]
pub struct Form {
    /// The page that it is on.
    pub page: String,
    pub action: String,
    pub fields: Vec<(String, String)>,
}

impl Browser {
    /// Opens a page; redirects are not followed.
    pub async fn page(&self, path: &str) -> Page {
        let response = self
            .get(path)
            .header(ACCEPT, ACCEPTED)
            .send()
            .await
            .expect("answers");
        Page::of(path, response).await
    }

    /// Sends a form.
    pub async fn submit(&self, form: &Form) -> Page {
        let fields: Vec<_> = form
            .fields
            .iter()
            .map(|(name, text)| (name, text.replace('\n', "\r\n")))
            .collect();
        let response = self
            .post(&form.action)
            .header(ACCEPT, ACCEPTED)
            .header(REFERER, format!("{}{}", self.base, form.page))
            .form(&fields)
            .send()
            .await
            .expect("answers");
        Page::of(&form.action, response).await
    }

    /// Sends a form and opens the page that the answer leads to.
    pub async fn go(&self, form: &Form) -> Page {
        let answer = self.submit(form).await;
        self.page(answer.location()).await
    }
}

impl Page {
    async fn of(path: &str, response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let source = response.text().await.expect("a whole body");
        Self {
            path: path.to_owned(),
            status,
            headers,
            source,
        }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("readable header"))
    }

    /// Where a form or a page leads, by 303 and to this very site.
    pub fn location(&self) -> &str {
        assert_eq!(self.status, 303, "{}: {}", self.path, self.source);
        let location = self.header("location");
        assert!(
            location.starts_with('/') && !location.starts_with("//"),
            "{location}"
        );
        location
    }

    pub fn cookies(&self) -> Vec<&str> {
        self.headers
            .get_all("set-cookie")
            .iter()
            .map(|value| value.to_str().expect("readable"))
            .collect()
    }

    /// As parsed where scripts are off: what stands in `noscript` counts.
    pub fn html(&self) -> Html {
        Html::parse_document(
            &self
                .source
                .replace("<noscript>", "")
                .replace("</noscript>", ""),
        )
    }

    pub fn count(&self, selector: &str) -> usize {
        self.html().select(&parse(selector)).count()
    }

    /// The text of each element that the selector names.
    pub fn texts(&self, selector: &str) -> Vec<String> {
        self.html()
            .select(&parse(selector))
            .map(|element| text(&element))
            .collect()
    }

    /// The text of the one element that the selector names.
    pub fn text(&self, selector: &str) -> String {
        let mut texts = self.texts(selector);
        assert_eq!(
            texts.len(),
            1,
            "{selector} on {}: {}",
            self.path,
            self.source
        );
        texts.remove(0)
    }

    pub fn attribute(&self, selector: &str, name: &str) -> Option<String> {
        let html = self.html();
        let element = html.select(&parse(selector)).next()?;
        element.attr(name).map(str::to_owned)
    }

    /// The form that the selector names, as it would be sent untouched.
    pub fn form(&self, selector: &str) -> Form {
        let html = self.html();
        self.form_of(&html, self.first(&html, selector))
    }

    /// The form around the button that the selector names, as it would be sent by a press on that.
    pub fn press(&self, selector: &str) -> Form {
        let html = self.html();
        let button = self.first(&html, selector);
        let form = button
            .ancestors()
            .filter_map(ElementRef::wrap)
            .find(|element| element.value().name() == "form");
        let mut form = self.form_of(&html, form.expect("a form around the button"));
        if let Some(action) = button.attr("formaction") {
            action.clone_into(&mut form.action);
        }
        if let (Some(name), Some(value)) = (button.attr("name"), button.attr("value")) {
            form.fields.push((name.to_owned(), value.to_owned()));
        }
        form
    }

    fn first<'a>(&self, html: &'a Html, selector: &str) -> ElementRef<'a> {
        let found = html.select(&parse(selector)).next();
        found.unwrap_or_else(|| panic!("no {selector} on {}: {}", self.path, self.source))
    }

    fn form_of(&self, html: &Html, form: ElementRef<'_>) -> Form {
        assert_eq!(
            form.attr("method").map(str::to_lowercase).as_deref(),
            Some("post")
        );
        let action = form
            .attr("action")
            .expect("a form says where it goes")
            .to_owned();
        let id = form.attr("id");
        let (here, adopted) = (parse("input, textarea"), parse("[form]"));
        let elsewhere = html
            .select(&adopted)
            .filter(|field| id.is_some() && field.attr("form") == id);
        let inside = form
            .select(&here)
            .filter(|field| field.attr("form").is_none());
        let fields = inside
            .chain(elsewhere)
            .filter_map(|field| sent(&field))
            .collect();
        Form {
            page: self.path.clone(),
            action,
            fields,
        }
    }
}

impl Form {
    /// Types into a field.
    ///
    /// # Panics
    /// When the form has none of this name.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        let field = self.fields.iter_mut().find(|(known, _)| known == name);
        field.unwrap_or_else(|| panic!("no field {name}")).1 = value.to_owned();
        self
    }

    pub fn value(&self, name: &str) -> Option<&str> {
        let field = self.fields.iter().find(|(known, _)| known == name);
        field.map(|(_, value)| value.as_str())
    }
}

/// What a form control contributes (WHATWG HTML, "constructing the entry list").
fn sent(field: &ElementRef) -> Option<(String, String)> {
    let name = field.attr("name")?.to_owned();
    if field.value().name() == "textarea" {
        // The parser has dropped the line break right behind the tag already.
        return Some((name, field.text().collect()));
    }
    match field.attr("type").unwrap_or("text") {
        "submit" | "button" | "image" | "reset" => None,
        "radio" | "checkbox" if field.attr("checked").is_none() => None,
        _ => Some((name, field.attr("value").unwrap_or_default().to_owned())),
    }
}

fn text(element: &ElementRef) -> String {
    element.text().collect::<String>().trim().to_owned()
}

fn parse(selector: &str) -> Selector {
    Selector::parse(selector).expect("a selector")
}
