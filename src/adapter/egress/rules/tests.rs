//! What people write into address fields to reach what they should not.

use super::*;

fn rules(allow: &[(&str, u16)]) -> Rules {
    let allow = allow
        .iter()
        .map(|(host, port)| (Host::parse(host).unwrap(), *port));
    Rules {
        allow: allow.collect(),
    }
}

/// Hosts, each as `https://HOST/v1`.
const INSIDE: &[&str] = &[
    // loopback, in all the ways that C libraries read numbers
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0x7F.0x0.0x0.0x1",
    "0x7f.1",
    "0177.0.0.1",
    "0177.0.0.01",
    "017700000001",
    "127.0.0.1.",
    // as other scripts and escapes write it
    "127。0。0。1",
    "１２７．０．０．１",
    "①②⑦.⓪.⓪.①",
    "%31%32%37.0.0.1",
    "127%2e0%2e0%2e1",
    "0",
    "0x0",
    "00.00.00.00",
    "0.0.0.0",
    // private and shared
    "10.0.0.1",
    "10.255.255.255",
    "167772161",
    "012.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.0.1",
    "192.168.257",
    "0xc0a80001",
    "100.64.0.1",
    "100.100.100.200",
    // metadata
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "0251.0376.0251.0376",
    "169.254.43518",
    "168.63.129.16",
    "0xa83f8110",
    "192.0.0.192",
    // documentation, benchmarks, multicast, reserved
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "4294967295",
    // the same in IPv6
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[0000::0001]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::FFFF:A9FE:A9FE]",
    "[::ffff:168.63.129.16]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::a9fe:a9fe]",
    "[64:ff9b::a83f:8110]",
    "[64:ff9b:1::8.8.8.8]",
    "[2002:7f00:1::]",
    "[2002:a9fe:a9fe::1]",
    "[2001:0:7f00:1::]",
    "[2001:0:4136:e378:8000:63bf:80ff:fffe]",
    "[2620:1::5efe:7f00:1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[febf::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[100::1]",
    "[2001:db8::1]",
    "[3fff::1]",
    "[5f00::1]",
    // names
    "localhost",
    "LOCALHOST",
    "ⓛocalhost",
    "loc%61lhost",
    "ｌｏｃａｌｈｏｓｔ",
    "api.localhost",
    "ollama",
    "printer.local",
    "router.home.arpa",
    "home.arpa",
    "metadata.google.internal",
];

#[test]
fn row_38_no_spelling_leads_inside() {
    assert!(INSIDE.len() >= 60);
    for host in INSIDE {
        for port in ["", ":443", ":8443"] {
            let address = format!("https://{host}{port}/v1");
            assert_eq!(
                rules(&[]).read(&address),
                Err(Blocked::Internal),
                "{address}"
            );
        }
    }
}

#[test]
fn row_39_an_address_that_parsers_read_differently_is_read_once() {
    for (address, why) in [
        (r"http://127.0.0.1:6666\@1.1.1.1", Blocked::Malformed),
        (r"https://127.0.0.1\@1.1.1.1/", Blocked::Malformed),
        (r"https:\\127.0.0.1\", Blocked::Malformed),
        ("https://127.0\t.0.1/", Blocked::Malformed),
        ("https://1.1.1.1\n/", Blocked::Malformed),
        (" https://1.1.1.1/", Blocked::Malformed),
        ("https://1.1.1.1 @127.0.0.1/", Blocked::Malformed),
        (
            "https://api.example.com\0.evil.example/",
            Blocked::Malformed,
        ),
        ("https://1.1.1.1@127.0.0.1/", Blocked::Credentials),
        ("https://1.1.1.1:443@127.0.0.1/", Blocked::Credentials),
        ("https://127.0.0.1@1.1.1.1/", Blocked::Credentials),
        ("https://:secret@1.1.1.1/", Blocked::Credentials),
        ("https://127.0.0.1#@1.1.1.1/", Blocked::Internal),
        ("https://127.0.0.1?@1.1.1.1/", Blocked::Internal),
        ("https://127.0.0.1/@1.1.1.1/", Blocked::Internal),
        ("https:127.0.0.1/", Blocked::Internal),
        ("https:/127.0.0.1/", Blocked::Internal),
        ("https:////127.0.0.1/", Blocked::Internal),
        ("HTTPS://127.0.0.1/", Blocked::Internal),
        ("https://@127.0.0.1/", Blocked::Internal),
        ("https://localhost./", Blocked::Malformed),
        ("https://api.example.com./", Blocked::Malformed),
        ("https://[fe80::1%25eth0]/", Blocked::Malformed),
        ("https://[::1/", Blocked::Malformed),
        ("https://256.256.256.256/", Blocked::Malformed),
        ("https://1.2.3.4.5/", Blocked::Malformed),
        ("https://", Blocked::Malformed),
        ("//127.0.0.1/", Blocked::Malformed),
        ("127.0.0.1:443", Blocked::Malformed),
        ("", Blocked::Malformed),
    ] {
        assert_eq!(rules(&[]).read(address), Err(why), "{address}");
    }
}

#[test]
fn row_36_only_https_on_its_ports_goes_out() {
    for (address, why) in [
        ("http://api.example.com/v1", Blocked::Scheme),
        ("http://api.example.com:443/v1", Blocked::Scheme),
        ("ftp://api.example.com/", Blocked::Scheme),
        ("gopher://api.example.com/", Blocked::Scheme),
        ("file:///etc/passwd", Blocked::Scheme),
        ("ws://api.example.com/", Blocked::Scheme),
        ("data:text/plain,x", Blocked::Scheme),
        ("javascript:alert(1)", Blocked::Scheme),
        ("localhost:11434", Blocked::Scheme),
        ("https://api.example.com:22/", Blocked::Port),
        ("https://api.example.com:80/", Blocked::Port),
        ("https://api.example.com:6379/", Blocked::Port),
        ("https://api.example.com:0/", Blocked::Port),
        ("https://me:secret@api.example.com/", Blocked::Credentials),
    ] {
        assert_eq!(rules(&[]).read(address), Err(why), "{address}");
    }
    for (address, called) in [
        ("https://api.example.com/v1", "https://api.example.com/v1"),
        (
            "https://API.example.com:443/v1",
            "https://api.example.com/v1",
        ),
        (
            "https://api.example.com:8443/",
            "https://api.example.com:8443/",
        ),
        ("https://1.1.1.1/", "https://1.1.1.1/"),
        ("https://0x01010101/", "https://1.1.1.1/"),
        (
            "https://[2606:4700:4700::1111]/",
            "https://[2606:4700:4700::1111]/",
        ),
        ("https://[64:ff9b::808:808]/", "https://[64:ff9b::808:808]/"),
        ("https://[::ffff:8.8.8.8]/", "https://[::ffff:808:808]/"),
        ("https://模型.example/", "https://xn--xgs754b.example/"),
        (
            "https://localhost.example.com/",
            "https://localhost.example.com/",
        ),
        ("https://a.notlocal/", "https://a.notlocal/"),
    ] {
        let url = rules(&[]).read(address);
        assert!(url.is_ok(), "{address}: {url:?}");
        assert_eq!(url.unwrap().as_str(), called);
    }
}

#[test]
fn row_40_the_list_means_exactly_what_it_says() {
    let rules = rules(&[
        ("127.0.0.1", 11434),
        ("[::1]", 8000),
        ("ollama", 11434),
        ("corp.com", 9000),
        ("llm.corp.com", 443),
    ]);
    let way = |address: &str| rules.read(address).and_then(|url| rules.way(&url));
    for address in [
        "http://127.0.0.1:11434/v1",
        "https://127.0.0.1:11434/v1",
        "http://[::1]:8000/v1",
        "http://ollama:11434/v1",
        "http://OLLAMA:11434/v1",
        "http://corp.com:9000/",
        "http://llm.corp.com:443/",
    ] {
        assert_eq!(way(address), Ok(Way::Listed), "{address}");
    }
    for address in [
        "http://127.0.0.1:11435/",
        "http://127.0.0.1/",
        "https://127.0.0.1/",
        "http://127.0.0.2:11434/",
        "http://[::ffff:127.0.0.1]:11434/",
        "http://[::1]:11434/",
        "http://localhost:11434/",
        "http://ollama/",
        "http://ollama:8000/",
        "https://ollama/",
        "http://ollama.:11434/",
        "http://notollama:11434/",
        "http://ollama.evil.example:11434/",
        "http://evilcorp.com:9000/",
        "http://corp.com.evil.example:9000/",
        "http://a.corp.com:9000/",
        "http://corp.com:9000@127.0.0.1/",
        "http://me@ollama:11434/",
        "ftp://ollama:11434/",
    ] {
        assert!(way(address).is_err(), "{address}");
    }
    // On the list with another port: this one is as any other's.
    assert_eq!(way("https://corp.com/"), Ok(Way::Public));
}
