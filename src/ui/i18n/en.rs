//! English.

use parlance_core::domain::{FieldCode, ProblemCode};

use super::{Auth, Errors, Home, Locale, Sample, Site, Texts, chat, kit, sidebar, turns};

pub const TEXTS: Texts = Texts {
    locale: Locale::En,
    site: Site {
        name: "Parlance",
        description: "An AI chat platform that you host yourself: your models, your machine, your conversations.",
        skip_to_content: "Skip to content",
    },
    auth: Auth {
        sign_in: "Sign in",
        sign_in_title: "Welcome back",
        sign_in_lead: "Your conversations are where you left them.",
        register: "Create account",
        register_title: "Make yourself at home",
        register_lead: "An account takes half a minute. Your conversations are kept on this server.",
        sign_out: "Sign out",
        username: "Name",
        username_hint: "What we should call you.",
        email: "E-mail",
        password: "Password",
        password_hint: "At least 8 characters with letters and digits, or any 15.",
        password_confirmation: "Password, once more",
        no_account_yet: "New here?",
        have_an_account: "Already have an account?",
        forgot: "Forgot your password?",
        working: "One moment…",
    },
    home: Home {
        title: "Think on paper, with company.",
        lead: "Parlance is a quiet place to talk with language models. It runs on a machine you trust, with the \
               models you choose.",
        start: "Start writing",
        points: [
            (
                "Yours alone",
                "One server, one database. Your conversations leave it only for the model you picked.",
            ),
            (
                "Nothing gets lost",
                "Replies are written down as they arrive. Close the lid, lose the network, come back: it is all there.",
            ),
            (
                "Any model",
                "OpenAI, DeepSeek, Qwen, or one that runs in your own cupboard. Switch when you like.",
            ),
        ],
        sample: Sample {
            label: "An example of a conversation: a question about tea, and a reply that is being written",
            question: "How long should I steep white tea?",
            answer: "Cooler and longer than most people expect. As a start, for five grams in a small pot:",
            columns: ["Tea", "Water", "First cup"],
            rows: [
                ["White", "85 °C", "1 min"],
                ["Green", "78 °C", "45 s"],
                ["Pu’er, ripe", "98 °C", "15 s"],
            ],
            tail: "Give every further cup a little more time, and stop when",
        },
        colophon: "Open source. Hosted here by somebody you can talk to.",
    },
    errors: Errors {
        not_found_title: "Nothing is written here",
        not_found_lead: "The address may have a slip in it, or what stood here is gone, or it belongs to someone else.",
        failed_title: "That went wrong",
        back_home: "Back to the start",
        unreachable: "The server does not answer. Check your connection; nothing you wrote is lost.",
    },
    chat: chat::EN,
    code: super::code::EN,
    composer: super::composer::EN,
    find: super::find::EN,
    sidebar: sidebar::EN,
    #[cfg(feature = "ssr")]
    pwa: super::pwa::EN,
    #[cfg(feature = "ssr")]
    shortcuts: super::shortcuts::EN,
    #[cfg(feature = "ssr")]
    start: super::start::EN,
    kit: kit::EN,
    turns: turns::EN,
};

/// The sentence for a problem.
pub fn problem(code: ProblemCode) -> &'static str {
    match code {
        ProblemCode::Unauthenticated => "Please sign in first.",
        ProblemCode::InvalidCredentials => {
            "E-mail and password do not fit together. Check both and try again."
        }
        ProblemCode::UnknownEmail => "There is no account with this e-mail.",
        ProblemCode::WrongPassword => "That is not the password of this account.",
        ProblemCode::FactorRequired => "One more step: enter the code of your second factor.",
        ProblemCode::FactorWrong => "That code is wrong, or was used already.",
        ProblemCode::EmailUnverified => {
            "Open the link in the e-mail we sent you; then you can send messages."
        }
        ProblemCode::RefreshSuperseded => "Your sign-in was renewed a moment ago. Try again.",
        ProblemCode::TokenInvalid => "This link was used already or is too old. Ask for a new one.",
        ProblemCode::RegistrationClosed => {
            "This server takes no new accounts. Ask whoever runs it."
        }
        ProblemCode::Forbidden => "You may not do this.",
        ProblemCode::CrossSite => {
            "This request came from another site, so it was not carried out. Try again from here."
        }
        ProblemCode::NotFound => "It is not here, or it is not yours.",
        ProblemCode::MethodNotAllowed => "This address cannot be used that way.",
        ProblemCode::Conflict => {
            "Something else changed this in the meantime. Reload and try again."
        }
        ProblemCode::Validation => "A few things need another look.",
        ProblemCode::BadRequest => {
            "The server could not make sense of this request. Reload the page and try again."
        }
        ProblemCode::TooLarge => "This is too large. Shorten it or send it in parts.",
        ProblemCode::AddressTooLong => "This address is too long. Carry less in it.",
        ProblemCode::HeadersTooLarge => {
            "Your browser sent too much along. Clear the cookies of this site and try again."
        }
        ProblemCode::TooSlow => {
            "This took too long to arrive. Check your connection and try again."
        }
        ProblemCode::UnsupportedMediaType => "This kind of content is not accepted here.",
        ProblemCode::GenerationActive => {
            "A reply is still being written. Wait for it, or stop it first."
        }
        ProblemCode::StreamLimit => {
            "You have this open in many places. Close a few tabs and try again."
        }
        ProblemCode::QueueFull => {
            "Too many messages are waiting already. Try again when one of them is answered."
        }
        ProblemCode::RateLimited => "That was a lot at once. Take a breath and try again shortly.",
        ProblemCode::TokenLimit => {
            "You have used up what you may use in a day. Some of it comes back as the hours pass."
        }
        ProblemCode::Draining => "The server is restarting. Try again in a few seconds.",
        ProblemCode::StorageUnavailable => {
            "The server cannot reach its storage right now. Try again shortly."
        }
        ProblemCode::Internal => {
            "Something broke on the server. Try again; if it stays, tell whoever runs it."
        }
        ProblemCode::UpstreamConnect => "The model cannot be reached right now.",
        ProblemCode::Upstream5xx => "The model’s server reported a fault.",
        ProblemCode::UpstreamFirstTokenTimeout => "The model did not start to answer in time.",
        ProblemCode::UpstreamRateLimited => {
            "The model is busy: its provider asks us to wait a little."
        }
        ProblemCode::UpstreamStalled => "The model fell silent in the middle of the reply.",
        ProblemCode::UpstreamReset => "The connection to the model broke off.",
        ProblemCode::UpstreamTruncated => "The reply ended before it was finished.",
        ProblemCode::UpstreamEmpty => "The model sent an empty reply.",
        ProblemCode::UpstreamInvalid => "The model’s server sent something that cannot be read.",
        ProblemCode::UpstreamAuth => {
            "The model’s provider refused this server’s key. Whoever runs it must look."
        }
        ProblemCode::UpstreamBadRequest => "The model’s provider refused the request.",
        ProblemCode::ModelNotFound => "The provider does not have this model.",
        ProblemCode::ContextOverflow => {
            "This conversation has grown too long for the model. Start a new one."
        }
        ProblemCode::ContentFiltered => "The provider withheld this reply.",
        ProblemCode::ServerRestart => {
            "The server restarted while this was being written. What had arrived is kept."
        }
        ProblemCode::EndpointBlocked => "This server does not call this address.",
        ProblemCode::ModelLimit => {
            "Your group allows no further model configuration. Delete one, or ask the administrator."
        }
        ProblemCode::ModelUnavailable => {
            "The chosen model is gone or cannot be used any more. Choose another one."
        }
        ProblemCode::OwnerLost => {
            "The server that was writing this went away. What had arrived is kept."
        }
        ProblemCode::JournalFailed => "The reply could not be saved, so it was stopped.",
        ProblemCode::OutputLimit => "The reply reached the greatest length and was ended here.",
    }
}

/// The sentence for what is wrong with `field`.
pub fn field(field: &str, code: FieldCode) -> &'static str {
    match (field, code) {
        ("username", FieldCode::Required) => "Tell us what to call you.",
        ("username", FieldCode::TooShort) => "Use at least 3 characters (2 if one is Chinese).",
        ("username", FieldCode::TooLong) => "Use at most 50 characters.",
        ("username", FieldCode::Malformed) => "Leave out line breaks and control characters.",
        ("username", FieldCode::Taken) => {
            "Somebody here already goes by this name. Choose another."
        }
        ("email", FieldCode::Required) => "Enter your e-mail.",
        ("email", FieldCode::TooLong) => "Use an address of at most 100 characters.",
        ("email", FieldCode::Malformed) => "This does not look like an e-mail address.",
        ("email", FieldCode::Taken) => "This e-mail already has an account. Sign in instead?",
        ("password", FieldCode::Required) => "Enter a password.",
        ("password", FieldCode::TooShort) => "Use at least 8 characters.",
        ("password", FieldCode::TooLong) => "Use at most 256 characters.",
        ("password", FieldCode::NeedsLetterAndDigit) => {
            "Add a digit or a letter, or make it 15 characters or longer."
        }
        ("password", FieldCode::TooCommon) => {
            "Too many people use this password, so it is easily guessed. Choose another."
        }
        ("password_confirmation", FieldCode::Required) => "Repeat the password.",
        ("password_confirmation", FieldCode::Mismatch) => "The two passwords differ.",
        ("content" | "text", FieldCode::Required) => "Write something first.",
        ("content" | "text", FieldCode::TooLarge | FieldCode::TooLong) => {
            "This is longer than 256 KiB. Shorten it."
        }
        ("persona" | "persona_id", FieldCode::Unknown) => {
            "This persona does not exist any more. Choose another."
        }
        (_, FieldCode::Required) => "This is needed.",
        (_, FieldCode::TooShort) => "This is too short.",
        (_, FieldCode::TooLong) => "This is too long.",
        (_, FieldCode::TooLarge) => "This is too large.",
        (_, FieldCode::Malformed) => "This is not in the right form.",
        (_, FieldCode::Taken) => "This is already taken.",
        (_, FieldCode::Mismatch) => "The two do not match.",
        (_, FieldCode::NeedsLetterAndDigit) => "Use letters and digits, or at least 15 characters.",
        (_, FieldCode::TooCommon) => "Too many people use this. Choose another.",
        (_, FieldCode::Unknown) => "This does not exist.",
    }
}
