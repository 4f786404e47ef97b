//! Sizes that the product promises to accept or refuse. One place, so that page, API and tests agree.

/// Largest request body, bytes. Beyond it: 413.
pub const BODY_BYTES: usize = 1024 * 1024;
/// Deepest nesting of lists and objects in a JSON body. Beyond it: 400.
pub const JSON_DEPTH: usize = 64;
/// Longest path with its query, bytes. Beyond it: 414. A text that is shared by somebody who has to sign in first travels
/// in an address, twice escaped.
pub const ADDRESS_BYTES: usize = 32 * 1024;
/// All header fields of a request together, bytes of names and values. Beyond it: 431.
pub const HEADER_BYTES: usize = 16 * 1024;
/// Header fields of a request. Beyond it: 431.
pub const HEADER_FIELDS: usize = 64;
/// Largest message text, UTF-8 bytes. Beyond it: 422 `too_large`.
pub const MESSAGE_BYTES: usize = 256 * 1024;
/// Longest e-mail address, characters.
pub const EMAIL_CHARS: usize = 100;
/// Longest conversation title, characters.
pub const TITLE_CHARS: usize = 200;
/// Until a title is generated: this many graphemes of the first message.
pub const TITLE_GRAPHEMES: usize = 40;
/// User name, characters. Two are enough when one of them is CJK (张三 is a whole name).
pub const USERNAME_CHARS: std::ops::RangeInclusive<usize> = 3..=50;
/// Shortest user name that holds a CJK character.
pub const USERNAME_CJK_CHARS: usize = 2;
/// Password, characters.
pub const PASSWORD_CHARS: std::ops::RangeInclusive<usize> = 8..=256;
/// From this length on a password needs no mix of letters and digits.
pub const PASSWORD_FREE_CHARS: usize = 15;
/// Longest id that a client mints for a message, characters of `[A-Za-z0-9_-]`.
pub const CLIENT_MESSAGE_ID_CHARS: usize = 64;
/// Text of one reply, UTF-8 bytes. Beyond it the reply ends as `output_limit`.
pub const REPLY_BYTES: usize = 2 * 1024 * 1024;
/// Longest name of a persona, characters.
pub const PERSONA_NAME_CHARS: usize = 100;
/// Longest description of a persona, characters.
pub const PERSONA_DESCRIPTION_CHARS: usize = 1_000;
/// Longest slug of a persona, characters of `[a-z0-9_-]`.
pub const SLUG_CHARS: usize = 50;
/// Longest system prompt, characters.
pub const SYSTEM_PROMPT_CHARS: usize = 32_000;
/// Longest address of a picture, characters.
pub const AVATAR_URL_CHARS: usize = 500;
/// Preset messages of a persona, and the UTF-8 bytes of all their texts.
pub const PRESET_MESSAGES: usize = 100;
pub const PRESET_MESSAGES_BYTES: usize = 64 * 1024;
/// JSON that is kept for a persona as it is given, bytes when written.
pub const PRESET_JSON_BYTES: usize = 16 * 1024;
/// Greetings, or suggested questions, of a persona; and characters of each.
pub const PRESET_LINES: usize = 20;
pub const PRESET_LINE_CHARS: usize = 1_000;
/// Personas that one person may keep; and may ever have made, since what was deleted keeps its name.
pub const PERSONAS: u32 = 50;
pub const PERSONAS_EVER: u32 = 1_000;
/// Most conversations in one page of a list.
pub const PAGE_ITEMS: u32 = 100;
/// Conversations in a page of a list when the caller does not say.
pub const PAGE_ITEMS_DEFAULT: u32 = 50;
/// Live streams that one person may hold open.
pub const STREAMS_PER_USER: usize = 12;
/// Changed messages that a returning viewer is sent one by one; beyond it: start anew.
pub const CHANGES: usize = 200;
/// Messages of the path that an opened conversation brings; earlier ones are asked for.
pub const OPEN_MESSAGES: u32 = 100;
/// Conversations that one stream may carry beside the account's own events.
pub const STREAM_CONVERSATIONS: usize = 8;
/// Longest name of a model configuration, characters.
pub const MODEL_NAME_CHARS: usize = 100;
/// Longest name of a model, as its provider knows it, characters.
pub const MODEL_CHARS: usize = 200;
/// Longest address of a model's provider, characters.
pub const MODEL_URL_CHARS: usize = 2_000;
/// Longest key of a model's provider, bytes.
pub const MODEL_KEY_BYTES: usize = 4_096;
/// Most tokens of a window or an answer that can be set.
pub const MODEL_TOKENS: u32 = 100_000_000;
/// Highest price of a million tokens.
pub const MODEL_PRICE: f64 = 1_000_000.0;
/// Words that end an answer, and characters of each.
pub const STOPS: usize = 8;
pub const STOP_CHARS: usize = 200;
/// JSON that goes to a provider as it is given, bytes when written.
pub const PARAMETERS_BYTES: usize = 16 * 1024;
/// Model configurations in one request to delete them.
pub const MODELS_AT_ONCE: usize = 100;
/// Model configurations for everybody.
pub const SHARED_MODELS: u32 = 200;
/// Models of a provider that a test of the connection lists.
pub const LISTED_MODELS: usize = 500;
/// Longest name of a context, characters. Its text is no longer than a system prompt.
pub const CONTEXT_NAME_CHARS: usize = 100;
/// Named contexts that one person may keep.
pub const CONTEXTS: u32 = 100;
/// Messages of a conversation that its context may leave out or word otherwise, and UTF-8 bytes of all those wordings.
pub const CONTEXT_EDITS: usize = 1_000;
pub const CONTEXT_WORDINGS_BYTES: usize = 256 * 1024;
