//! Meals and a bed (食宿) as people write them: 包吃住, 包吃不包住, 提供宿舍，餐费自理, 食宿面议.
//! Keeps no state.

use super::{
    fields::{Fields, choice},
    mapping::Target,
    postings::{BENEFIT_CHARS_MAX, BENEFITS_MAX},
    report::{RemarkKind, Report},
    text,
};
use crate::domain::Posting;

/// What words say about meals and a bed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Board {
    /// Whether meals are free, where that is said.
    pub(super) meals: Option<bool>,
    /// Whether a bed is.
    pub(super) lodging: Option<bool>,
    /// The two say all that the words do.
    pub(super) whole: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    /// Meals, a bed, both.
    Subject(bool, bool),
    /// 包, 不包: of what follows; or of what came before, where nothing follows.
    Free(bool),
    /// 自理, 全包: of what came before.
    Behind(bool),
    /// 补贴, 面议: neither free nor not.
    Neither,
    /// Changes nothing: 公司, 一日三餐.
    Plain,
}

/// The longer first.
const WORDS: [(&str, Word); 72] = [
    ("食宿", Word::Subject(true, true)),
    ("吃住", Word::Subject(true, true)),
    ("膳宿", Word::Subject(true, true)),
    ("住宿", Word::Subject(false, true)),
    ("宿舍", Word::Subject(false, true)),
    ("住房", Word::Subject(false, true)),
    ("工作餐", Word::Subject(true, false)),
    ("伙食", Word::Subject(true, false)),
    ("餐费", Word::Subject(true, false)),
    ("餐食", Word::Subject(true, false)),
    ("用餐", Word::Subject(true, false)),
    ("早餐", Word::Subject(true, false)),
    ("中餐", Word::Subject(true, false)),
    ("午餐", Word::Subject(true, false)),
    ("晚餐", Word::Subject(true, false)),
    ("三餐", Word::Subject(true, false)),
    ("两餐", Word::Subject(true, false)),
    ("食堂", Word::Neither),
    ("补贴", Word::Neither),
    ("补助", Word::Neither),
    ("津贴", Word::Neither),
    ("面议", Word::Neither),
    ("协商", Word::Neither),
    ("不提供", Word::Free(false)),
    ("没有", Word::Free(false)),
    ("不包", Word::Free(false)),
    ("不管", Word::Free(false)),
    ("不供", Word::Free(false)),
    ("不含", Word::Free(false)),
    ("否", Word::Free(false)),
    ("无", Word::Free(false)),
    ("自行解决", Word::Behind(false)),
    ("自己解决", Word::Behind(false)),
    ("自理", Word::Behind(false)),
    ("自费", Word::Behind(false)),
    ("自付", Word::Behind(false)),
    ("全包", Word::Behind(true)),
    ("全免", Word::Behind(true)),
    ("免费提供", Word::Free(true)),
    ("提供", Word::Free(true)),
    ("免费", Word::Free(true)),
    ("包", Word::Free(true)),
    ("管", Word::Free(true)),
    ("供", Word::Free(true)),
    ("含", Word::Free(true)),
    ("有", Word::Free(true)),
    ("是", Word::Free(true)),
    ("true", Word::Free(true)),
    ("TRUE", Word::Free(true)),
    ("Y", Word::Free(true)),
    ("false", Word::Free(false)),
    ("FALSE", Word::Free(false)),
    ("N", Word::Free(false)),
    ("补", Word::Neither),
    ("吃", Word::Subject(true, false)),
    ("餐", Word::Subject(true, false)),
    ("食", Word::Subject(true, false)),
    ("饭", Word::Subject(true, false)),
    ("住", Word::Subject(false, true)),
    ("宿", Word::Subject(false, true)),
    ("公司", Word::Plain),
    ("单位", Word::Plain),
    ("员工", Word::Plain),
    ("厂里", Word::Plain),
    ("可以", Word::Plain),
    ("一日", Word::Plain),
    ("和", Word::Plain),
    ("及", Word::Plain),
    ("、", Word::Plain),
    ("均", Word::Plain),
    ("都", Word::Plain),
    ("费", Word::Plain),
];

/// Meals and a bed: from a column each, from one of both, from what the benefits promise. What the
/// answers yes and no do not say stands among the benefits, in the source's words.
pub(super) fn take(fields: &Fields<'_>, posting: &mut Posting, report: &mut Report) {
    let mut said = Board::default();
    let mut kept = Vec::new();
    for (target, subject) in
        [(Target::Meals, "餐食"), (Target::Lodging, "住宿"), (Target::Board, "食宿")]
    {
        let Some(text) = fields.get(target) else { continue };
        let table = fields.mapping.codes.get(&target);
        let words =
            text::line(table.and_then(|table| table.get(text)).map_or(text, String::as_str));
        if matches!(words.as_str(), "" | "-" | "/") {
            continue;
        }
        let board = match choice(&words) {
            Some(answer) => Board { meals: Some(answer), lodging: Some(answer), whole: true },
            None => read(&words),
        };
        let (meals, lodging) = match target {
            Target::Meals => (board.meals, None),
            Target::Lodging => (None, board.lodging),
            _ => (board.meals, board.lodging),
        };
        said.meals = said.meals.or(meals);
        said.lodging = said.lodging.or(lodging);
        if (meals, lodging) == (None, None) {
            let shown = words.chars().take(40).collect();
            report.remark(fields.place, fields.column(target), RemarkKind::Choice(shown));
        }
        if !board.whole || (meals, lodging) == (None, None) {
            let names = words.contains(['吃', '餐', '食', '饭', '住', '宿']);
            let mut words = if names { words } else { format!("{subject}{words}") };
            if text::cut(&mut words, BENEFIT_CHARS_MAX) {
                report.remark(fields.place, fields.column(target), RemarkKind::Cut);
            }
            kept.push(words);
        }
    }
    for benefit in &posting.benefits {
        let promised = read(benefit);
        // Only what is promised: 补贴 is no meal; and 提供 alone says nothing of meals here.
        let names = benefit.contains(['吃', '餐', '食', '饭', '住', '宿']);
        said.meals = said.meals.or(promised.meals.filter(|free| *free && names));
        said.lodging = said.lodging.or(promised.lodging.filter(|free| *free && names));
    }
    (posting.meals, posting.lodging) = (said.meals, said.lodging);
    for words in kept.into_iter().filter(|words| !words.is_empty()) {
        if posting.benefits.contains(&words) {
            continue;
        }
        if posting.benefits.len() == BENEFITS_MAX {
            report.remark(fields.place, fields.column(Target::Board), RemarkKind::LeftOut(words));
        } else {
            posting.benefits.push(words);
        }
    }
}

/// Reads words about both. A bare 是, 提供, 无 is about both.
pub(super) fn read(words: &str) -> Board {
    let mut board = Board { whole: true, ..Board::default() };
    let mut named = false;
    for clause in words.split(['，', ',', '；', ';', '。', '/', '+', ' ', '但', '\n']) {
        named |= board.clause(clause.trim());
    }
    if !named {
        // 是, 无.
        let bare = match WORDS.iter().find(|(word, _)| *word == words.trim()) {
            Some((_, Word::Free(free))) => Some(*free),
            _ => None,
        };
        return Board { meals: bare, lodging: bare, whole: bare.is_some() };
    }
    board
}

impl Board {
    /// Takes one clause; whether it names meals or a bed.
    fn clause(&mut self, clause: &str) -> bool {
        let mut rest = clause;
        let mut free: Option<bool> = None;
        // What was named, and what is said of it so far.
        let mut named: Vec<(bool, bool, Option<bool>)> = Vec::new();
        while let Some(first) = rest.chars().next() {
            let found = WORDS.iter().find(|(word, _)| rest.starts_with(word));
            let Some((word, meaning)) = found else {
                self.whole = false;
                rest = &rest[first.len_utf8()..];
                continue;
            };
            rest = &rest[word.len()..];
            match *meaning {
                Word::Subject(meals, lodging) => named.push((meals, lodging, free)),
                // 住宿免费.
                Word::Free(is_free) if rest.is_empty() => behind(&mut named, Some(is_free)),
                Word::Free(is_free) => free = Some(is_free),
                Word::Behind(is_free) => behind(&mut named, Some(is_free)),
                // 餐补 is no meal.
                Word::Neither => {
                    self.whole = false;
                    behind(&mut named, None);
                }
                Word::Plain => {}
            }
        }
        for (meals, lodging, free) in &named {
            match free {
                Some(free) => self.say(*meals, *lodging, *free),
                None => self.whole = false,
            }
        }
        !named.is_empty()
    }

    fn say(&mut self, meals: bool, lodging: bool, free: bool) {
        if meals {
            self.meals = Some(self.meals.unwrap_or(free) && free);
        }
        if lodging {
            self.lodging = Some(self.lodging.unwrap_or(free) && free);
        }
    }
}

/// Takes a word behind what was named: it is about all of which nothing was said before, else about
/// the last.
fn behind(named: &mut [(bool, bool, Option<bool>)], free: Option<bool>) {
    if named.iter().any(|(.., said)| said.is_none()) {
        named.iter_mut().filter(|(.., said)| said.is_none()).for_each(|(.., said)| *said = free);
    } else if let Some((.., said)) = named.last_mut() {
        *said = free;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn board_is_known_by_its_words() {
        const YES: Option<bool> = Some(true);
        const NO: Option<bool> = Some(false);
        for (words, meals, lodging, whole) in [
            ("包吃住", YES, YES, true),
            ("包吃包住", YES, YES, true),
            ("包食宿", YES, YES, true),
            ("提供食宿", YES, YES, true),
            ("免费食宿", YES, YES, true),
            ("食宿全包", YES, YES, true),
            ("管吃管住", YES, YES, true),
            ("公司提供住宿和工作餐", YES, YES, true),
            ("是", YES, YES, true),
            ("提供", YES, YES, true),
            ("否", NO, NO, true),
            ("无", NO, NO, true),
            ("不包吃住", NO, NO, true),
            ("不提供食宿", NO, NO, true),
            ("吃住自理", NO, NO, true),
            ("食宿自理", NO, NO, true),
            ("包吃不包住", YES, NO, true),
            ("包住不包吃", NO, YES, true),
            ("提供住宿，餐费自理", NO, YES, true),
            ("吃自理、住宿免费", NO, YES, true),
            ("包住、餐费自理", NO, YES, true),
            ("提供住宿、工作餐", YES, YES, true),
            ("提供住宿、餐补", None, YES, false),
            ("包吃", YES, None, true),
            ("包住", None, YES, true),
            ("包三餐", YES, None, true),
            ("提供工作餐", YES, None, true),
            ("提供宿舍，有餐补", None, YES, false),
            ("包吃住，四人间", YES, YES, false),
            ("食宿面议", None, None, false),
            ("餐饮补贴", None, None, false),
            ("住房补贴", None, None, false),
            ("看情况", None, None, false),
            ("五险一金", None, None, false),
            ("", None, None, false),
        ] {
            assert_eq!(read(words), Board { meals, lodging, whole }, "{words}");
        }
    }
}
