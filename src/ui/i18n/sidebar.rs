//! Texts of the sidebar.

/// Texts of the sidebar.
pub struct Sidebar {
    pub label: &'static str,
    pub list: &'static str,
    pub new: &'static str,
    /// The button that opens and closes it on a narrow screen.
    pub toggle: &'static str,
    pub more: &'static str,
    pub empty: &'static str,
    pub failed: &'static str,
    /// A mark on a row.
    pub writing: &'static str,
}

pub const EN: Sidebar = Sidebar {
    label: "Sidebar",
    list: "Conversations",
    new: "New conversation",
    toggle: "Conversations",
    more: "Show more",
    empty: "Your conversations will be listed here.",
    failed: "The list could not be loaded.",
    writing: "A reply is being written",
};

pub const ZH_CN: Sidebar = Sidebar {
    label: "侧栏",
    list: "对话",
    new: "新对话",
    toggle: "对话列表",
    more: "显示更多",
    empty: "你的对话会列在这里。",
    failed: "列表没能加载出来。",
    writing: "正在写回答",
};
