//! Days as people and spreadsheets write them: one, a range, a last day, none that is fixed.
//! Keeps no state.
//!
//! | a cell | first day | last day |
//! | --- | --- | --- |
//! | `2026-12-05`, `12月5日`, `46361` | that day | that day |
//! | `2026.12.1-2027.1.31`, `12月5日、6日`, `12月5-7日` | its first | its last |
//! | `12月31日止`, `截至12月31日`, `即日起至12月31日` | none | that day |
//! | `12月31日前`, `月底前` | none | that day |
//! | `12月1日起` | that day | none |
//! | `12月底`, `年底`, `12月中旬`, `2026年12月` | its first | its last |
//! | `30日内`, `3个月` | none | counted from the day of publication |
//! | `长期`, `常年招聘`, `招满为止`, `不限` | none | none is fixed |
//!
//! **前 counts the day itself.** Official notices write 12月31日前 and 月底前 for what may still be
//! done on that day, and the code of civil law leaves 前 open (Art 1259 speaks of 以前 neither way).
//! Who comes on the day itself and is told that it is over has lost more than who comes a day
//! before.

use jiff::{ToSpan, civil::Date};

use super::{
    date::{self, DateFault, DateRule},
    day_words::{self, Part, Piece, Token, Written},
    near::{after, before},
};

pub use super::near::Near;

/// Longest text that is looked at, in characters.
const CHARS_MAX: usize = 100;
/// What a cell says about days.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Days {
    /// The first day.
    pub first: Option<Date>,
    /// The last day.
    pub last: Option<Date>,
    /// The cell says that no last day is fixed.
    pub open: bool,
    /// What stands beside the days: hours, words in brackets.
    pub beside: Option<String>,
    /// No day is named: 2026年12月, 12月中旬.
    pub rough: bool,
    /// The year was not written.
    pub year_told: bool,
}

/// Reads a cell.
///
/// # Errors
/// When it says something else.
pub fn read(text: &str, rule: &DateRule, near: Near) -> Result<Days, DateFault> {
    let plain = plain(text)?;
    let text: String = plain.iter().collect();
    let text = text.trim();
    if says_nothing(text) {
        return Ok(Days::default());
    }
    let in_figures = text.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && text.bytes().filter(|b| *b == b'.').count() <= 1;
    if in_figures && let Some(day) = date::from_number(text) {
        let day = date::sensible(day)?;
        return Ok(Days { first: day, last: day, ..Days::default() });
    }
    Reading { text: &plain, tokens: day_words::pieces(&plain, rule), rule, near }.days()
}

/// Reads a cell that may say more than days: when a fair is. What stands beside the days is kept
/// in its own words, whatever it is.
///
/// # Errors
/// When it begins with no day.
pub fn read_with_words(text: &str, rule: &DateRule, near: Near) -> Result<Days, DateFault> {
    if let Ok(days) = read(text, rule, near) {
        return Ok(days);
    }
    if ["农历", "阴历", "腊月", "正月"].iter().any(|word| text.contains(word)) {
        return Err(DateFault);
    }
    let plain = plain(text)?;
    let tokens = day_words::pieces(&plain, rule);
    // What is understood from the first day on, up to the words that are not; figures before it or
    // days that do not go together are no words.
    let figures = |token: &Token| plain[token.from].is_ascii_digit();
    let is_words = |t: &Token| matches!(t.piece, Piece::Other | Piece::Aside) && !figures(t);
    let from = tokens.iter().position(|t| matches!(t.piece, Piece::Day(_))).ok_or(DateFault)?;
    let before = &tokens[..from];
    if before.iter().any(|t| t.piece == Piece::To || figures(t)) {
        return Err(DateFault);
    }
    let until = tokens[from..].iter().position(is_words).map_or(tokens.len(), |end| from + end);
    let known = tokens[from..until].to_vec();
    let mut days = Reading { text: &plain, tokens: known, rule, near }.days()?;
    let words = |from: usize, to: usize| trimmed(&plain[from..to]);
    let before = words(0, tokens[from].from);
    let behind = words(tokens[until - 1].to, plain.len());
    let said: Vec<_> = [before, days.beside.take(), behind].into_iter().flatten().collect();
    days.beside = (!said.is_empty()).then(|| said.join("，"));
    Ok(days)
}

/// Whether a text is hours and nothing else: 9:00-12:00, 上午9点.
pub(super) fn is_hours(text: &str) -> bool {
    let Ok(plain) = plain(text) else { return false };
    let tokens = day_words::pieces(&plain, &DateRule::default());
    let is_clock = |token: &Token| token.piece == Piece::Clock;
    tokens.iter().any(is_clock)
        && tokens
            .iter()
            .all(|token| is_clock(token) || matches!(token.piece, Piece::Plain | Piece::And))
}

/// Whether a text says how long something takes and no day: 15天, 3个月.
pub(super) fn is_length(text: &str) -> bool {
    let Ok(plain) = plain(text) else { return false };
    let tokens = day_words::pieces(&plain, &DateRule::default());
    tokens.iter().any(|token| matches!(token.piece, Piece::Days(_) | Piece::Months(_)))
        && !tokens.iter().any(|token| matches!(token.piece, Piece::Day(_)))
}

fn plain(text: &str) -> Result<Vec<char>, DateFault> {
    let plain: Vec<char> = text.trim().chars().map(day_words::plain).collect();
    if plain.len() > CHARS_MAX { Err(DateFault) } else { Ok(plain) }
}

fn says_nothing(text: &str) -> bool {
    const WORDS: [&str; 12] =
        ["", "-", "--", "/", "\\", "无", "暂无", "空", "null", "NULL", "None", "0"];
    WORDS.contains(&text)
}

/// The pieces of a cell, and what tells the year.
struct Reading<'t> {
    text: &'t [char],
    tokens: Vec<Token>,
    rule: &'t DateRule,
    near: Near,
}

impl Reading<'_> {
    fn days(&self) -> Result<Days, DateFault> {
        if self.tokens.iter().any(|token| token.piece == Piece::Other) {
            return Err(DateFault);
        }
        let mut days = self.shape()?;
        let is_open = |token: &Token| match token.piece {
            Piece::Open => true,
            Piece::Day(day) => day.year.is_some_and(|year| year >= date::ENDLESS.into()),
            _ => false,
        };
        days.open |= self.tokens.iter().any(is_open);
        // 长期 alone is no word beside a day; 12月31日，招满即止 has one.
        days.beside = match self.has_gaps(&days) {
            true => trimmed(self.text),
            false => self.beside(days.last.is_some(), days.first == days.last),
        };
        Ok(days)
    }

    fn shape(&self) -> Result<Days, DateFault> {
        // What joins the days; clocks and words that change nothing stand aside.
        let joins: Vec<Piece> = self
            .tokens
            .iter()
            .map(|token| token.piece)
            .filter(|piece| !matches!(piece, Piece::Plain | Piece::Aside | Piece::Clock))
            .collect();
        let written: Vec<Written> = joins
            .iter()
            .filter_map(|piece| match piece {
                Piece::Day(written) => Some(*written),
                _ => None,
            })
            .collect();
        if self.words_between() {
            return Err(DateFault);
        }
        let to = joins.iter().position(|piece| *piece == Piece::To);
        let day = joins.iter().position(|piece| matches!(piece, Piece::Day(_)));
        match written.as_slice() {
            [] => self.without_day(&joins),
            [one] => {
                let until = joins.contains(&Piece::Until) || to < day && to.is_some();
                let since = joins.contains(&Piece::Since) || to > day;
                let (first, last, told) = self.span(*one, *one)?;
                let rough = !matches!(one.day, Part::Day(_));
                let days = Days { rough, year_told: told, ..Days::default() };
                match (since, until) {
                    // 12月1日-长期; but 12月1日- is half of something.
                    (true, false) if to > day && !joins.contains(&Piece::Open) => Err(DateFault),
                    (true, false) => Ok(Days { first, ..days }),
                    (false, true) => Ok(Days { last, ..days }),
                    (true, true) if joins.contains(&Piece::Now) => Ok(Days { last, ..days }),
                    (true, true) => Err(DateFault),
                    (false, false) => Ok(Days { first, last, ..days }),
                }
            }
            [first, .., last] => {
                let side_by_side = |pair: &[Piece]| matches!(pair, [Piece::Day(_), Piece::Day(_)]);
                let joined = !joins.windows(2).any(side_by_side);
                let is_list = joins.contains(&Piece::And);
                // 12月1日-12月31日，招满为止; but 12月1日-长期-12月31日 makes no sense.
                let last_day = joins.iter().rposition(|piece| matches!(piece, Piece::Day(_)));
                let open = joins.iter().position(|piece| *piece == Piece::Open);
                let makes_sense = open.is_none() || open > last_day;
                if !joined || !makes_sense || written.len() > 2 && !is_list {
                    return Err(DateFault);
                }
                let (from, until, told) = self.span(*first, *last)?;
                let rough = !matches!((first.day, last.day), (Part::Day(_), Part::Day(_)));
                Ok(Days { first: from, last: until, rough, year_told: told, ..Days::default() })
            }
        }
    }

    /// Whether days are listed that do not follow each other: 12月5日、12日.
    fn has_gaps(&self, days: &Days) -> bool {
        let (Some(first), Some(last)) = (days.first, days.last) else { return false };
        let count = |piece: fn(Piece) -> bool| {
            i32::try_from(self.tokens.iter().filter(|t| piece(t.piece)).count()).unwrap_or(0)
        };
        count(|piece| piece == Piece::And) > 0
            && (last - first).get_days() + 1 > count(|piece| matches!(piece, Piece::Day(_)))
    }

    fn without_day(&self, joins: &[Piece]) -> Result<Days, DateFault> {
        let counted = joins.iter().find_map(|piece| match piece {
            Piece::Days(days) => Some(days.days()),
            Piece::Months(months) => Some(months.months()),
            _ => None,
        });
        match (counted, self.near) {
            (Some(length), Near::After(from)) => {
                let last = from.checked_add(length).map_err(|_| DateFault)?;
                Ok(Days { last: Some(last), ..Days::default() })
            }
            // 即日起: no end is said. 30日内 of an unknown day is none.
            (None, _) if joins.iter().any(|p| matches!(p, Piece::Open | Piece::Now)) => {
                Ok(Days { open: true, ..Days::default() })
            }
            _ => Err(DateFault),
        }
    }

    /// The first day of `from`, the last of `until`, and whether a year was told by something
    /// else.
    fn span(
        &self,
        from: Written,
        until: Written,
    ) -> Result<(Option<Date>, Option<Date>, bool), DateFault> {
        let mut until = until;
        let mut from = from;
        // 12月5-7日: the month stands at one of them.
        until.month = until.month.or(from.month.filter(|_| until.day != Part::YearEnd));
        from.month = from.month.or(until.month);
        // 月底: that of the month in which it is written.
        if until.month.is_none()
            && until.day == Part::MonthEnd
            && let Some(day) = self.near.day()
        {
            until.month = Some(day.month().into());
            (from, until.year) = (until, Some(day.year().into()));
            from.year = until.year;
        }
        let rule = self.rule.year.map(i64::from);
        let told = from.year.or(until.year).or(rule).is_none();
        let ends = |year| Ok(bounds(until, year)?.1);
        let begins = |year| Ok(bounds(from, year)?.0);
        let (first, last) = match (from.year, until.year) {
            (Some(year), Some(other)) => (begins(year)?, ends(other)?),
            (None, Some(year)) => {
                let last = ends(year)?;
                (before(last, begins)?, last)
            }
            (Some(_), None) | (None, None) if from.year.or(rule).is_some() => {
                let first = begins(from.year.or(rule).unwrap_or_default())?;
                (first, after(first, ends)?)
            }
            _ => {
                let last = self.near.year_of(ends)?;
                (before(last, begins)?, last)
            }
        };
        let (first, last) = (date::sensible(first)?, date::sensible(last)?);
        if first.zip(last).is_some_and(|(first, last)| last < first) {
            return Err(DateFault);
        }
        Ok((first, last, told))
    }

    /// The words beside the days: clocks, and what stands in brackets. A clock that says nothing
    /// (0:00, 23:59) is none.
    fn beside(&self, with_open: bool, one_day: bool) -> Option<String> {
        let mut kept = String::new();
        let mut end = 0;
        for token in &self.tokens {
            let words = &self.text[token.from..token.to];
            let counts = match token.piece {
                Piece::Clock => says_time(words),
                Piece::Open => with_open,
                Piece::Aside => true,
                _ => false,
            };
            if !counts {
                continue;
            }
            // Directly behind, or something between: 9:00-12:00，14:00-17:00.
            if !kept.is_empty() && token.from > end {
                kept.push('，');
            }
            end = token.to;
            match token.piece {
                Piece::Clock => kept.push_str(&hours(words)),
                _ => kept.extend(words),
            }
        }
        if !kept.is_empty() && self.clocks_apart() {
            // From an hour of one day to an hour of another: only the whole says which.
            return if one_day { Some(kept.replace('，', "–")) } else { trimmed(self.text) };
        }
        trimmed(&kept.chars().collect::<Vec<_>>())
    }

    /// Whether words stand between two days: 12月5日（雨天顺延至12月6日）.
    fn words_between(&self) -> bool {
        let is_day = |token: &Token| matches!(token.piece, Piece::Day(_));
        let days = (self.tokens.iter().position(is_day), self.tokens.iter().rposition(is_day));
        let (Some(first), Some(last)) = days else { return false };
        self.tokens[first..last].iter().any(|token| token.piece == Piece::Aside)
    }

    /// Whether a clock that says something stands before the last day, and one behind it.
    fn clocks_apart(&self) -> bool {
        let last_day = self.tokens.iter().rposition(|t| matches!(t.piece, Piece::Day(_)));
        let clock = |tokens: &[Token]| {
            let says = |t: &Token| says_time(&self.text[t.from..t.to]);
            tokens.iter().any(|t| t.piece == Piece::Clock && says(t))
        };
        last_day.is_some_and(|at| clock(&self.tokens[..at]) && clock(&self.tokens[at..]))
    }
}

/// First and last day of what is written, in `year`.
fn bounds(written: Written, year: i64) -> Result<(Date, Date), DateFault> {
    let month = match written.day {
        Part::YearEnd => 12,
        _ => written.month.ok_or(DateFault)?,
    };
    let day = |day| date::day(year, month, day).ok_or(DateFault);
    let first = day(1)?;
    Ok(match written.day {
        Part::Day(number) => (day(number)?, day(number)?),
        Part::Month => (first, first.last_of_month()),
        Part::Third(3) => (day(21)?, first.last_of_month()),
        Part::Third(third) => (day(third * 10 - 9)?, day(third * 10)?),
        Part::MonthEnd | Part::YearEnd => (first.last_of_month(), first.last_of_month()),
    })
}

/// Whether a clock says more than that a day begins or ends.
fn says_time(clock: &[char]) -> bool {
    let text: String = clock.iter().filter(|c| c.is_ascii_digit() || **c == ':').collect();
    let hour: String = text.split('+').next().unwrap_or_default().chars().take(5).collect();
    let is_edge =
        ["0:00", "00:00", "0:0", "23:59", "24:00"].iter().any(|edge| hour.starts_with(edge));
    let one = !clock.iter().any(|c| matches!(c, '-' | '~' | '至' | '到'));
    !(is_edge && one)
}

/// A clock as it is shown: 9:00–16:00, without seconds and zone.
fn hours(clock: &[char]) -> String {
    let text: String = clock.iter().collect();
    let text = text.trim_start_matches('T');
    let minutes = |text: &str| match text.match_indices(':').nth(1) {
        Some((end, _)) => text[..end].to_owned(),
        None => text.split(['+', 'Z']).next().unwrap_or(text).to_owned(),
    };
    if let Some((from, until)) = text.split_once(['-', '~']) {
        let until = until.trim_start_matches(['-', '~', ' ']);
        return format!("{}–{}", minutes(from.trim_end()), minutes(until));
    }
    match text.split_once(['至', '到']) {
        Some((from, until)) => {
            format!("{}至{}", minutes(from.trim_end()), minutes(until.trim_start()))
        }
        None => minutes(text),
    }
}

/// Words without blanks and signs around them.
fn trimmed(text: &[char]) -> Option<String> {
    let text: String = text.iter().collect();
    let words = text.trim_matches(|c: char| " ,，;；。:、-~".contains(c));
    // A bracket that was opened or closed elsewhere.
    let words = match (words.matches('(').count(), words.matches(')').count()) {
        (open, closed) if open > closed => words.trim_start_matches('('),
        (open, closed) if open < closed => words.trim_end_matches(')'),
        _ => words,
    };
    let words = words.strip_prefix('(').and_then(|words| words.strip_suffix(')')).unwrap_or(words);
    let said = words.trim().replace('(', "（").replace(')', "）");
    (!said.is_empty()).then_some(said)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::super::date::DateOrder;
    use super::*;

    fn one(text: &str, rule: &DateRule) -> Result<Option<Date>, DateFault> {
        let days = read(text, rule, Near::Unknown)?;
        assert_eq!(days.first, days.last, "{text}");
        Ok(days.first)
    }

    #[test]
    fn days_are_read_as_people_write_them() {
        let rule = DateRule { year: Some(2018), ..DateRule::default() };
        for (text, right) in [
            ("2024-10-09 11:34:24", date(2024, 10, 9)),
            ("2025-02-08T10:16:26+08:00", date(2025, 2, 8)),
            ("2017-03-18T00:00", date(2017, 3, 18)),
            ("2017-03-18T00:00:00.000Z", date(2017, 3, 18)),
            ("2024/3/5", date(2024, 3, 5)),
            ("2024.03.05", date(2024, 3, 5)),
            ("2024年3月5日", date(2024, 3, 5)),
            ("2024 年 3 月 5 日", date(2024, 3, 5)),
            ("24年3月5日", date(2024, 3, 5)),
            ("２０２４年３月５日 下午2:30", date(2024, 3, 5)),
            ("2024年3月5日（星期二）", date(2024, 3, 5)),
            ("20240305", date(2024, 3, 5)),
            ("20240305101112", date(2024, 3, 5)),
            ("45356", date(2024, 3, 5)),
            ("45356.75", date(2024, 3, 5)),
            ("1709568000", date(2024, 3, 5)),
            ("1709568000000", date(2024, 3, 5)),
            ("08-30", date(2018, 8, 30)),
            ("8月30日", date(2018, 8, 30)),
        ] {
            assert_eq!(one(text, &rule), Ok(Some(right)), "{text}");
        }
        let american = DateRule { order: DateOrder::MonthDayYear, ..DateRule::default() };
        assert_eq!(one("3/5/24", &american), Ok(Some(date(2024, 3, 5))));
        let british = DateRule { order: DateOrder::DayMonthYear, ..DateRule::default() };
        assert_eq!(one("5/3/2024", &british), Ok(Some(date(2024, 3, 5))));
    }

    #[test]
    fn what_is_no_day_is_not_guessed() {
        let rule = DateRule::default();
        for text in ["", "长期有效", "1970-01-01 08:00:00", "0", "无"] {
            assert_eq!(one(text, &rule), Ok(None), "{text}");
        }
        for text in [
            "08-30",
            "24-3-5",
            "3/5/2024",
            "2024-13-01",
            "2023-02-29",
            "明天",
            "2024",
            "2024年",
            "12345678901",
            "99999",
            "23.11.2026",
            "30天",
            "月底",
            "下月底",
            "5日",
            "2026.12.1-",
            "2027.1.31-2026.12.1",
            "2026-12-1 2026-12-5",
            "12月5日左右",
            "农历腊月初八",
            "12月5日（雨天顺延至12月6日）",
        ] {
            assert_eq!(read(text, &rule, Near::Unknown), Err(DateFault), "{text}");
        }
    }

    #[test]
    fn ranges_and_ends_are_read() {
        let today = date(2026, 11, 28);
        let span = |text: &str| {
            let days = read(text, &DateRule::default(), Near::Around(today));
            let days = days.unwrap_or_else(|_| panic!("{text}"));
            (days.first, days.last, days.open)
        };
        let day = |month, day| Some(date(if month > 6 { 2026 } else { 2027 }, month, day));
        for (text, first, last) in [
            ("12月1日—1月31日", day(12, 1), day(1, 31)),
            ("12月1日至2027年1月31日", day(12, 1), day(1, 31)),
            ("2026年12月1日至1月31日", day(12, 1), day(1, 31)),
            ("2026-12-05 - 06", day(12, 5), day(12, 6)),
            ("2026-12-05-12-06", day(12, 5), day(12, 6)),
            ("12-05 - 12-20", day(12, 5), day(12, 20)),
            ("12/5-7", day(12, 5), day(12, 7)),
            ("12月5日起12月31日止", day(12, 5), day(12, 31)),
            ("12月5日起", day(12, 5), None),
            ("12月5日至招满为止", day(12, 5), None),
            ("12月31日前", None, day(12, 31)),
            ("12月底前", None, day(12, 31)),
            ("月底前", None, day(11, 30)),
            ("年底", day(12, 31), day(12, 31)),
            ("12月中旬", day(12, 11), day(12, 20)),
            ("2027年2月", day(2, 1), day(2, 28)),
            ("12月-2月", day(12, 1), day(2, 28)),
            ("11月-12月5日", day(11, 1), day(12, 5)),
            ("截止2026-12-31 17:00", None, day(12, 31)),
            ("2026-12-01/2026-12-31", day(12, 1), day(12, 31)),
            ("12月1日起至12月31日（招满为止）", day(12, 1), day(12, 31)),
            ("2026-12-01至2099-12-31", day(12, 1), None),
            ("9999-12-31", None, None),
            ("随招随停", None, None),
        ] {
            assert_eq!((span(text).0, span(text).1), (first, last), "{text}");
        }
        assert!(
            span("12月5日至招满为止").2 && span("12月31日，招满即止").2 && !span("12月5日起").2
        );
        let counted = |text: &str| read(text, &DateRule::default(), Near::After(today));
        assert_eq!(counted("30天内").map(|days| days.last), Ok(day(12, 28)));
        assert_eq!(counted("自发布之日起两个月").map(|days| days.last), Ok(day(1, 28)));
        assert_eq!(counted("1年").map(|days| days.last), Ok(Some(date(2027, 11, 28))));
    }

    #[test]
    fn a_year_is_told_where_only_one_is_meant() {
        let of = |text: &str, near| {
            read(text, &DateRule::default(), near).ok().and_then(|days| days.last)
        };
        let today = date(2027, 1, 4);
        assert_eq!(of("12月28日", Near::Before(today)), Some(date(2026, 12, 28)));
        assert_eq!(of("1月10日", Near::Before(today)), Some(date(2027, 1, 10)));
        assert_eq!(of("3月1日", Near::Before(today)), Some(date(2026, 3, 1)));
        assert_eq!(of("12月28日", Near::Around(today)), Some(date(2026, 12, 28)));
        assert_eq!(of("3月1日", Near::Around(today)), Some(date(2027, 3, 1)));
        assert_eq!(of("2月29日", Near::Around(date(2027, 11, 1))), Some(date(2028, 2, 29)));
        let published = date(2026, 1, 10);
        assert_eq!(of("12月31日", Near::After(published)), Some(date(2026, 12, 31)));
        assert_eq!(of("1月5日", Near::After(published)), None);
        assert_eq!(of("1月31日", Near::After(date(2026, 12, 20))), Some(date(2027, 1, 31)));
    }

    fn any_day() -> impl Strategy<Value = Date> {
        (0_i64..10_000)
            .prop_map(|days| date(2000, 1, 1).checked_add(days.days()).expect("in range"))
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(
            text in "[0-9年月日号至起止前底、周一上下午点半时（）长期招满为止内天个/. :T+~—\\-\u{FF10}-\u{FF19}]{0,40}"
        ) {
            for near in [Near::Unknown, Near::Around(date(2026, 11, 28)), Near::After(date(2026, 11, 28))] {
                let rule = DateRule { year: Some(2026), ..DateRule::default() };
                for rule in [rule, DateRule::default()] {
                    let days = read(&text, &rule, near);
                    if let Ok(Days { first: Some(first), last: Some(last), .. }) = days {
                        prop_assert!(first <= last);
                    }
                    let with_words = read_with_words(&text, &rule, near);
                    prop_assert!(days.is_err() || with_words == days);
                }
            }
        }

        #[test]
        fn a_serial_number_is_a_day(days in 0_i64..10_000) {
            let day = date(2000, 1, 1).checked_add(days.days()).expect("in range");
            let rule = DateRule::default();
            prop_assert_eq!(one(&(36_526 + days).to_string(), &rule), Ok(Some(day)));
            prop_assert_eq!(one(&day.to_string(), &rule), Ok(Some(day)));
        }

        /// However a range is written, its ends are its ends; without years, they are those
        /// nearest to the day.
        #[test]
        fn a_range_is_its_ends(first in any_day(), length in 1_i32..180, form in 0_usize..8) {
            let last = first.checked_add(length.days()).expect("in range");
            let write = |day: Date, form: usize| match form % 4 {
                0 => day.to_string(),
                1 => format!("{}.{}.{}", day.year(), day.month(), day.day()),
                2 => format!("{}年{}月{}日", day.year(), day.month(), day.day()),
                _ => format!("{}/{}/{}", day.year(), day.month(), day.day()),
            };
            let join = ["-", "~", "至", " - ", "—", "到", "～", "--"][form];
            let text = format!("{}{join}{}", write(first, form), write(last, form));
            let days = read(&text, &DateRule::default(), Near::Unknown).expect("read");
            prop_assert_eq!((days.first, days.last), (Some(first), Some(last)));
            let bare = |day: Date| format!("{}月{}日", day.month(), day.day());
            let text = format!("{}{join}{}", bare(first), bare(last));
            let days = read(&text, &DateRule::default(), Near::Around(last)).expect("read");
            // 29 February is not in every year.
            if bare(first) != "2月29日" && bare(last) != "2月29日" {
                prop_assert_eq!((days.first, days.last), (Some(first), Some(last)));
            }
        }
    }
}
