//! Texts of the page where past conversations are managed. The server alone writes that page, so the browser does not
//! download these.

use super::Locale;

/// Texts of the page.
pub struct History {
    pub lead: &'static str,
    pub empty: &'static str,
    pub start: &'static str,
    pub list: &'static str,
    pub select: fn(&str) -> String,
    pub used: &'static str,
    pub save: &'static str,
    pub title: &'static str,
    pub delete_selected: &'static str,
    pub delete_all: &'static str,
    pub all_title: &'static str,
    pub all_lead: &'static str,
    /// The word that a person must type, and the label that asks for it.
    pub word: &'static str,
    pub word_label: &'static str,
    pub all_confirm: &'static str,
    pub wrong_word: &'static str,
    pub cancel: &'static str,
    pub deleted: fn(usize) -> String,
    pub emptied: &'static str,
    pub bin: &'static str,
    pub older: &'static str,
    pub newest: &'static str,
    pub chosen: &'static str,
}

const EN: History = History {
    lead: "All your conversations, last used first.",
    empty: "There are no conversations yet.",
    start: "Begin one",
    list: "Past conversations",
    select: |title| format!("Select {title}"),
    used: "Last used",
    save: "Save",
    title: "New title",
    delete_selected: "Delete selected",
    delete_all: "Delete all…",
    all_title: "Delete all conversations?",
    all_lead: "Every conversation of yours goes, with all of its messages. This cannot be undone here.",
    word: "delete",
    word_label: "Type “delete” to confirm",
    all_confirm: "Delete all",
    wrong_word: "Nothing was deleted: the word to confirm it was another one.",
    cancel: "Cancel",
    deleted: |count| match count {
        1 => "The conversation was deleted.".to_owned(),
        _ => format!("{count} conversations were deleted."),
    },
    emptied: "All conversations were deleted.",
    bin: "Deleted conversations leave the server after 30 days.",
    older: "Older",
    newest: "Newest",
    chosen: "Chosen conversation",
};

const ZH_CN: History = History {
    lead: "你的全部对话，最近使用的排在最前。",
    empty: "还没有对话。",
    start: "开始一个对话",
    list: "历史对话",
    select: |title| format!("选择“{title}”"),
    used: "最近使用",
    save: "保存",
    title: "新标题",
    delete_selected: "删除所选",
    delete_all: "全部删除…",
    all_title: "删除全部对话？",
    all_lead: "你的所有对话及其中的全部消息都会被删除。此操作无法在这里撤销。",
    word: "删除",
    word_label: "输入“删除”以确认",
    all_confirm: "全部删除",
    wrong_word: "没有删除任何内容：确认用的词不对。",
    cancel: "取消",
    deleted: |count| match count {
        1 => "对话已删除。".to_owned(),
        _ => format!("已删除 {count} 个对话。"),
    },
    emptied: "全部对话已删除。",
    bin: "已删除的对话会在 30 天后从服务器上清除。",
    older: "更早",
    newest: "最新",
    chosen: "选中的对话",
};

impl Locale {
    /// Texts of the page where past conversations are managed.
    #[must_use]
    pub fn history(self) -> &'static History {
        match self {
            Self::En => &EN,
            Self::ZhCn => &ZH_CN,
        }
    }
}

/// Whether this is the word that confirms a deletion, in any language.
#[must_use]
pub fn is_the_word(typed: &str) -> bool {
    let typed = typed.trim().to_lowercase();
    [EN.word, ZH_CN.word].contains(&typed.as_str())
}

#[cfg(test)]
mod tests {
    use super::is_the_word;

    #[test]
    fn the_word_may_be_typed_in_any_case_and_language() {
        for good in ["delete", " DELETE ", "删除"] {
            assert!(is_the_word(good), "{good}");
        }
        for bad in ["", "delet", "delete all", "yes"] {
            assert!(!is_the_word(bad), "{bad}");
        }
    }
}
