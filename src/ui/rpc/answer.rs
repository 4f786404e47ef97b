//! How server functions answer: JSON, as by default, but read from a text and not from bytes.
//!
//! Resources and the event stream are read from texts too. With a second kind of reader everything that
//! travels would be in the browser's download twice.

use leptos::server_fn::{Bytes, ContentType, Decodes, Encodes, Format, FormatType, codec::Post};
use serde::{Serialize, de::DeserializeOwned};

/// JSON in a text.
pub struct JsonText;

/// Output of server functions: `#[server(output = Answer)]`.
pub type Answer = Post<JsonText>;

impl ContentType for JsonText {
    const CONTENT_TYPE: &'static str = "application/json";
}

impl FormatType for JsonText {
    const FORMAT_TYPE: Format = Format::Text;
}

impl<T: Serialize> Encodes<T> for JsonText {
    type Error = serde_json::Error;

    fn encode(output: &T) -> Result<Bytes, Self::Error> {
        serde_json::to_vec(output).map(Bytes::from)
    }
}

impl<T: DeserializeOwned> Decodes<T> for JsonText {
    type Error = serde_json::Error;

    fn decode(bytes: Bytes) -> Result<T, Self::Error> {
        // What is no UTF-8 is no JSON either; an empty text is refused as such.
        serde_json::from_str(std::str::from_utf8(&bytes).unwrap_or_default())
    }
}
