//! Words beside the name of a column that make it a part of it, or another: 试用期 before 工资, 男 below
//! 招聘人数, 合计 behind 人数, 年 before 薪. Keeps no state.

use super::mapping::{Column, Target};

/// What stands beside the name of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Qualifier {
    /// 男, 女, 不限: one of several numbers that are asked for together.
    Sex(&'static str),
    /// 合计: the whole beside its parts.
    Whole,
    /// 试用期: what is paid at first.
    Trial,
    /// 转正后: what is paid from then on.
    Regular,
}

/// The longer words first.
const WORDS: [(&str, Qualifier); 25] = [
    ("男女不限", Qualifier::Sex("不限")),
    ("性别不限", Qualifier::Sex("不限")),
    ("男性", Qualifier::Sex("男")),
    ("男工", Qualifier::Sex("男")),
    ("男士", Qualifier::Sex("男")),
    ("男", Qualifier::Sex("男")),
    ("女性", Qualifier::Sex("女")),
    ("女工", Qualifier::Sex("女")),
    ("女士", Qualifier::Sex("女")),
    ("女", Qualifier::Sex("女")),
    ("不限", Qualifier::Sex("不限")),
    ("合计", Qualifier::Whole),
    ("小计", Qualifier::Whole),
    ("总计", Qualifier::Whole),
    ("共计", Qualifier::Whole),
    ("总", Qualifier::Whole),
    ("试用期间", Qualifier::Trial),
    ("试用期", Qualifier::Trial),
    ("试用", Qualifier::Trial),
    ("见习期", Qualifier::Trial),
    ("转正之后", Qualifier::Regular),
    ("转正后", Qualifier::Regular),
    ("转正", Qualifier::Regular),
    ("试用期满", Qualifier::Regular),
    ("正式", Qualifier::Regular),
];

/// The name without such a word before, behind or in the brackets behind it, and what that is;
/// `plain` is as columns are compared.
pub(super) fn split(plain: &str) -> impl Iterator<Item = (&str, Qualifier)> {
    // Most cells that are asked about are no names of columns.
    let may_have = plain.contains(|c| "男女限计总试见转正".contains(c));
    let in_brackets = plain.strip_suffix(')').and_then(|rest| rest.rsplit_once('('));
    WORDS.iter().filter(move |_| may_have).flat_map(move |(word, qualifier)| {
        let within = in_brackets.filter(|(_, within)| within == word).map(|(base, _)| base);
        let bases = [plain.strip_prefix(word), plain.strip_suffix(word), within];
        let signs = ['/', '-', '_', '·', ':'];
        bases.into_iter().flatten().map(move |base| (base.trim_matches(signs), *qualifier))
    })
}

impl Qualifier {
    /// What it makes of a column; `None` where it says nothing.
    pub(super) fn of(self, column: Column) -> Option<Column> {
        let label = |label: &str| Some(label.to_owned());
        match (self, column.target) {
            (Self::Sex(sex), Target::Openings) => {
                Some(Column { target: Target::OpeningsPart, label: label(sex), ..column })
            }
            (Self::Whole, Target::Openings)
            | (Self::Regular, Target::Wage | Target::WageMin | Target::WageMax) => Some(column),
            (Self::Trial, Target::Wage) => {
                Some(Column { target: Target::Benefits, label: label("试用期工资"), ..column })
            }
            _ => None,
        }
    }
}

/// What the amounts below a name are paid for, where it says that: 日薪, 年收入.
pub(super) fn period(name: &str) -> Option<&'static str> {
    const PERIODS: [(&str, &str); 8] = [
        ("小时工资", "/小时"),
        ("时薪", "/小时"),
        ("日薪", "/天"),
        ("日工资", "/天"),
        ("年薪", "/年"),
        ("年收入", "/年"),
        ("年工资", "/年"),
        ("每天工资", "/天"),
    ];
    PERIODS.iter().find(|(word, _)| name.contains(word)).map(|(_, period)| *period)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_beside_a_name_is_told_from_it() {
        for (name, base, qualifier) in [
            ("招聘人数男", "招聘人数", Qualifier::Sex("男")),
            ("招聘人数(女)", "招聘人数", Qualifier::Sex("女")),
            ("女性人数", "人数", Qualifier::Sex("女")),
            ("总人数", "人数", Qualifier::Whole),
            ("试用期工资", "工资", Qualifier::Trial),
            ("薪酬待遇转正后", "薪酬待遇", Qualifier::Regular),
        ] {
            assert!(split(name).any(|found| found == (base, qualifier)), "{name}");
        }
        assert_eq!(split("工资").count(), 0);
    }
}
