//! Texts of what stands around a turn: its acts, its particulars, its thoughts, and how it ended.

/// Texts of what stands around a turn.
pub struct Turns {
    pub copy: &'static str,
    pub copied: &'static str,
    /// Neither way into the clipboard was open.
    pub copy_failed: &'static str,
    pub details: &'static str,
    /// What the group of an open turn's particulars is called.
    pub particulars: &'static str,
    pub model: &'static str,
    pub ended: &'static str,
    /// How a reply ended, where nothing went wrong.
    pub completed: &'static str,
    /// It ended because it was as long as the model may write.
    pub length: &'static str,
    pub stopped: &'static str,
    pub interrupted: &'static str,
    pub tokens: &'static str,
    /// Tokens read and tokens written.
    pub usage: fn(&str, &str) -> String,
    pub first_word: &'static str,
    pub duration: &'static str,
    pub written: &'static str,
    /// How many seconds ago, in words.
    pub ago: fn(u64) -> String,
    /// Seconds, as they are written: `0.4`, `12`.
    pub seconds: fn(&str) -> String,
    pub minutes: fn(u64, u64) -> String,
    pub thoughts: &'static str,
    pub thinking: &'static str,
    pub thought_for: fn(&str) -> String,
    /// So many lines of a long message.
    pub show_all: fn(&str) -> String,
    pub show_less: &'static str,
    /// Between two sentences.
    pub gap: &'static str,
    /// So many seconds of the wait that the provider asked for are left, and none.
    pub retry_in: fn(u64) -> String,
    pub retry_now: &'static str,
    /// What those who run the place find it by.
    pub reference: &'static str,
}

pub const EN: Turns = Turns {
    copy: "Copy",
    copied: "Copied",
    copy_failed: "Your browser did not allow copying. Select the text and copy it by hand.",
    details: "Details",
    particulars: "Details of this message",
    model: "Model",
    ended: "Status",
    completed: "Complete",
    length: "Complete, up to the model’s limit of length",
    stopped: "Stopped by you",
    interrupted: "Broken off",
    tokens: "Tokens",
    usage: |read, written| format!("{read} in, {written} out"),
    first_word: "First words after",
    duration: "Finished after",
    written: "Written",
    ago: |seconds| match seconds {
        0..60 => "just now".to_owned(),
        60..3_600 => ago(seconds / 60, "minute"),
        3_600..86_400 => ago(seconds / 3_600, "hour"),
        86_400..2_592_000 => ago(seconds / 86_400, "day"),
        2_592_000..31_536_000 => ago(seconds / 2_592_000, "month"),
        _ => ago(seconds / 31_536_000, "year"),
    },
    seconds: |seconds| format!("{seconds} s"),
    minutes: |minutes, seconds| format!("{minutes} min {seconds} s"),
    thoughts: "Thoughts",
    thinking: "Thinking…",
    thought_for: |time| format!("Thought for {time}"),
    show_all: |lines| format!("Show all ({lines} lines)"),
    show_less: "Show less",
    gap: " ",
    retry_in: |seconds| format!("You can try again in {seconds} s."),
    retry_now: "You can try again now.",
    reference: "Reference",
};

fn ago(count: u64, unit: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural} ago")
}

pub const ZH_CN: Turns = Turns {
    copy: "复制",
    copied: "已复制",
    copy_failed: "浏览器不允许复制。请选中文字后手动复制。",
    details: "详情",
    particulars: "这条消息的详情",
    model: "模型",
    ended: "状态",
    completed: "已完成",
    length: "已完成，达到模型的长度上限",
    stopped: "由你停止",
    interrupted: "中断",
    tokens: "词元",
    usage: |read, written| format!("输入 {read}，输出 {written}"),
    first_word: "首字用时",
    duration: "总用时",
    written: "写于",
    ago: |seconds| match seconds {
        0..60 => "刚刚".to_owned(),
        60..3_600 => format!("{} 分钟前", seconds / 60),
        3_600..86_400 => format!("{} 小时前", seconds / 3_600),
        86_400..2_592_000 => format!("{} 天前", seconds / 86_400),
        2_592_000..31_536_000 => format!("{} 个月前", seconds / 2_592_000),
        _ => format!("{} 年前", seconds / 31_536_000),
    },
    seconds: |seconds| format!("{seconds} 秒"),
    minutes: |minutes, seconds| format!("{minutes} 分 {seconds} 秒"),
    thoughts: "思考过程",
    thinking: "思考中…",
    thought_for: |time| format!("思考了 {time}"),
    show_all: |lines| format!("显示全部（{lines} 行）"),
    show_less: "收起",
    gap: "",
    retry_in: |seconds| format!("{seconds} 秒后可以重试。"),
    retry_now: "现在可以重试了。",
    reference: "查询编号",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_ago_is_said_in_the_largest_whole_unit() {
        for (seconds, english, chinese) in [
            (0, "just now", "刚刚"),
            (59, "just now", "刚刚"),
            (60, "1 minute ago", "1 分钟前"),
            (7_300, "2 hours ago", "2 小时前"),
            (86_400, "1 day ago", "1 天前"),
            (40 * 86_400, "1 month ago", "1 个月前"),
            (800 * 86_400, "2 years ago", "2 年前"),
        ] {
            assert_eq!((EN.ago)(seconds), english);
            assert_eq!((ZH_CN.ago)(seconds), chinese);
        }
    }
}
