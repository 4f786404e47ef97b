//! The judge's teeth: sound histories pass, and each small lie is caught.

use super::*;

fn said(id: &str, text: &str) -> Said {
    Said {
        id: id.to_owned(),
        text: text.to_owned(),
        status: "completed".to_owned(),
        ..Said::default()
    }
}

fn shown(g: &str, seq: u64, text: &str) -> Step {
    Step::Shown(Shown {
        g: g.to_owned(),
        message: format!("m-{g}"),
        seq,
        text: text.to_owned(),
        ..Shown::default()
    })
}

fn over(g: &str, text: &str) -> Step {
    Step::Over {
        g: g.to_owned(),
        status: "completed".to_owned(),
        message: Some(said(&format!("m-{g}"), text)),
    }
}

fn truth() -> Truth {
    let messages = [
        said("q", "hello"),
        said("m-a", "w1@5 w2@6 w3@7 "),
        said("m-b", "w1@8 w2@9 "),
    ];
    Truth {
        messages: messages
            .into_iter()
            .map(|said| (said.id.clone(), said))
            .collect(),
        active: false,
    }
}

fn sound() -> Vec<Step> {
    vec![
        Step::Sent {
            message: "q".to_owned(),
        },
        shown("a", 0, ""),
        shown("a", 1, "w1@5 "),
        shown("a", 3, "w1@5 w2@6 w3@7 "),
        over("a", "w1@5 w2@6 w3@7 "),
        shown("b", 1, "w1@8 "),
        over("b", "w1@8 w2@9 "),
        Step::Opened {
            messages: truth().messages.into_values().collect(),
        },
    ]
}

fn breaches(clients: Vec<Vec<Step>>) -> Vec<String> {
    let histories: Vec<_> = clients
        .into_iter()
        .enumerate()
        .map(|(number, steps)| History {
            client: format!("client {number}"),
            steps,
        })
        .collect();
    judge(&histories, &truth())
}

/// The sound history with one step replaced must be found wrong, in these words.
fn caught(place: usize, lie: Step, word: &str) {
    let mut steps = sound();
    steps[place] = lie;
    let wrong = breaches(vec![sound(), steps]);
    assert!(
        wrong.iter().any(|what| what.contains(word)),
        "{word}: {wrong:?}"
    );
}

#[test]
fn sound_histories_pass() {
    assert_eq!(breaches(vec![sound(), sound()]), Vec::<String>::new());
}

#[test]
fn text_that_was_not_stored_is_found() {
    caught(2, shown("a", 1, "w1@6 "), "do not begin");
    caught(3, shown("a", 3, "w1@5 w2@6 w3@7 w4@8 "), "do not begin");
    caught(2, shown("c", 1, "w1@5 "), "no message is there");
}

#[test]
fn a_doubled_or_lost_token_is_found() {
    for text in ["w1@5 w1@5 ", "w1@5 w3@7 ", "w1@5 w3@6 w2@7 "] {
        let mut truth = truth();
        truth.messages.insert("m-c".to_owned(), said("m-c", text));
        let wrong = judge(&[], &truth);
        assert!(
            wrong.iter().any(|what| what.contains("belongs")),
            "{text}: {wrong:?}"
        );
    }
}

#[test]
fn text_that_shrinks_is_found_unless_it_was_reset() {
    let mut steps = sound();
    steps.insert(4, shown("a", 1, "w1@5 "));
    let wrong = breaches(vec![steps.clone()]);
    assert!(
        wrong.iter().any(|what| what.contains("shrank")),
        "{wrong:?}"
    );
    steps.insert(4, Step::Reset);
    assert_eq!(breaches(vec![steps]), Vec::<String>::new());
}

#[test]
fn a_final_that_is_not_the_stored_message_is_found() {
    caught(4, over("a", "w1@5 w2@6 "), "changed");
    caught(4, Step::Mismatch, "not its text");
    caught(4, Step::Gap, "does not fit");
}

#[test]
fn two_ends_of_one_generation_are_found() {
    let stopped = Step::Over {
        g: "a".to_owned(),
        status: "stopped".to_owned(),
        message: None,
    };
    caught(4, stopped, "elsewhere");
}

#[test]
fn two_generations_at_once_are_found() {
    let mut steps = sound();
    steps.insert(6, shown("a", 3, "w1@5 w2@6 w3@7 "));
    let wrong = breaches(vec![steps]);
    assert!(
        wrong.iter().any(|what| what.contains("runs again")),
        "{wrong:?}"
    );
}

#[test]
fn one_frame_with_two_texts_is_found() {
    let mut other = sound();
    other[2] = shown("a", 1, "w1@5 w2@6 ");
    let wrong = breaches(vec![sound(), other]);
    assert!(
        wrong.iter().any(|what| what.contains("another text")),
        "{wrong:?}"
    );
}

#[test]
fn own_words_that_are_missing_are_found() {
    caught(
        7,
        Step::Opened {
            messages: Vec::new(),
        },
        "not there",
    );
    let lost = Step::Sent {
        message: "lost".to_owned(),
    };
    caught(0, lost, "was lost");
}

#[test]
fn a_stop_that_does_not_freeze_is_found() {
    let stop = |status: &str, seq| Step::Stopped {
        g: "a".to_owned(),
        status: status.to_owned(),
        seq,
    };
    let with = |step| {
        let mut steps = sound();
        steps.insert(3, step);
        breaches(vec![sound(), steps])
    };
    assert!(
        with(stop("completed", 2))
            .iter()
            .any(|what| what.contains("after it stopped"))
    );
    assert!(
        with(stop("stopped", 3))
            .iter()
            .any(|what| what.contains("though the stop said"))
    );
    assert_eq!(with(stop("completed", 3)), Vec::<String>::new());
}

#[test]
fn a_message_that_changes_or_vanishes_is_found() {
    caught(4, Step::Stored(said("q", "hallo")), "changed");
    caught(4, Step::Stored(said("gone", "x")), "vanished");
}

#[test]
fn a_reply_that_never_ends_is_found() {
    let truth = Truth {
        active: true,
        ..truth()
    };
    assert_eq!(judge(&[], &truth).len(), 1);
}
