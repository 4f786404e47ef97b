//! What the instances do when nothing goes wrong: begin a turn, write it, end it, end another's, tell the other.

use parlance_core::domain::{GenerationId, GenerationStatus, MessageId, MessageStatus, Part};
use uuid::Uuid;

use super::{
    super::{
        check::{self, Answer, Broken},
        instance::Life,
        page::GenerationKind,
        rules::Rules,
        store::{Ending, Finished, Owner, Row},
        writer::{Did, Writer},
    },
    GENERATIONS, VIEWERS, World,
};

impl World {
    /// A turn begins at `at`, if it may.
    pub(super) fn begin(&mut self, at: usize) {
        let no = self.store.runs.len();
        if !self.instances[at].is_up() || !self.store.is_free() || no == GENERATIONS {
            return;
        }
        let mut row = Row {
            no,
            id: GenerationId(self.id()),
            user_message_id: MessageId(self.id()),
            reply_message_id: MessageId(self.id()),
            kind: GenerationKind::New,
            continues_message_id: None,
            kept_frames: 0,
            previous_head: self.store.head,
            owner: self.instances[at].owner,
            status: GenerationStatus::Starting,
            error: None,
            last_seq: 0,
            ended_rev: 0,
        };
        let mut kept = Vec::new();
        if let Some(last) = self.store.newest().filter(|_| self.rng.u8(0..3) > 0) {
            row.user_message_id = last.user_message_id;
            row.kind = GenerationKind::Regenerate;
            let unfinished = self.store.stored(last.reply_message_id).filter(|message| {
                matches!(
                    message.status,
                    MessageStatus::Interrupted | MessageStatus::Stopped
                )
            });
            if let Some(message) = unfinished.filter(|_| self.rng.bool()) {
                row.kind = GenerationKind::Continue;
                row.continues_message_id = Some(message.id);
                let reasoning = message.reasoning.clone().unwrap_or_default();
                kept = vec![
                    (Part::Reasoning, reasoning),
                    (Part::Text, message.content.clone()),
                ];
                kept.retain(|(_, text)| !text.is_empty());
                row.kept_frames = kept.len() as u64;
            }
        }
        self.tell(|| format!("instance {at} begins generation {no}, {:?}", row.kind));
        let writer = Writer::new(no, kept, self.say(no));
        self.store.begin(row);
        self.instances[at].writers.insert(no, writer);
        self.tally.generations += 1;
        self.announce(at, true);
    }

    pub(super) fn id(&mut self) -> Uuid {
        Uuid::from_u128(self.rng.u128(..))
    }

    /// What the model is going to say, last piece first.
    pub(super) fn say(&mut self, no: usize) -> Vec<(Part, String)> {
        let pieces = self.rng.usize(0..20);
        let thoughts = self.rng.usize(0..=pieces / 3);
        (0..pieces)
            .map(|piece| {
                let part = if piece < thoughts {
                    Part::Reasoning
                } else {
                    Part::Text
                };
                let sign = self.rng.choice(["", "é", "字", "👩‍👧", "\r\n"]);
                (part, format!("{no}.{piece}{} ", sign.unwrap_or_default()))
            })
            .rev()
            .collect()
    }

    /// One step of a generation that somebody writes.
    pub(super) fn write(&mut self) -> Result<(), Broken> {
        let first = self.rng.usize(0..2);
        let writing = |at: &usize| self.instances[*at].is_up() && self.instances[*at].is_writing();
        match [first, 1 - first].into_iter().find(writing) {
            Some(at) => {
                let turn = self.climate.turn(&mut self.rng);
                self.write_by(at, turn)
            }
            None => Ok(()),
        }
    }

    pub(super) fn write_by(&mut self, at: usize, turn: usize) -> Result<(), Broken> {
        let instance = &mut self.instances[at];
        let mut writers = instance.writers.values_mut();
        let Some(writer) = writers.rfind(|writer| !writer.settled) else {
            return Ok(());
        };
        if instance.life != Life::Up {
            return Ok(());
        }
        let no = writer.no;
        let did = match turn {
            0 => writer.hear(),
            1 => writer.cut(),
            2 => writer.land(&mut self.store)?,
            3 => writer.learn(),
            _ => writer.end(&mut self.store, self.rules),
        };
        if did != Did::Nothing {
            self.tell(|| format!("instance {at}, generation {no}: {did:?}"));
        }
        match did {
            Did::Published => self.announce(at, false),
            Did::Fenced => self.tally.fenced += 1,
            Did::Overtaken => {
                self.tally.overtaken += 1;
                self.announce(at, false);
            }
            Did::Settled(finished) => {
                self.answer(no, finished);
                self.announce(at, true);
            }
            // The broken rule lets everybody see what is only cut.
            Did::Worked if self.rules == Rules::PublishBeforeCommit => self.announce(at, false),
            Did::Worked | Did::Nothing => {}
        }
        Ok(())
    }

    pub(super) fn answer(&mut self, no: usize, finished: Finished) {
        use GenerationStatus::{Completed, Interrupted, Stopped};
        let Finished::Over {
            won,
            status,
            last_seq,
        } = finished
        else {
            return;
        };
        self.answers.push(Answer {
            no,
            status,
            last_seq,
        });
        if won {
            match status {
                Completed => self.tally.completed += 1,
                Stopped => self.tally.stopped += 1,
                Interrupted => self.tally.interrupted += 1,
                _ => self.tally.empty += 1,
            }
        }
    }

    pub(super) fn go_on_sealing(&mut self, at: usize) {
        let instance = &mut self.instances[at];
        if !instance.is_up() || instance.sealings.is_empty() {
            return;
        }
        let place = self.rng.usize(0..instance.sealings.len());
        let no = instance.sealings[place].no;
        match instance.go_on_sealing(place, &mut self.store, self.rules) {
            Some(Finished::LogGoesOn) => self.tally.overtaken += 1,
            Some(over) => {
                self.tell(|| format!("instance {at} ends generation {no}: {over:?}"));
                self.answer(no, over);
                self.announce(at, true);
            }
            None => {}
        }
    }

    /// Somebody presses stop, and the request comes to `at`.
    pub(super) fn stop(&mut self, at: usize) {
        let Some(row) = self.store.newest() else {
            return;
        };
        let (no, over) = (row.no, row.status.is_terminal());
        let instance = &mut self.instances[at];
        if over || !instance.is_up() {
            return;
        }
        self.tell(|| format!("stop generation {no} at instance {at}"));
        let instance = &mut self.instances[at];
        match instance.writers.get_mut(&no) {
            Some(writer) => writer.close(Ending::Stopped),
            None => instance.seal(no, Ending::Stopped),
        }
    }

    /// `at` takes the owner of the newest generation for dead, rightly or not.
    pub(super) fn suspect(&mut self, at: usize) {
        let Some(row) = self.store.newest() else {
            return;
        };
        let (no, over, owner) = (row.no, row.status.is_terminal(), row.owner);
        let lives = self.is_alive(owner);
        // A wrong guess must do no harm, but it is rare.
        let wrong = lives && self.rng.u8(0..4) > 0;
        let instance = &mut self.instances[at];
        if !over && instance.is_up() && instance.owner != owner && !wrong {
            instance.seal(no, Ending::Broken(check::LOST));
            self.tell(|| format!("instance {at} takes the owner of generation {no} for dead"));
        }
    }

    pub(super) fn is_alive(&self, owner: Owner) -> bool {
        let instance = &self.instances[owner.instance];
        instance.is_up() && instance.owner == owner
    }

    /// Ends what a dead owner left behind.
    pub(super) fn bury(&mut self, at: usize) {
        if let Some(row) = self.store.newest()
            && !row.status.is_terminal()
            && !self.is_alive(row.owner)
        {
            let no = row.no;
            self.instances[at].seal(no, Ending::Broken(check::LOST));
        }
    }

    /// The viewers of `at` are woken, and the other instance is given a hint.
    pub(super) fn announce(&mut self, at: usize, stored: bool) {
        let beat = &mut self.instances[at].beat;
        if stored {
            beat.stored += 1;
        } else {
            beat.written += 1;
        }
        self.instances[1 - at].hinted = true;
        self.push_to_queues(at);
    }

    /// The broken rule: whatever happens is pushed to everybody at once.
    pub(super) fn push_to_queues(&mut self, at: usize) {
        if self.rules == Rules::DroppingQueue {
            for viewer in 0..VIEWERS {
                let here = self.viewers[viewer].connection.as_ref();
                if here.is_some_and(|connection| connection.at == at && connection.is_live()) {
                    self.serve(viewer);
                }
            }
        }
    }

    /// `at` looks for what changed in the store, or in the journal, or in both.
    pub(super) fn poll(&mut self, at: usize) {
        let instance = &mut self.instances[at];
        if instance.is_up() {
            instance.hinted = false;
            let which = self.rng.u8(0..4);
            let stored = which != 0 && instance.notice(&self.store);
            let written = which != 1 && instance.look(&self.store);
            if stored || written {
                self.push_to_queues(at);
            }
        }
    }
}
