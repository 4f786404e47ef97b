//! Which script answers what. Pure: a question goes in, a text comes out. The texts are files beside
//! this one, so that whoever improves them needs to read no code.

use std::hash::{DefaultHasher, Hash, Hasher};

/// What the demo will say.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reply {
    /// Empty in most.
    pub(super) reasoning: String,
    pub(super) text: String,
}

/// Characters of the question that are quoted back.
const QUOTED: usize = 90;
/// Stands in a file between the reasoning and the answer.
const CUT: &str = "<!-- answer -->\n";

struct Topic {
    /// Whole words of English and any part of a Chinese text, between commas.
    words: &'static str,
    english: &'static str,
    chinese: &'static str,
}

macro_rules! topic {
    ($name:literal, $words:expr) => {
        Topic {
            words: $words,
            english: include_str!(concat!($name, ".en.md")),
            chinese: include_str!(concat!($name, ".zh.md")),
        }
    };
}

/// The first that has a word of the question answers.
const TOPICS: &[Topic] = &[
    topic!(
        "connect",
        "parlance, connect, key, provider, openai, ollama, deepseek, dashscope, vllm, qwen, demo, model, \
         who are you, 接入, 连接, 密钥, 模型, 演示, 你是谁, 配置"
    ),
    topic!(
        "code",
        "code, function, rust, python, javascript, typescript, program, algorithm, bug, sort, sql, \
         代码, 函数, 编程, 程序, 算法, 排序"
    ),
    topic!(
        "table",
        "table, compare, comparison, versus, vs, difference, 表格, 对比, 比较, 区别"
    ),
    topic!(
        "maths",
        "math, maths, mathematics, integral, equation, formula, proof, prove, probability, sum, \
         数学, 公式, 方程, 积分, 证明, 概率, 求和"
    ),
    topic!(
        "list",
        "list, steps, plan, tips, ideas, checklist, how to, advice, \
         列表, 步骤, 计划, 清单, 建议, 怎么, 如何"
    ),
    topic!(
        "greeting",
        "hello, hi, hey, thanks, welcome, 你好, 您好, 嗨, 早上好, 晚上好, 谢谢"
    ),
];

const TOUR: Topic = topic!("tour", "");

/// By the word of the question, else by its hash.
const PROGRAMS: &[(&str, &str)] = &[
    ("rust", include_str!("program.rust.md")),
    ("python", include_str!("program.python.md")),
    (
        "javascript, typescript, js",
        include_str!("program.javascript.md"),
    ),
];

impl Reply {
    pub(super) fn to(question: &str) -> Self {
        let padded = words(question);
        let topic = if question.trim().is_empty() {
            &TOPICS[TOPICS.len() - 1]
        } else {
            TOPICS
                .iter()
                .find(|topic| has(&padded, topic.words))
                .unwrap_or(&TOUR)
        };
        let chinese = is_chinese(question);
        let (script, openings) = if chinese {
            (topic.chinese, include_str!("openings.zh.txt"))
        } else {
            (topic.english, include_str!("openings.en.txt"))
        };
        let openings: Vec<&str> = openings.lines().collect();
        let program = PROGRAMS.iter().find(|(words, _)| has(&padded, words));
        let program = program
            .unwrap_or(&PROGRAMS[pick(question, PROGRAMS.len())])
            .1;
        // The question last: what a person writes is never looked through for marks.
        let filled = script
            .replace("{opening}", openings[pick(question, openings.len())])
            .replace("{program}\n", program)
            .replace("{question}", &quote(question, chinese));
        let (reasoning, text) = filled.split_once(CUT).unwrap_or(("", &filled));
        Self {
            reasoning: reasoning.trim().to_owned(),
            text: text.trim().to_owned(),
        }
    }

    /// A title for a conversation that begins so.
    pub(super) fn title(asked: &str) -> Self {
        let text = first_words(asked);
        let nothing = text.is_empty();
        Self::short(if nothing { "…".to_owned() } else { text })
    }

    /// Notes on a conversation.
    pub(super) fn notes(asked: &str) -> Self {
        let about = first_words(asked);
        Self::short(if is_chinese(&about) {
            format!("谈到了：{about}")
        } else {
            format!("They spoke about: {about}")
        })
    }

    /// What is left of it once `prefix` has been said.
    pub(super) fn after(self, prefix: &str) -> Self {
        let rest = self.text.strip_prefix(prefix).map(str::to_owned);
        Self::short(rest.unwrap_or(self.text))
    }

    fn short(text: String) -> Self {
        Self {
            reasoning: String::new(),
            text,
        }
    }
}

/// The first words of what a person wrote, without the marks that the product puts around it.
fn first_words(asked: &str) -> String {
    const WORDS: usize = 6;
    const CHINESE: usize = 12;
    let line = asked
        .lines()
        .map(str::trim)
        .find(|line| !(line.is_empty() || line.starts_with('<') && line.ends_with('>')))
        .unwrap_or_default();
    let words: Vec<&str> = line.split_whitespace().take(WORDS).collect();
    let words = words.join(" ");
    let end =
        |character: char| character.is_ascii_punctuation() || "，。？！、：；".contains(character);
    if is_chinese(&words) {
        let short: String = words.chars().take(CHINESE).collect();
        short.trim_end_matches(end).to_owned()
    } else {
        words.trim_end_matches(end).to_owned()
    }
}

/// Lower case, one space before and after every word, Chinese left as it is.
fn words(question: &str) -> String {
    let spaced: String = question
        .chars()
        .map(|character| {
            if character.is_ascii() && !character.is_ascii_alphanumeric() {
                ' '
            } else {
                character
            }
        })
        .collect();
    let words: Vec<&str> = spaced.split_whitespace().collect();
    format!(" {} ", words.join(" ").to_lowercase())
}

fn has(padded: &str, wanted: &str) -> bool {
    let mut wanted = wanted.split(", ").filter(|word| !word.is_empty());
    wanted.any(|word| {
        let begins_word =
            |at: usize| !padded[..at].ends_with(|before: char| before.is_ascii_alphanumeric());
        let ends_word =
            |at: usize| !padded[at..].starts_with(|after: char| after.is_ascii_alphanumeric());
        padded
            .match_indices(word)
            .any(|(at, _)| !word.is_ascii() || begins_word(at) && ends_word(at + word.len()))
    })
}

/// Chinese, unless most of it is words of Latin letters, or it has kana.
fn is_chinese(text: &str) -> bool {
    let han = text
        .chars()
        .filter(|character| ('\u{4e00}'..='\u{9fff}').contains(character))
        .count();
    let kana = text
        .chars()
        .any(|character| ('\u{3040}'..='\u{30ff}').contains(&character));
    let latin = text
        .split(|character: char| !character.is_ascii_alphabetic())
        .filter(|word| !word.is_empty());
    han > 0 && !kana && han >= latin.count()
}

fn pick(question: &str, among: usize) -> usize {
    let mut hasher = DefaultHasher::new();
    question.hash(&mut hasher);
    let among = u64::try_from(among).unwrap_or(1).max(1);
    usize::try_from(hasher.finish() % among).unwrap_or(0)
}

/// The beginning of the question on one line, its Markdown made harmless.
fn quote(question: &str, chinese: bool) -> String {
    let line = question.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() {
        return if chinese {
            "（没有文字）"
        } else {
            "(no words)"
        }
        .to_owned();
    }
    let mut quoted = String::new();
    for character in line.chars().take(QUOTED) {
        if character.is_ascii_punctuation()
            && !matches!(character, ',' | '?' | '\'' | '"' | '/' | '%')
        {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    if line.chars().nth(QUOTED).is_some() {
        quoted.push('…');
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_in_the_language_of_the_question() {
        for (question, chinese) in [
            ("Hello there", false),
            ("你好", true),
            ("用 Rust 写一个 hello world", true),
            ("What does 你好 mean?", false),
            ("これは日本語です", false),
            ("", false),
        ] {
            assert_eq!(is_chinese(question), chinese, "{question}");
        }
    }

    #[test]
    fn picks_the_script_by_what_was_asked() {
        for (question, mark) in [
            ("How do I connect a real model?", "OPENAI_BASE_URL"),
            ("怎么接入真实模型？", "OPENAI_BASE_URL"),
            ("Write a Python function", "```python"),
            ("写一段 JavaScript 代码", "```javascript"),
            ("Compare A and B", "| :--- |"),
            ("解这个方程", "$$"),
            ("Give me a list.", "1. "),
            ("Hi!", "# "),
            ("Something else altogether", "$$"),
        ] {
            let text = Reply::to(question).text;
            assert!(text.contains(mark), "{question}: {text}");
        }
        assert_ne!(Reply::to("this is high").text, Reply::to("hi").text);
    }

    #[test]
    fn every_script_is_whole_and_says_what_it_is() {
        for topic in TOPICS.iter().chain([&TOUR]) {
            for (word, script) in [("demo", topic.english), ("演示", topic.chinese)] {
                assert!(script.contains(word), "{script}");
                assert!(script.contains("## "), "{script}");
                assert_eq!(script.matches("```").count() % 2, 0, "{script}");
                assert_eq!(script.matches("$$").count() % 2, 0, "{script}");
            }
        }
        for topic in TOPICS {
            for word in topic.words.split(", ") {
                let reply = Reply::to(word);
                for mark in ["{question}", "{opening}", "{program}", "<!--"] {
                    assert!(
                        !reply.text.contains(mark) && !reply.reasoning.contains(mark),
                        "{word}"
                    );
                }
            }
        }
    }

    #[test]
    fn the_question_is_quoted_without_its_markdown() {
        let reply = Reply::to("# **bold** <script>\n\n{opening} `x` $y$");
        assert!(
            reply
                .text
                .contains(r"> \# \*\*bold\*\* \<script\> \{opening\} \`x\` \$y\$"),
            "{}",
            reply.text
        );
        let long = Reply::to(&"词".repeat(500));
        assert!(long.text.contains(&format!("{}…", "词".repeat(QUOTED))));
    }

    #[test]
    fn some_answers_show_their_reasoning() {
        assert!(!Reply::to("maths").reasoning.is_empty());
        assert!(!Reply::to("比较").reasoning.is_empty());
        assert!(Reply::to("hello").reasoning.is_empty());
    }
}
