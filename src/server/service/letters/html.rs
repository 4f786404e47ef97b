//! A letter as HTML: a few paragraphs and its links, without pictures, scripts or anything to fetch.

use std::fmt::Write;

use super::words::Words;

/// The letter's words in a page of their own.
pub(super) fn page(tag: &str, words: &Words) -> String {
    let mut page = format!(
        "<!doctype html>\n<html lang=\"{tag}\"><head><meta charset=\"utf-8\"><title>{}</title></head>\n\
         <body style=\"margin:0;padding:24px;font:16px/1.6 system-ui,sans-serif;color:#1c1c1e;background:#ffffff\">\n\
         <div style=\"max-width:560px;margin:0 auto\">\n",
        escape(&words.subject)
    );
    let mut paragraph = |text: &str| {
        // Writing into a string cannot fail.
        let _ = writeln!(page, "<p>{}</p>", escape(text));
    };
    words.before.iter().for_each(|text| paragraph(text));
    for (label, link) in &words.links {
        let link = escape(link);
        let _ = writeln!(
            page,
            "<p><a href=\"{link}\" style=\"display:inline-block;padding:10px 18px;border-radius:8px;\
             color:#ffffff;background:#2f5d50;text-decoration:none\">{}</a></p>\n\
             <p style=\"font-size:13px;color:#6b6b70;word-break:break-all\">{link}</p>",
            escape(label)
        );
    }
    for text in &words.after {
        let _ = writeln!(page, "<p style=\"color:#6b6b70\">{}</p>", escape(text));
    }
    page.push_str("</div></body></html>\n");
    page
}

/// `text` as text, in an element or between double quotes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_calls_itself_is_text() {
        let words = Words {
            subject: "a <b>".to_owned(),
            before: vec!["<script>alert(1)</script> & 'x'".to_owned()],
            links: vec![("go".to_owned(), "https://x/?a=1&b=\"2\"".to_owned())],
            after: Vec::new(),
        };
        let page = page("en", &words);
        assert!(
            !page.contains("<script>") && !page.contains("<b>"),
            "{page}"
        );
        assert!(
            page.contains("href=\"https://x/?a=1&amp;b=&quot;2&quot;\""),
            "{page}"
        );
    }
}
