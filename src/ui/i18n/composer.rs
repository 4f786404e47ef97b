//! Texts of the composer and the queue above it.

/// Texts of the composer.
pub struct Composer {
    /// In place of "Send" while a reply is being written.
    pub send_later: &'static str,
    /// What Enter does, and what it does where the person swapped it.
    pub enter_sends: &'static str,
    pub enter_breaks: &'static str,
    /// Size of the text in KiB, near the greatest.
    pub size: fn(usize) -> String,
    /// Messages that wait: what the list is called, and why they do.
    pub queue: &'static str,
    pub queue_busy: &'static str,
    pub queue_held: &'static str,
    pub queue_offline: &'static str,
    pub send_now: &'static str,
    pub edit: &'static str,
    pub discard: &'static str,
    /// A message that was not taken, with the reason.
    pub failed: fn(&str) -> String,
    pub retry: &'static str,
    /// Files and long pastes.
    pub drop_here: &'static str,
    /// With the file's name.
    pub no_text: fn(&str) -> String,
    pub too_large: fn(&str) -> String,
    pub pasted: &'static str,
    pub make_block: &'static str,
}

pub const EN: Composer = Composer {
    send_later: "Send when the reply is complete",
    enter_sends: "Enter sends, Shift + Enter starts a new line",
    enter_breaks: "Enter starts a new line, Ctrl/⌘ + Enter sends",
    size: |kib| format!("{kib} of 256 KiB"),
    queue: "Waiting to be sent",
    queue_busy: "Sent as one message when the reply is complete",
    queue_held: "The reply was not completed. Send these when you like.",
    queue_offline: "You are offline. Sent once, as soon as you are online again.",
    send_now: "Send now",
    edit: "Edit",
    discard: "Discard",
    failed: |reason| format!("Not sent. {reason}"),
    retry: "Retry",
    drop_here: "Drop a text file to add what is in it",
    no_text: |name| format!("“{name}” is not a text. Only text files can be added."),
    too_large: |name| format!("“{name}” is larger than 256 KiB."),
    pasted: "That was a long paste.",
    make_block: "Make it a code block",
};

pub const ZH_CN: Composer = Composer {
    send_later: "等回答写完后发送",
    enter_sends: "Enter 发送，Shift + Enter 换行",
    enter_breaks: "Enter 换行，Ctrl/⌘ + Enter 发送",
    size: |kib| format!("{kib} KiB，上限 256 KiB"),
    queue: "待发送的消息",
    queue_busy: "回答写完后，会合成一条发送",
    queue_held: "这次的回答没有写完，何时发送由你决定。",
    queue_offline: "你已离线，网络恢复后会自动发送，且只发一次。",
    send_now: "立即发送",
    edit: "编辑",
    discard: "删除",
    failed: |reason| format!("没有发出去。{reason}"),
    retry: "重试",
    drop_here: "松开鼠标，把文本文件的内容加进来",
    no_text: |name| format!("“{name}”不是文本，目前只能添加文本文件。"),
    too_large: |name| format!("“{name}”超过了 256 KiB。"),
    pasted: "刚才粘贴的内容很长。",
    make_block: "转成代码块",
};
