//! What the columns of a source mean: one file a source (`kiosk-config/mappings/NAME.toml`),
//! because the same code means different things in different systems. Keeps no state beyond what
//! was read.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};

pub use super::target::Target;
use super::{
    date::DateRule,
    ends::{self, End},
    qualified,
    text::half_width,
    wage::WageRule,
};
use crate::{domain::DivisionCode, wire::Collection};

/// What becomes of a row in which a legal element is missing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Incomplete {
    /// It is taken, and 未提供 shown.
    #[default]
    Keep,
    /// It is refused.
    Refuse,
}

/// What becomes of a row that is over already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expired {
    /// It is counted and left out.
    #[default]
    LeaveOut,
    /// It is taken.
    Keep,
}

/// What becomes of a row without a day of publication.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Undated {
    /// The day of the import counts, with a remark.
    #[default]
    ImportDay,
    /// It is refused.
    Refuse,
}

/// What the columns of one source mean.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The file's name without `.toml`; begins the ids of what is imported with it.
    #[serde(skip)]
    pub name: String,
    /// What the file is called in a report.
    pub title: String,
    /// Who keeps the listings, where no column says it.
    pub source: String,
    /// What a row is.
    #[serde(default = "postings")]
    pub collection: Collection,
    /// The day on which the source's columns and codes were last looked at.
    pub as_of: jiff::civil::Date,
    /// What becomes of incomplete rows.
    #[serde(default)]
    pub incomplete: Incomplete,
    /// What becomes of rows that are over.
    #[serde(default)]
    pub expired: Expired,
    /// What becomes of rows without a day of publication.
    #[serde(default)]
    pub undated: Undated,
    /// The six digits of the county in which a town without a county's name lies.
    #[serde(default)]
    pub county: Option<DivisionCode>,
    /// Columns by which a file of this source is recognised: all of them must be there. Without
    /// any, a title and who offers it are enough.
    #[serde(default)]
    pub recognised_by: Vec<String>,
    /// What the columns of a file without a header are, from the first.
    #[serde(default)]
    pub positions: Vec<Target>,
    /// The names of each field's columns, the best first.
    #[serde(default)]
    pub columns: BTreeMap<Target, Vec<String>>,
    /// Words for codes, a table a field.
    #[serde(default)]
    pub codes: BTreeMap<Target, BTreeMap<String, String>>,
    /// What counts where a column is missing or empty.
    #[serde(default)]
    pub defaults: BTreeMap<Target, String>,
    /// What wages mean.
    #[serde(default)]
    pub wage: WageRule,
    /// What dates mean.
    #[serde(default)]
    pub dates: DateRule,
}

fn postings() -> Collection {
    Collection::Postings
}

/// A mistake in a mapping: the key, what is wrong, what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The top-level key.
    pub key: &'static str,
    /// What is wrong.
    pub wrong: String,
    /// What would be right.
    pub right: &'static str,
}

impl Mapping {
    /// Finds what the form of the file alone does not.
    ///
    /// # Errors
    /// The first mistake.
    pub fn check(&self) -> Result<(), Mistake> {
        let mistake = |key, wrong: String, right: &'static str| Err(Mistake { key, wrong, right });
        for (key, text) in [("title", &self.title), ("source", &self.source)] {
            if !(1..=40).contains(&text.trim().chars().count()) {
                return mistake(key, format!("{key} 写的是 {text:?}"), "请写 1 到 40 个字");
            }
        }
        let named = self.columns.keys().chain(&self.positions).chain(self.codes.keys());
        for target in named.chain(self.defaults.keys()) {
            if !target.fits(self.collection) {
                let wrong = format!("{} 不是 {} 的字段", target.name(), self.collection.as_str());
                return mistake("columns", wrong, "请去掉它，或改正 collection");
            }
        }
        let mut seen: HashSet<(Target, String)> = HashSet::new();
        for (target, names) in &self.columns {
            for name in names {
                let plain = plain_column(name);
                if plain.is_empty() {
                    let wrong = format!("{} 有一列没有列名", target.name());
                    return mistake("columns", wrong, "请写上列名，或者去掉");
                }
                if !seen.insert((*target, plain)) {
                    let wrong = format!("{} 里 {name:?} 写了两次", target.name());
                    return mistake("columns", wrong, "请只留一个");
                }
            }
        }
        if self.columns.is_empty() == self.positions.is_empty() {
            let wrong = "columns 和 positions 要写其中一个，不能都写或都不写".to_owned();
            return mistake("columns", wrong, "有表头的写 columns，没有表头的写 positions");
        }
        for target in self.needed() {
            if !self.offers(target) {
                let wrong = format!("没有说明 {} 在哪一列", target.name());
                return mistake("columns", wrong, "请写明列名，或在 defaults 里给一个值");
            }
        }
        if self.county.as_ref().is_some_and(|county| county.as_str().len() != 6) {
            let wrong = "county 不是县的代码".to_owned();
            return mistake("county", wrong, "请写 6 位代码，如 \"510521\"");
        }
        if self.dates.year.is_some_and(|year| !(2000..=2100).contains(&year)) {
            return mistake("dates", "year 超出范围".to_owned(), "请写 2000 到 2100");
        }
        Ok(())
    }

    /// Fields without which a row cannot be shown, whatever its source.
    fn needed(&self) -> &'static [Target] {
        match self.collection {
            Collection::Postings => &[Target::Title, Target::Employer],
            Collection::Trainings => &[
                Target::Occupation,
                Target::Institution,
                Target::EnrolUntil,
                Target::Place,
                Target::Content,
            ],
            Collection::Fairs => &[Target::Title, Target::Date, Target::Place],
        }
    }

    /// What a row offers, and who, or where: by these a row is known to be an item.
    pub(super) fn title_and_party(&self) -> (Target, Target) {
        match self.collection {
            Collection::Postings => (Target::Title, Target::Employer),
            Collection::Trainings => (Target::Occupation, Target::Institution),
            Collection::Fairs => (Target::Title, Target::Place),
        }
    }

    fn offers(&self, target: &Target) -> bool {
        self.columns.contains_key(target)
            || self.positions.contains(target)
            || self.defaults.contains_key(target)
    }

    /// What each column of a header means, whose heads are looked up in `index`. `given` says what
    /// stands elsewhere for all rows.
    ///
    /// # Errors
    /// What is lacking, where most of it is there; nothing where it is no header of this source.
    pub(super) fn bind(
        &self,
        index: &Index,
        heads: &[Head],
        given: impl Fn(Target) -> bool,
    ) -> Result<Binding, Option<Lacking>> {
        let columns: Vec<_> = heads.iter().map(|head| head.columns(index)).collect();
        let has = |name: &String| {
            let name = plain_column(name);
            heads.iter().any(|head| head.leaf().is_some_and(|leaf| plain_column(leaf) == name))
        };
        if !self.positions.is_empty() || !self.recognised_by.iter().all(has) {
            return Err(None);
        }
        let names = names(heads);
        // A head over several columns counts once: heads of groups are no more than heads.
        let is_again = |at: usize| at > 0 && heads[at] == heads[at - 1];
        let known: Vec<_> = columns
            .iter()
            .enumerate()
            .filter(|(_, of)| of.iter().any(|column| column.target != Target::Ignored))
            .filter(|(at, _)| !is_again(*at))
            .map(|(at, _)| names[at].clone())
            .collect();
        if known.len() < 2 {
            return Err(None);
        }
        let bound = |target: &Target| {
            let holds = |wanted: Target| {
                columns.iter().flatten().any(|column: &Column| column.target == wanted)
            };
            holds(*target)
                // One column with a range (报名开始：12月1日-20日) has both ends.
                || *target == Target::EnrolUntil && holds(Target::EnrolFrom)
                || self.defaults.contains_key(target)
                || given(*target)
        };
        let missing: Vec<_> = self
            .needed()
            .iter()
            .filter(|target| !bound(target))
            .map(|t| self.called(*t).to_owned())
            .collect();
        if missing.is_empty() {
            return Ok(Binding { names, columns, count: known.len() });
        }
        let is_recognised = !self.recognised_by.is_empty();
        Err(Some(Lacking { missing, known, is_recognised }))
    }

    /// What the source calls the column of `target`.
    pub(super) fn called(&self, target: Target) -> &str {
        let name = self.columns.get(&target).and_then(|names| names.first());
        name.map_or(target.name(), String::as_str)
    }

    /// What the source calls the columns without which nothing can be read.
    pub(super) fn needed_columns(&self) -> Vec<String> {
        self.needed().iter().map(|target| self.called(*target).to_owned()).collect()
    }

    /// What the columns of a file without a header mean.
    pub(super) fn bind_positions(&self) -> Option<Binding> {
        if self.positions.is_empty() {
            return None;
        }
        let column = |target: &Target| {
            // Without a header nothing says which condition it is.
            let target = match *target {
                Target::Condition => Target::Conditions,
                target => target,
            };
            vec![Column { target, rank: 0, hint: String::new(), label: None }]
        };
        Some(Binding {
            names: self.positions.iter().map(|target| target.name().to_owned()).collect(),
            columns: self.positions.iter().map(column).collect(),
            count: self.positions.len(),
        })
    }

    /// Fields and ranks of each column's plain name.
    pub(super) fn index(&self) -> Index {
        let mut index = Index::new();
        for (target, names) in &self.columns {
            for (rank, name) in names.iter().enumerate() {
                index.entry(plain_column(name)).or_default().push((*target, rank));
            }
        }
        index
    }
}

/// Fields and ranks by the plain name of their column.
pub(super) type Index = HashMap<String, Vec<(Target, usize)>>;

/// What a header lacks of what every row needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lacking {
    /// What there is no column for, by the best name that one may have.
    pub missing: Vec<String>,
    /// The columns that are known.
    pub known: Vec<String>,
    /// Whether it has the columns that only its source has.
    #[serde(skip)]
    pub is_recognised: bool,
}

/// The words over a column, the outermost first: 招聘条件 over 学历. A head over several rows is one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Head {
    /// Each with whether it heads other columns, too.
    words: Vec<(String, bool)>,
}

impl Head {
    /// A head of one word.
    pub(super) fn new(word: &str) -> Self {
        let mut head = Self::default();
        if !word.is_empty() {
            head.push(word, false);
        }
        head
    }

    /// One more row of it.
    pub(super) fn push(&mut self, word: &str, of_group: bool) {
        if self.leaf() != Some(word) {
            self.words.push((word.to_owned(), of_group));
        }
    }

    /// The words of this column alone.
    pub(super) fn leaf(&self) -> Option<&str> {
        self.words.last().map(|(word, _)| word.as_str())
    }

    /// All words.
    fn path(&self) -> String {
        self.words.iter().map(|(word, _)| word.as_str()).collect::<Vec<_>>().join("·")
    }

    /// What the column means: by all of its words, by fewer, by its own; a column that is not known
    /// is one more condition, or duty, where that is what its group is.
    fn columns(&self, index: &Index) -> Vec<Column> {
        for from in 0..self.words.len() {
            let (group, leaf) = self.words[from..].split_at(self.words.len() - from - 1);
            let mut name = String::new();
            let mut hint = "";
            for (word, _) in group {
                // 工资（元/月） over 最低.
                let bracket = word.find(['(', '（']);
                name.push_str(&word[..bracket.unwrap_or(word.len())]);
                hint = bracket.map_or(hint, |at| word[at..].trim_matches(['(', ')', '（', '）']));
            }
            name.push_str(&leaf[0].0);
            let mut found = column(index, &name);
            for column in found.iter_mut().filter(|column| column.hint.is_empty()) {
                hint.clone_into(&mut column.hint);
            }
            if !found.is_empty() {
                return found;
            }
        }
        let Some(leaf) = self.leaf() else { return Vec::new() };
        let groups = self.words.iter().rev().skip(1).filter(|(_, of_group)| *of_group);
        for (word, _) in groups {
            let of = column(index, word);
            if let Some(group) = of.iter().find(|column| column.target.is_joined()) {
                let label = (!is_other(leaf)).then(|| leaf.to_owned());
                return vec![Column { rank: usize::MAX, label, ..group.clone() }];
            }
        }
        Vec::new()
    }
}

/// A head that says nothing of its column.
fn is_other(head: &str) -> bool {
    matches!(
        plain_column(head).as_str(),
        "其他" | "其它" | "其他条件" | "其他要求" | "备注" | "说明"
    )
}

/// The names of columns: their own words, behind those of the group where two have the same.
fn names(heads: &[Head]) -> Vec<String> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for leaf in heads.iter().filter_map(Head::leaf) {
        *seen.entry(leaf).or_default() += 1;
    }
    let name = |head: &Head| match head.leaf() {
        Some(leaf) if seen.get(leaf).is_some_and(|count| *count > 1) => head.path(),
        leaf => leaf.unwrap_or_default().to_owned(),
    };
    heads.iter().map(name).collect()
}

/// What a column means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) target: Target,
    /// 0 for the best name of the field.
    pub(super) rank: usize,
    /// What stood in brackets behind the name and may be a unit: `元/月`.
    pub(super) hint: String,
    /// What stands before its values: 专业 for one condition of several.
    pub(super) label: Option<String>,
}

/// What the columns of a file mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binding {
    /// The columns' names, as the file has them.
    pub(super) names: Vec<String>,
    /// What each is; nothing for one that the mapping does not know.
    pub(super) columns: Vec<Vec<Column>>,
    /// How many are known.
    pub(super) count: usize,
}

/// What the column `name` means.
pub(super) fn column(index: &Index, name: &str) -> Vec<Column> {
    let plain = plain_column(name);
    let of = |plain: &str, hint: &str| {
        let column = |(target, rank): &(Target, usize)| {
            // One condition of several is a condition that says which.
            let (target, label) = match *target {
                Target::Condition => (Target::Conditions, Some(label(name))),
                target => (target, None),
            };
            let hint = match qualified::period(plain).filter(|_| target.is_wage()) {
                // 年薪（万元）.
                Some(period) if !hint.contains('/') => format!("{hint}{period}"),
                _ => hint.to_owned(),
            };
            Column { target, rank: *rank, hint, label }
        };
        Some(index.get(plain)?.iter().map(column).collect::<Vec<_>>())
    };
    if let Some(columns) = of(&plain, "") {
        return columns;
    }
    let ends = |name: &str, hint: &str| {
        let (base, end) = ends::split(name)?;
        let columns = ends::bases(&base).find_map(|base| of(base, hint))?;
        let mut columns: Vec<_> = columns.iter().filter_map(|column| column.end(end)).collect();
        columns.dedup();
        (!columns.is_empty()).then_some(columns)
    };
    let qualified = |name: &str, hint: &str| {
        qualified::split(name).find_map(|(base, qualifier)| {
            let columns = of(base, hint).or_else(|| ends(base, hint))?;
            let columns: Vec<_> = columns.into_iter().filter_map(|c| qualifier.of(c)).collect();
            (!columns.is_empty()).then_some(columns)
        })
    };
    // 联系人及电话: whoever reads the number finds who is named beside it.
    let person_and_number = || {
        let (one, other) = plain.split_once(['及', '和', '与', '、', '/', '&'])?;
        let (one, other) = (of(one, "")?, of(other, "")?);
        let of = |columns: &[Column], target| columns.iter().find(|c| c.target == target).cloned();
        let number = of(&one, Target::Phone).or_else(|| of(&other, Target::Phone))?;
        of(&one, Target::Contact).or_else(|| of(&other, Target::Contact))?;
        Some(vec![number])
    };
    let Some((bare, behind)) = plain.split_once('(') else {
        let found = ends(&plain, "").or_else(|| qualified(&plain, ""));
        return found.or_else(person_and_number).unwrap_or_default();
    };
    // 工资（元/月）, 工资（元/月）起.
    let (hint, end) = match behind.split_once(')') {
        Some((hint, end)) if !end.contains(['(', ')']) => (hint, end),
        _ => (behind.strip_suffix(')').unwrap_or(behind), ""),
    };
    let bare = &format!("{bare}{end}");
    // 工资（起）, 工资下限（元/月）.
    let whole = || ends(&plain.replace(['(', ')'], ""), "");
    let with_hint = || if hint.is_empty() { None } else { of(bare, hint) };
    whole()
        .or_else(|| ends(bare, hint))
        .or_else(|| qualified(&plain, ""))
        .or_else(with_hint)
        .or_else(|| qualified(bare, hint))
        .or_else(person_and_number)
        .unwrap_or_default()
}

impl Column {
    /// The same column as one end of the range.
    fn end(&self, end: End) -> Option<Self> {
        let (from, until) = self.target.ends()?;
        let target = if end == End::From { from } else { until };
        Some(Self { target, ..self.clone() })
    }
}

/// What a column's name says, without the brackets behind it.
fn label(name: &str) -> String {
    let ends = name.trim_end().ends_with([')', '）']);
    let bare = name.rfind(['(', '（']).filter(|_| ends).map_or(name, |at| &name[..at]);
    bare.trim().trim_matches(['*', ':', '：']).split_whitespace().collect()
}

/// A column's name as it is compared: half-width, small letters, without blanks, stars and colons.
pub(super) fn plain_column(name: &str) -> String {
    name.chars()
        .map(half_width)
        .filter(|c| !c.is_whitespace() && !matches!(c, '*' | ':' | '\u{FEFF}' | '\u{200B}'))
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r#"
        title = "表"
        source = "测试"
        as_of = "2026-11-20"
        [columns]
        title = ["岗位", "工种"]
        employer = ["单位"]
        wage = ["工资"]
        openings = ["人数"]
    "#;

    fn mapping(text: &str) -> Mapping {
        toml::from_str(text).expect("TOML")
    }

    fn bind(names: &[&str]) -> Result<Binding, Option<Lacking>> {
        let mapping = mapping(SMALL);
        let heads: Vec<_> = names.iter().map(|name| Head::new(name)).collect();
        mapping.bind(&mapping.index(), &heads, |_| false)
    }

    #[test]
    fn columns_are_found_however_they_are_written() {
        let binding = bind(&["序号", "*岗 位", "单位：", "工资（元/月）", "人数\n"]);
        let binding = binding.expect("it is this source's");
        let targets: Vec<_> = binding.columns.iter().map(|c| c.first().map(|c| c.target)).collect();
        assert_eq!(
            targets,
            [
                None,
                Some(Target::Title),
                Some(Target::Employer),
                Some(Target::Wage),
                Some(Target::Openings)
            ]
        );
        assert_eq!(binding.columns[3].first().map(|c| c.hint.as_str()), Some("元/月"));
        let lacking = bind(&["岗位", "工资", "专业"]).expect_err("no employer").expect("a header");
        assert_eq!(lacking.missing, ["单位"]);
        assert_eq!(lacking.known, ["岗位", "工资"]);
        assert_eq!(bind(&["姓名", "岗位"]), Err(None));
    }

    #[test]
    fn mistakes_are_named() {
        assert_eq!(mapping(SMALL).check(), Ok(()));
        let wrong = |change: &dyn Fn(&mut Mapping)| {
            let mut mapping = mapping(SMALL);
            change(&mut mapping);
            mapping.check().expect_err("wrong").key
        };
        assert_eq!(wrong(&|m| m.title.clear()), "title");
        assert_eq!(wrong(&|m| drop(m.columns.insert(Target::Seats, vec!["x".into()]))), "columns");
        let twice = || vec!["班次".into(), "班 次".into()];
        assert_eq!(wrong(&|m| drop(m.columns.insert(Target::Hours, twice()))), "columns");
        assert_eq!(wrong(&|m| drop(m.columns.remove(&Target::Employer))), "columns");
        assert_eq!(wrong(&|m| m.county = DivisionCode::parse("510521100").ok()), "county");
        assert_eq!(wrong(&|m| m.dates.year = Some(12)), "dates");
        assert!(toml::from_str::<Mapping>(&format!("colour = 1\n{SMALL}")).is_err());
    }
}
