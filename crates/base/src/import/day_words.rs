//! A cell about days cut into what it is made of: days as they are written, clocks, what joins
//! them, words. What they mean together is for [`super::days`]. Keeps no state.

use super::date::{DateOrder, DateRule};

/// A day as it is written: what is missing is told by its neighbours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) year: Option<i64>,
    pub(super) month: Option<i64>,
    pub(super) day: Part,
}

/// Which part of the month a written day is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Part {
    /// One day, from 1.
    Day(i64),
    /// 12月: the whole month.
    #[default]
    Month,
    /// 上旬, 中旬, 下旬: from 1.
    Third(i64),
    /// 12月底, 月底.
    MonthEnd,
    /// 2026年底, 年底.
    YearEnd,
}

/// What a cell is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    Day(Written),
    /// 9:00, 上午9点半至下午4点, T10:16+08:00.
    Clock,
    /// - ~ 至 到.
    To,
    /// 、 和.
    And,
    /// 起, 自, 开始.
    Since,
    /// 即日起, 自发布之日起: since the day of publication.
    Now,
    /// 止, 前, 截至, 到期.
    Until,
    /// 长期, 招满为止: no last day is fixed.
    Open,
    /// 30日内, 3个月: how many days or months.
    Days(i32),
    Months(i32),
    /// Words that change nothing: 有效期, 时间, （星期六）.
    Plain,
    /// Any other character.
    Other,
    /// The same within brackets.
    Aside,
}

/// A piece and the characters that it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) piece: Piece,
    pub(super) from: usize,
    pub(super) to: usize,
}

/// Half-width figures, signs and brackets, one kind of blank and of dash. One character stays one.
pub(super) fn plain(c: char) -> char {
    match c {
        '\u{FF10}'..='\u{FF19}' | '\u{FF21}'..='\u{FF3A}' | '\u{FF41}'..='\u{FF5A}' => {
            char::from_u32(c as u32 - 0xFEE0).unwrap_or(c)
        }
        '：' | '∶' => ':',
        '／' => '/',
        '．' => '.',
        '（' | '【' | '[' => '(',
        '）' | '】' | ']' => ')',
        '\u{3000}' | '\u{A0}' | '\t' | '\n' | '\r' => ' ',
        '—' | '–' | '−' | '－' | '―' | '‐' | '─' => '-',
        '～' | '〜' | '∼' => '~',
        _ => c,
    }
}

/// Cuts `text` into pieces; `text` is [`plain`].
pub(super) fn pieces(text: &[char], rule: &DateRule) -> Vec<Token> {
    let mut scanner = Scanner { text, at: 0, order: rule.order, brackets: 0, last: None };
    let mut tokens = Vec::with_capacity(8);
    while scanner.at < text.len() {
        let from = scanner.at;
        let piece = scanner.next();
        if let Some(piece) = piece {
            if !matches!(piece, Piece::Plain | Piece::Aside) {
                scanner.last = Some(piece);
            }
            tokens.push(Token { piece, from, to: scanner.at });
        }
    }
    tokens
}

// Words of each kind, the longer before those that they begin with.
const OPEN: &str = "长期 长年 常年 全年 不限 招满 额满 满额 满员 人满 招齐 招到 招完 招够 满为止 \
    无期限 无固定期限 无限期 不定期 永久 一直 持续 随时 随招随停 随到随面 待定 另行通知";
const BEHIND_OPEN: &str = "为止 即止 截止 结束 为准 止 有效 招聘 招工 招收 招生 招募 报名 中";
const NOW: &str = "自发布之日起 自公告发布之日起 自公布之日起 自即日起 从即日起 发布之日起 公告之日起 \
    即日起 今日起 现在起 即日";
const UNTIL: &str = "截止日期 截止时间 截止到 截止至 截止 截至 之前 以前 为止 到期 期满 届满 前 止";
const SINCE: &str = "开始 以来 起 自 从 始";
const PLAIN: &str = "有效期限 有效期 有效 报名 招聘 应聘 举办 活动 培训 开放 开班 起止 日期 时间 期限 北京 \
    公历 GMT UTC 含当日 含当天 含本日 含 每天 每日 当天 或者 或 以 为 于 在 的 期 内";
// Of a month or year that is another than that of the day of reading.
const OTHER_PERIODS: &str = "下月底 下个月底 次月底 每月底 上月底 明年底 来年底 去年底 每年底";
const WEEKDAYS: [&str; 4] = ["星期", "礼拜", "周", "週"];

struct Scanner<'t> {
    text: &'t [char],
    at: usize,
    order: DateOrder,
    brackets: usize,
    /// What came before, but for words that change nothing.
    last: Option<Piece>,
}

impl Scanner<'_> {
    /// The next piece; `None` for a sign between pieces.
    fn next(&mut self) -> Option<Piece> {
        let c = self.text[self.at];
        if c.is_ascii_digit() {
            return Some(self.figures());
        }
        for (words, piece) in [(NOW, Piece::Now), (OPEN, Piece::Open)] {
            if self.eat_any(words) {
                while piece == Piece::Open && self.eat_any(BEHIND_OPEN) {}
                return Some(piece);
            }
        }
        if self.clock() {
            return Some(Piece::Clock);
        }
        if self.eat_any(OTHER_PERIODS) {
            return Some(Piece::Other);
        }
        if let Some(written) = self.end_of_period() {
            return Some(Piece::Day(written));
        }
        if let Some(length) = self.length() {
            return Some(length);
        }
        if self.eat_any(UNTIL) {
            return Some(Piece::Until);
        }
        if self.eat_any(SINCE) {
            return Some(Piece::Since);
        }
        if self.weekday() || self.eat_any(PLAIN) {
            return Some(Piece::Plain);
        }
        self.at += 1;
        match c {
            '-' | '~' | '至' | '到' | '→' => {
                while matches!(self.text.get(self.at), Some('-' | '~')) {
                    self.at += 1;
                }
                Some(Piece::To)
            }
            // 2026-12-01/2026-12-31.
            '/' | '|'
                if matches!(self.last, Some(Piece::Day(_)))
                    && self.text.get(self.at).is_some_and(char::is_ascii_digit) =>
            {
                Some(Piece::To)
            }
            '、' | '和' | '及' | '与' | '&' => Some(Piece::And),
            '(' => {
                self.brackets += 1;
                None
            }
            ')' => {
                self.brackets = self.brackets.saturating_sub(1);
                None
            }
            ' ' | ',' | '，' | ';' | '；' | '。' | ':' | '.' => None,
            _ if self.brackets > 0 => Some(Piece::Aside),
            _ => Some(Piece::Other),
        }
    }

    fn figures(&mut self) -> Piece {
        if self.clock() {
            return Piece::Clock;
        }
        if let Some(piece) = self.length() {
            return piece;
        }
        let before = self.at;
        if let Some(written) = self.day() {
            return Piece::Day(written);
        }
        self.at = before;
        while self.text.get(self.at).is_some_and(char::is_ascii_digit) {
            self.at += 1;
        }
        if self.brackets > 0 { Piece::Aside } else { Piece::Other }
    }

    /// 30日内, 15天, 3个月, 1年内, 半年.
    fn length(&mut self) -> Option<Piece> {
        const WRITTEN: [(&str, i32); 7] = [
            ("一个月", 1),
            ("两个月", 2),
            ("三个月", 3),
            ("六个月", 6),
            ("半年", 6),
            ("一年", 12),
            ("两年", 24),
        ];
        for (word, months) in WRITTEN {
            if self.eat(word) {
                return Some(Piece::Months(months));
            }
        }
        let before = self.at;
        let number = self.number(3).and_then(|number| i32::try_from(number).ok());
        self.blanks();
        if let Some(number) = number {
            if self.eat_one(&["日以内", "日之内", "日内", "天", "个自然日"]) {
                return Some(Piece::Days(number));
            }
            if self.eat("个月") {
                return Some(Piece::Months(number));
            }
            let year = number <= 5 && self.eat("年");
            if year && !self.text.get(self.at).is_some_and(char::is_ascii_digit) {
                return Some(Piece::Months(12 * number));
            }
        }
        self.at = before;
        None
    }

    /// 年底, 月底, 本月底: without a figure before.
    fn end_of_period(&mut self) -> Option<Written> {
        const YEAR: [&str; 8] =
            ["今年年底", "今年底", "本年年底", "本年底", "本年末", "年底", "年末", "年终"];
        const MONTH: [&str; 5] = ["本月底", "本月末", "当月底", "月底", "月末"];
        let part = if self.eat_one(&YEAR) {
            Part::YearEnd
        } else if self.eat_one(&MONTH) {
            Part::MonthEnd
        } else {
            return None;
        };
        Some(Written { day: part, ..Written::default() })
    }

    fn weekday(&mut self) -> bool {
        let before = self.at;
        if self.eat_one(&WEEKDAYS)
            && self.text.get(self.at).is_some_and(|c| "一二三四五六日天末".contains(*c))
        {
            self.at += 1;
            return true;
        }
        self.at = before;
        false
    }

    /// A time of day, or two with a dash between.
    fn clock(&mut self) -> bool {
        if !self.one_clock() {
            return false;
        }
        let behind = self.at;
        self.blanks();
        if self.eat_one(&["--", "-", "~", "至", "到"]) {
            self.blanks();
            if self.one_clock() {
                return true;
            }
        }
        self.at = behind;
        true
    }

    fn one_clock(&mut self) -> bool {
        const HALVES: [&str; 11] =
            ["上午", "下午", "早上", "晚上", "中午", "早晨", "傍晚", "早", "晚", "AM", "PM"];
        let before = self.at;
        let machine = self.eat("T");
        while self.eat_one(&HALVES) {
            self.blanks();
        }
        if self.hour() {
            self.blanks_before(&["AM", "PM", "am", "pm"]);
            self.eat_one(&["AM", "PM", "am", "pm"]);
            self.zone(machine);
            return true;
        }
        self.at = before;
        // 上午: half a day is a time as well.
        self.eat_one(&["上午", "下午", "全天"])
    }

    /// 9:00, 09:00:30.123, 9点, 9点半, 9时30分.
    fn hour(&mut self) -> bool {
        let before = self.at;
        if self.number(2).is_some_and(|hour| hour <= 24) {
            if self.eat(":") {
                if self.number(2).is_some() {
                    if self.eat(":") && self.number(2).is_some() && self.eat(".") {
                        self.number(9);
                    }
                    return true;
                }
            } else if self.eat_one(&["点钟", "点", "时"]) {
                if !self.eat_one(&["半", "整", "一刻", "三刻"]) && self.number(2).is_some() {
                    self.eat("分");
                }
                return true;
            }
        }
        self.at = before;
        false
    }

    /// Z, +08:00, GMT+0800. A minus is one only behind `T`: 9:00-16:00 has a dash.
    fn zone(&mut self, machine: bool) {
        if self.eat("Z") {
            return;
        }
        let before = self.at;
        self.blanks();
        let signed = self.eat_one(&["GMT+", "UTC+", "+"]) || machine && self.eat("-");
        let hours = signed && self.number(4).is_some();
        if !hours {
            self.at = before;
        } else if self.eat(":") {
            self.number(2);
        }
    }

    /// A day, in any of the ways that begin with a figure.
    fn day(&mut self) -> Option<Written> {
        let from = self.at;
        let first = self.number(14)?;
        match self.at - from {
            14 => return compact(first / 1_000_000),
            8 => return compact(first),
            4 => return self.behind_year(first),
            1 | 2 => {}
            _ => return None,
        }
        if self.behind('年') {
            let year = (20..=99).contains(&first).then_some(2_000 + first)?;
            return self.behind_year_sign(year);
        }
        if self.behind('月') {
            return self.behind_month(None, first);
        }
        if self.eat_one(&["日", "号"]) {
            return Some(Written { day: Part::Day(first), ..Written::default() });
        }
        let alone = Written { day: Part::Day(first), ..Written::default() };
        let follows = matches!(self.last, Some(Piece::To | Piece::And));
        let behind = self.at;
        let Some(sign) = self.sign() else {
            // 12月5-6: a day alone stands behind another.
            return (follows && (1..=31).contains(&first)).then_some(alone);
        };
        let Some(second) = self.number(2) else {
            self.at = behind;
            return follows.then_some(alone);
        };
        // Directly behind: 12-05 - 12-20 has a dash.
        let third = (self.text.get(self.at) == Some(&sign) && self.same_sign(sign))
            .then(|| self.number(4))
            .flatten();
        let (month, day) = match self.order {
            DateOrder::DayMonthYear => (second, first),
            DateOrder::YearMonthDay | DateOrder::MonthDayYear => (first, second),
        };
        let year = match (third, self.order) {
            (None, _) => None,
            // 24-3-5, 3/5/2024: nobody says which is which.
            (Some(_), DateOrder::YearMonthDay) => return None,
            (Some(year), _) if year < 100 => Some(2_000 + year),
            (Some(year), _) => Some(year),
        };
        let _ = self.eat_one(&["日", "号"]);
        (1..=12).contains(&month).then_some(Written {
            year,
            month: Some(month),
            day: Part::Day(day),
        })
    }

    fn behind_year(&mut self, year: i64) -> Option<Written> {
        if !(1_900..=9_999).contains(&year) {
            return None;
        }
        if self.behind('年') {
            return self.behind_year_sign(year);
        }
        let sign = self.sign()?;
        let month = self.number(2)?;
        let behind = self.at;
        if self.same_sign(sign) {
            if let Some(day) = self.number(2) {
                let _ = self.eat_one(&["日", "号"]);
                return Some(Written { year: Some(year), month: Some(month), day: Part::Day(day) });
            }
            self.at = behind;
        }
        let _ = self.eat_one(&["月"]);
        Some(Written { year: Some(year), month: Some(month), day: Part::Month })
    }

    fn behind_year_sign(&mut self, year: i64) -> Option<Written> {
        if self.eat_one(&["底", "末"]) {
            return Some(Written { year: Some(year), day: Part::YearEnd, month: None });
        }
        let month = self.number(2)?;
        if self.behind('月') {
            return self.behind_month(Some(year), month);
        }
        self.sign()?;
        let day = self.number(2)?;
        let _ = self.eat_one(&["日", "号"]);
        Some(Written { year: Some(year), month: Some(month), day: Part::Day(day) })
    }

    fn behind_month(&mut self, year: Option<i64>, month: i64) -> Option<Written> {
        let written = |day| Some(Written { year, month: Some(month), day });
        let _ = self.eat_one(&["份"]);
        if self.eat_one(&["底", "末"]) {
            return written(Part::MonthEnd);
        }
        for (number, word) in (1..).zip(["上旬", "中旬", "下旬"]) {
            if self.eat(word) {
                return written(Part::Third(number));
            }
        }
        let before = self.at;
        match self.number(2) {
            Some(day) if !matches!(self.text.get(self.at), Some(':' | '点' | '时')) => {
                let blank = self.at;
                self.blanks();
                if !self.eat_one(&["日", "号"]) {
                    self.at = blank;
                }
                written(Part::Day(day))
            }
            _ => {
                self.at = before;
                written(Part::Month)
            }
        }
    }

    /// The sign between the numbers of a day.
    fn sign(&mut self) -> Option<char> {
        let before = self.at;
        self.blanks();
        let sign = self.text.get(self.at).copied().filter(|c| matches!(c, '-' | '/' | '.'));
        self.at += 1;
        self.blanks();
        if sign.is_none() || !self.text.get(self.at).is_some_and(char::is_ascii_digit) {
            self.at = before;
            return None;
        }
        sign
    }

    /// The same sign once more, directly behind: 2026-12-01 - 12-31 has one day and a dash.
    fn same_sign(&mut self, sign: char) -> bool {
        let before = self.at;
        self.sign() == Some(sign) || {
            self.at = before;
            false
        }
    }

    /// Whether `sign` follows, with what blanks there are.
    fn behind(&mut self, sign: char) -> bool {
        let before = self.at;
        self.blanks();
        if self.text.get(self.at) == Some(&sign) {
            self.at += 1;
            self.blanks();
            return true;
        }
        self.at = before;
        false
    }

    /// A number of at most `digits` figures, with none behind.
    fn number(&mut self, digits: usize) -> Option<i64> {
        let rest = &self.text[self.at..];
        let count = rest.iter().take_while(|c| c.is_ascii_digit()).count();
        if !(1..=digits).contains(&count) {
            return None;
        }
        let digit = |c: &char| i64::from(c.to_digit(10).unwrap_or_default());
        let number = rest[..count].iter().fold(0, |number, c| number * 10 + digit(c));
        self.at += count;
        Some(number)
    }

    fn blanks(&mut self) {
        while self.text.get(self.at) == Some(&' ') {
            self.at += 1;
        }
    }

    /// Passes blanks over where one of `words` follows.
    fn blanks_before(&mut self, words: &[&str]) {
        let before = self.at;
        self.blanks();
        let there = self.at;
        if !self.eat_one(words) {
            self.at = before;
            return;
        }
        self.at = there;
    }

    /// Passes over one of the words of a text with blanks between.
    fn eat_any(&mut self, words: &str) -> bool {
        words.split_ascii_whitespace().any(|word| self.eat(word))
    }

    fn eat_one(&mut self, words: &[&str]) -> bool {
        words.iter().any(|word| self.eat(word))
    }

    fn eat(&mut self, word: &str) -> bool {
        let length = word.chars().count();
        let rest = self.text.get(self.at..self.at + length);
        let there = rest.is_some_and(|rest| rest.iter().copied().eq(word.chars()));
        if there {
            self.at += length;
        }
        there
    }
}

/// 20261105.
fn compact(number: i64) -> Option<Written> {
    let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
    (1_900..=2_100).contains(&year).then_some(Written {
        year: Some(year),
        month: Some(month),
        day: Part::Day(day),
    })
}
