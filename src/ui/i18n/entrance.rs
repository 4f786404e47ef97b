//! Texts of the lesser entrances: the step of the second factor, a lost password, a confirmed address, the first
//! administrator. The server alone writes those pages, so the browser does not download these.

use super::Locale;

/// Texts of these pages.
pub struct Entrance {
    /// What has been done, said above the sign-in form.
    pub reset_done: &'static str,
    pub deleted: &'static str,
    pub factor_title: &'static str,
    pub factor_lead: &'static str,
    pub code: &'static str,
    pub code_hint: &'static str,
    pub factor_submit: &'static str,
    pub factor_lost: &'static str,
    pub factor_gone: &'static str,
    pub again: &'static str,
    pub forgot_title: &'static str,
    pub forgot_lead: &'static str,
    pub forgot_submit: &'static str,
    pub sent: &'static str,
    pub remembered: &'static str,
    pub reset_title: &'static str,
    pub reset_lead: &'static str,
    pub new_password: &'static str,
    pub reset_submit: &'static str,
    /// The link has no token in it at all.
    pub incomplete: &'static str,
    pub ask_again: &'static str,
    pub verify_title: &'static str,
    pub verify_lead: &'static str,
    pub verify_submit: &'static str,
    pub verified_title: &'static str,
    pub verified_lead: &'static str,
    pub onward: &'static str,
    pub verify_again: &'static str,
    pub setup_title: &'static str,
    pub setup_lead: &'static str,
    pub token: &'static str,
    pub token_hint: &'static str,
    pub setup_submit: &'static str,
    pub setup_other: &'static str,
    pub setup_gone: &'static str,
}

static EN: Entrance = Entrance {
    reset_done: "Your new password is set. Sign in with it.",
    deleted: "Your account and everything in it are deleted. Farewell.",
    factor_title: "One more step",
    factor_lead: "Your password was right. Now the code that your app shows for this account.",
    code: "Code",
    code_hint: "Six digits, or one of your backup codes.",
    factor_submit: "Sign in",
    factor_gone: "That took too long, or too many tries. Start again with your password.",
    factor_lost: "Neither app nor codes at hand?",
    again: "Start again",
    forgot_title: "Forgot your password?",
    forgot_lead: "It happens. Tell us your address, and a letter with a link to a new one will be on its way.",
    forgot_submit: "Send the link",
    sent: "If there is an account with this address, a letter is on its way to it. The link in it works once, for \
           30 minutes. Nothing there? Look among the unwanted mail.",
    remembered: "Remembered it?",
    reset_title: "A new password",
    reset_lead: "Every device that is signed in to your account will be signed out.",
    new_password: "New password",
    reset_submit: "Set the password",
    incomplete: "This link is not complete. Open it from the letter itself, or ask for a new one.",
    ask_again: "Ask for a new link",
    verify_title: "Is this you?",
    verify_lead: "Press the button to confirm that this e-mail address is yours.",
    verify_submit: "Confirm the address",
    verified_title: "Thank you",
    verified_lead: "Your e-mail address is confirmed.",
    onward: "To your conversations",
    verify_again: "Ask for a new letter in your profile",
    setup_title: "The first account",
    setup_lead: "Nobody looks after this server yet: the account that you make here becomes its administrator.",
    token: "Setup token",
    token_hint: "The server prints it when it starts.",
    setup_submit: "Create administrator",
    setup_other: "Set up already?",
    setup_gone: "This is not the token. The server prints a new one with every start, until there is an administrator.",
};

static ZH_CN: Entrance = Entrance {
    reset_done: "新密码已经生效，请用它登录。",
    deleted: "你的账号和其中的一切都已删除。后会有期。",
    factor_title: "还差一步",
    factor_lead: "密码正确。请再输入验证器应用为这个账号显示的验证码。",
    code: "验证码",
    code_hint: "六位数字，或者任意一个备用码。",
    factor_submit: "登录",
    factor_gone: "等得太久，或者试了太多次。请从密码那一步重新开始。",
    factor_lost: "应用和备用码都不在手边？",
    again: "重新开始",
    forgot_title: "忘记密码了？",
    forgot_lead: "没关系。填写注册时的邮箱，我们会寄去一封信，信里有设置新密码的链接。",
    forgot_submit: "发送链接",
    sent: "如果这个邮箱注册过账号，信已经在路上了。信里的链接 30 分钟内有效，只能用一次。没收到？看看垃圾邮件里有没有。",
    remembered: "又想起来了？",
    reset_title: "换一个新密码",
    reset_lead: "设置之后，所有已登录这个账号的设备都会退出登录。",
    new_password: "新密码",
    reset_submit: "设置密码",
    incomplete: "这个链接不完整。请直接从信里打开，或者重新申请一个。",
    ask_again: "重新申请链接",
    verify_title: "是你本人吗？",
    verify_lead: "点一下按钮，确认这个邮箱是你的。",
    verify_submit: "确认邮箱",
    verified_title: "谢谢",
    verified_lead: "你的邮箱已确认。",
    onward: "去看我的对话",
    verify_again: "到“我的账号”里重新发一封信",
    setup_title: "第一个账号",
    setup_lead: "这台服务器还没有人管理：在这里创建的账号就是它的管理员。",
    token: "初始化口令",
    token_hint: "服务器启动时会显示出来。",
    setup_submit: "创建管理员",
    setup_other: "已经设置好了？",
    setup_gone: "口令不对。在有管理员之前，服务器每次启动都会显示一个新的。",
};

impl Locale {
    /// The texts of the lesser entrances in this language.
    #[must_use]
    pub fn entrance(self) -> &'static Entrance {
        match self {
            Self::En => &EN,
            Self::ZhCn => &ZH_CN,
        }
    }
}
