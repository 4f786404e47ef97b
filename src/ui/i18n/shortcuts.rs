//! Texts of the keyboard shortcuts. The server alone writes the list, so the browser does not download these.

/// Texts of the keyboard shortcuts.
pub struct Shortcuts {
    pub title: &'static str,
    pub close: &'static str,
    /// What the switches are good for, and the way to the switch of all of them.
    pub hint: &'static str,
    pub all: &'static str,
    pub save: &'static str,
    /// What each does, by its name.
    pub deeds: [(&'static str, &'static str); 13],
    /// Keys that belong to the composer, and what they do.
    pub writing: [(&'static str, &'static str); 3],
}

impl Shortcuts {
    /// What the shortcut of this name does.
    #[must_use]
    pub fn deed(&self, name: &str) -> &'static str {
        let found = self.deeds.iter().find(|(known, _)| *known == name);
        found.map_or("", |(_, words)| words)
    }
}

pub const EN: Shortcuts = Shortcuts {
    title: "Keyboard shortcuts",
    close: "Close",
    hint: "Switch off what gets in the way of your browser or your aids.",
    all: "Switch all of them off at once",
    save: "Save",
    deeds: [
        ("new", "New conversation"),
        ("previous", "Previous conversation"),
        ("next", "Next conversation"),
        ("sidebar", "Show or hide the sidebar"),
        ("write", "Go to the composer"),
        ("stop", "Stop the reply"),
        ("reword", "Edit your last message, from an empty composer"),
        ("again", "Regenerate the last reply"),
        ("copy", "Copy the last reply"),
        ("code", "Copy the last block of code"),
        ("delete", "Delete this conversation"),
        ("settings", "Settings"),
        ("list", "This list"),
    ],
    writing: [
        ("Enter", "Send"),
        ("Shift+Enter", "New line"),
        ("Ctrl/⌘+Enter", "Send, always"),
    ],
};

pub const ZH_CN: Shortcuts = Shortcuts {
    title: "键盘快捷键",
    close: "关闭",
    hint: "与浏览器或辅助工具冲突的，可以在这里关掉。",
    all: "一次全部关掉",
    save: "保存",
    deeds: [
        ("new", "新对话"),
        ("previous", "上一个对话"),
        ("next", "下一个对话"),
        ("sidebar", "显示或隐藏侧栏"),
        ("write", "回到输入框"),
        ("stop", "停止回答"),
        ("reword", "输入框为空时，编辑上一条消息"),
        ("again", "重新生成最后的回答"),
        ("copy", "复制最后的回答"),
        ("code", "复制最后的代码块"),
        ("delete", "删除当前对话"),
        ("settings", "设置"),
        ("list", "打开本列表"),
    ],
    writing: [
        ("Enter", "发送"),
        ("Shift+Enter", "换行"),
        ("Ctrl/⌘+Enter", "始终发送"),
    ],
};

#[cfg(test)]
mod tests {
    use super::{EN, ZH_CN};
    use crate::state::shortcuts::SHORTCUTS;

    #[test]
    fn every_shortcut_has_its_words_in_every_language() {
        for shortcut in &SHORTCUTS {
            for texts in [&EN, &ZH_CN] {
                assert!(!texts.deed(shortcut.name).is_empty(), "{}", shortcut.name);
            }
        }
    }
}
