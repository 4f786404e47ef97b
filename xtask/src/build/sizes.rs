//! What a first visit costs, as a table.

use super::manifest::{Entry, Manifest};

/// Bytes of a first load, brotli: the page until it is hydrated, nothing streaming, without its document.
pub const FIRST_LOAD_BUDGET: u64 = 320 * 1024 - DOCUMENT;
/// What a page's HTML may weigh of the 320 KiB.
const DOCUMENT: u64 = 12 * 1024;
/// Bytes of the lazy render chunk, brotli.
const RENDER_BUDGET: u64 = 170 * 1024;

/// Prints the table. `make bench` fails on what weighs more than it may.
pub fn print(manifest: &Manifest) {
    println!("\n{:<36} {:>11} {:>11} {:>11}", "", "raw", "gzip", "brotli");
    let first = manifest.first_load();
    group("first load", manifest, &first, FIRST_LOAD_BUDGET);
    let render = manifest.render_chunk();
    group("render chunk, lazy", manifest, &render, RENDER_BUDGET);
    println!("when first needed");
    for (name, urls) in &manifest.lazy {
        let entries = || urls.iter().filter_map(|url| manifest.files.get(url));
        let sum = |part: fn(&Entry) -> u64| entries().map(part).sum::<u64>();
        let sizes = [sum(|entry| entry.bytes), sum(gzip), sum(Entry::sent)];
        row(&format!("  {name}"), sizes);
    }
    println!();
}

fn group(name: &str, manifest: &Manifest, urls: &[&str], budget: u64) {
    let entries = || {
        urls.iter()
            .filter_map(|url| manifest.files.get_key_value(*url))
    };
    for (url, entry) in entries() {
        row(url, [entry.bytes, gzip(entry), entry.sent()]);
    }
    let sum = |part: fn(&Entry) -> u64| entries().map(|(_, entry)| part(entry)).sum::<u64>();
    let sent = sum(Entry::sent);
    row(name, [sum(|entry| entry.bytes), sum(gzip), sent]);
    let verdict = if sent <= budget { "within" } else { "OVER" };
    println!("{:>36} {verdict} its budget of {}", "", kib(budget));
}

fn gzip(entry: &Entry) -> u64 {
    entry.gz.unwrap_or(entry.bytes)
}

fn row(name: &str, sizes: [u64; 3]) {
    let [raw, gz, br] = sizes.map(kib);
    println!("{name:<36} {raw:>11} {gz:>11} {br:>11}");
}

/// Bytes for people, in KiB.
pub fn kib(bytes: u64) -> String {
    format!("{}.{} KiB", bytes / 1024, bytes % 1024 * 10 / 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_kibibytes_with_one_digit() {
        assert_eq!(kib(1536), "1.5 KiB");
        assert_eq!(kib(1023), "0.9 KiB");
    }
}
