//! The pages of models in Simplified Chinese.

use parlance_core::domain::{FieldCode, ModelKind};

use super::{Choice, Form, Models, Params, Replied};

pub(super) static REPLIED: Replied = Replied {
    persona: "角色",
    cost: "费用",
    again: "换个模型再答一次……",
};

pub(super) static MODELS: Models = Models {
    title: "模型",
    lead: "可以使用哪些模型，以及它们在哪里。对话默认使用本站自带的模型，也可以另选。",
    all: "全部模型",
    new: "新建模型",
    change: "修改模型",
    quota: |own, limit| match limit {
        Some(limit) => format!("自己的模型：{own} / {limit}"),
        None => format!("自己的模型：{own}"),
    },
    full: |limit| match limit {
        0 => "你所在的用户组不能添加自己的模型，如有需要请联系管理员。".to_owned(),
        _ => format!(
            "已达上限：你所在的用户组最多可保存 {limit} 个自己的模型。请先删除一个，或联系管理员。"
        ),
    },
    empty: "你还没有自己的模型。",
    servers: "本站自带",
    everybodys: "所有人可用",
    yours: "我的",
    key: |end| format!("密钥末尾：…{end}"),
    window: |tokens| format!("上下文窗口 {tokens} 个词元"),
    prices: |read, written| format!("每百万词元：输入 {read}，输出 {written}"),
    begin: "开始对话",
    edit: "编辑",
    select: |name| format!("选择“{name}”"),
    delete: "删除所选",
    delete_lead: "密钥会一并删除。正在使用这些模型的对话，需要另选模型后才能继续。",
    delete_now: "永久删除",
    deleted: "已删除。",
    none_selected: "没有选择任何模型，因此未删除。",
    form: Form {
        presets: "从服务商开始",
        name: "名称",
        name_hint: "显示在列表中。",
        kind: "类型",
        kinds: |kind| match kind {
            ModelKind::OpenAi => "OpenAI 或兼容接口",
            ModelKind::Anthropic => "Anthropic",
            ModelKind::Gemini => "Google Gemini",
            ModelKind::Agent => "自建智能体",
        },
        address: "接口地址",
        address_hint: "留空则使用服务商的官方地址；智能体必须填写。",
        model: "模型",
        model_hint: "服务商使用的模型名。测试连接后可从列表中选择。",
        key: "密钥",
        key_hint: "加密保存，只会发送到该地址，之后不再显示。",
        key_kept: |end| {
            format!("已保存密钥，末尾为 …{end}。留空则保持不变；如果地址指向别处，需要重新填写。")
        },
        key_held: "刚才输入的密钥会暂存十五分钟。地址不变时留空即可继续使用。",
        key_drop: "删除已保存的密钥",
        window: "上下文窗口（词元）",
        window_hint: "提示与回答合计。留空则按已知的模型信息处理。",
        price_in: "每百万输入词元的价格",
        price_out: "每百万输出词元的价格",
        prices_hint: "币种不限；每条回答的费用显示在其详情中。",
        shared: "所有人可用",
        shared_hint: "本站所有用户都可以选择它，但看不到地址和密钥。",
        save: "保存",
        saved: "模型已保存。",
        test: "测试连接",
        listed: |all, shown| match all == shown {
            true => format!("连接成功。服务商列出了 {all} 个模型，可在下方选择。"),
            false => {
                format!("连接成功。服务商列出了 {all} 个模型，其中 {shown} 个可在下方选择。")
            }
        },
        answers: "连接成功。服务商没有列出模型。",
        failed: "连接失败。",
        refused_key: "服务商拒绝了这个密钥。",
        stale: "尚未保存：其他页面已修改过这个模型。你输入的内容仍在下面；再次保存即可覆盖对方的修改。",
        too_much: "输入的内容过长，未能全部带回。保存前请检查每一项。",
    },
    parameters: Params {
        title: "参数",
        lead: "留空的参数不会发送。",
        temperature: "温度（0 到 2）",
        top_p: "Top p（大于 0，最大 1）",
        max_tokens: "回答的最大长度（词元）",
        presence: "存在惩罚（−2 到 2）",
        frequency: "频率惩罚（−2 到 2）",
        stop: "停止词",
        stop_hint: "每行一个，最多 8 个。回答会在遇到其中之一时结束。",
        seed: "随机种子",
        effort: "思考强度",
        efforts: ["不思考", "极低", "低", "中", "高"],
        extra: "更多参数（JSON）",
        extra_hint: "一个 JSON 对象，原样写入请求，用于该服务商特有的参数。对话中的设置只对你自己的模型生效。",
        unset: "未设置",
        as_model: "与模型一致",
    },
    choice: Choice {
        title: "本对话的模型",
        lead: "从下一条回答起生效。参数只在本对话中记住。",
        again: "再答一次",
        again_lead: "在这条回答旁边再生成一条。对话本身的模型不变。",
        model: "模型",
        persona: "角色",
        same_persona: "与之前相同",
        save: "保存",
        answer: "再答一次",
        take: "使用",
        parameters: "参数",
        gone: "所选的模型已不存在",
        back: "返回对话",
        beside: "并排提问",
        beside_hint: "最多再请两个模型同时回答每条消息，由你保留最满意的一个回答。",
        places: ["并排提问", "再加上"],
        no_other: "不加",
        with: "＋ 并排提问",
    },
    field,
};

fn field(field: &str, code: FieldCode) -> Option<&'static str> {
    Some(match (field, code) {
        ("name", FieldCode::Required) => "请填写名称。",
        ("model", FieldCode::Required) => "请填写服务商的模型名，测试连接后可从列表中选择。",
        ("base_url", FieldCode::Required) => "智能体必须填写地址。",
        ("base_url", _) => "这个地址无法访问：请填写 https:// 开头的地址，不要带密码或查询参数。",
        ("api_key", FieldCode::Required) => "地址指向了别处，或密钥已不再暂存：请重新填写密钥。",
        ("api_key", _) => "这不像是密钥。请去掉空格以及“Bearer”之类的词。",
        ("model_config_id", _) => "这个模型已经不在了，请另选一个。",
        ("compare_with", _) => "请选择与第一个不同、互不重复且仍然存在的模型。",
        ("persona_id", _) => "这个角色已经不在了，请另选一个。",
        ("parameters.temperature", _) => "请填写 0 到 2 之间的数。",
        ("parameters.top_p", _) => "请填写大于 0 且不超过 1 的数。",
        ("parameters.presence_penalty" | "parameters.frequency_penalty", _) => {
            "请填写 −2 到 2 之间的数。"
        }
        ("parameters.max_tokens" | "context_tokens", _) => "请填写不小于 1 的整数。",
        ("parameters.seed", _) => "请填写整数。",
        ("parameters.stop", _) => "最多 8 行，每行最多 200 个字符。",
        ("parameters.extra", FieldCode::TooLong) => "最多 16 KiB。",
        ("parameters.extra", _) => {
            "请填写 JSON 对象，例如 {\"top_k\": 3}，不要包含请求本身的字段（model、messages、stream 等）。"
        }
        ("price_in" | "price_out", _) => "请填写不小于 0 的价格，例如 2.5。",
        _ => return None,
    })
}
