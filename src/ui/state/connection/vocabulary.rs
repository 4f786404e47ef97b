//! The words between the machine and its hands: what happened, what has to be done, what the person should know.

use parlance_core::domain::Bye;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Input {
    /// The page is there.
    Open,
    /// The stream greeted.
    Hello,
    /// Any other event, pings included.
    Beat,
    /// Frames were missing.
    Gap,
    /// The state must be read anew.
    Stale,
    Bye(Bye),
    /// The stream broke off, or reading the state failed.
    Closed,
    /// Something else shall be carried, or otherwise: the stream is opened anew.
    Reopen,
    /// Another conversation is open, or none.
    Turned,
    /// The conversation is gone; the stream goes on without it.
    Gone,
    /// The tab that holds the stream for all was asked to carry this one's conversation.
    Asked,
    /// It does; its next greeting is ours too.
    Carried,
    /// It does not, and this tab may not hold a stream of its own.
    Refused,
    /// It lost the stream and tries to get it back.
    Down,
    /// This tab holds a stream from now on.
    Lead,
    Probed(Probe),
    Online,
    Offline,
    Hidden,
    Visible,
    /// The browser is about to stop this page.
    Freeze,
    /// The page runs again, perhaps out of the back/forward cache.
    Restored,
    /// A deadline passed.
    Tick,
}

/// What asking the server told about a stream that died.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// The session stands, or nobody answers: try again later.
    Later,
    SignedOut,
}

/// What has to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Open a stream at the own cursor, or ask the tab that holds one.
    Connect,
    /// Close the stream, if there is one.
    Disconnect,
    /// Ask who we are.
    Probe,
    /// Read the conversation anew, then connect.
    Refetch,
    /// Read the list anew: what happened to it meanwhile may not come as events.
    Refresh,
    /// Take the lead from a tab that does not answer.
    Lead,
}

/// What the person should know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Notice {
    Reconnecting,
    Offline,
    SignedOut,
    Gone,
}
