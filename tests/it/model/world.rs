//! One seeded world: who does what next, until nothing more goes wrong and everything comes to rest.

mod climate;
mod faults;
mod work;

use fastrand::Rng;
use parlance_server::port::journal::Frame;

use self::climate::{Act, Climate};
use super::{
    check::{self, Answer, Broken},
    client::Kind,
    instance::Instance,
    rules::Rules,
    store::Store,
    tally::Tally,
    viewer::Viewer,
};

const VIEWERS: usize = 3;
const STEPS: u32 = 400;
const GENERATIONS: usize = 4;
/// Rounds of calm after which whatever has not come to rest never will.
const CALM: u32 = 60;

/// Everything there is.
pub struct World {
    rules: Rules,
    kind: Kind,
    rng: Rng,
    climate: Climate,
    store: Store,
    instances: [Instance; 2],
    viewers: Vec<Viewer>,
    /// Commits whose sender is dead or no longer listens.
    adrift: Vec<Vec<Frame>>,
    answers: Vec<Answer>,
    pub tally: Tally,
    tells: bool,
}

impl World {
    pub fn new(rules: Rules, kind: Kind, seed: u64, tells: bool) -> Self {
        let mut rng = Rng::with_seed(seed);
        let store = Store::default();
        let mut instances = [Instance::new(0), Instance::new(1)];
        let viewers = (0..VIEWERS)
            .map(|_| Viewer::open(kind, &store, &mut instances[0], rules))
            .collect();
        Self {
            rules,
            kind,
            climate: Climate::new(&mut rng),
            rng,
            store,
            instances,
            viewers,
            adrift: Vec::new(),
            answers: Vec::new(),
            tally: Tally::default(),
            tells,
        }
    }

    /// Runs it to its end.
    pub fn live(&mut self) -> Result<(), Broken> {
        self.begin(0);
        for _ in 0..STEPS {
            self.step()?;
        }
        self.calm()?;
        self.tally.frames += self.store.runs.iter().map(|run| run.length).sum::<u64>();
        let clients = self.viewers.iter().map(|viewer| &viewer.client);
        check::rest(&self.store, &self.answers, clients)
    }

    fn step(&mut self) -> Result<(), Broken> {
        let at = self.rng.usize(0..2);
        let viewer = self.rng.usize(0..VIEWERS);
        match self.climate.act(&mut self.rng) {
            Act::Write => self.write()?,
            Act::Seal => self.go_on_sealing(at),
            Act::Begin => self.begin(at),
            Act::Connect => self.connect(viewer)?,
            Act::Serve => {
                self.serve(viewer);
            }
            Act::Receive => {
                self.receive(viewer)?;
            }
            Act::Hint if !self.instances[at].hinted => {}
            Act::Hint | Act::Poll => self.poll(at),
            Act::Restart => self.restart(at),
            Act::Resume => self.resume(at),
            Act::Drop => self.drop_connection(viewer),
            Act::Reload => self.reload(viewer)?,
            Act::Kill => self.kill(at)?,
            Act::Pause => self.pause(at),
            Act::Stop => self.stop(at),
            Act::Suspect => self.suspect(at),
            Act::Drift => self.drift()?,
            Act::LoseHint => self.lose_hint(at),
            Act::LoseAnswer => self.lose_answer(at),
            Act::Discard => self.store.discard(),
        }
        Ok(())
    }

    fn tell(&self, what: impl FnOnce() -> String) {
        if self.tells {
            eprintln!("{}", what());
        }
    }

    fn any_up(&mut self) -> Option<usize> {
        let first = self.rng.usize(0..2);
        [first, 1 - first]
            .into_iter()
            .find(|at| self.instances[*at].is_up())
    }

    fn connect(&mut self, viewer: usize) -> Result<(), Broken> {
        if self.viewers[viewer].connection.is_none()
            && let Some(at) = self.any_up()
        {
            let instance = &mut self.instances[at];
            self.viewers[viewer].connect(&self.store, instance, self.rules)?;
            let cursor = self.viewers[viewer].client.cursor();
            self.tell(|| format!("viewer {viewer} connects to instance {at} at {cursor}"));
        }
        Ok(())
    }

    /// One step of the viewer's stream at its instance.
    fn serve(&mut self, viewer: usize) -> bool {
        let Some(connection) = &mut self.viewers[viewer].connection else {
            return false;
        };
        let instance = &mut self.instances[connection.at];
        if !instance.is_up() || !connection.has_reason(instance) {
            return false;
        }
        connection.step(&self.store, instance, self.rules);
        self.tally.ahead += u64::from(std::mem::take(&mut connection.was_ahead));
        true
    }

    /// An event arrives, if one is on its way.
    fn receive(&mut self, viewer: usize) -> Result<bool, Broken> {
        let connection = self.viewers[viewer].connection.as_ref();
        if connection.is_some_and(|connection| self.instances[connection.at].is_up()) {
            return self.take_one(viewer);
        }
        Ok(false)
    }

    fn take_one(&mut self, viewer: usize) -> Result<bool, Broken> {
        if self.tells
            && let Some(connection) = &self.viewers[viewer].connection
            && let Some(line) = connection.outbox.front()
        {
            eprintln!("viewer {viewer} gets {} {}", line.id, line.json);
        }
        self.viewers[viewer].receive(&self.store, &mut self.tally)
    }

    /// Nothing goes wrong any more, and nobody reconnects without a reason.
    fn calm(&mut self) -> Result<(), Broken> {
        self.tell(|| "calm".to_owned());
        let mut quiet = 0;
        for _ in 0..CALM {
            let mut busy = false;
            while !self.adrift.is_empty() {
                self.drift()?;
            }
            for at in 0..2 {
                self.resume(at);
                self.restart(at);
                for turn in [0, 1, 2, 3, 4, 4] {
                    self.write_by(at, turn)?;
                }
                self.bury(at);
                self.go_on_sealing(at);
                self.instances[at].notice(&self.store);
                self.instances[at].look(&self.store);
                self.push_to_queues(at);
                busy |= self.instances[at].is_writing() || !self.instances[at].sealings.is_empty();
            }
            for viewer in 0..VIEWERS {
                busy |= self.viewers[viewer].connection.is_none();
                self.connect(viewer)?;
                busy |= self.serve(viewer);
                while self.receive(viewer)? {
                    busy = true;
                }
            }
            quiet = if busy || !self.store.is_free() {
                0
            } else {
                quiet + 1
            };
            // What ended late in a round is known to everybody after the next.
            if quiet == 2 {
                break;
            }
        }
        Ok(())
    }
}
