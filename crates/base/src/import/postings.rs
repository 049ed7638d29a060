//! A row's values as a posting. Keeps no state.

use jiff::civil::Date;

use super::{
    Options, board,
    condition::{self, Ground},
    days::{self, Near},
    fields::{Fields, Refused, SHORT_CHARS_MAX, number, says_nothing},
    mapping::{Target, Undated},
    openings, pay, person,
    report::{Discriminating, Reason, RemarkKind, Report},
    text,
};
use crate::domain::{DivisionCode, Education, EmploymentForm, Posting, PostingId};

/// Most short advantages of one posting.
pub(super) const BENEFITS_MAX: usize = 24;
/// Most characters of one.
pub(super) const BENEFIT_CHARS_MAX: usize = 40;

/// The posting that the values are.
///
/// # Errors
/// When the row must be refused.
pub(super) fn posting(
    fields: &Fields<'_>,
    options: &Options,
    report: &mut Report,
) -> Result<Posting, Refused> {
    over(fields)?;
    let title = title(fields, report)?;
    let employer = fields.needed(Target::Employer, report)?;
    let said = publication(fields, options, report)?;
    // 30天: from the publication on, which is today where no other is said.
    let is_length = fields.get(Target::Closes).is_some_and(days::is_length);
    let near = match said {
        Some(said) => Near::After(said.day),
        None if is_length => Near::After(options.today),
        None => Near::Around(options.today),
    };
    let window = fields.window(Target::Opens, Target::Closes, near, report)?;
    let published = match (said, window.first) {
        (Some(said), _) => said.day,
        // A posting that may be answered from a later day on can be read before.
        (None, Some(first)) if first <= options.today => first,
        (None, first) => undated(fields, options, first.is_some(), report)?,
    };
    if let Some(first) = window.first.filter(|first| *first != published) {
        let column =
            if fields.get(Target::Opens).is_some() { Target::Opens } else { Target::Closes };
        report.remark(fields.place, fields.column(column), RemarkKind::Begins(first));
    }
    let source = fields.line(Target::Source, report);
    let placeholder = PostingId::parse("x").expect("a letter is an id");
    let source = source.unwrap_or_else(|| fields.mapping.source.clone());
    let mut posting = Posting::new(placeholder, title, employer, published, source);
    posting.closes = window.last.or(said.and_then(|said| said.until).filter(|_| !window.open));
    if posting.closes.is_some_and(|last| last < published) {
        // Where the day of publication is only that of the import, the row is simply over.
        if said.is_some() {
            return Err(fields.refused(Target::Closes, Reason::EndsBeforeBeginning));
        }
        posting.published = posting.closes.unwrap_or(published);
    }
    posting.occupation = fields.line(Target::Occupation, report);
    posting.occupation_code = fields.line(Target::OccupationCode, report);
    posting.openings = openings::take(fields, report);
    let asked = |target, report: &mut Report| {
        let text = fields.coded(target, report)?;
        lawful(fields, target, text, report)
    };
    posting.education = asked(Target::Education, report);
    posting.experience = asked(Target::Experience, report);
    posting.form = fields.coded(Target::Form, report).map(form);
    let others = requirements(fields, &mut posting);
    posting.conditions = conditions(fields, others, report);
    posting.duties = fields.lines(Target::Duties, report);
    posting.duties =
        posting.duties.take().and_then(|text| lawful(fields, Target::Duties, text, report));
    posting.place = place(fields, report);
    posting.division = division(fields, options, posting.place.as_deref(), report);
    posting.benefits = benefits(fields, report);
    pay::take(fields, &mut posting, report);
    board::take(fields, &mut posting, report);
    posting.hours = fields.line(Target::Hours, report);
    posting.contact = fields.line(Target::Contact, report);
    posting.phone = phone(fields, &mut posting.contact, report);
    posting.link = link(fields, report);
    if posting.phone.is_none() {
        no_phone(fields, &posting, report);
    }
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
    Ok(posting)
}

/// The address, behind the town or city that stands in a column of its own (福集镇, 成都·高新区). Of an
/// area that the address has in part the rest stands behind it.
fn place(fields: &Fields<'_>, report: &mut Report) -> Option<String> {
    let (place, area) = (fields.line(Target::Place, report), fields.line(Target::Area, report));
    let (Some(place), Some(area)) = (&place, &area) else { return place.or(area) };
    // 嘉明镇 beside 泸县福集镇: the address begins with something wider, and the two do not agree.
    let is_wider = place.contains(['县', '市']) && !area.contains(['县', '市', '区', '州', '省']);
    if is_wider && !place.contains(area.as_str()) {
        return Some(format!("{place}（{area}）"));
    }
    let parts: Vec<_> = area.split(['·', '-', '/', ' ']).filter(|part| !part.is_empty()).collect();
    let is_missing = |part: &&str| {
        let bare = part.trim_end_matches(['省', '市', '区', '县', '镇']);
        !place.contains(if bare.is_empty() { part } else { bare })
    };
    let missing: Vec<_> = parts.iter().copied().filter(is_missing).collect();
    Some(match missing.len() {
        0 => place.clone(),
        all if all == parts.len() => format!("{}{place}", parts.concat()),
        _ => format!("{place}（{}）", missing.join("、")),
    })
}

/// # Errors
/// When the row says that there is no place any more, or that it does not take place.
pub(super) fn over(fields: &Fields<'_>) -> Result<(), Refused> {
    match filled(fields) {
        Some((column, words)) => Err(fields.refused(column, Reason::Filled(words))),
        None => Ok(()),
    }
}

/// The words that say that there is no place any more or that it does not take place, and the column that has
/// them. Among conditions they may be about a part of it (已招满2人，还差1人) or somebody's age (已满18周岁).
fn filled(fields: &Fields<'_>) -> Option<(Target, String)> {
    const WORDS: [&str; 16] = [
        "已招满",
        "招满",
        "人已满",
        "已招齐",
        "已招到",
        "已招到人",
        "名额已满",
        "停招",
        "已停招",
        "停止招聘",
        "已停止招聘",
        "暂停招聘",
        "暂不招聘",
        "招聘结束",
        "招聘已结束",
        "已截止",
    ];
    const OF_PLACES: [&str; 6] = ["已满", "满员", "已满员", "已结束", "已取消", "取消"];
    const BUT: [&str; 5] = ["还", "继续", "仍", "另", "为止"];
    let signs = |c: char| "（）()【】[]，,。；;！!、\n".contains(c);
    [Target::Title, Target::Openings, Target::Seats, Target::Conditions].into_iter().find_map(
        |column| {
            let text = fields.get(column)?;
            let among_others = column == Target::Conditions;
            if among_others && BUT.iter().any(|word| text.contains(word)) {
                return None;
            }
            let says =
                |part: &&str| WORDS.contains(part) || !among_others && OF_PLACES.contains(part);
            let words = text.split(signs).map(str::trim).find(says)?;
            Some((column, words.to_owned()))
        },
    )
}

/// The telephone; who is named beside it is the contact, where nobody else is. What has no figure is
/// none: 见公告 is said, and 无 says nothing.
pub(super) fn phone(
    fields: &Fields<'_>,
    contact: &mut Option<String>,
    report: &mut Report,
) -> Option<String> {
    let Some(phone) = fields.number(Target::Phone, report) else {
        // 联系人：测试员 0830-….
        let (name, number) = contact.as_deref().and_then(person::split)?;
        *contact = Some(name);
        return Some(checked(fields, Target::Contact, number, report));
    };
    // ０８３０－…; brackets of words stay as they are.
    let of_number = |c: char| match text::half_width(c) {
        half @ ('0'..='9' | '-' | '+') => half,
        _ => c,
    };
    let phone: String = phone.chars().map(of_number).collect();
    if let Some((name, number)) = person::split(&phone)
        && contact.as_ref().is_none_or(|contact| *contact == name)
    {
        *contact = Some(name);
        return Some(checked(fields, Target::Phone, number, report));
    }
    if phone.contains(char::is_numeric) {
        return Some(checked(fields, Target::Phone, phone, report));
    }
    if !says_nothing(&phone) {
        report.remark(fields.place, fields.column(Target::Phone), RemarkKind::LeftOut(phone));
    }
    None
}

/// A telephone as it is shown; what cannot be called is said.
pub(super) fn checked(
    fields: &Fields<'_>,
    column: Target,
    phone: String,
    report: &mut Report,
) -> String {
    if !person::has_number(&phone) {
        let remark = RemarkKind::NotANumber(phone.clone());
        report.remark(fields.place, fields.column(column), remark);
    }
    phone
}

/// The address on the web; what is none is said.
fn link(fields: &Fields<'_>, report: &mut Report) -> Option<String> {
    let link = fields.line(Target::Link, report)?;
    if link.starts_with("http") {
        return Some(link);
    }
    report.remark(fields.place, fields.column(Target::Link), RemarkKind::LeftOut(link));
    None
}

/// Says that nobody can call: somebody is named, or the column is there and nothing else leads to
/// the employer.
fn no_phone(fields: &Fields<'_>, posting: &Posting, report: &mut Report) {
    let column = fields.header(Target::Phone);
    if posting.contact.is_some() || column.is_some() && posting.link.is_none() {
        let column = column.unwrap_or_else(|| fields.column(Target::Phone));
        report.remark(fields.place, column, RemarkKind::NoPhone);
    }
}

/// A day of publication that is said.
#[derive(Debug, Clone, Copy)]
struct Publication {
    day: Date,
    /// The last day, where the same column says it: 2026.12.1-2027.1.31.
    until: Option<Date>,
}

/// The day of publication, where it is said.
///
/// # Errors
/// When it is no day.
fn publication(
    fields: &Fields<'_>,
    options: &Options,
    report: &mut Report,
) -> Result<Option<Publication>, Refused> {
    let days = fields.days(Target::Published, Near::Before(options.today), report)?;
    match days.first {
        Some(day) => Ok(Some(Publication { day, until: days.last.filter(|last| *last != day) })),
        // Only a last day in the column of the first.
        None if days.last.is_some() => {
            let shown = fields.get(Target::Published).unwrap_or_default().to_owned();
            Err(fields.refused(Target::Published, Reason::Date(shown)))
        }
        None => Ok(None),
    }
}

/// What counts as the day of publication where none is said: that of the import.
///
/// # Errors
/// When the mapping asks for one.
fn undated(
    fields: &Fields<'_>,
    options: &Options,
    begins: bool,
    report: &mut Report,
) -> Result<Date, Refused> {
    match fields.mapping.undated {
        Undated::Refuse => Err(fields.refused(Target::Published, Reason::Missing)),
        Undated::ImportDay => {
            // A day on which it begins is remarked itself.
            if !begins {
                report.remark(fields.place, fields.column(Target::Published), RemarkKind::Undated);
            }
            Ok(options.today)
        }
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
) -> Result<Date, Refused> {
    match publication(fields, options, report)? {
        Some(said) => Ok(said.day),
        None => undated(fields, options, false, report),
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
    let (kept, found) = match title.contains(['(', '（', '/', '，']) {
        true => condition::remove(&title),
        false => (title.clone(), Vec::new()),
    };
    if let Some((ground, _)) = found.first() {
        discriminating(fields, Target::Title, *ground, title.clone(), report);
        // 普工（男） loses its bracket with the word.
        let bare: String = kept.replace("（）", "").replace("()", "");
        let bare = bare.trim_matches(['（', '(', '，', '、', '/', ' ']);
        return nameable(fields, condition::behind_sex(bare).unwrap_or(bare), report);
    }
    let Some(behind) = condition::behind_sex(&title) else { return Ok(title) };
    discriminating(fields, Target::Title, Ground::Sex, title.clone(), report);
    nameable(fields, behind.trim(), report)
}

/// What a title says without the sex that it asked for. 女工 leaves nothing that names the work: the
/// occupation does, where a column has it.
///
/// # Errors
/// When nothing says what the work is.
fn nameable(fields: &Fields<'_>, left: &str, report: &mut Report) -> Result<String, Refused> {
    let counted = |c: char| c.is_ascii_digit() || "名人个约招聘（）() ".contains(c);
    let bare = left.trim_matches(counted);
    match bare {
        "" | "工" | "性" | "士" | "生" => match (fields.line(Target::Occupation, report), bare)
        {
            (Some(occupation), _) => Ok(occupation),
            (None, "工") => Ok("工人".to_owned()),
            (None, _) => Err(fields.refused(Target::Title, Reason::OnlyForbidden)),
        },
        _ => Ok(left.to_owned()),
    }
}

fn conditions(fields: &Fields<'_>, others: Vec<String>, report: &mut Report) -> Option<String> {
    let words = fields.lines(Target::Conditions, report);
    let others = others.into_iter().filter(|other| !words.iter().any(|w| w.contains(other)));
    let words = words.clone().into_iter().chain(others).collect::<Vec<_>>().join("\n");
    // 无 in a column of remarks is no condition.
    let says = |line: &&str| !says_nothing(line) && *line != "无要求";
    let words = words.lines().filter(says).collect::<Vec<_>>().join("\n");
    let words = Some(words).filter(|words| !words.is_empty());
    let words = words.and_then(|text| lawful(fields, Target::Conditions, text, report));
    let said = fields.line(Target::Age, report);
    let said = said.and_then(|text| lawful(fields, Target::Age, text, report));
    // 16-60 alone could be anything.
    let is_bare = |text: &String| !text.contains(|c: char| c.is_alphabetic());
    let said = said.map(|text| if is_bare(&text) { format!("年龄：{text}") } else { text });
    let age = said.or_else(|| age(fields, report));
    match (age.filter(|age| age != "不限"), words) {
        (Some(age), Some(words)) => Some(format!("{age}\n{words}")),
        (age, words) => age.or(words),
    }
}

/// The ages of two columns in words.
fn age(fields: &Fields<'_>, report: &mut Report) -> Option<String> {
    let mut end = |target| {
        let text = fields.get(target)?;
        let years = text.trim().trim_end_matches("以上").trim_end_matches("以下");
        let years = years.trim_end_matches(['岁', '周']);
        let read = number(years).filter(|age| (14..=80).contains(age));
        if read.is_none() && !matches!(years, "-" | "无" | "不限" | "0" | "0.0" | "99" | "100") {
            let shown = text.chars().take(40).collect();
            report.remark(fields.place, fields.column(target), RemarkKind::Number(shown));
        }
        read
    };
    match (end(Target::AgeMin), end(Target::AgeMax)) {
        // The columns of a source that took one for the other.
        (Some(min), Some(max)) => Some(format!("{}–{}岁", min.min(max), min.max(max))),
        (Some(min), None) => Some(format!("{min}岁以上")),
        (None, Some(max)) => Some(format!("{max}岁以下")),
        (None, None) => None,
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
    for (ground, words) in found {
        discriminating(fields, target, ground, words, report);
    }
    (!kept.trim().is_empty()).then_some(kept)
}

pub(super) fn discriminating(
    fields: &Fields<'_>,
    target: Target,
    ground: Ground,
    words: String,
    report: &mut Report,
) {
    report.discriminating.push(Discriminating {
        place: fields.place.clone(),
        column: fields.column_saying(target, &words).to_owned(),
        ground,
        words,
    });
}

/// Schooling, experience and openings that stand in one column; what is none of them is a condition
/// like others.
fn requirements(fields: &Fields<'_>, posting: &mut Posting) -> Vec<String> {
    let mut others = Vec::new();
    let Some(text) = fields.get(Target::Requirements) else { return others };
    for part in text::line(text).split(['|', '｜', '，', ',']).map(str::trim) {
        let openings = part.starts_with('招').then(|| number(part)).flatten();
        if openings.is_some() && posting.openings.is_none_or(|said| Some(said) == openings) {
            posting.openings = openings;
            continue;
        }
        // 1-3年本科, 经验不限大专: what stands before the schooling is experience.
        let any = ["经验不限", "不限经验"].iter().find(|any| part.starts_with(*any));
        let start = any.map_or(0, |any| any.len());
        let at = SCHOOLING.iter().filter_map(|word| part[start..].find(word)).min();
        let at = at.map(|at| start + at);
        let (before, schooling) = part.split_at(at.unwrap_or(part.len()));
        let (before, schooling) = (before.trim(), schooling.trim());
        let is_experience = ["年", "经验", "应届", "在校", "天/周", "月"];
        let is_experience = is_experience.iter().any(|word| before.contains(word));
        let is_schooling = Education::asked_for(schooling).is_some();
        let mut put = |slot: &mut Option<String>, words: &str, fits: bool| match slot {
            None if fits => *slot = Some(words.to_owned()),
            Some(said) if said == words => {}
            _ if words.is_empty() => {}
            _ => others.push(words.to_owned()),
        };
        put(&mut posting.education, schooling, is_schooling);
        put(&mut posting.experience, before, is_experience);
    }
    others
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

fn benefits(fields: &Fields<'_>, report: &mut Report) -> Vec<String> {
    let text = fields.get(Target::Benefits).map(text::lines).unwrap_or_default();
    let mut benefits: Vec<String> = Vec::new();
    let mut is_cut = false;
    for benefit in text.split(['，', ',', '、', ';', '；', '|', '｜', '\n', ' ']) {
        let mut benefit = benefit.trim().trim_matches(['[', ']', '"', '\'', '。']).to_owned();
        is_cut |= text::cut(&mut benefit, BENEFIT_CHARS_MAX);
        if benefit.chars().any(char::is_alphanumeric) && !benefits.contains(&benefit) {
            benefits.push(benefit);
        }
    }
    if is_cut {
        report.remark(fields.place, fields.column(Target::Benefits), RemarkKind::Cut);
    }
    if benefits.len() > BENEFITS_MAX {
        let rest = benefits.split_off(BENEFITS_MAX).join("，");
        let shown = rest.chars().take(SHORT_CHARS_MAX).collect();
        report.remark(fields.place, fields.column(Target::Benefits), RemarkKind::TooMany(shown));
    }
    benefits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_known_by_their_words() {
        assert_eq!(form("全职".into()), EmploymentForm::FullTime);
        assert_eq!(form("非全日制用工".into()), EmploymentForm::PartTime);
        assert_eq!(form("实习生".into()), EmploymentForm::Intern);
        assert_eq!(form("全职/兼职".into()), EmploymentForm::Other("全职/兼职".into()));
        assert_eq!(form("代码 9".into()), EmploymentForm::Other("代码 9".into()));
    }
}
