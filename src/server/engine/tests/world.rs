//! Engines on one memory, with a bus between them, and people who send and watch.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use futures::{StreamExt, stream::BoxStream};
use parlance_core::domain::{
    ConversationId, Event, GenerationId, MessageEvent, MessageId, ModelConfigId, Parameters, Part,
    Position, SessionId, Stopped, UserId,
};
use tokio::{sync::broadcast, time::timeout};
use uuid::Uuid;

use super::{
    memory::{Counter, Memory},
    model::Script,
};
use crate::{
    config::{Config, Source},
    engine::{
        Engine, Ports, Settings,
        follow::{self, Following, Joined, Request},
    },
    port::{
        bus::{Bus, Hint},
        llm::{Model, Models, NoModel},
        store::{Ask, Begin, BeginBeside, Begun, GenerationRow, Parent},
    },
};

/// Hints between the instances of a test; may be cut.
pub(super) struct Wire {
    sender: broadcast::Sender<(Uuid, Hint)>,
    pub(super) cut: AtomicBool,
}

struct Socket {
    wire: Arc<Wire>,
    me: Uuid,
}

impl Bus for Socket {
    fn publish(&self, hints: &[Hint]) {
        if !self.wire.cut.load(Ordering::Relaxed) {
            for hint in hints {
                let _ = self.wire.sender.send((self.me, *hint));
            }
        }
    }

    fn hints(&self) -> BoxStream<'static, Hint> {
        let me = self.me;
        let receiver = self.wire.sender.subscribe();
        futures::stream::unfold(receiver, move |mut receiver| async move {
            loop {
                match receiver.recv().await {
                    Ok((from, hint)) if from != me => return Some((hint, receiver)),
                    Ok(_) => {}
                    Err(broadcast::error::RecvError::Lagged(_)) => {
                        return Some((Hint::Lost, receiver));
                    }
                    Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
                }
            }
        })
        .boxed()
    }
}

/// Nobody has configured any model.
struct Nothing;

#[async_trait]
impl Models for Nothing {
    async fn model(&self, _: UserId, _: ModelConfigId) -> Result<Arc<Model>, NoModel> {
        Err(NoModel::Unavailable)
    }
}

pub(super) struct World {
    pub(super) memory: Arc<Memory>,
    pub(super) wire: Arc<Wire>,
    clock: Arc<Counter>,
    instances: AtomicU64,
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            memory: Arc::default(),
            wire: Arc::new(Wire {
                sender: broadcast::Sender::new(4_096),
                cut: AtomicBool::new(false),
            }),
            clock: Arc::new(Counter(AtomicU64::new(1))),
            instances: AtomicU64::new(0),
        }
    }

    /// One more instance, with settings as from the environment.
    pub(super) async fn engine(&self, llm: Arc<Script>, settings: &[(&str, &str)]) -> Engine {
        let mut all = BTreeMap::from([("PARLANCE_TITLES", "off"), ("PARLANCE_SUMMARIES", "off")]);
        all.extend(settings.iter().copied());
        let pairs: Vec<_> = all.into_iter().collect();
        let config = Config::read(&Source::from_pairs(&pairs)).expect("settings");
        let me = Uuid::from_u128(u128::from(
            1_000 + self.instances.fetch_add(1, Ordering::Relaxed),
        ));
        let ports = Ports {
            store: self.memory.clone(),
            journal: self.memory.clone(),
            llm,
            models: Arc::new(Nothing),
            clock: self.clock.clone(),
            bus: Arc::new(Socket {
                wire: self.wire.clone(),
                me,
            }),
        };
        Engine::start_up(ports, Settings::new(&config, me, true))
            .await
            .expect("starts")
    }

    pub(super) fn id(&self) -> Uuid {
        use crate::port::clock::Clock;
        self.clock.new_id()
    }
}

/// A person with one conversation.
#[derive(Clone, Copy)]
pub(super) struct Person {
    pub(super) user: UserId,
    pub(super) session: SessionId,
    pub(super) conversation: ConversationId,
}

impl Person {
    pub(super) fn new(world: &World) -> Self {
        Self {
            user: UserId(world.id()),
            session: SessionId(world.id()),
            conversation: ConversationId(world.id()),
        }
    }

    /// The same person in another conversation.
    pub(super) fn elsewhere(self, world: &World) -> Self {
        Self {
            conversation: ConversationId(world.id()),
            ..self
        }
    }

    pub(super) fn ask(self, world: &World, engine: &Engine, ask: Ask) -> Option<GenerationRow> {
        self.ask_in_lanes(world, engine, ask, 1)?.pop()
    }

    /// Asks the same in so many lanes at once.
    fn ask_in_lanes(
        self,
        world: &World,
        engine: &Engine,
        ask: Ask,
        lanes: usize,
    ) -> Option<Vec<GenerationRow>> {
        let admit = |_| engine.admit(self.user, &engine.inner.model).ok();
        let places = (0..lanes).map(admit).collect::<Option<Vec<_>>>()?;
        let beside = places[1..].iter().map(|place| BeginBeside {
            generation_id: GenerationId(world.id()),
            reply_message_id: MessageId(world.id()),
            model: ModelConfigId::INSTALLATION,
            queued: place.is_queued(),
        });
        let begin = Begin {
            user_id: self.user,
            conversation_id: self.conversation,
            create: true,
            title: "a title".into(),
            reply_message_id: MessageId(world.id()),
            generation_id: GenerationId(world.id()),
            ask,
            persona_id: None,
            model: None,
            parameters: Parameters::default(),
            queued: places[0].is_queued(),
            most_waiting: 20,
            beside: beside.collect(),
            allowance: None,
            owner: engine.owner(),
            now: parlance_core::domain::Timestamp(1),
        };
        match world.memory.begin_turn(begin).ok()? {
            Begun::Started {
                generation, beside, ..
            } => {
                let rows: Vec<_> = std::iter::once(generation).chain(beside).collect();
                for (row, place) in rows.iter().zip(places) {
                    engine.start(row.clone(), place);
                }
                Some(rows)
            }
            _ => None,
        }
    }

    /// Sends a message; `None` when it is refused.
    pub(super) fn send(self, world: &World, engine: &Engine) -> Option<GenerationRow> {
        self.compare(world, engine, 1)?.pop()
    }

    /// The same, answered in so many lanes at once.
    pub(super) fn compare(
        self,
        world: &World,
        engine: &Engine,
        lanes: usize,
    ) -> Option<Vec<GenerationRow>> {
        let ask = Ask::Message {
            id: MessageId(world.id()),
            client_message_id: world.id().to_string(),
            content: "hello".into(),
            parent: Parent::Head,
        };
        self.ask_in_lanes(world, engine, ask, lanes)
    }

    pub(super) async fn stop(self, engine: &Engine, row: &GenerationRow) -> Stopped {
        engine.stop(row.clone()).await.expect("stored")
    }

    /// A screen that watches the conversation through `engine`.
    pub(super) async fn watch(self, engine: &Engine) -> Screen {
        Screen::new(self.follow(engine, None).await)
    }

    /// What comes after a position.
    pub(super) async fn follow(self, engine: &Engine, position: Option<Position>) -> Following {
        let request = Request {
            owner: self.user,
            session: self.session,
            conversation: self.conversation,
            position,
            once: false,
            pace_ms: follow::PACE_MS,
            shared: false,
        };
        match follow::join(engine, request).await.expect("read") {
            Some(Joined::Following(events)) => events,
            _ => panic!("nothing to watch"),
        }
    }
}

/// What one viewer was sent.
pub(super) struct Screen {
    events: Following,
    pub(super) seen: Vec<Event>,
    pub(super) text: String,
    /// Everything that was ever shown of the running reply, to see that it only grew.
    pub(super) shown: Arc<Mutex<Vec<String>>>,
}

impl Screen {
    fn new(events: Following) -> Self {
        Self {
            events,
            seen: Vec::new(),
            text: String::new(),
            shown: Arc::default(),
        }
    }

    /// The next event within a while; `None` when nothing comes, or the stream has ended.
    pub(super) async fn next(&mut self, patience: Duration) -> Option<Event> {
        let sent = timeout(patience, self.events.next()).await.ok()??;
        match &sent.event {
            Event::Message(MessageEvent::Snapshot { parts, .. }) => {
                let text = parts.iter().find(|part| part.kind == Part::Text);
                self.text = text.map(|part| part.text.clone()).unwrap_or_default();
            }
            Event::Message(MessageEvent::Delta { text, .. }) => self.text.push_str(text),
            _ => {}
        }
        self.shown.lock().unwrap().push(self.text.clone());
        self.seen.push(sent.event.clone());
        Some(sent.event)
    }

    /// Reads until an event that `wanted` says yes to.
    pub(super) async fn until(&mut self, wanted: impl Fn(&Event) -> bool) -> Event {
        loop {
            let event = self.next(Duration::from_secs(3_600)).await;
            let event = event.unwrap_or_else(|| panic!("it never came: {:#?}", self.seen));
            if wanted(&event) {
                return event;
            }
        }
    }

    /// Reads to the end of the reply.
    pub(super) async fn finish(&mut self) -> MessageEvent {
        let is_final = |event: &Event| matches!(event, Event::Message(MessageEvent::Final { .. }));
        match self.until(is_final).await {
            Event::Message(end) => end,
            _ => unreachable!("asked for"),
        }
    }
}
