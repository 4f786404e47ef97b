//! How a new conversation greets a person: by the part of the day, with questions to begin with. The server chooses, so
//! the browser does not download these.

/// Texts of the page that begins a conversation.
pub struct Start {
    /// Night, morning, noon, afternoon, evening.
    pub greetings: [&'static str; 5],
    /// Questions to begin with; some of them are shown.
    pub suggestions: [&'static str; 12],
}

pub const EN: Start = Start {
    greetings: [
        "Still awake? What is on your mind?",
        "Good morning. What is on your mind?",
        "Good day. What is on your mind?",
        "Good afternoon. What is on your mind?",
        "Good evening. What is on your mind?",
    ],
    suggestions: [
        "Explain quantum entanglement with an everyday picture",
        "Help me plan a weekend in a city I have never seen",
        "Write a short poem about the first rain of autumn",
        "What should I look for when I review someone’s code?",
        "Suggest a dinner from rice, eggs and whatever is in season",
        "How do I tell a colleague that I disagree?",
        "Turn my rough notes into a clear one-page summary",
        "What is the difference between a mutex and a semaphore?",
        "Give me a gentle plan to sleep better within two weeks",
        "Tell me the story of tea in five short chapters",
        "Help me find a name for a small bookshop",
        "Teach me one useful trick of the command line",
    ],
};

pub const ZH_CN: Start = Start {
    greetings: [
        "夜深了，还想聊点什么？",
        "早上好，今天想聊点什么？",
        "中午好，想聊点什么？",
        "下午好，想聊点什么？",
        "晚上好，想聊点什么？",
    ],
    suggestions: [
        "用生活里的例子讲讲什么是量子纠缠",
        "帮我安排一个陌生城市的周末行程",
        "写一首关于初秋第一场雨的短诗",
        "审阅别人的代码时，应该留意哪些地方？",
        "家里有米、鸡蛋和时令蔬菜，晚饭可以做什么？",
        "和同事意见不一样，怎么开口比较好？",
        "把我零散的笔记整理成一页清楚的摘要",
        "互斥锁和信号量有什么区别？",
        "帮我定一个两周内改善睡眠的计划",
        "分五个小章节，讲讲茶的故事",
        "帮我给一家小书店起个名字",
        "教我一个实用的命令行小技巧",
    ],
};

impl Start {
    /// The greeting for this hour of the day; `None` where the viewer's hour is not known.
    #[must_use]
    pub fn greeting(&self, hour: Option<u8>) -> Option<&'static str> {
        let part = match hour? {
            0..=4 | 23.. => 0,
            5..=10 => 1,
            11..=12 => 2,
            13..=17 => 3,
            18..=22 => 4,
        };
        Some(self.greetings[part])
    }

    /// Four neighbouring questions, others for another `seed`.
    pub fn suggested(&self, seed: u8) -> impl Iterator<Item = &'static str> {
        let from = usize::from(seed) % self.suggestions.len();
        self.suggestions.into_iter().cycle().skip(from).take(4)
    }
}

#[cfg(test)]
mod tests {
    use super::{EN, ZH_CN};

    #[test]
    fn every_hour_has_its_greeting() {
        assert_eq!(EN.greeting(None), None);
        for (hour, part) in [
            (0, 0),
            (4, 0),
            (5, 1),
            (12, 2),
            (13, 3),
            (18, 4),
            (22, 4),
            (23, 0),
        ] {
            assert_eq!(
                ZH_CN.greeting(Some(hour)),
                Some(ZH_CN.greetings[part]),
                "{hour}"
            );
        }
    }

    #[test]
    fn another_visit_has_other_questions() {
        for seed in 0..=u8::MAX {
            let shown: Vec<_> = EN.suggested(seed).collect();
            assert_eq!(shown.len(), 4);
            assert!(
                shown
                    .iter()
                    .all(|one| shown.iter().filter(|other| *other == one).count() == 1)
            );
        }
        assert_ne!(EN.suggested(0).next(), EN.suggested(1).next());
    }
}
