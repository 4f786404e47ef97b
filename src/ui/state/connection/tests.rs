//! The states, one promise at a time.

use super::*;

fn live() -> Machine {
    let mut machine = Machine::default();
    assert_eq!(
        machine.step(Input::Open, 0.0, false, 0.5),
        [Command::Disconnect, Command::Connect]
    );
    machine.step(Input::Hello, 10.0, false, 0.5);
    machine.step(Input::Beat, 20.0, false, 0.5);
    machine
}

fn step(machine: &mut Machine, input: Input, now: f64) -> Vec<Command> {
    machine.step(input, now, false, 0.5)
}

fn bye(reason: ByeReason) -> Input {
    Input::Bye(Bye {
        reason,
        retry_ms: 1_000,
    })
}

#[test]
fn silence_of_25_seconds_ends_a_stream_and_asks_why() {
    let mut machine = live();
    assert_eq!(step(&mut machine, Input::Tick, 25_000.0), []);
    assert_eq!(
        step(&mut machine, Input::Tick, 25_020.0),
        [Command::Disconnect, Command::Probe]
    );
}

#[test]
fn waits_longer_after_every_failure_and_starts_over_after_a_sign_of_life() {
    let mut machine = live();
    for wait in [250.0, 500.0, 1_000.0] {
        assert_eq!(
            step(&mut machine, Input::Closed, 100.0),
            [Command::Disconnect, Command::Probe]
        );
        step(&mut machine, Input::Probed(Probe::Later), 100.0);
        assert_eq!(
            machine
                .deadline(100.0, false)
                .map(|at| at.min(100.0 + wait)),
            Some(100.0 + wait)
        );
        assert_eq!(step(&mut machine, Input::Tick, 100.0 + wait - 1.0), []);
        assert_eq!(
            step(&mut machine, Input::Tick, 100.0 + wait),
            [Command::Disconnect, Command::Connect]
        );
    }
    step(&mut machine, Input::Hello, 3_000.0);
    step(&mut machine, Input::Beat, 3_000.0);
    step(&mut machine, Input::Closed, 3_000.0);
    step(&mut machine, Input::Probed(Probe::Later), 3_000.0);
    assert_eq!(machine.deadline(3_000.0, false), Some(3_250.0));
}

#[test]
fn never_waits_longer_than_half_a_minute() {
    let mut machine = live();
    for _ in 0..40 {
        step(&mut machine, Input::Closed, 0.0);
        machine.step(Input::Probed(Probe::Later), 0.0, false, 1.0);
        let deadline = machine.deadline(QUIET_MS, false);
        assert!(deadline.is_some_and(|at| at <= 30_000.0));
        step(&mut machine, Input::Tick, 30_000.0);
    }
}

#[test]
fn says_reconnecting_only_after_two_seconds() {
    let mut machine = live();
    step(&mut machine, Input::Closed, 1_000.0);
    assert_eq!(machine.notice(2_900.0), None);
    assert_eq!(machine.deadline(1_000.0, false), Some(3_000.0));
    assert_eq!(machine.notice(3_000.0), Some(Notice::Reconnecting));
    step(&mut machine, Input::Hello, 3_100.0);
    assert_eq!(machine.notice(3_100.0), None);
}

#[test]
fn comes_back_by_itself_when_the_farewell_said_so() {
    let mut machine = live();
    assert_eq!(
        step(&mut machine, bye(ByeReason::Rotate), 100.0),
        [Command::Disconnect]
    );
    assert_eq!(step(&mut machine, Input::Tick, 1_000.0), []);
    assert_eq!(
        step(&mut machine, Input::Tick, 1_100.0),
        [Command::Disconnect, Command::Connect]
    );
}

#[test]
fn a_lost_session_waits_for_the_person() {
    let mut machine = live();
    step(&mut machine, bye(ByeReason::Revoked), 100.0);
    step(&mut machine, Input::Probed(Probe::SignedOut), 200.0);
    assert_eq!(machine.notice(200.0), Some(Notice::SignedOut));
    assert!(machine.is_away());
    for input in [Input::Online, Input::Hello, Input::Lead, Input::Reopen] {
        assert_eq!(step(&mut machine, input, 300.0), []);
    }
    // Until the person comes back, perhaps from signing in again in another tab.
    assert_eq!(
        step(&mut machine, Input::Visible, 400.0),
        [Command::Disconnect, Command::Connect]
    );
}

#[test]
fn a_conversation_that_is_gone_stays_gone_until_another_is_opened() {
    let mut machine = live();
    assert_eq!(step(&mut machine, Input::Gone, 100.0), []);
    assert_eq!(machine.notice(100.0), Some(Notice::Gone));
    assert!(machine.is_live());
    step(&mut machine, Input::Turned, 200.0);
    assert_eq!(machine.notice(200.0), None);
}

#[test]
fn a_probe_that_nobody_answers_is_not_waited_for() {
    let mut machine = live();
    step(&mut machine, Input::Tick, 25_020.0);
    step(&mut machine, Input::Tick, 25_020.0 + PROBE_MS);
    assert_eq!(
        step(&mut machine, Input::Tick, 25_020.0 + PROBE_MS + 500.0),
        [Command::Disconnect, Command::Connect]
    );
    // Its answer comes too late to matter.
    assert_eq!(
        step(&mut machine, Input::Probed(Probe::Later), 29_000.0),
        []
    );
}

#[test]
fn a_planned_change_opens_the_stream_anew_without_a_word() {
    let mut machine = live();
    assert_eq!(
        step(&mut machine, Input::Reopen, 100.0),
        [Command::Disconnect, Command::Connect]
    );
    assert_eq!(machine.notice(9_000.0), None);
    assert_eq!(
        step(&mut machine, Input::Tick, 10_100.0),
        [Command::Disconnect, Command::Probe]
    );
    // Whoever waits for something else comes back with everything anyway.
    assert_eq!(step(&mut machine, Input::Reopen, 10_200.0), []);
}

#[test]
fn a_tab_that_leads_but_does_not_answer_twice_is_replaced() {
    let mut machine = live();
    step(&mut machine, Input::Restored, 100.0);
    step(&mut machine, Input::Asked, 100.0);
    assert_eq!(step(&mut machine, Input::Tick, 2_100.0), [Command::Connect]);
    step(&mut machine, Input::Asked, 2_100.0);
    assert_eq!(step(&mut machine, Input::Tick, 4_100.0), [Command::Lead]);
    step(&mut machine, Input::Lead, 4_110.0);
    step(&mut machine, Input::Hello, 4_200.0);
    assert!(machine.is_live());
}

#[test]
fn follows_the_fate_of_the_tab_that_leads() {
    let mut machine = live();
    step(&mut machine, Input::Restored, 100.0);
    step(&mut machine, Input::Asked, 100.0);
    step(&mut machine, Input::Carried, 110.0);
    step(&mut machine, Input::Hello, 150.0);
    assert!(machine.is_live());
    step(&mut machine, Input::Down, 1_000.0);
    assert_eq!(machine.notice(2_999.0), None);
    assert_eq!(machine.notice(3_000.0), Some(Notice::Reconnecting));
    // Long enough away that the list may have changed unheard.
    assert_eq!(
        step(&mut machine, Input::Hello, 31_000.0),
        [Command::Refresh]
    );
    assert_eq!(machine.notice(31_000.0), None);
}

#[test]
fn a_conversation_that_no_stream_carries_is_read_now_and_then() {
    let mut machine = live();
    step(&mut machine, Input::Asked, 100.0);
    step(&mut machine, Input::Refused, 110.0);
    assert_eq!(machine.notice(9_000.0), None);
    assert_eq!(
        step(&mut machine, Input::Tick, 110.0 + POLL_MS),
        [Command::Disconnect, Command::Refetch]
    );
}

#[test]
fn a_page_that_the_browser_stops_gives_everything_up_first() {
    let mut machine = live();
    assert_eq!(
        step(&mut machine, Input::Freeze, 100.0),
        [Command::Disconnect]
    );
    assert!(machine.is_away());
    assert_eq!(step(&mut machine, Input::Tick, 3_600_000.0), []);
    assert_eq!(
        step(&mut machine, Input::Restored, 3_600_000.0),
        [Command::Disconnect, Command::Refetch]
    );
    // A moment to come back in is everybody's right.
    assert_eq!(machine.notice(3_601_000.0), None);
}

#[test]
fn makes_no_attempt_while_offline() {
    let mut machine = live();
    assert_eq!(
        step(&mut machine, Input::Offline, 100.0),
        [Command::Disconnect]
    );
    assert_eq!(machine.notice(100.0), Some(Notice::Offline));
    assert_eq!(step(&mut machine, Input::Tick, 9_000.0), []);
    assert_eq!(step(&mut machine, Input::Closed, 9_000.0), []);
    assert_eq!(
        step(&mut machine, Input::Online, 10_000.0),
        [Command::Disconnect, Command::Connect]
    );
}

#[test]
fn reads_the_state_anew_after_half_a_minute_away() {
    let mut machine = live();
    step(&mut machine, Input::Offline, 100.0);
    assert_eq!(
        step(&mut machine, Input::Online, 31_000.0),
        [Command::Disconnect, Command::Refetch]
    );
}

#[test]
fn a_tab_that_nobody_sees_gives_its_stream_up_unless_a_reply_runs() {
    let mut machine = live();
    step(&mut machine, Input::Hidden, 100.0);
    step(&mut machine, Input::Beat, 60_050.0);
    assert_eq!(machine.step(Input::Tick, 60_100.0, true, 0.5), []);
    assert_eq!(machine.deadline(60_100.0, true), Some(85_050.0));
    assert_eq!(machine.deadline(60_090.0, false), Some(60_100.0));
    assert_eq!(
        machine.step(Input::Tick, 60_100.0, false, 0.5),
        [Command::Disconnect]
    );
    assert_eq!(machine.notice(90_000.0), None);
    assert_eq!(
        step(&mut machine, Input::Visible, 70_000.0),
        [Command::Disconnect, Command::Connect]
    );
}

#[test]
fn comes_back_out_of_the_page_cache() {
    let mut machine = live();
    assert_eq!(
        step(&mut machine, Input::Restored, 5_000.0),
        [Command::Disconnect, Command::Connect]
    );
}

#[test]
fn a_gap_reconnects_but_never_in_a_tight_loop() {
    let mut machine = live();
    let mut waits = Vec::new();
    for _ in 0..3 {
        assert_eq!(
            machine.step(Input::Gap, 0.0, true, 1.0),
            [Command::Disconnect]
        );
        waits.push((0..).map(|tenth| f64::from(tenth) * 100.0).find(|&at| {
            machine
                .clone()
                .step(Input::Tick, at, true, 1.0)
                .contains(&Command::Connect)
        }));
        machine.step(Input::Tick, 60_000.0, true, 1.0);
        machine.step(Input::Hello, 60_000.0, true, 1.0);
        machine.down = None;
    }
    assert_eq!(waits, [Some(500.0), Some(1_000.0), Some(2_000.0)]);
}

#[test]
fn reads_a_state_that_events_cannot_mend_anew_but_never_in_a_tight_loop() {
    let mut machine = live();
    for wait in [250.0, 500.0] {
        assert_eq!(step(&mut machine, Input::Stale, 0.0), [Command::Disconnect]);
        assert_eq!(step(&mut machine, Input::Tick, wait - 1.0), []);
        assert_eq!(
            step(&mut machine, Input::Tick, wait),
            [Command::Disconnect, Command::Refetch]
        );
        step(&mut machine, Input::Hello, wait);
    }
}
