//! Texts of the sidebar.

/// Texts of the sidebar.
pub struct Sidebar {
    pub label: &'static str,
    pub list: &'static str,
    pub new: &'static str,
    /// The button that opens and closes it on a narrow screen.
    pub toggle: &'static str,
    /// The button that opens and closes it on a wide one.
    pub fold: &'static str,
    pub more: &'static str,
    pub loading: &'static str,
    pub empty: &'static str,
    pub failed: &'static str,
    /// The next page did not come: the link to it, once more.
    pub more_failed: &'static str,
    pub retry: &'static str,
    /// Heading of what was used today.
    pub today: &'static str,
    /// Marks on a row.
    pub writing: &'static str,
    pub unread: &'static str,
    /// What may be done with a conversation; its title follows.
    pub acts: fn(&str) -> String,
    pub menu: &'static str,
    pub rename: &'static str,
    /// The field for the new title.
    pub title: &'static str,
    pub delete: &'static str,
    pub deleted: fn(&str) -> String,
    pub undo: &'static str,
    /// The person's own menu, and what is in it.
    pub person: &'static str,
    pub profile: &'static str,
    pub settings: &'static str,
    pub history: &'static str,
    pub shortcuts: &'static str,
}

pub const EN: Sidebar = Sidebar {
    label: "Sidebar",
    list: "Conversations",
    new: "New conversation",
    toggle: "Conversations",
    fold: "Show or hide the sidebar",
    more: "Show more",
    loading: "Loading…",
    empty: "Your conversations will be listed here.",
    failed: "The list could not be loaded.",
    more_failed: "That did not work. Try again",
    retry: "Try again",
    today: "Today",
    writing: "A reply is being written",
    unread: "Not read yet",
    acts: |title| format!("Actions for {title}"),
    menu: "Conversation",
    rename: "Rename",
    title: "New title",
    delete: "Delete",
    deleted: |title| format!("“{title}” was deleted."),
    undo: "Undo",
    person: "Account menu",
    profile: "Profile",
    settings: "Settings",
    history: "History",
    shortcuts: "Keyboard shortcuts",
};

pub const ZH_CN: Sidebar = Sidebar {
    label: "侧栏",
    list: "对话",
    new: "新对话",
    toggle: "对话列表",
    fold: "显示或隐藏侧栏",
    more: "显示更多",
    loading: "加载中…",
    empty: "你的对话会列在这里。",
    failed: "列表没能加载出来。",
    more_failed: "没有成功，再试一次",
    retry: "重试",
    today: "今天",
    writing: "正在写回答",
    unread: "未读",
    acts: |title| format!("“{title}”的操作"),
    menu: "对话操作",
    rename: "重命名",
    title: "新标题",
    delete: "删除",
    deleted: |title| format!("已删除“{title}”。"),
    undo: "撤销",
    person: "账户菜单",
    profile: "我的账号",
    settings: "设置",
    history: "历史记录",
    shortcuts: "键盘快捷键",
};
