//! Ports for programs that cannot say which one they got, or that come back to the one that they had.

use std::net::TcpListener;

/// Where the system keeps the ports that it gives away itself.
const RANGE: &str = "/proc/sys/net/ipv4/ip_local_port_range";
const LOWEST: u16 = 10_000;
/// As Linux comes.
const USUAL: u16 = 32_768;

/// A free port of the loopback that no other program is given by chance, even while nobody listens on it.
///
/// # Panics
/// When there is none.
pub fn reserved() -> u16 {
    let text = std::fs::read_to_string(RANGE).unwrap_or_default();
    let first = text.split_whitespace().next();
    let given: u16 = first.and_then(|word| word.parse().ok()).unwrap_or(USUAL);
    // Where the system gives away all of them, chance has to do.
    let end = if given > LOWEST + 1000 { given } else { USUAL };
    for _ in 0..1000 {
        let port = fastrand::u16(LOWEST..end);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no free port");
}
