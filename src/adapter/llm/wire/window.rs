//! How many tokens a model's window has, by its name, where nobody has configured it. Providers do not tell in their
//! list of models. Only names that mean one size wherever they run: a local server decides for itself how much it loads.

/// For every name that is not known. Servers that have less should be told so by `OPENAI_CONTEXT_TOKENS` or
/// `PARLANCE_CONTEXT_TOKENS`.
const DEFAULT: u32 = 32_768;

/// Beginnings of names, and tokens; the first that fits counts. From the vendors' model pages, 2026-11.
const KNOWN: &[(&str, u32)] = &[
    ("gpt-5", 400_000),
    ("gpt-4.1", 1_047_576),
    ("gpt-4o", 128_000),
    ("chatgpt-4o", 128_000),
    ("gpt-4-turbo", 128_000),
    ("gpt-4-32k", 32_768),
    ("gpt-4", 8_192),
    ("gpt-3.5-turbo", 16_385),
    ("o1-mini", 128_000),
    ("o1", 200_000),
    ("o3", 200_000),
    ("o4-mini", 200_000),
    ("claude-", 200_000),
    ("gemini-", 1_048_576),
    ("deepseek-chat", 128_000),
    ("deepseek-reasoner", 128_000),
    ("qwen3-max", 262_144),
    ("qwen-max", 32_768),
    ("qwen-plus", 131_072),
    ("qwen-flash", 131_072),
    ("qwen-turbo", 131_072),
    ("moonshot-v1-8k", 8_192),
    ("moonshot-v1-32k", 32_768),
    ("moonshot-v1-128k", 131_072),
    ("kimi-k2", 131_072),
    ("glm-4", 131_072),
    ("mistral-large", 131_072),
    ("grok-", 131_072),
];

/// Tokens that prompt and answer may have together.
pub(crate) fn of(model: &str) -> u32 {
    // Brokers put the vendor before the name: `openai/gpt-4o`.
    let name = model.rsplit('/').next().unwrap_or(model);
    KNOWN
        .iter()
        .find(|(beginning, _)| name.starts_with(beginning))
        .map_or(DEFAULT, |(_, tokens)| *tokens)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_known_beginning_counts() {
        for (at, (name, tokens)) in KNOWN.iter().enumerate() {
            assert_eq!(of(name), *tokens, "{name} is hidden by one before {at}");
        }
        assert_eq!(of("openai/gpt-4o-mini"), 128_000);
        assert_eq!(of("gpt-4-0613"), 8_192);
        assert_eq!(of("words-200@50"), DEFAULT);
        assert_eq!(of(""), DEFAULT);
    }
}
