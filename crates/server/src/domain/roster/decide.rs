//! What somebody has decided about single rows (R40): `7.rename`, or `all.unit` for every unit that is suggested.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::str::FromStr;

use api_types::{Named, RosterChoice, RosterDecision, RosterQuestion};

/// The decisions, and which of them were of any use.
#[derive(Clone, Debug, Default)]
pub struct Decisions {
    by_line: HashMap<u64, Vec<RosterChoice>>,
    all_units: bool,
    /// Lines with a decision that no question has asked for yet.
    unused: RefCell<BTreeSet<(u64, RosterChoice)>>,
}

impl FromStr for Decisions {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut decisions = Self::default();
        for said in text.split(',').filter(|said| !said.is_empty()) {
            let (line, choice) = said.split_once('.').ok_or(())?;
            let choice = RosterChoice::from_name(choice).ok_or(())?;
            if line == "all" {
                // Everything else needs a yes for its row.
                if choice != RosterChoice::Unit {
                    return Err(());
                }
                decisions.all_units = true;
                continue;
            }
            let line = line.parse::<u64>().map_err(|_| ())?;
            decisions.by_line.entry(line).or_default().push(choice);
            decisions.unused.get_mut().insert((line, choice));
        }
        Ok(decisions)
    }
}

impl Decisions {
    /// What was decided about a line, among these.
    pub(super) fn about(&self, line: u64, choices: &[RosterChoice]) -> Option<RosterChoice> {
        let said = self.by_line.get(&line);
        let said: Vec<_> = said.into_iter().flatten().filter(|choice| choices.contains(choice)).copied().collect();
        for choice in &said {
            self.unused.borrow_mut().remove(&(line, *choice));
        }
        let said = said.first().copied();
        said.or_else(|| choices.contains(&RosterChoice::Unit).then_some(RosterChoice::Unit).filter(|_| self.all_units))
    }

    /// Whether something was decided that nothing asks for.
    pub(super) fn has_unused(&self) -> bool {
        !self.unused.borrow().is_empty()
    }
}

/// What can be said to a question.
pub(super) fn choices(question: RosterQuestion) -> &'static [RosterChoice] {
    use RosterChoice as Choice;
    match question {
        RosterQuestion::UnitSuggested => &[Choice::Unit, Choice::LeaveOut],
        RosterQuestion::Returns => &[Choice::Return, Choice::LeaveOut],
        RosterQuestion::OtherName => &[Choice::Rename, Choice::KeepName, Choice::NoAddress, Choice::LeaveOut],
        RosterQuestion::SharedAddress => &[Choice::NoAddress, Choice::LeaveOut],
        RosterQuestion::Overlap => &[Choice::Change, Choice::LeaveOut],
        RosterQuestion::FutureMoveIn => &[Choice::Postpone, Choice::LeaveOut],
        RosterQuestion::MovesOutNow => &[Choice::MoveOut, Choice::LeaveOut],
    }
}

/// A question about a line, with what was said to it.
pub(super) fn ask(decisions: &Decisions, line: u64, question: RosterQuestion) -> RosterDecision {
    let choices = choices(question);
    RosterDecision {
        question: question.into(),
        choices: choices.iter().map(|choice| (*choice).into()).collect(),
        chosen: decisions.about(line, choices).map(Into::into),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r40_only_units_can_be_decided_all_at_once() {
        let said: Decisions = "all.unit,7.rename".parse().expect("decisions");
        assert_eq!(said.about(3, choices(RosterQuestion::UnitSuggested)), Some(RosterChoice::Unit));
        assert_eq!(said.about(3, choices(RosterQuestion::OtherName)), None);
        assert!(said.has_unused());
        assert_eq!(said.about(7, choices(RosterQuestion::OtherName)), Some(RosterChoice::Rename));
        assert!(!said.has_unused());
        for wrong in ["all.return", "7", "7.yes", "x.rename", "-1.rename"] {
            assert!(wrong.parse::<Decisions>().is_err(), "{wrong}");
        }
    }
}
