//! What goes wrong: death, sleep, lost words, and a database that answers too late.

use super::{
    super::{check::Broken, instance::Life, viewer::Viewer},
    VIEWERS, World,
};

impl World {
    pub(super) fn kill(&mut self, at: usize) -> Result<(), Broken> {
        if self.instances[at].life == Life::Down {
            return Ok(());
        }
        self.tally.kills += u64::from(self.instances[at].is_writing());
        self.tell(|| format!("kill instance {at}"));
        self.adrift.extend(self.instances[at].kill());
        for viewer in 0..VIEWERS {
            let connection = self.viewers[viewer].connection.as_ref();
            if let Some(connection) = connection.filter(|connection| connection.at == at) {
                // What had left the process still arrives.
                for _ in 0..self.rng.usize(0..=connection.outbox.len()) {
                    self.take_one(viewer)?;
                }
                self.viewers[viewer].connection = None;
            }
        }
        Ok(())
    }

    pub(super) fn restart(&mut self, at: usize) {
        if self.instances[at].life == Life::Down {
            self.tell(|| format!("restart instance {at}"));
            self.instances[at].restart(&self.store);
        }
    }

    pub(super) fn pause(&mut self, at: usize) {
        if self.instances[at].is_up() {
            self.tally.pauses += u64::from(self.instances[at].is_writing());
            self.tell(|| format!("pause instance {at}"));
            self.instances[at].life = Life::Paused;
        }
    }

    pub(super) fn resume(&mut self, at: usize) {
        if self.instances[at].life == Life::Paused {
            self.tell(|| format!("resume instance {at}"));
            self.instances[at].life = Life::Up;
        }
    }

    pub(super) fn reload(&mut self, viewer: usize) -> Result<(), Broken> {
        if let Some(at) = self.any_up() {
            self.tally.reloads += 1;
            self.tell(|| format!("viewer {viewer} reloads from instance {at}"));
            let instance = &mut self.instances[at];
            self.viewers[viewer] = Viewer::open(self.kind, &self.store, instance, self.rules);
            self.viewers[viewer].check(&self.store)?;
        }
        Ok(())
    }

    pub(super) fn drop_connection(&mut self, viewer: usize) {
        if self.viewers[viewer].connection.take().is_some() {
            self.tally.drops += 1;
            self.tell(|| format!("viewer {viewer} loses its connection"));
        }
    }

    pub(super) fn lose_hint(&mut self, at: usize) {
        self.tally.hints_lost += u64::from(self.instances[at].hinted);
        self.instances[at].hinted = false;
    }

    pub(super) fn lose_answer(&mut self, at: usize) {
        let instance = &mut self.instances[at];
        let mut writers = instance.writers.values_mut();
        if let Some(writer) = writers.rfind(|writer| !writer.settled)
            && instance.life == Life::Up
            && writer.lose_answer(&mut self.adrift)
        {
            self.tally.adrift += 1;
            self.tell(|| format!("instance {at} gives the journal up"));
        }
    }

    /// The database does what was asked of it long ago.
    pub(super) fn drift(&mut self) -> Result<(), Broken> {
        if !self.adrift.is_empty() {
            let place = self.rng.usize(0..self.adrift.len());
            let frames = self.adrift.swap_remove(place);
            let stands = self.store.append(&frames)?;
            self.tell(|| format!("a commit that was adrift lands: {stands}"));
            self.tally.fenced += u64::from(!stands);
        }
        Ok(())
    }
}
