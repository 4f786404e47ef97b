//! Texts of replies side by side. They come with the tools that show them; what the forms of models say of it is theirs.

use super::Locale;

/// Texts of replies side by side.
pub struct Compare {
    /// What the group of them is called.
    pub title: &'static str,
    pub keep: &'static str,
    /// Beside its name, whose answer a button is about: the words on the button and the model.
    pub about: fn(&str, &str) -> String,
    /// Why an answer cannot be kept.
    pub not_yet: &'static str,
    pub offline: &'static str,
    /// At the one that the conversation goes on with, and, with its model, above the composer.
    pub ahead: &'static str,
    pub unless: fn(&str) -> String,
    /// So many tokens were written.
    pub tokens: fn(&str) -> String,
    /// What a screen reader is told.
    pub writing: &'static str,
    pub kept: fn(&str) -> String,
}

static EN: Compare = Compare {
    title: "Answers side by side",
    keep: "Keep this one",
    about: |words, model| format!("{words}: {model}"),
    not_yet: "You can keep this answer once it is complete.",
    offline: "You can keep an answer once you are online again.",
    ahead: "Goes on from here",
    unless: |model| format!("Goes on with {model}’s answer unless you keep another."),
    tokens: |count| format!("{count} tokens"),
    writing: "The answers are being written.",
    kept: |model| format!("The conversation goes on with {model}’s answer."),
};

static ZH_CN: Compare = Compare {
    title: "并排的回答",
    keep: "保留这个",
    about: |words, model| format!("{words}：{model}"),
    not_yet: "写完后才能保留这个回答。",
    offline: "恢复网络后才能保留回答。",
    ahead: "由此继续",
    unless: |model| format!("若不保留其他回答，对话将接着 {model} 的回答继续。"),
    tokens: |count| format!("{count} 个词元"),
    writing: "正在写几个回答。",
    kept: |model| format!("对话将接着 {model} 的回答继续。"),
};

impl Locale {
    /// Texts of replies side by side. For the tools alone.
    #[must_use]
    pub fn compared(self) -> &'static Compare {
        match self {
            Self::En => &EN,
            Self::ZhCn => &ZH_CN,
        }
    }
}
