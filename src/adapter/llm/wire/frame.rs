//! Bytes to the payloads of server-sent events (WHATWG HTML, 9.2.6), with bounds: a line or payload
//! that is too long is refused, where general parsers keep on growing. Comments, ids and event names
//! are dropped, so that a provider's event names can never mean anything to us.

use std::borrow::Cow;

/// Bytes of the longest line, and of the longest payload, that texts need.
pub(crate) const LONGEST: usize = 1024 * 1024;
/// Bytes of a buffer that are kept for the next line or payload; a longer one was an exception.
const KEPT: usize = 8 * 1024;

/// A line went on for too long.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

#[derive(Debug)]
pub(crate) struct Framer {
    /// Bytes of the longest line, and of the longest payload.
    longest: usize,
    /// A line whose end has not come yet.
    line: Vec<u8>,
    data: Vec<u8>,
    has_data: bool,
    /// `data` is a whole payload.
    complete: bool,
    /// The last byte was CR: an LF after it belongs to the same line end.
    after_cr: bool,
    started: bool,
}

impl Framer {
    pub(crate) fn new(longest: usize) -> Self {
        Self {
            longest,
            line: Vec::new(),
            data: Vec::new(),
            has_data: false,
            complete: false,
            after_cr: false,
            started: false,
        }
    }

    /// Takes bytes away from the front of `rest`, up to the end of the next payload if there is one:
    /// then the answer is yes, and [`Self::payload`] has it until the next call.
    pub(crate) fn take(&mut self, rest: &mut &[u8]) -> Result<bool, TooLong> {
        self.forget();
        while !rest.is_empty() && !self.complete {
            if std::mem::take(&mut self.after_cr) && rest[0] == b'\n' {
                *rest = &rest[1..];
                continue;
            }
            let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let (part, ended) = rest.split_at(end.unwrap_or(rest.len()));
            if self.line.len() + part.len() + self.data.len() > self.longest {
                return Err(TooLong);
            }
            let Some((mark, after)) = ended.split_first() else {
                self.line.extend_from_slice(part);
                *rest = ended;
                break;
            };
            self.after_cr = *mark == b'\r';
            *rest = after;
            if self.line.is_empty() {
                self.end_line(part);
            } else {
                self.line.extend_from_slice(part);
                self.end_kept_line();
            }
        }
        Ok(self.complete)
    }

    /// The stream is over: a last event without its blank line counts here, unlike in a browser.
    /// Answers as [`Self::take`] does.
    pub(crate) fn finish(&mut self) -> bool {
        self.forget();
        self.end_kept_line();
        self.complete |= std::mem::take(&mut self.has_data);
        self.complete
    }

    /// The payload that is complete. Bytes that are not UTF-8 are U+FFFD in it; its lines are joined by
    /// spaces, which JSON does not mind.
    pub(crate) fn payload(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.data)
    }

    fn forget(&mut self) {
        if std::mem::take(&mut self.complete) {
            empty(&mut self.data);
        }
    }

    fn end_kept_line(&mut self) {
        let mut line = std::mem::take(&mut self.line);
        self.end_line(&line);
        empty(&mut line);
        self.line = line;
    }

    fn end_line(&mut self, line: &[u8]) {
        let line = if std::mem::replace(&mut self.started, true) {
            line
        } else {
            line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line)
        };
        if line.is_empty() {
            self.complete = std::mem::take(&mut self.has_data);
        } else if let Some(value) = line.strip_prefix(b"data:") {
            if self.has_data {
                self.data.push(b' ');
            }
            self.data
                .extend_from_slice(value.strip_prefix(b" ").unwrap_or(value));
            self.has_data = true;
        }
    }
}

/// Keeps the allocation for the next time, within bounds.
fn empty(buffer: &mut Vec<u8>) {
    buffer.clear();
    buffer.shrink_to(KEPT);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(pieces: &[&[u8]]) -> Vec<String> {
        let (mut framer, mut out) = (Framer::new(LONGEST), Vec::new());
        for mut rest in pieces.iter().copied() {
            while framer.take(&mut rest).expect("short lines") {
                out.push(framer.payload().into_owned());
            }
            assert!(rest.is_empty());
        }
        while framer.finish() {
            out.push(framer.payload().into_owned());
        }
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
        let mut framer = Framer::new(LONGEST);
        let block = vec![b'x'; LONGEST / 4];
        let taken = (0..8)
            .take_while(|_| framer.take(&mut block.as_slice()).is_ok())
            .count();
        assert_eq!(taken, 4);
    }

    #[test]
    fn a_long_payload_leaves_no_long_buffer() {
        let mut framer = Framer::new(LONGEST);
        let event = format!("data: {}\n\ndata: a\n\n", "x".repeat(LONGEST / 2));
        for mut rest in event.as_bytes().chunks(10_000) {
            while framer.take(&mut rest).expect("short lines") {}
        }
        assert!(framer.line.capacity() + framer.data.capacity() <= 2 * KEPT);
    }
}
