//! Bytes to the payloads of server-sent events (WHATWG HTML, 9.2.6), with bounds: a line or payload
//! above [`LONGEST`] is refused, where general parsers keep on growing. Comments, ids and event names
//! are dropped, so that a provider's event names can never mean anything to us.

/// Bytes of the longest line, and of the longest payload.
pub(super) const LONGEST: usize = 1024 * 1024;

/// A line went on for too long.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLong;

#[derive(Debug, Default)]
pub(super) struct Framer {
    line: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    /// The last byte was CR: an LF after it belongs to the same line end.
    after_cr: bool,
    started: bool,
}

impl Framer {
    /// Takes bytes as they come; each payload completed by them goes to `out`. Bytes that are not
    /// UTF-8 become U+FFFD; the lines of a payload are joined by spaces, which JSON does not mind.
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        out: &mut impl Extend<String>,
    ) -> Result<(), TooLong> {
        let mut rest = bytes;
        while !rest.is_empty() {
            if std::mem::take(&mut self.after_cr) && rest[0] == b'\n' {
                rest = &rest[1..];
                continue;
            }
            let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let (part, ended) = rest.split_at(end.unwrap_or(rest.len()));
            if self.line.len() + part.len() + self.data.len() > LONGEST {
                return Err(TooLong);
            }
            self.line.extend_from_slice(part);
            rest = ended;
            if let Some((mark, after)) = ended.split_first() {
                self.after_cr = *mark == b'\r';
                rest = after;
                out.extend(self.end_line());
            }
        }
        Ok(())
    }

    /// The stream is over: a last event without its blank line counts here, unlike in a browser.
    pub(super) fn finish(&mut self) -> Option<String> {
        self.end_line().or_else(|| self.dispatch())
    }

    fn end_line(&mut self) -> Option<String> {
        let mut line = std::mem::take(&mut self.line);
        if !std::mem::replace(&mut self.started, true) && line.starts_with(b"\xef\xbb\xbf") {
            line.drain(..3);
        }
        if line.is_empty() {
            return self.dispatch();
        }
        if let Some(value) = line.strip_prefix(b"data:") {
            if self.has_data {
                self.data.push(b' ');
            }
            self.data
                .extend_from_slice(value.strip_prefix(b" ").unwrap_or(value));
            self.has_data = true;
        }
        // Keeps the allocation for the next line.
        line.clear();
        self.line = line;
        None
    }

    fn dispatch(&mut self) -> Option<String> {
        let data = std::mem::take(&mut self.data);
        std::mem::take(&mut self.has_data).then(|| String::from_utf8_lossy(&data).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(pieces: &[&[u8]]) -> Vec<String> {
        let (mut framer, mut out) = (Framer::default(), Vec::new());
        for piece in pieces {
            framer.push(piece, &mut out).expect("short lines");
        }
        out.extend(framer.finish());
        out
    }

    #[test]
    fn reads_every_kind_of_line_end_however_it_is_cut() {
        for text in [
            "data: a\n\ndata: 汉\n\n",
            "data: a\r\n\r\ndata:汉\r\n\r\n",
            "data: a\r\rdata: 汉\r\r",
        ] {
            let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
            assert_eq!(framed(&bytes), ["a", "汉"], "{text:?}");
            assert_eq!(framed(&[text.as_bytes()]), ["a", "汉"], "{text:?}");
        }
    }

    #[test]
    fn drops_comments_ids_and_event_names() {
        let text = b"\xef\xbb\xbf: hi\n\nevent: execute\nid: 7\ndata: {\ndata: }\n\nretry: 1\n\n";
        assert_eq!(framed(&[text]), ["{ }"]);
    }

    #[test]
    fn takes_a_last_event_without_its_blank_line() {
        assert_eq!(framed(&[b"data: a\n\ndata: [DONE]"]), ["a", "[DONE]"]);
        assert_eq!(framed(&[b"data: a\ndata: b\n"]), ["a b"]);
        assert!(framed(&[b"<html>\n\n"]).is_empty());
    }

    #[test]
    fn bytes_that_are_not_utf8_spoil_only_themselves() {
        assert_eq!(framed(&[b"data: a\xffb\n\n"]), ["a\u{fffd}b"]);
    }

    #[test]
    fn refuses_a_line_without_end() {
        let mut framer = Framer::default();
        let mut out: Vec<String> = Vec::new();
        let block = vec![b'x'; LONGEST / 4];
        let taken = (0..8)
            .take_while(|_| framer.push(&block, &mut out).is_ok())
            .count();
        assert_eq!(taken, 4);
    }
}
