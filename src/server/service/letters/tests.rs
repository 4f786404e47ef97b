//! Delivery: once, again, not again, and at the end.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use parlance_core::domain::preferences::Language;
use tokio::time::Instant;

use super::{ATTEMPTS, Letter, Letters, WAITING};
use crate::port::mailer::{Mail, MailError, Mailer};

const PAUSE: Duration = Duration::from_secs(2);

/// Answers as it was told, in order; then takes everything.
#[derive(Default)]
struct LetterBox {
    answers: Mutex<VecDeque<MailError>>,
    tried: Mutex<Vec<(Instant, Mail)>>,
    slow: Duration,
}

#[async_trait]
impl Mailer for LetterBox {
    fn can_send(&self) -> bool {
        true
    }

    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        tokio::time::sleep(self.slow).await;
        self.tried
            .lock()
            .unwrap()
            .push((Instant::now(), mail.clone()));
        match self.answers.lock().unwrap().pop_front() {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }
}

fn desk(answers: &[MailError], slow: Duration) -> (Letters, Arc<LetterBox>) {
    let mailer = Arc::new(LetterBox {
        answers: Mutex::new(answers.iter().cloned().collect()),
        slow,
        ..LetterBox::default()
    });
    (Letters::new(mailer.clone(), PAUSE), mailer)
}

fn later() -> MailError {
    MailError::Later("451".to_owned())
}

fn send(letters: &Letters) {
    letters.send("a@b.example", Language::En, Letter::PasswordChanged);
}

async fn seconds(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn a_letter_that_is_put_off_is_tried_again_until_it_is_taken() {
    let (letters, mailer) = desk(&[later(), later()], Duration::ZERO);
    let began = Instant::now();
    send(&letters);
    seconds(3_600).await;
    let tried: Vec<_> = mailer
        .tried
        .lock()
        .unwrap()
        .iter()
        .map(|(at, _)| at.duration_since(began).as_secs())
        .collect();
    assert_eq!(tried, [0, 2, 10]);
}

#[tokio::test(start_paused = true)]
async fn a_letter_is_given_up_in_the_end() {
    let answers = vec![later(); 20];
    let (letters, mailer) = desk(&answers, Duration::ZERO);
    send(&letters);
    seconds(24 * 3_600).await;
    assert_eq!(mailer.tried.lock().unwrap().len(), ATTEMPTS as usize);
}

#[tokio::test(start_paused = true)]
async fn a_letter_that_is_refused_is_not_tried_again() {
    let (letters, mailer) = desk(&[MailError::Refused("550".to_owned())], Duration::ZERO);
    send(&letters);
    seconds(3_600).await;
    assert_eq!(mailer.tried.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_a_slow_server_and_the_queue_has_an_end() {
    let (letters, mailer) = desk(&[], Duration::from_secs(30));
    let began = Instant::now();
    for _ in 0..WAITING + 100 {
        send(&letters);
    }
    assert_eq!(began.elapsed(), Duration::ZERO);
    seconds(24 * 3_600).await;
    assert_eq!(mailer.tried.lock().unwrap().len(), WAITING as usize);
}

#[tokio::test(start_paused = true)]
async fn the_end_waits_for_letters_but_not_for_ever() {
    let (letters, mailer) = desk(&[later()], Duration::from_secs(1));
    send(&letters);
    seconds(2).await;
    let began = Instant::now();
    letters.settle(Duration::from_secs(10)).await;
    assert!(
        began.elapsed() <= Duration::from_secs(2),
        "the pause is cut short"
    );
    assert_eq!(mailer.tried.lock().unwrap().len(), 2);

    let (letters, mailer) = desk(&[], Duration::from_secs(60));
    send(&letters);
    let began = Instant::now();
    letters.settle(Duration::from_secs(10)).await;
    assert_eq!(began.elapsed(), Duration::from_secs(10));
    assert!(mailer.tried.lock().unwrap().is_empty());
}
