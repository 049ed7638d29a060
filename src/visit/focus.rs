//! By key and by ear: what the page has, in the order in which it is read, and where the focus stands. One
//! list for both: what is said at a stop is what can be done there.
//!
//! The screen tells the list ([`Event::Read`](super::Event::Read)), as it tells what fits; this file
//! moves along it. Nobody who only touches the glass has one.
//!
//! State: [`Focus`], from the first key of a visit to its end.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    mem::discriminant,
};

use kiosk_base::domain::Sensitive;

use super::{Effect, Page, Press, State};

/// What can be read or pressed on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// What is said there. It may be about a person.
    pub says: Sensitive<String>,
    /// Whether it can be pressed; `None` for words.
    pub control: Option<Enabled>,
}

/// Whether a control can be pressed now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Enabled(pub bool);

/// The stops of a page and the one that has the focus.
#[derive(Debug, Clone, Default)]
pub struct Focus {
    stops: Vec<Stop>,
    at: usize,
    /// The page that they are of.
    page: Option<PageId>,
    /// Something was pressed and the page not read since: what a second press would meet nobody knows.
    stale: bool,
}

/// Tells pages from each other: how deep in the visit, and of what kind.
type PageId = (usize, u64);

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// To the next thing that is read.
    Next,
    /// To the one before.
    Previous,
    /// To the next thing that can be pressed: one of two switches does with this and [`Self::Select`].
    NextControl,
    /// To the one before.
    PreviousControl,
    /// Presses what has the focus.
    Select,
    /// 返回.
    Back,
    /// 帮助.
    Help,
    /// 字号.
    Size,
}

/// Which key does what: those of a plain keyboard, of a tactile pad, of switches. All of them come as
/// keyboards.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keys(Vec<(char, Key)>);

/// What the window calls keys that are no characters, by the names in which they are set.
const NAMED: [(&str, char); 24] = [
    ("Up", '\u{F700}'),
    ("Down", '\u{F701}'),
    ("Left", '\u{F702}'),
    ("Right", '\u{F703}'),
    ("Enter", '\n'),
    ("Space", ' '),
    ("Tab", '\t'),
    ("Backtab", '\u{19}'),
    ("Escape", '\u{1b}'),
    ("Backspace", '\u{8}'),
    ("Delete", '\u{7f}'),
    ("Menu", '\u{F735}'),
    ("F1", '\u{F704}'),
    ("F2", '\u{F705}'),
    ("F3", '\u{F706}'),
    ("F4", '\u{F707}'),
    ("F5", '\u{F708}'),
    ("F6", '\u{F709}'),
    ("F7", '\u{F70A}'),
    ("F8", '\u{F70B}'),
    ("F9", '\u{F70C}'),
    ("F10", '\u{F70D}'),
    ("F11", '\u{F70E}'),
    ("F12", '\u{F70F}'),
];

impl Keys {
    /// Whether a key does this.
    pub fn has(&self, does: Key) -> bool {
        self.0.iter().any(|(_, of)| *of == does)
    }

    /// From now on `key` does this. Says `false`, and leaves it, if it does something already.
    pub fn add(&mut self, key: char, does: Key) -> bool {
        let key = key.to_ascii_lowercase();
        let is_free = self.get(key).is_none();
        if is_free {
            self.0.push((key, does));
        }
        is_free
    }

    /// The key that is called so: `Down`, `F1`, or the character that stands on it.
    pub fn named(name: &str) -> Option<char> {
        let named = NAMED.iter().find(|(named, _)| *named == name).map(|(_, key)| *key);
        let mut characters = name.chars();
        let character =
            characters.next().filter(|c| c.is_ascii_graphic() && characters.next().is_none());
        named.or(character)
    }

    /// Letters do the same with and without Shift.
    fn get(&self, key: char) -> Option<Key> {
        let key = key.to_ascii_lowercase();
        self.0.iter().find(|(name, _)| *name == key).map(|(_, does)| *does)
    }
}

impl Focus {
    /// What the page has, in reading order.
    pub fn stops(&self) -> &[Stop] {
        &self.stops
    }

    /// Which of them has the focus.
    pub fn at(&self) -> usize {
        self.at
    }

    /// The next stop in a direction that fits, around the end of the page.
    fn go(&mut self, forward: bool, fits: impl Fn(&Stop) -> bool) {
        let count = self.stops.len();
        let after = |n: usize| if forward { self.at + n } else { self.at + count - n } % count;
        if let Some(at) = (1..=count).map(after).find(|at| fits(&self.stops[*at])) {
            self.at = at;
        }
    }

    /// `page` has these stops now. On the same page the focus stays on what it was on, even if it says
    /// something else now; another page is read from its beginning.
    fn take(&mut self, page: PageId, stops: Vec<Stop>) {
        let same_page = self.page.replace(page) == Some(page);
        let here = self.stops.get(self.at);
        let distance = |at: &usize| at.abs_diff(self.at);
        let same = (0..stops.len()).filter(|at| Some(&stops[*at]) == here).min_by_key(distance);
        self.at = match same {
            _ if !same_page => 0,
            Some(at) => at,
            None => self.at.min(stops.len().saturating_sub(1)),
        };
        self.stops = stops;
        self.stale = false;
    }
}

/// The page has these stops now.
pub(super) fn read(state: &mut State, stops: Vec<Stop>) {
    let page = state.visit.as_ref().map_or((0, 0), |visit| (visit.trail.len(), kind(visit.page())));
    if let Some(focus) = &mut state.focus {
        focus.take(page, stops);
    }
}

/// What kind of page it is, of its flow, and how far in its steps.
fn kind(page: &Page) -> u64 {
    let mut hasher = DefaultHasher::new();
    discriminant(page).hash(&mut hasher);
    match page {
        Page::Jobs(page) => discriminant(page).hash(&mut hasher),
        Page::Trainings(page) => discriminant(page).hash(&mut hasher),
        Page::Fairs(page) => discriminant(page).hash(&mut hasher),
        Page::Guides(page) => discriminant(page).hash(&mut hasher),
        Page::Identify(step) => discriminant(step).hash(&mut hasher),
        Page::Account(page) => discriminant(page).hash(&mut hasher),
        Page::Print(printing) => discriminant(&printing.stage).hash(&mut hasher),
        Page::Retirement(asking) => discriminant(asking).hash(&mut hasher),
        Page::Staff(page) => discriminant(page).hash(&mut hasher),
        Page::Home | Page::Work | Page::Rights | Page::Help => {}
        Page::Question(asked) => asked.question.hash(&mut hasher),
        Page::TakeAway(_) | Page::Estimate(_) | Page::Stick(_) => {}
    }
    hasher.finish()
}

/// A key was pressed.
pub(super) fn key(state: &mut State, key: char) -> Vec<Effect> {
    let Some(key) = state.machine.settings.keys.get(key) else { return Vec::new() };
    let asked = state.warning();
    let began = state.focus.is_none();
    let focus = state.focus.get_or_insert_default();
    if state.visit.is_none() {
        return super::pressed(state, Press::Start);
    }
    // Who presses anything is still here; what lies under the question is not to be pressed blindly.
    // And the first key only shows where the focus is.
    let press = match key {
        _ if asked => Press::Stay,
        Key::Back => Press::Back,
        Key::Help => Press::Help,
        Key::Size => Press::Larger,
        _ if began => Press::Stay,
        Key::Next | Key::Previous => {
            focus.go(key == Key::Next, |_| true);
            Press::Stay
        }
        Key::NextControl | Key::PreviousControl => {
            focus.go(key == Key::NextControl, |stop| stop.control.is_some());
            Press::Stay
        }
        Key::Select => {
            let at = focus.at;
            let stop = focus.stops.get(at).and_then(|stop| stop.control);
            let pressed = stop == Some(Enabled(true)) && !std::mem::replace(&mut focus.stale, true);
            super::touched(state);
            return if pressed { vec![Effect::PressStop(at)] } else { Vec::new() };
        }
    };
    super::pressed(state, press)
}

/// A key was held for three seconds. On the first page 返回 has nothing else to do: held, it is the staff's
/// way in, as the town's name is for a finger.
pub(super) fn held(state: &mut State, key: char) -> Vec<Effect> {
    match state.machine.settings.keys.get(key) {
        Some(Key::Back) if state.page() == Some(&Page::Home) && !state.warning() => {
            super::pressed(state, Press::Held)
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stops(says: &[&str]) -> Vec<Stop> {
        let stop = |says: &&str| match says.strip_prefix('*') {
            Some(control) => Stop { says: control.into(), control: Some(Enabled(true)) },
            None => Stop { says: (*says).into(), control: None },
        };
        says.iter().map(stop).collect()
    }

    fn says(focus: &Focus) -> &str {
        focus.stops[focus.at].says.expose()
    }

    #[test]
    fn it_goes_around_and_over_words() {
        let mut focus = Focus::default();
        focus.go(true, |_| true);
        focus.take((1, 0), stops(&["首页", "*就业", "今天", "*返回"]));
        assert_eq!(says(&focus), "首页");
        focus.go(false, |_| true);
        assert_eq!(says(&focus), "返回");
        focus.go(true, |stop| stop.control.is_some());
        assert_eq!(says(&focus), "就业");
        focus.go(true, |stop| stop.control.is_some());
        assert_eq!(says(&focus), "返回");
        focus.go(true, |_| true);
        assert_eq!(says(&focus), "首页");
    }

    #[test]
    fn it_stays_on_what_it_was_on() {
        let mut focus = Focus::default();
        let page = (2, 7);
        focus.take(page, stops(&["找工作", "3 个", "*包吃住", "*本镇"]));
        focus.at = 3;
        focus.take(page, stops(&["找工作", "*包吃住", "*本镇"]));
        assert_eq!(says(&focus), "本镇");
        focus.take(page, stops(&["找工作", "*包吃住", "*本镇，已选"]));
        assert_eq!(says(&focus), "本镇，已选");
        focus.take(page, stops(&["Find work", "*Board", "*Own town, chosen"]));
        assert_eq!(says(&focus), "Own town, chosen", "in another language, too");
        focus.take((3, 7), stops(&["找工作", "*包吃住", "*本镇，已选"]));
        assert_eq!(says(&focus), "找工作", "another page is read from its beginning");
    }

    #[test]
    fn a_key_does_one_thing() {
        assert_eq!(Keys::named("Down"), Some('\u{F701}'));
        assert_eq!(Keys::named("+"), Some('+'));
        assert_eq!(Keys::named("下"), None);
        let mut keys = Keys::default();
        assert!(keys.add('a', Key::Next));
        assert!(!keys.add('a', Key::Back));
        assert!(!keys.add('A', Key::Back), "the same key");
        assert_eq!(keys.get('A'), Some(Key::Next));
    }
}
