//! Who is asked is a matter of settings, and what is wrong with them is said before anything starts.

use std::collections::BTreeMap;

use tempfile::TempDir;

use crate::harness::server::command;

/// What `parlance check` says, and whether it is content.
fn check(pairs: &[(&str, &str)]) -> (bool, String) {
    let dir = TempDir::new().expect("temporary directory");
    let data = dir.path().join("data").display().to_string();
    let pairs = [("PARLANCE_DATA_DIR", data.as_str())]
        .into_iter()
        .chain(pairs.iter().copied());
    let settings: BTreeMap<_, _> = pairs
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect();
    let output = command(&settings)
        .arg("check")
        .current_dir(&dir)
        .output()
        .expect("the binary starts");
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8(text).expect("UTF-8");
    assert!(!text.contains("hunter2"), "{text}");
    (output.status.success(), text)
}

#[test]
fn the_only_provider_whose_key_is_there_is_asked() {
    let anthropic = ("ANTHROPIC_API_KEY", "sk-ant-hunter2");
    let gemini = ("GEMINI_API_KEY", "hunter2");
    for (pairs, word) in [
        (
            vec![anthropic],
            "first listed model at https://api.anthropic.com",
        ),
        (
            vec![gemini, ("GEMINI_MODEL", "gemini-2.5-pro")],
            "gemini-2.5-pro at https://generativelanguage.googleapis.com",
        ),
        (
            vec![("PARLANCE_AGENT_URL", "http://me:hunter2@10.0.0.9:8090/ask")],
            "agent at http://10.0.0.9:8090/ask",
        ),
        (
            vec![anthropic, gemini, ("PARLANCE_PROVIDER", "gemini")],
            "googleapis.com",
        ),
        (
            vec![anthropic, ("OPENAI_API_KEY", "sk-hunter2")],
            "https://api.openai.com/v1",
        ),
    ] {
        let (is_content, text) = check(&pairs);
        assert!(is_content && text.contains(word), "{text}");
    }
}

#[test]
fn what_is_missing_is_named() {
    let anthropic = ("ANTHROPIC_API_KEY", "sk-ant-hunter2");
    for (pairs, words) in [
        (
            vec![("PARLANCE_PROVIDER", "anthropic")],
            ["ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"],
        ),
        (
            vec![anthropic, ("GEMINI_API_KEY", "hunter2")],
            ["PARLANCE_PROVIDER", "anthropic, gemini"],
        ),
        (
            vec![("PARLANCE_PROVIDER", "claude"), anthropic],
            ["PARLANCE_PROVIDER", "openai, anthropic, gemini, agent"],
        ),
    ] {
        let (is_content, text) = check(&pairs);
        assert!(!is_content);
        for word in words {
            assert!(text.contains(word), "“{word}” in: {text}");
        }
    }
}
