//! Texts of the settings. Only the server makes these pages (`kit::still`), so the texts are no part of
//! [`Texts`](super::Texts) and never reach the WASM; a missing one still does not compile.

use super::{Locale, Texts};

/// A setting with its choices: name, explanation, and a name for each choice in the order of the form.
pub struct Choices<const N: usize> {
    pub name: &'static str,
    pub hint: &'static str,
    pub choices: [&'static str; N],
}

/// Texts of the settings.
pub struct Settings {
    pub title: &'static str,
    pub pages: &'static str,
    pub general: &'static str,
    pub appearance: &'static str,
    pub chat: &'static str,
    pub save: &'static str,
    pub saved: &'static str,
    pub language: &'static str,
    pub language_hint: &'static str,
    /// What the browser asks for.
    pub language_auto: &'static str,
    pub zone: &'static str,
    pub zone_hint: &'static str,
    /// The browser's; its name, if it is known.
    pub zone_auto: fn(Option<&str>) -> String,
    /// Names of the parts of the world, in the order of `moment::AREAS`.
    pub zone_areas: [&'static str; 10],
    pub theme: Choices<3>,
    pub accent: Choices<4>,
    pub text_size: Choices<4>,
    pub density: Choices<2>,
    pub width: Choices<2>,
    pub motion: Choices<2>,
    /// Enter sends; Enter begins a new line.
    pub enter: Choices<2>,
    pub streaming: Choices<3>,
    pub shortcuts: &'static str,
    pub shortcuts_hint: &'static str,
}

const EN: Settings = Settings {
    title: "Settings",
    pages: "Pages of the settings",
    general: "General",
    appearance: "Appearance",
    chat: "Chat",
    save: "Save",
    saved: "Saved",
    language: "Language",
    language_hint: "Of the pages. A model replies in whatever language you write.",
    language_auto: "As the browser asks",
    zone: "Time zone",
    zone_hint: "Times and days are told in it. A browser without scripts cannot say which one is yours.",
    zone_auto: |known| match known {
        Some(name) => format!("As the browser has it ({name})"),
        None => "As the browser has it".to_owned(),
    },
    zone_areas: [
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian Ocean",
        "Pacific",
    ],
    theme: Choices {
        name: "Theme",
        hint: "",
        choices: ["System", "Light", "Dark"],
    },
    accent: Choices {
        name: "Accent",
        hint: "The colour of links, focus and buttons.",
        choices: ["Indigo", "Pine", "Plum", "Ochre"],
    },
    text_size: Choices {
        name: "Text size",
        hint: "Everything grows with it, on top of your browser’s own setting.",
        choices: ["Small", "Medium", "Large", "Largest"],
    },
    density: Choices {
        name: "Density",
        hint: "",
        choices: ["Comfortable", "Compact"],
    },
    width: Choices {
        name: "Width of conversations",
        hint: "",
        choices: ["Normal", "Wide"],
    },
    motion: Choices {
        name: "Motion",
        hint: "",
        choices: ["As the system has it", "Reduced"],
    },
    enter: Choices {
        name: "Enter key",
        hint: "Ctrl+Enter (⌘+Enter on a Mac) always sends. On touch keyboards Enter begins a new line.",
        choices: ["Sends; Shift+Enter begins a new line", "Begins a new line"],
    },
    streaming: Choices {
        name: "Replies appear",
        hint: "“When complete” is calmer, and easier on screen readers.",
        choices: ["Smoothly", "As they arrive", "When complete"],
    },
    shortcuts: "Keyboard shortcuts",
    shortcuts_hint: "Switch them off if they get in the way of an input method or assistive software.",
};

const ZH_CN: Settings = Settings {
    title: "设置",
    pages: "设置分类",
    general: "通用",
    appearance: "外观",
    chat: "对话",
    save: "保存",
    saved: "已保存",
    language: "语言",
    language_hint: "只影响界面。模型用什么语言回答，取决于你用什么语言提问。",
    language_auto: "跟随浏览器",
    zone: "时区",
    zone_hint: "时间和日期按此时区显示。浏览器停用脚本时无法告知时区，请在这里选择。",
    zone_auto: |known| match known {
        Some(name) => format!("跟随浏览器（{name}）"),
        None => "跟随浏览器".to_owned(),
    },
    zone_areas: [
        "非洲",
        "美洲",
        "南极洲",
        "北极",
        "亚洲",
        "大西洋",
        "澳大利亚",
        "欧洲",
        "印度洋",
        "太平洋",
    ],
    theme: Choices {
        name: "主题",
        hint: "",
        choices: ["跟随系统", "浅色", "深色"],
    },
    accent: Choices {
        name: "强调色",
        hint: "用于链接、焦点和按钮。",
        choices: ["靛蓝", "松绿", "梅紫", "赭石"],
    },
    text_size: Choices {
        name: "文字大小",
        hint: "界面会随之一起缩放，并与浏览器自身的字号设置叠加。",
        choices: ["小", "标准", "大", "特大"],
    },
    density: Choices {
        name: "疏密",
        hint: "",
        choices: ["宽松", "紧凑"],
    },
    width: Choices {
        name: "对话宽度",
        hint: "",
        choices: ["标准", "加宽"],
    },
    motion: Choices {
        name: "动态效果",
        hint: "",
        choices: ["跟随系统", "减弱"],
    },
    enter: Choices {
        name: "回车键",
        hint: "Ctrl+回车（Mac 上为 ⌘+回车）始终发送。触屏键盘上，回车用于换行。",
        choices: ["发送；Shift+回车换行", "换行"],
    },
    streaming: Choices {
        name: "回答的显示方式",
        hint: "“完成后显示”更安静，也更适合屏幕阅读器。",
        choices: ["平滑显示", "收到即显示", "完成后显示"],
    },
    shortcuts: "键盘快捷键",
    shortcuts_hint: "如果与输入法或辅助软件冲突，可以在这里关闭。",
};

impl Texts {
    /// The settings' texts in this language.
    #[must_use]
    pub fn settings(&self) -> &'static Settings {
        match self.locale {
            Locale::En => &EN,
            Locale::ZhCn => &ZH_CN,
        }
    }
}
