//! Texts of the installed app: updates, the time without a network, notifications.

/// Texts of the installed app.
pub struct Pwa {
    /// Name of the region in which notices appear.
    pub notices: &'static str,
    pub update: &'static str,
    pub reload: &'static str,
    pub later: &'static str,
    pub offline: &'static str,
    /// What follows where messages can be written.
    pub offline_writing: &'static str,
    pub try_again: &'static str,
    pub install: &'static str,
    pub install_button: &'static str,
    /// For browsers that install from a menu of their own.
    pub install_ios: &'static str,
    pub push: &'static str,
    pub push_button: &'static str,
    pub offline_title: &'static str,
    pub offline_lead: &'static str,
    /// Heading above the conversations that can be read without a network.
    pub offline_list: &'static str,
    /// Body of a notification; its title is the conversation's.
    pub done: &'static str,
    /// What the pictures in the install dialog show.
    pub picture_wide: &'static str,
    pub picture_narrow: &'static str,
}

pub const EN: Pwa = Pwa {
    notices: "Notices",
    update: "A new version is ready.",
    reload: "Reload",
    later: "Not now",
    offline: "Offline. You can go on reading.",
    offline_writing: " What you send is kept, and goes out when you are back.",
    try_again: "Try again",
    install: "Keep Parlance at hand: install it as an app.",
    install_button: "Install",
    install_ios: "Keep Parlance at hand: tap Share, then “Add to Home Screen”.",
    push: "This one takes a while. Shall we tell you when it is done?",
    push_button: "Notify me",
    offline_title: "No connection",
    offline_lead: "The server cannot be reached from here. As soon as it can, this page goes on by itself.",
    offline_list: "Conversations you can read meanwhile",
    done: "The reply is there.",
    picture_wide: "A conversation on a large screen, with the list beside it",
    picture_narrow: "A conversation on a phone",
};

pub const ZH_CN: Pwa = Pwa {
    notices: "通知",
    update: "新版本已就绪。",
    reload: "重新加载",
    later: "暂不",
    offline: "已离线，可以继续阅读。",
    offline_writing: "你发的消息会先留着，恢复连接后再发出。",
    try_again: "重试",
    install: "把 Parlance 安装成应用，随手就能打开。",
    install_button: "安装",
    install_ios: "想随手打开 Parlance？点“分享”，再选“添加到主屏幕”。",
    push: "这个回答要写一会儿。写好后要通知你吗？",
    push_button: "通知我",
    offline_title: "没有网络连接",
    offline_lead: "现在连不上服务器。连上之后，这个页面会自动继续。",
    offline_list: "这些对话现在也能阅读",
    done: "回答写好了。",
    picture_wide: "大屏幕上的对话，旁边是对话列表",
    picture_narrow: "手机上的对话",
};
