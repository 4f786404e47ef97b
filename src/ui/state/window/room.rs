//! How much the window may hold. Elements count, not turns: one reply may have more of them than thirty others.

use super::Turn;

/// Turns in the window at the most.
const TURNS: usize = 40;
/// Elements in the window, roughly; with the rest of the page that leaves some of the 2 500 it may have.
const ELEMENTS: usize = 1_500;
/// Elements that a turn has besides its text: the frame around it and its bar of acts.
const FRAME: usize = 24;
/// Never fewer turns than these, however large they are.
const FEWEST: usize = 4;

/// How many of the turns are too many at the end.
pub(super) fn excess_behind(turns: &[&Turn]) -> usize {
    turns.len() - fitting(turns.iter())
}

/// How many of the turns are too many at the beginning.
pub(super) fn excess_before(turns: &[&Turn]) -> usize {
    turns.len() - fitting(turns.iter().rev())
}

fn fitting<'a>(turns: impl Iterator<Item = &'a &'a Turn>) -> usize {
    let (mut count, mut elements) = (0, 0);
    turns
        .take_while(|turn| {
            elements += weight(turn);
            count += 1;
            count <= FEWEST || (count <= TURNS && elements <= ELEMENTS)
        })
        .count()
}

fn weight(turn: &Turn) -> usize {
    let tags = turn
        .html
        .as_deref()
        .map_or(0, |html| html.bytes().filter(|byte| *byte == b'<').count());
    FRAME + tags.div_ceil(2)
}
