//! What is read of a conversation while somebody writes in it is of one moment, however it is read.

use std::cell::Cell;

use parlance_core::domain::{ConversationId, UserId};
use parlance_server::port::store::{GenerationRow, TitleBy};

use super::world::{World, on_every_engine};

const TURNS: u32 = 40;
/// A turn begins, the conversation gets a title, the turn ends.
const REVS_OF_A_TURN: u64 = 3;

async fn write(world: &World, owner: UserId, id: ConversationId) {
    for number in 0..TURNS {
        let turn = world.started(owner, id, &number.to_string()).await;
        let titled =
            world
                .store
                .rename_conversation(owner, id, "A title", TitleBy::Person, world.now());
        titled.await.expect("a title");
        world.end(&turn, "answer").await;
    }
}

/// What must be there at this rev: so many messages, and a generation that runs or not.
fn check(rev: u64, messages: usize, newest: Option<&GenerationRow>) {
    let (turns, begun) = (rev / REVS_OF_A_TURN, !rev.is_multiple_of(REVS_OF_A_TURN));
    assert_eq!(
        messages as u64,
        2 * turns + u64::from(begun),
        "at rev {rev}"
    );
    assert_eq!(newest.is_some(), rev > 0, "at rev {rev}");
    if let Some(newest) = newest {
        assert_eq!(newest.status.is_terminal(), !begun, "at rev {rev}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_is_opened_as_it_was_at_one_rev_while_turns_are_written() {
    on_every_engine(async |world: World| {
        let owner = world.user("Anna").await;
        let id = world.conversation(owner).await;
        let (written, looks) = (Cell::new(false), Cell::new(0));
        let open = async || {
            while !written.get() {
                let open = world.store.open_conversation(owner, id, None, 200).await;
                let open = open.unwrap().unwrap();
                let newest = open.newest.as_ref();
                check(open.conversation.rev, open.messages.len(), newest);
                assert_eq!(open.head, open.messages.last().map(|last| last.id));
                looks.set(looks.get() + 1);
            }
        };
        let change = async || {
            while !written.get() {
                let changes = world.store.changes_since(owner, id, 0, 200).await;
                let changes = changes.unwrap().unwrap();
                let newest = changes.newest.as_ref();
                check(changes.conversation.rev, changes.messages.len(), newest);
                looks.set(looks.get() + 1);
            }
        };
        let all = async {
            write(&world, owner, id).await;
            written.set(true);
        };
        tokio::join!(all, open(), open(), change());
        assert!(looks.get() >= TURNS, "{} looks", looks.get());
        let (path, _) = world.path(owner, id).await;
        assert_eq!(path.len(), 2 * TURNS as usize);
    })
    .await;
}
