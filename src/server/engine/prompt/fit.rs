//! How much of a conversation's history goes into a prompt. Pure numbers.

/// One message of the history.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    pub(super) tokens: usize,
    /// Whether it is the person's: what follows it answers it, and is never sent without it.
    pub(super) begins_turn: bool,
}

/// What goes where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fit {
    /// The first message that goes in.
    pub(super) from: usize,
    /// So many of the oldest should be summed up, for this or a coming prompt. Never fewer than are left out.
    pub(super) sum_up: usize,
}

impl Fit {
    /// Whether everything goes in and there is room for the turns to come.
    pub(super) fn is_comfortable(self) -> bool {
        self.from == 0 && self.sum_up == 0
    }
}

/// Takes the newest whole turns that fit `budget`. When they fill more than three quarters of it, or something is left
/// out, all but the newest half is to be summed up, so that this happens once in many turns and not in every one.
pub(super) fn fit(history: &[Size], budget: usize) -> Fit {
    let from = newest(history, budget);
    let used: usize = history[from..].iter().map(|size| size.tokens).sum();
    let sum_up = if from > 0 || used > budget / 4 * 3 {
        newest(history, budget / 2)
    } else {
        0
    };
    Fit { from, sum_up }
}

/// Where the longest row of whole turns at the end begins that has at most `most` tokens.
fn newest(history: &[Size], most: usize) -> usize {
    let (mut from, mut total) = (history.len(), 0);
    for (at, size) in history.iter().enumerate().rev() {
        total += size.tokens;
        if total > most {
            break;
        }
        if size.begins_turn || at == 0 {
            from = at;
        }
    }
    from
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Turns of a question and an answer.
    fn turns(tokens: &[(usize, usize)]) -> Vec<Size> {
        let size = |tokens, begins_turn| Size {
            tokens,
            begins_turn,
        };
        tokens
            .iter()
            .flat_map(|(asked, said)| [size(*asked, true), size(*said, false)])
            .collect()
    }

    #[test]
    fn everything_goes_in_while_there_is_room() {
        assert!(fit(&turns(&[(10, 20), (10, 20)]), 100).is_comfortable());
        assert!(fit(&[], 0).is_comfortable());
    }

    #[test]
    fn the_oldest_turns_go_first_and_whole() {
        let history = turns(&[(10, 20), (10, 20), (10, 20)]);
        assert_eq!(fit(&history, 79), Fit { from: 2, sum_up: 4 });
        // An answer alone would fit, but not without its question.
        assert_eq!(fit(&history, 25), Fit { from: 6, sum_up: 6 });
        assert_eq!(fit(&history, 0).from, 6);
    }

    #[test]
    fn a_summary_is_made_before_it_is_needed_and_leaves_half_the_room() {
        let history = turns(&[(10, 10), (10, 10), (10, 10), (10, 10)]);
        assert_eq!(fit(&history, 100), Fit { from: 0, sum_up: 4 });
        assert!(fit(&history, 120).is_comfortable());
        assert!(fit(&history[4..], 100).is_comfortable());
    }

    #[test]
    fn a_reply_that_stands_first_is_a_turn_of_its_own() {
        let history = &turns(&[(10, 20), (10, 20)])[1..];
        assert_eq!(fit(history, 50).from, 0);
        assert_eq!(fit(history, 49).from, 1);
    }
}
