//! Texts of moving through a long conversation and of looking for words in it.

/// Texts of moving through a long conversation and of looking for words in it.
pub struct Find {
    /// The way to later messages.
    pub later: &'static str,
    /// The scrolled part of the page.
    pub frame: &'static str,
    /// On the button that leads to the end, when there is new text.
    pub fresh: &'static str,
    pub label: &'static str,
    pub field: &'static str,
    pub previous: &'static str,
    pub next: &'static str,
    pub close: &'static str,
    pub none: &'static str,
    /// Which of how many messages.
    pub place: fn(usize, usize) -> String,
}

pub const EN: Find = Find {
    later: "Later messages",
    frame: "Conversation, scrollable",
    fresh: "New text below",
    label: "Find in this conversation",
    field: "Find in this conversation",
    previous: "Previous match",
    next: "Next match",
    close: "Close the search",
    none: "No match",
    place: |at, count| format!("{at} of {count}"),
};

pub const ZH_CN: Find = Find {
    later: "后面的消息",
    frame: "对话内容，可滚动",
    fresh: "下方有新内容",
    label: "在此对话中查找",
    field: "在此对话中查找",
    previous: "上一个匹配",
    next: "下一个匹配",
    close: "关闭查找",
    none: "没有匹配的内容",
    place: |at, count| format!("第 {at}/{count} 个"),
};
