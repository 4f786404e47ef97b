//! What is emptied, by parts of mangled names. What must not enter: a name of which the code has not been read.

/// What views keep for `hydrate_lazy` and for templates; the page is brought to life by `hydrate_body`, all at once.
/// Each of some hundred erased views holds on to a second copy of the code that hydrates it, a tenth of the page's WASM.
///
/// Only names whose code is like no other: the compiler makes one function of several that are equal, under any
/// of their names. These are futures of their own, the functions that box them, and closures that panic at lines
/// of their own. (`tachys::view::any_view::IntoAny` and `tachys::reactive_graph`; `leptos::mount::hydrate_lazy`
/// alone calls them.)
pub const NEVER_CALLED: &[&str] = &[
    "8into_any13hydrate_async",
    "13hydrate_async28_$u7b$$u7b$closure$u7d$$u7d$28_$u7b$$u7b$closure$u7d$$u7d$17h",
    // What the browser would call to read from streams and to write to them: nobody makes any. (`wasm_streams`)
    "intounderlying",
];

/// Functions that write words nobody reads: what serde has against an answer's JSON. The page only says that no answer
/// came. They write nothing, and say that it went well.
pub const UNREAD: &[&str] = &[
    "serde_json..error..JsonUnexpected$u20$as$u20$core..fmt..Display",
    "serde_json..error..ErrorCode$u20$as$u20$core..fmt..Display",
    "serde_json..error..Error$u20$as$u20$core..fmt..Display",
    "hydration_context..hydrate..SerializedError$u20$as$u20$core..fmt..Debug",
];
