//! The window over paths of numbered turns.

use parlance_core::domain::{ConversationId, Message, Role, Timestamp};
use uuid::Uuid;

use super::*;

fn id(number: u128) -> MessageId {
    MessageId(Uuid::from_u128(number))
}

fn turn(number: u128) -> Turn {
    Message {
        parent_id: (number > 1).then(|| id(number - 1)),
        ..Message::said(
            ConversationId(Uuid::nil()),
            id(number),
            Role::User,
            number.to_string(),
            Timestamp(0),
        )
    }
    .into()
}

fn turns(numbers: std::ops::RangeInclusive<u128>) -> Vec<Turn> {
    numbers.map(turn).collect()
}

/// Of a path that ends with 1 000.
fn stretch(numbers: std::ops::RangeInclusive<u128>) -> Stretch {
    Stretch {
        earlier: *numbers.start() > 1,
        later: *numbers.end() < 1_000,
        turns: turns(numbers),
        ..Stretch::default()
    }
}

fn held(turns: &[Turn]) -> Held<'_> {
    Held {
        turns,
        earlier: turns[0].parent.is_some(),
    }
}

/// First and last number, and whether there is more on either side.
fn shown(window: &Window, end: &[Turn]) -> (u128, u128, bool, bool) {
    let shown = window.shown(held(end));
    let number = |turn: Option<&Turn>| turn.and_then(|turn| turn.content.parse().ok()).unwrap_or(0);
    let numbers: Vec<u128> = shown
        .turns
        .iter()
        .map(|turn| turn.content.parse().unwrap_or(0))
        .collect();
    assert!(
        numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]),
        "no gap and nothing twice: {numbers:?}"
    );
    (
        number(shown.turns.first()),
        number(shown.turns.last()),
        shown.earlier,
        shown.later,
    )
}

#[test]
fn a_new_window_is_the_end_of_the_path() {
    let end = turns(991..=1_000);
    let window = Window::default();
    assert_eq!(shown(&window, &end), (991, 1_000, true, false));
    assert_eq!(window.edge(Side::Above, held(&end)), Edge::Away(id(991)));
    assert_eq!(window.edge(Side::Below, held(&end)), Edge::End);
    let all = turns(1..=10);
    assert_eq!(shown(&window, &all), (1, 10, false, false));
    assert_eq!(window.edge(Side::Above, held(&all)), Edge::End);
    let many = turns(1..=100);
    assert_eq!(
        shown(&window, &many),
        (61, 100, true, false),
        "as many as there is room for"
    );
    assert_eq!(window.edge(Side::Above, held(&many)), Edge::Held);
}

#[test]
fn reading_back_gives_up_what_is_far_below_and_comes_back_to_it() {
    let end = turns(991..=1_000);
    let mut window = Window::default();
    let mut first = 991;
    for _ in 0..20 {
        let before = stretch(first - 20..=first - 1);
        window.step(Side::Above, Some(before), held(&end), 30);
        first -= 20;
        let (from, to, earlier, _) = shown(&window, &end);
        assert_eq!((from, earlier), (first, true));
        assert!(to - from < 40, "{from} to {to}");
    }
    let (_, to, _, later) = shown(&window, &end);
    assert!(later && to < 991);
    assert!(
        window.apart.len() <= 40 + 2 * SPARE,
        "{}",
        window.apart.len()
    );

    let mut steps = 0;
    loop {
        let fetched = match window.edge(Side::Below, held(&end)) {
            Edge::End => break,
            Edge::Held => None,
            Edge::Away(last) => {
                let last = last.0.as_u128();
                Some(stretch(last + 1..=(last + 20).min(1_000)))
            }
        };
        window.step(Side::Below, fetched, held(&end), 30);
        let (from, to, ..) = shown(&window, &end);
        assert!(to - from < 45, "{from} to {to}");
        steps += 1;
        assert!(steps < 200);
    }
    let (from, to, earlier, later) = shown(&window, &end);
    assert_eq!((to, earlier, later), (1_000, true, false));
    assert!(from > 950);
    // What is said next is seen.
    let mut longer = end.clone();
    longer.push(turn(1_001));
    assert_eq!(shown(&window, &longer).1, 1_001);
}

#[test]
fn what_is_in_sight_is_never_given_up() {
    let end = turns(971..=1_000);
    let mut window = Window::default();
    window.step(Side::Above, Some(stretch(951..=970)), held(&end), 3);
    assert_eq!(shown(&window, &end), (951, 997, true, true));
    window.step(Side::Below, None, held(&end), 0);
    assert_eq!(shown(&window, &end), (951, 1_000, true, false));
}

#[test]
fn a_stretch_that_does_not_fit_changes_nothing() {
    let end = turns(991..=1_000);
    let mut window = Window::default();
    window.step(Side::Above, Some(stretch(960..=970)), held(&end), 0);
    assert_eq!(shown(&window, &end), (991, 1_000, true, false));
}

#[test]
fn a_message_far_away_is_read_with_those_around_it() {
    let end = turns(991..=1_000);
    let mut window = Window::default();
    let around = || Stretch {
        message: Some(id(500)),
        ..stretch(492..=512)
    };
    assert!(!window.reach(id(500), held(&end)));
    window.go(around(), held(&end));
    assert_eq!(shown(&window, &end), (492, 511, true, true));
    assert!(window.reach(id(500), held(&end)));
    assert_eq!(window.edge(Side::Above, held(&end)), Edge::Away(id(492)));
    // The reply that ends meanwhile changes nothing of what is read.
    let mut longer = end.clone();
    longer.push(turn(1_001));
    window.settle(held(&longer));
    assert_eq!(shown(&window, &longer), (492, 511, true, true));
    window.to_end();
    assert_eq!(shown(&window, &longer), (991, 1_001, true, false));
}

#[test]
fn a_message_near_the_end_joins_what_is_held() {
    let end = turns(991..=1_000);
    let mut window = Window::default();
    window.go(
        Stretch {
            message: Some(id(985)),
            ..stretch(977..=997)
        },
        held(&end),
    );
    assert_eq!(shown(&window, &end), (977, 996, true, true));
    window.step(Side::Below, None, held(&end), 0);
    assert_eq!(shown(&window, &end), (977, 1_000, true, false));
    assert!(window.reach(id(1_000), held(&end)));
}

#[test]
fn another_path_keeps_what_both_share() {
    let end = turns(991..=1_000);
    let mut window = Window::default();
    window.step(Side::Above, Some(stretch(981..=990)), held(&end), 0);
    // Another wording of 986: the path ends there.
    let other = Turn {
        id: Some(id(2_000)),
        content: "986".into(),
        ..turn(986)
    };
    let end = [other];
    window.settle(held(&end));
    assert_eq!(shown(&window, &end), (981, 986, true, false));
}

#[test]
fn a_version_of_a_path_that_is_on_its_way_is_shown_before_the_rest_of_it() {
    // What is held: another wording of 3, and nothing after it.
    let other = |number: u128, parent: u128| Turn {
        id: Some(id(number + 2_000)),
        parent: Some(id(parent)),
        ..turn(number)
    };
    let end: Vec<Turn> = [turn(1), turn(2), other(3, 2)].into();
    let mut window = Window::default();
    window.go(
        Stretch {
            message: Some(id(3)),
            ..stretch(1..=13)
        },
        held(&end),
    );
    assert_eq!(shown(&window, &end), (1, 13, false, true));
    // The long path comes.
    let end = turns(991..=1_000);
    window.settle(held(&end));
    assert_eq!(shown(&window, &end), (1, 13, false, true));
}

#[test]
fn a_window_that_is_held_as_a_whole_needs_nothing_of_its_own() {
    let end = turns(991..=1_000);
    let mut window = Window::default();
    window.go(
        Stretch {
            message: Some(id(950)),
            ..stretch(942..=962)
        },
        held(&end),
    );
    // A fresh page brought more.
    let all = turns(930..=1_000);
    window.settle(held(&all));
    assert!(window.apart.is_empty());
    assert_eq!(shown(&window, &all).0, 942);
}

#[test]
fn large_replies_leave_room_for_fewer() {
    let mut end = turns(1..=20);
    for turn in &mut end {
        turn.html = Some("<b>x</b>".repeat(300));
    }
    assert_eq!(shown(&Window::default(), &end), (17, 20, true, false));
}
