//! Settings: from the environment, over a file; what cannot be used is explained.

use super::{check, command, end, settings, somewhere, start};

#[test]
fn a_misspelt_key_and_every_bad_value_are_listed_at_once() {
    let dir = somewhere();
    let bad = [
        ("PARLANCE_PUBLC_URL", "https://chat.example"),
        ("PARLANCE_ADDR", "nowhere"),
        ("PARLANCE_PUBLIC_URL", "ftp://chat.example"),
        ("PARLANCE_LOG_FORMAT", "xml"),
        ("PARLANCE_TRUSTED_PROXIES", "10.0.0.1, proxy"),
        ("PARLANCE_REGISTRATION", "maybe"),
        ("PARLANCE_LOGIN_ERRORS", "chatty"),
        ("PARLANCE_JOURNAL_DURABILITY", "eternal"),
        ("PARLANCE_UPSTREAM_PERMITS", "0"),
        ("OPENAI_BASE_URL", "localhost:11434"),
        ("DATABASE_URL", "oracle://sys:hunter2@x/y"),
    ];
    for ended in [start(&dir, &bad), check(&dir, &bad)] {
        assert!(!ended.success);
        assert_eq!(ended.sentences().len(), 1 + bad.len(), "{}", ended.err);
        let keys: Vec<_> = bad.iter().map(|(key, _)| *key).collect();
        ended.assert_says(&keys);
        ended.assert_says(&["misspelt", "open, closed", "json, text", "“proxy”"]);
    }
    assert!(!dir.path().join("data").exists());
}

#[test]
fn a_log_filter_that_is_none_is_refused() {
    let dir = somewhere();
    start(&dir, &[("PARLANCE_LOG", "info=loud=very")]).assert_one_sentence(&["PARLANCE_LOG"]);
    // `check` tells whatever `serve` would.
    let ended = check(&dir, &[("PARLANCE_LOG", "info=loud=very")]);
    assert!(!ended.success, "{}", ended.out);
    ended.assert_says(&["PARLANCE_LOG"]);
}

#[test]
fn check_tells_what_is_set_and_no_secret() {
    let dir = somewhere();
    let ended = check(
        &dir,
        &[
            ("OPENAI_API_KEY", "sk-hunter2"),
            ("OPENAI_MODEL", "gpt-x"),
            ("DATABASE_URL", "postgres://me:hunter2@127.0.0.1:1/chat"),
            ("PARLANCE_PUBLIC_URL", "https://chat.example"),
        ],
    );
    assert!(ended.success, "{}", ended.err);
    ended.assert_says(&[]);
    for word in [
        "127.0.0.1:0",
        "https://chat.example",
        "gpt-x",
        "DATABASE_URL",
    ] {
        assert!(ended.out.contains(word), "{word} in {}", ended.out);
    }
    assert!(
        !dir.path().join("data").exists(),
        "checking changes nothing"
    );
    assert!(check(&dir, &[]).out.contains("demo model"));
}

#[test]
fn the_file_is_read_and_the_environment_wins() {
    let dir = somewhere();
    std::fs::write(
        dir.path().join("parlance.toml"),
        "parlance_addr = \"127.0.0.1:4555\"\nparlance_registration = \"closed\"\nparlance_upstream_permits = 3\nopenai_model = \"from-the-file\"\nopenai_api_key = \"sk-hunter2\"\n",
    )
    .unwrap();
    let bare = |over: &[(&str, &str)]| {
        let mut settings = settings(dir.path(), over);
        settings.retain(|key, _| key != "PARLANCE_ADDR");
        end(command(&settings).arg("check").current_dir(&dir))
    };
    let read = bare(&[]);
    assert!(read.success, "{}", read.err);
    for word in ["127.0.0.1:4555", "closed", "from-the-file"] {
        assert!(read.out.contains(word), "{word} in {}", read.out);
    }
    let won = bare(&[
        ("OPENAI_MODEL", "from-the-environment"),
        ("PARLANCE_REGISTRATION", "open"),
    ]);
    assert!(
        won.out.contains("from-the-environment") && won.out.contains("127.0.0.1:4555"),
        "{}",
        won.out
    );
    assert!(!won.out.contains("closed"), "{}", won.out);
    let elsewhere = dir.path().join("other.toml");
    std::fs::write(&elsewhere, "parlance_addr = \"127.0.0.1:4666\"\n").unwrap();
    let named = bare(&[("PARLANCE_CONFIG", &elsewhere.display().to_string())]);
    assert!(
        named.out.contains("127.0.0.1:4666") && !named.out.contains("from-the-file"),
        "{}",
        named.out
    );
}

#[test]
fn a_file_that_cannot_be_used_is_refused() {
    let dir = somewhere();
    let file = dir.path().join("bad.toml");
    let name = file.display().to_string();
    start(&dir, &[("PARLANCE_CONFIG", "/nowhere/parlance.toml")])
        .assert_says(&["PARLANCE_CONFIG", "/nowhere/parlance.toml"]);
    for (text, word) in [
        ("parlance_addr = ", name.as_str()),
        ("[parlance]\naddr = \"x\"\n", "parlance"),
        ("parlance_adr = \"127.0.0.1:1\"\n", "PARLANCE_ADR"),
        ("parlance_registration = true\n", "PARLANCE_REGISTRATION"),
        ("database_url = \"oracle://u:hunter2@h\"\n", "DATABASE_URL"),
        ("openai_api_key = \"hunter2\" oops\n", "TOML"),
    ] {
        std::fs::write(&file, text).unwrap();
        let ended = start(&dir, &[("PARLANCE_CONFIG", &name)]);
        assert!(!ended.success, "{text}");
        ended.assert_says(&[word]);
    }
}

/// Nobody could ever answer a letter.
#[test]
fn letters_that_could_lead_nowhere_keep_it_from_starting() {
    let dir = somewhere();
    let required = ("PARLANCE_EMAIL_VERIFICATION", "required");
    let open = ("PARLANCE_ADDR", "0.0.0.0:0");
    for ended in [
        start(&dir, &[required, open]),
        check(&dir, &[required, open]),
    ] {
        assert!(!ended.success);
        ended.assert_says(&[
            "PARLANCE_EMAIL_VERIFICATION",
            "PARLANCE_PUBLIC_URL",
            "nobody could register",
        ]);
    }
    assert!(!dir.path().join("data").exists());
    let url = ("PARLANCE_PUBLIC_URL", "https://chat.example");
    let auto = ("PARLANCE_EMAIL_VERIFICATION", "auto");
    for fine in [vec![required, open, url], vec![required], vec![auto, open]] {
        let ended = check(&dir, &fine);
        assert!(ended.success, "{fine:?}: {}", ended.err);
    }
}
