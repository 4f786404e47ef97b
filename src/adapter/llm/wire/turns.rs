//! Turns for providers that keep the system's words apart and insist on people and model taking turns.

use parlance_core::domain::Role;
use parlance_server::port::llm::Turn;

/// What a person "said" before the first words of the model, where those come first: the beginning of a long
/// conversation was left out, or the model greeted.
const BEFORE: &str = "…";

/// The system's words, and who said what: never nothing, never twice in a row, a person first.
pub(crate) struct Taken<'a> {
    pub(crate) system: String,
    /// `true` is the model.
    pub(crate) turns: Vec<(bool, Vec<&'a str>)>,
}

impl<'a> Taken<'a> {
    pub(crate) fn of(turns: &'a [Turn]) -> Self {
        let mut taken = Self {
            system: String::new(),
            turns: Vec::new(),
        };
        for turn in turns.iter().filter(|turn| !turn.content.trim().is_empty()) {
            match turn.role {
                Role::System => taken.instruct(&turn.content),
                Role::User | Role::Tool => taken.say(false, &turn.content),
                Role::Assistant => taken.say(true, &turn.content),
            }
        }
        taken
    }

    fn instruct(&mut self, text: &str) {
        if !self.system.is_empty() {
            self.system.push_str("\n\n");
        }
        self.system.push_str(text);
    }

    fn say(&mut self, is_model: bool, text: &'a str) {
        if self.turns.is_empty() && is_model {
            self.turns.push((false, vec![BEFORE]));
        }
        match self.turns.last_mut() {
            Some((same, texts)) if *same == is_model => texts.push(text),
            _ => self.turns.push((is_model, vec![text])),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_begins_and_nobody_speaks_twice_or_says_nothing() {
        let turn = |role, content: &str| Turn {
            role,
            content: content.to_owned(),
        };
        let turns = [
            turn(Role::System, "Be brief."),
            turn(Role::Assistant, "Hello!"),
            turn(Role::User, " \n"),
            turn(Role::Assistant, "Still here."),
            turn(Role::User, "one"),
            turn(Role::User, "two"),
            turn(Role::System, "Earlier: nothing."),
        ];
        let taken = Taken::of(&turns);
        assert_eq!(taken.system, "Be brief.\n\nEarlier: nothing.");
        assert_eq!(
            taken.turns,
            [
                (false, vec![BEFORE]),
                (true, vec!["Hello!", "Still here."]),
                (false, vec!["one", "two"]),
            ]
        );
    }
}
