//! The words and figures of a wage, one after the other, to the last character. Keeps no state
//! beyond the text.

use super::{Period, Unit, WageFault};

/// A number in ten-thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Number(pub(super) i64);

/// What stands in a text, before units are shared and amounts are judged.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) min: Number,
    pub(super) max: Number,
    pub(super) min_unit: Option<Unit>,
    pub(super) max_unit: Option<Unit>,
    pub(super) period: Option<Period>,
    pub(super) months: Option<u8>,
    pub(super) above: bool,
    pub(super) below: bool,
    pub(super) more: bool,
}

/// What is left of a text, which is plain: half-width, small letters, no blanks.
pub(super) struct Scanner<'a> {
    rest: &'a str,
}

impl<'a> Scanner<'a> {
    pub(super) const fn new(rest: &'a str) -> Self {
        Self { rest }
    }

    /// Reads to the last character.
    ///
    /// # Errors
    /// For what has no meaning here, and for another currency.
    pub(super) fn read(mut self) -> Result<Read, WageFault> {
        let (mut period, more) = self.heading();
        let below = self.eat("不超过") || self.eat("最高");
        let above = self.eat("不低于") || self.eat("不少于") || self.eat("最低");
        self.foreign()?;
        let min = self.number().ok_or(WageFault::NotUnderstood)?;
        let min_unit = self.unit()?;
        let mut read = Read {
            min,
            max: min,
            min_unit,
            max_unit: min_unit,
            period: None,
            months: None,
            above,
            below,
            more,
        };
        period = self.period().or(period);
        if self.eat("-") {
            while self.eat("¥") {}
            // `3000-` is no range.
            read.max = self.number().ok_or(WageFault::NotUnderstood)?;
            read.max_unit = self.unit()?;
        }
        read.period = period;
        self.tail(&mut read)?;
        Ok(read)
    }

    /// Words before the amount: the period among them, and whether any says more of the amount than the
    /// figure does (税后, 底薪).
    fn heading(&mut self) -> (Option<Period>, bool) {
        const PERIODS: [(&str, Period); 10] = [
            ("月薪", Period::Month),
            ("每月", Period::Month),
            ("月", Period::Month),
            ("年薪", Period::Year),
            ("每年", Period::Year),
            ("日薪", Period::Day),
            ("日结", Period::Day),
            ("每天", Period::Day),
            ("时薪", Period::Hour),
            ("每小时", Period::Hour),
        ];
        const SAYING: [&str; 10] =
            ["综合", "底薪", "保底", "基本", "税前", "税后", "实发", "到手", "平均", "约"];
        const WORDS: [&str; 10] =
            ["工资", "薪资", "薪酬", "待遇", "收入", "人民币", "rmb", "cny", "¥", ":"];
        let (mut found, mut says_more) = (None, false);
        loop {
            let before = self.rest.len();
            for (word, period) in PERIODS {
                if self.eat(word) {
                    found = Some(period);
                }
            }
            for word in SAYING {
                says_more |= self.eat(word);
            }
            for word in WORDS {
                self.eat(word);
            }
            if self.rest.len() == before {
                return (found, says_more);
            }
        }
    }

    fn number(&mut self) -> Option<Number> {
        let end = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
        let (whole, rest) = self.rest.split_at(end);
        if whole.is_empty() || whole.len() > 9 {
            return None;
        }
        let mut value = whole.parse::<i64>().ok()?.checked_mul(10_000)?;
        self.rest = rest;
        if let Some(fraction) = rest.strip_prefix('.') {
            let end = fraction.find(|c: char| !c.is_ascii_digit()).unwrap_or(fraction.len());
            if end == 0 || end > 4 && fraction[4..end].bytes().any(|b| b != b'0') {
                return None;
            }
            let digits = &fraction[..end.min(4)];
            let scale = 10_i64.pow(4 - digits.len() as u32);
            value += digits.parse::<i64>().ok()? * scale;
            self.rest = &fraction[end..];
        }
        Some(Number(value))
    }

    fn unit(&mut self) -> Result<Option<Unit>, WageFault> {
        self.foreign()?;
        let unit = if self.eat("万") || self.eat("w") {
            Some(Unit::TenThousand)
        } else if self.eat("千") || self.eat("k") {
            Some(Unit::Thousand)
        } else {
            None
        };
        self.foreign()?;
        let yuan = ["元人民币", "元", "块钱", "块", "圆", "rmb", "cny"];
        let said = yuan.iter().any(|word| self.eat(word));
        Ok(unit.or(said.then_some(Unit::Yuan)))
    }

    /// Refuses what is not yuan.
    fn foreign(&self) -> Result<(), WageFault> {
        const CURRENCIES: [&str; 54] = [
            "$",
            "us$",
            "hk$",
            "s$",
            "a$",
            "c$",
            "nt$",
            "€",
            "£",
            "₩",
            "₹",
            "₽",
            "฿",
            "₫",
            "美元",
            "美金",
            "欧元",
            "英镑",
            "港币",
            "港元",
            "澳门元",
            "日元",
            "日币",
            "韩元",
            "韩币",
            "新元",
            "新加坡元",
            "新币",
            "澳元",
            "澳币",
            "加元",
            "加币",
            "新台币",
            "台币",
            "泰铢",
            "卢布",
            "卢比",
            "越南盾",
            "usd",
            "eur",
            "gbp",
            "hkd",
            "mop",
            "jpy",
            "krw",
            "sgd",
            "aud",
            "cad",
            "twd",
            "thb",
            "rub",
            "inr",
            "vnd",
            "chf",
        ];
        match CURRENCIES.iter().any(|word| self.rest.starts_with(word)) {
            true => Err(WageFault::Foreign),
            false => Ok(()),
        }
    }

    fn period(&mut self) -> Option<Period> {
        const PERIODS: [(&str, Period); 16] = [
            ("个月", Period::Month),
            ("月", Period::Month),
            ("month", Period::Month),
            ("年", Period::Year),
            ("year", Period::Year),
            ("天", Period::Day),
            ("日", Period::Day),
            ("day", Period::Day),
            ("小时", Period::Hour),
            ("钟头", Period::Hour),
            ("时", Period::Hour),
            ("hour", Period::Hour),
            ("h", Period::Hour),
            ("件", Period::Piece),
            ("个", Period::Piece),
            ("单", Period::Piece),
        ];
        let before = self.rest;
        if self.eat("/") || self.eat("每") || self.eat("一") {
            for (word, period) in PERIODS {
                if self.eat(word) {
                    return Some(period);
                }
            }
            self.rest = before;
        }
        None
    }

    /// What stands behind the amounts.
    fn tail(&mut self, read: &mut Read) -> Result<(), WageFault> {
        while !self.rest.is_empty() {
            if let Some(period) = self.period() {
                if read.period.is_some_and(|earlier| earlier != period) {
                    return Err(WageFault::NotUnderstood);
                }
                read.period = Some(period);
            } else if self.eat("及以上") || self.eat("以上") || self.eat("起") || self.rest == "+"
            {
                self.eat("+");
                read.above = true;
            } else if self.eat("上不封顶") || self.eat("不封顶") {
                read.above = true;
            } else if self.eat("及以下") || self.eat("以下") || self.eat("以内") {
                if read.min != read.max {
                    return Err(WageFault::NotUnderstood);
                }
                read.below = true;
            } else if self.eat("左右") || self.eat("上下") || self.eat("不等") {
                read.more = true;
            } else if let Some(months) = self.months() {
                read.months = (13..=24).contains(&months).then_some(months);
            } else if self.separator() {
                // A remark without figures cannot change the amount; it is kept in its own words.
                let rest = self.rest.trim_end_matches(')');
                let is_months = rest.starts_with(|c: char| c.is_ascii_digit());
                if !rest.is_empty() && !is_months && !self.rest.starts_with(['/', '·', '(']) {
                    if rest.contains(|c: char| c.is_ascii_digit()) {
                        return Err(WageFault::NotUnderstood);
                    }
                    self.rest = "";
                    read.more = true;
                }
            } else {
                return Err(WageFault::NotUnderstood);
            }
        }
        Ok(())
    }

    /// `13薪`.
    fn months(&mut self) -> Option<u8> {
        let end = self.rest.find(|c: char| !c.is_ascii_digit())?;
        let months = self.rest[..end].parse().ok()?;
        self.rest = self.rest[end..].strip_prefix('薪')?;
        Some(months)
    }

    fn separator(&mut self) -> bool {
        let rest = self.rest.strip_prefix(['·', '(', ')', ',', ';', '+']);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn eat(&mut self, word: &str) -> bool {
        let rest = self.rest.strip_prefix(word);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }
}
