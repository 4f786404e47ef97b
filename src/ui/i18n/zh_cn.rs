//! Simplified Chinese.

use parlance_core::domain::{FieldCode, ProblemCode};

use super::{Auth, Errors, Home, Locale, Sample, Site, Texts, chat, kit, sidebar, turns};

pub const TEXTS: Texts = Texts {
    locale: Locale::ZhCn,
    site: Site {
        name: "Parlance",
        description: "自己部署的 AI 对话平台：模型由你挑，机器归你管，对话只属于你。",
        skip_to_content: "跳到正文",
    },
    auth: Auth {
        sign_in: "登录",
        sign_in_title: "欢迎回来",
        sign_in_lead: "上次聊到哪儿，就从哪儿接着聊。",
        register: "注册",
        register_title: "先认识一下",
        register_lead: "注册只要半分钟，对话都保存在这台服务器上。",
        sign_out: "退出登录",
        username: "名字",
        username_hint: "我们该怎么称呼你？",
        email: "邮箱",
        password: "密码",
        password_hint: "至少 8 个字符，须同时有字母和数字；满 15 个字符则不限。",
        password_confirmation: "再输一遍密码",
        no_account_yet: "第一次来？",
        have_an_account: "已经有账号了？",
        forgot: "忘记密码？",
        working: "请稍候…",
    },
    home: Home {
        title: "铺纸研墨，与 AI 笔谈。",
        lead: "Parlance 是一处安静的对话之所：运行在你信得过的机器上，用你自己挑选的模型。",
        start: "开始动笔",
        points: [
            (
                "只归你所有",
                "一台服务器，一个数据库。除了发给你选定的模型，对话哪儿也不去。",
            ),
            (
                "一字不丢",
                "回答边写边存。合上电脑、断了网，回来时一个字都不会少。",
            ),
            (
                "模型随你换",
                "OpenAI、DeepSeek、通义千问，或是跑在自家柜子里的那一个，想换就换。",
            ),
        ],
        sample: Sample {
            label: "对话示例：一个关于泡茶的问题，和一段正在写的回答",
            question: "白茶该泡多久？",
            answer: "水要凉一点，时间要比多数人想的长一点。五克茶、一把小壶，可以这样开始：",
            columns: ["茶", "水温", "第一泡"],
            rows: [
                ["白茶", "85 °C", "1 分钟"],
                ["绿茶", "78 °C", "45 秒"],
                ["熟普洱", "98 °C", "15 秒"],
            ],
            tail: "之后每一泡都多等一会儿，等到茶味",
        },
        colophon: "开源软件，由你身边的人部署在这里。",
    },
    errors: Errors {
        not_found_title: "这一页是空白的",
        not_found_lead: "也许地址写错了一笔，也许内容已经删除，又或者它属于别人。",
        failed_title: "出了点问题",
        back_home: "回到首页",
        unreachable: "服务器没有回应。请检查网络，你写的内容都还在。",
    },
    chat: chat::ZH_CN,
    code: super::code::ZH_CN,
    composer: super::composer::ZH_CN,
    find: super::find::ZH_CN,
    sidebar: sidebar::ZH_CN,
    #[cfg(feature = "ssr")]
    pwa: super::pwa::ZH_CN,
    #[cfg(feature = "ssr")]
    shortcuts: super::shortcuts::ZH_CN,
    #[cfg(feature = "ssr")]
    start: super::start::ZH_CN,
    kit: kit::ZH_CN,
    turns: turns::ZH_CN,
};

/// The sentence for a problem.
pub fn problem(code: ProblemCode) -> &'static str {
    match code {
        ProblemCode::Unauthenticated => "请先登录。",
        ProblemCode::InvalidCredentials => "邮箱和密码对不上，请检查后再试一次。",
        ProblemCode::UnknownEmail => "这个邮箱还没有注册。",
        ProblemCode::WrongPassword => "密码不对，请再试一次。",
        ProblemCode::FactorRequired => "还差一步：请输入动态验证码。",
        ProblemCode::FactorWrong => "验证码不对，或者已经用过了。",
        ProblemCode::EmailUnverified => "请先点开确认邮件里的链接，再发送消息。",
        ProblemCode::RefreshSuperseded => "登录凭据刚刚更新过，请再试一次。",
        ProblemCode::TokenInvalid => "这个链接已经用过或过期了，请重新获取。",
        ProblemCode::RegistrationClosed => "这里暂不开放注册，请联系管理员。",
        ProblemCode::Forbidden => "你没有权限这样做。",
        ProblemCode::CrossSite => "这个请求来自别的网站，为安全起见没有执行。请在本站重试。",
        ProblemCode::NotFound => "没有找到，或者它不属于你。",
        ProblemCode::MethodNotAllowed => "这个地址不支持这样访问。",
        ProblemCode::Conflict => "内容刚刚被改动过，请刷新后再试。",
        ProblemCode::Validation => "有几处需要再看一眼。",
        ProblemCode::BadRequest => "服务器没看懂这个请求，请刷新页面再试。",
        ProblemCode::TooLarge => "内容太大了，请缩短一些，或分几次发送。",
        ProblemCode::AddressTooLong => "网址太长了，请缩短后再试。",
        ProblemCode::HeadersTooLarge => {
            "浏览器随请求发来的内容太多了，请清除本站的 Cookie 后再试。"
        }
        ProblemCode::TooSlow => "发送花的时间太久了，请检查网络后再试。",
        ProblemCode::UnsupportedMediaType => "这里不接受这种类型的内容。",
        ProblemCode::GenerationActive => "上一条回答还没写完，请等一等，或先停下它。",
        ProblemCode::StreamLimit => "打开的页面太多了，请关掉几个再试。",
        ProblemCode::QueueFull => "排队的消息太多了，等其中一条有了回答再试吧。",
        ProblemCode::RateLimited => "操作有点快，歇一会儿再试吧。",
        ProblemCode::TokenLimit => "最近一天的用量已经用完了，过些时候再来吧。",
        ProblemCode::Draining => "服务器正在重启，请过几秒再试。",
        ProblemCode::StorageUnavailable => "服务器暂时连不上数据库，请稍后再试。",
        ProblemCode::Internal => "服务器出了点问题，请再试一次；若仍不行，请告诉管理员。",
        ProblemCode::UpstreamConnect => "暂时连不上模型。",
        ProblemCode::Upstream5xx => "模型服务出了故障。",
        ProblemCode::UpstreamFirstTokenTimeout => "模型迟迟没有开口。",
        ProblemCode::UpstreamRateLimited => "模型正忙，服务商请我们稍等一会儿。",
        ProblemCode::UpstreamStalled => "模型说到一半停住了。",
        ProblemCode::UpstreamReset => "与模型的连接断开了。",
        ProblemCode::UpstreamTruncated => "回答没写完就结束了。",
        ProblemCode::UpstreamEmpty => "模型回了一片空白。",
        ProblemCode::UpstreamInvalid => "模型服务发来的内容无法识别。",
        ProblemCode::UpstreamAuth => "模型服务商不认可本站的密钥，请告诉管理员。",
        ProblemCode::UpstreamBadRequest => "模型服务商拒绝了这个请求。",
        ProblemCode::ModelNotFound => "服务商没有这个模型。",
        ProblemCode::ContextOverflow => "这段对话太长，模型装不下了，请新开一段对话。",
        ProblemCode::ContentFiltered => "服务商没有放行这条回答。",
        ProblemCode::ServerRestart => "写到一半时服务器重启了，已写好的部分都在。",
        ProblemCode::EndpointBlocked => "本站不访问这个地址。",
        ProblemCode::ModelLimit => "您所在的用户组不能再添加模型配置。请删除一个，或联系管理员。",
        ProblemCode::ModelUnavailable => "所选的模型已不存在或无法再使用，请另选一个。",
        ProblemCode::OwnerLost => "负责书写的服务器离开了，已写好的部分都在。",
        ProblemCode::JournalFailed => "回答无法保存，已经停下。",
        ProblemCode::OutputLimit => "回答达到了长度上限，到此为止。",
    }
}

/// The sentence for what is wrong with `field`.
pub fn field(field: &str, code: FieldCode) -> &'static str {
    match (field, code) {
        ("username", FieldCode::Required) => "请告诉我们怎么称呼你。",
        ("username", FieldCode::TooShort) => "名字至少 3 个字符；含汉字时 2 个就够。",
        ("username", FieldCode::TooLong) => "名字最多 50 个字符。",
        ("username", FieldCode::Malformed) => "名字里不能有换行或控制字符。",
        ("username", FieldCode::Taken) => "这个名字已经有人用了，换一个吧。",
        ("email", FieldCode::Required) => "请填写邮箱。",
        ("email", FieldCode::TooLong) => "邮箱最多 100 个字符。",
        ("email", FieldCode::Malformed) => "这看起来不像邮箱地址。",
        ("email", FieldCode::Taken) => "这个邮箱已经注册过了，直接登录？",
        ("password", FieldCode::Required) => "请填写密码。",
        ("password", FieldCode::TooShort) => "密码至少 8 个字符。",
        ("password", FieldCode::TooLong) => "密码最多 256 个字符。",
        ("password", FieldCode::NeedsLetterAndDigit) => {
            "请同时使用字母和数字，或者写满 15 个字符。"
        }
        ("password", FieldCode::TooCommon) => "这个密码太常见，很容易被猜中，换一个吧。",
        ("password_confirmation", FieldCode::Required) => "请再输一遍密码。",
        ("password_confirmation", FieldCode::Mismatch) => "两次输入的密码不一样。",
        ("content" | "text", FieldCode::Required) => "先写点什么吧。",
        ("content" | "text", FieldCode::TooLarge | FieldCode::TooLong) => {
            "内容超过了 256 KiB，请缩短一些。"
        }
        ("persona" | "persona_id", FieldCode::Unknown) => "这个角色已经不在了，请另选一个。",
        (_, FieldCode::Required) => "这一项必填。",
        (_, FieldCode::TooShort) => "太短了。",
        (_, FieldCode::TooLong) => "太长了。",
        (_, FieldCode::TooLarge) => "太大了。",
        (_, FieldCode::Malformed) => "格式不对。",
        (_, FieldCode::Taken) => "已经被占用了。",
        (_, FieldCode::Mismatch) => "两处内容不一致。",
        (_, FieldCode::NeedsLetterAndDigit) => "请同时使用字母和数字，或者写满 15 个字符。",
        (_, FieldCode::TooCommon) => "太常见了，换一个吧。",
        (_, FieldCode::Unknown) => "没有这一项。",
    }
}
