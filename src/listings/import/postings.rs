//! A row's values as a posting. Keeps no state.

use super::{
    Options,
    condition::{self, Ground},
    duplicates::{self, Key},
    fields::{Fields, Refused, SHORT_CHARS_MAX, number},
    mapping::{Target, Undated},
    report::{Discriminating, Reason, RemarkKind, Report},
    text,
    wage::{self, Understood},
};
use crate::domain::{DivisionCode, Education, EmploymentForm, Posting, PostingId};

/// Most short advantages of one posting.
pub(super) const BENEFITS_MAX: usize = 12;
/// Most characters of one.
const BENEFIT_CHARS_MAX: usize = 20;

/// The posting that the values are.
///
/// # Errors
/// When the row must be refused.
pub(super) fn posting(
    fields: &Fields<'_>,
    options: &Options,
    report: &mut Report,
) -> Result<Posting, Refused> {
    let title = title(fields, report)?;
    let employer = fields.needed(Target::Employer, report)?;
    let published = published(fields, options, report)?;
    let source = fields.line(Target::Source, report);
    let placeholder = PostingId::parse("x").expect("a letter is an id");
    let source = source.unwrap_or_else(|| fields.mapping.source.clone());
    let mut posting = Posting::new(placeholder, title, employer, published, source);
    posting.closes = fields.day(Target::Closes)?;
    if posting.closes.is_some_and(|last| last < published) {
        // Where the day of publication is only that of the import, the row is simply over.
        let said = fields.get(Target::Published).is_some();
        if said {
            return Err(fields.refused(Target::Closes, Reason::EndsBeforeBeginning));
        }
        posting.published = posting.closes.unwrap_or(published);
    }
    posting.occupation = fields.line(Target::Occupation, report);
    posting.occupation_code = fields.line(Target::OccupationCode, report);
    posting.openings = fields.count(Target::Openings, report);
    posting.education = fields.coded(Target::Education, report);
    posting.experience = fields.coded(Target::Experience, report);
    posting.form = fields.coded(Target::Form, report).map(form);
    requirements(fields, &mut posting);
    posting.conditions = conditions(fields, report);
    posting.duties = fields.lines(Target::Duties, report);
    posting.duties =
        posting.duties.take().and_then(|text| lawful(fields, Target::Duties, text, report));
    posting.place = fields.line(Target::Place, report);
    posting.division = division(fields, options, posting.place.as_deref(), report);
    posting.benefits = benefits(fields);
    wages(fields, &mut posting, report);
    board(fields, &mut posting, report);
    posting.hours = fields.line(Target::Hours, report);
    posting.contact = fields.line(Target::Contact, report);
    posting.phone = fields.line(Target::Phone, report);
    posting.link = fields.line(Target::Link, report).filter(|link| link.starts_with("http"));
    for (target, ground) in [
        (Target::Sex, Ground::Sex),
        (Target::EthnicGroup, Ground::EthnicGroup),
        (Target::Belief, Ground::Belief),
    ] {
        if let Some(asked) = fields.coded(target, report).as_deref().and_then(condition::asked) {
            discriminating(fields, target, ground, asked.to_owned(), report);
        }
    }
    let (occupation, code) = (posting.occupation.as_deref(), posting.occupation_code.as_deref());
    posting.class = options.occupations.class_of(&posting.title, occupation, code);
    posting.id = id(fields, Key::of_posting(&posting)).ok_or_else(|| {
        fields.refused(Target::Id, Reason::Form("the mapping's name makes no id".to_owned()))
    })?;
    Ok(posting)
}

/// The id at the source, or one made of what the listing is.
pub(super) fn id(fields: &Fields<'_>, key: Key) -> Option<PostingId> {
    let prefix = &fields.mapping.name;
    match fields.get(Target::Id).map(str::trim).filter(|raw| !raw.is_empty()) {
        Some(raw) => duplicates::source_id(prefix, raw),
        None => key.id(prefix),
    }
}

/// The day of publication, or that of the import.
///
/// # Errors
/// When it is no day, or there is none and the mapping asks for one.
pub(super) fn published(
    fields: &Fields<'_>,
    options: &Options,
    report: &mut Report,
) -> Result<jiff::civil::Date, Refused> {
    match (fields.day(Target::Published)?, fields.mapping.undated) {
        (Some(day), _) => Ok(day),
        (None, Undated::Refuse) => Err(fields.refused(Target::Published, Reason::Missing)),
        (None, Undated::ImportDay) => {
            report.remark(fields.place, fields.column(Target::Published), RemarkKind::Undated);
            Ok(options.today)
        }
    }
}

/// Where the place lies: by its code, else by the name of a town of the mapping's county.
pub(super) fn division(
    fields: &Fields<'_>,
    options: &Options,
    place: Option<&str>,
    report: &mut Report,
) -> Option<DivisionCode> {
    if let Some(code) = fields.get(Target::Division) {
        let code = code.trim().trim_end_matches(".0");
        // 510521000000 is the county, 510521100000 the town.
        let short = match code.strip_suffix("000000").filter(|rest| rest.len() == 6) {
            Some(county) => county,
            None => code.strip_suffix("000").filter(|rest| rest.len() == 9).unwrap_or(code),
        };
        match DivisionCode::parse(short) {
            Ok(code) => return Some(code),
            Err(_) => {
                let shown = code.chars().take(40).collect();
                let column = fields.column(Target::Division);
                report.remark(fields.place, column, RemarkKind::Division(shown));
            }
        }
    }
    let (place, county) = (place?, fields.mapping.county.as_ref()?);
    let directory = &options.directory;
    let county_name = directory.name(county, options.today).unwrap_or_default();
    let in_county = !county_name.is_empty() && place.contains(county_name);
    let behind = place
        .trim_start_matches("四川省")
        .trim_start_matches("四川")
        .trim_start_matches("泸州市")
        .trim_start_matches("泸州")
        .trim_start_matches(['·', '-', ' ', '/']);
    let mut towns = directory.towns(county, options.today);
    let town = towns
        .find(|town| (in_county && place.contains(&town.name)) || behind.starts_with(&town.name));
    town.map(|town| town.code.clone()).or_else(|| in_county.then(|| county.clone()))
}

fn title(fields: &Fields<'_>, report: &mut Report) -> Result<String, Refused> {
    let title = fields.needed(Target::Title, report)?;
    let (kept, found) = match title.contains(['(', '（']) {
        true => condition::remove(&title),
        false => (title.clone(), None),
    };
    if let Some((ground, _)) = found {
        discriminating(fields, Target::Title, ground, title.clone(), report);
        // 普工（男） loses its bracket with the word.
        let bare: String = kept.replace("（）", "").replace("()", "");
        let bare = bare.trim_end_matches(['（', '(', '，', ' ']).trim();
        return Ok(if bare.is_empty() { title } else { bare.to_owned() });
    }
    let Some(behind) = condition::behind_sex(&title) else { return Ok(title) };
    discriminating(fields, Target::Title, Ground::Sex, title.clone(), report);
    // What is left of 女工 names no work.
    let named = behind.chars().count() > 1;
    Ok(if named { behind.trim().to_owned() } else { title })
}

fn conditions(fields: &Fields<'_>, report: &mut Report) -> Option<String> {
    let words = fields.lines(Target::Conditions, report);
    let words = words.and_then(|text| lawful(fields, Target::Conditions, text, report));
    let age = fields.line(Target::Age, report).or_else(|| {
        let age =
            |target| fields.get(target).and_then(number).filter(|age| (14..=80).contains(age));
        match (age(Target::AgeMin), age(Target::AgeMax)) {
            (Some(min), Some(max)) if min <= max => Some(format!("{min}–{max}岁")),
            (Some(min), None) => Some(format!("{min}岁以上")),
            (None, Some(max)) => Some(format!("{max}岁以下")),
            _ => None,
        }
    });
    match (age.filter(|age| age != "不限"), words) {
        (Some(age), Some(words)) => Some(format!("{age}\n{words}")),
        (age, words) => age.or(words),
    }
}

/// A text without what the law forbids, which is reported.
fn lawful(
    fields: &Fields<'_>,
    target: Target,
    text: String,
    report: &mut Report,
) -> Option<String> {
    let (kept, found) = condition::remove(&text);
    if let Some((ground, words)) = found {
        discriminating(fields, target, ground, words, report);
    }
    (!kept.trim().is_empty()).then_some(kept)
}

fn discriminating(
    fields: &Fields<'_>,
    target: Target,
    ground: Ground,
    words: String,
    report: &mut Report,
) {
    report.discriminating.push(Discriminating {
        place: fields.place.clone(),
        column: fields.column(target).to_owned(),
        ground,
        words,
    });
}

/// Schooling, experience and openings that stand in one column.
fn requirements(fields: &Fields<'_>, posting: &mut Posting) {
    let Some(text) = fields.get(Target::Requirements) else { return };
    for part in text::line(text).split(['|', '｜', '，', ',']).map(str::trim) {
        if part.starts_with('招') {
            posting.openings = posting.openings.or_else(|| number(part));
            continue;
        }
        // 1-3年本科: what stands before the schooling is experience.
        let at = SCHOOLING.iter().filter_map(|word| part.find(word)).min();
        let (before, schooling) = part.split_at(at.unwrap_or(part.len()));
        if Education::asked_for(schooling).is_some() && posting.education.is_none() {
            posting.education = Some(schooling.trim().to_owned());
        }
        let is_experience = ["年", "经验", "应届", "在校", "天/周", "月"];
        if posting.experience.is_none() && is_experience.iter().any(|word| before.contains(word)) {
            posting.experience = Some(before.trim().to_owned());
        }
    }
}

/// How words for schooling begin.
const SCHOOLING: [&str; 15] = [
    "学历不限",
    "不限",
    "小学",
    "初中",
    "高中",
    "中专",
    "中技",
    "技校",
    "职高",
    "大专",
    "专科",
    "本科",
    "硕士",
    "博士",
    "研究生",
];

fn form(words: String) -> EmploymentForm {
    const WORDS: [(&str, EmploymentForm); 10] = [
        ("实习", EmploymentForm::Intern),
        ("见习", EmploymentForm::Intern),
        ("兼职", EmploymentForm::PartTime),
        ("非全日制", EmploymentForm::PartTime),
        ("派遣", EmploymentForm::Dispatched),
        ("临时", EmploymentForm::Temporary),
        ("日结", EmploymentForm::Temporary),
        ("短期", EmploymentForm::Temporary),
        ("全职", EmploymentForm::FullTime),
        ("全日制", EmploymentForm::FullTime),
    ];
    let found: Vec<_> = WORDS.iter().filter(|(word, _)| words.contains(word)).collect();
    match found.as_slice() {
        // 全职/兼职 is neither.
        [(_, form), rest @ ..] if rest.iter().all(|(_, other)| other == form) => form.clone(),
        // 非全日制 holds 全日制.
        [("非全日制", form), ..] => form.clone(),
        _ => EmploymentForm::Other(words),
    }
}

fn benefits(fields: &Fields<'_>) -> Vec<String> {
    let text = fields.get(Target::Benefits).map(text::lines).unwrap_or_default();
    let mut benefits: Vec<String> = Vec::new();
    for benefit in text.split(['，', ',', '、', ';', '；', '|', '｜', '\n', ' ']) {
        let mut benefit = benefit.trim().trim_matches(['[', ']', '"', '\'', '。']).to_owned();
        text::cut(&mut benefit, BENEFIT_CHARS_MAX);
        if benefit.chars().any(char::is_alphanumeric) && !benefits.contains(&benefit) {
            benefits.push(benefit);
        }
    }
    benefits.truncate(BENEFITS_MAX);
    benefits
}

fn wages(fields: &Fields<'_>, posting: &mut Posting, report: &mut Report) {
    let rule = &fields.wage;
    let number = |target| fields.get(target).unwrap_or_default();
    let (target, text, read) = match fields.get(Target::Wage) {
        Some(text) => (Target::Wage, text.to_owned(), wage::parse(text, rule)),
        None => {
            let (min, max) = (number(Target::WageMin), number(Target::WageMax));
            (Target::WageMin, format!("{min}-{max}"), wage::from_numbers(min, max, rule))
        }
    };
    match read {
        Ok(None) => {}
        Ok(Some(Understood { wage, months, words })) => {
            posting.wage = Some(wage);
            let column = || fields.get(Target::WageMonths).and_then(self::number);
            let months = months.map(u32::from).or_else(column);
            let months = months.filter(|months| (13..=24).contains(months));
            let said = words.into_iter().chain(months.map(|months| format!("{months}薪")));
            for mut words in said {
                text::cut(&mut words, BENEFIT_CHARS_MAX);
                if !posting.benefits.contains(&words) {
                    posting.benefits.insert(0, words);
                }
            }
            posting.benefits.truncate(BENEFITS_MAX);
        }
        Err(fault) => {
            let shown = text.chars().take(SHORT_CHARS_MAX).collect();
            report.remark(fields.place, fields.column(target), RemarkKind::Wage(fault, shown));
        }
    }
}

fn board(fields: &Fields<'_>, posting: &mut Posting, report: &mut Report) {
    posting.meals = fields.choice(Target::Meals, report);
    posting.lodging = fields.choice(Target::Lodging, report);
    let said = fields.get(Target::Board).map(|text| {
        let table = fields.mapping.codes.get(&Target::Board);
        table.and_then(|table| table.get(text)).map_or(text, String::as_str)
    });
    let (mut meals, mut lodging) = said.map_or((None, None), board_of);
    if said.is_some_and(|text| board_of(text) == (None, None) && !text.is_empty()) {
        let shown = said.unwrap_or_default().chars().take(40).collect();
        report.remark(fields.place, fields.column(Target::Board), RemarkKind::Choice(shown));
    }
    for benefit in &posting.benefits {
        let (food, bed) = board_of(benefit);
        // Only what is promised: 补贴 is no meal.
        meals = meals.or(food.filter(|said| *said));
        lodging = lodging.or(bed.filter(|said| *said));
    }
    posting.meals = posting.meals.or(meals);
    posting.lodging = posting.lodging.or(lodging);
}

/// Whether meals and a bed are free, by the usual words.
fn board_of(words: &str) -> (Option<bool>, Option<bool>) {
    match words.trim() {
        "包吃住" | "包吃包住" | "包食宿" | "提供食宿" | "免费食宿" | "管吃管住" | "管吃住"
        | "吃住全包" => (Some(true), Some(true)),
        "是" | "提供" | "有" | "包" | "Y" | "true" | "TRUE" => (Some(true), Some(true)),
        "否" | "无" | "不提供" | "不包" | "不包吃住" | "不提供食宿" | "食宿自理" | "N"
        | "false" | "FALSE" => (Some(false), Some(false)),
        "包吃" | "包餐" | "管吃" | "提供工作餐" | "包工作餐" | "免费工作餐" | "提供餐" => {
            (Some(true), None)
        }
        "包住" | "包住宿" | "提供住宿" | "提供宿舍" | "免费住宿" | "管住" => {
            (None, Some(true))
        }
        "包吃不包住" | "包餐不包住" => (Some(true), Some(false)),
        "包住不包吃" | "提供住宿不包餐" => (Some(false), Some(true)),
        _ => (None, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_and_board_are_known_by_their_words() {
        assert_eq!(form("全职".into()), EmploymentForm::FullTime);
        assert_eq!(form("非全日制用工".into()), EmploymentForm::PartTime);
        assert_eq!(form("实习生".into()), EmploymentForm::Intern);
        assert_eq!(form("全职/兼职".into()), EmploymentForm::Other("全职/兼职".into()));
        assert_eq!(form("代码 9".into()), EmploymentForm::Other("代码 9".into()));
        assert_eq!(board_of("包吃住"), (Some(true), Some(true)));
        assert_eq!(board_of("餐饮补贴"), (None, None));
        assert_eq!(board_of("包吃不包住"), (Some(true), Some(false)));
    }
}
