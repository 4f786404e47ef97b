//! Texts of the kit.

/// Texts of the kit.
pub struct Kit {
    pub close: &'static str,
    /// What the place of the toasts is called.
    pub news: &'static str,
    /// Title of the settings' window; their other texts are the server's alone.
    pub settings: &'static str,
}

pub const EN: Kit = Kit {
    close: "Close",
    news: "Notifications",
    settings: "Settings",
};

pub const ZH_CN: Kit = Kit {
    close: "关闭",
    news: "通知",
    settings: "设置",
};
