//! What the detail pages say, fact by fact, and how the facts are cut into pages. The facts are
//! codes and values; the page puts them into words.

use jiff::civil::Date;
use kiosk_base::domain::{
    Board, Code, EmploymentForm, FairEmployer, Guide, JobFair, Posting, TrainingNotice,
};

use super::{
    Machine,
    fit::{Column, Fit},
};
use crate::listings::Form;

/// What a fact is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the field of the same name of what is shown")]
pub enum Kind {
    Employer,
    Openings,
    Conditions,
    Education,
    Experience,
    Form,
    Board,
    Duties,
    Place,
    Hours,
    Benefits,
    Contact,
    Phone,
    Closes,
    Published,
    Source,
    Institution,
    Occupation,
    Level,
    ClassHours,
    ForWhom,
    Cost,
    Seats,
    Content,
    Day,
    Time,
    Organiser,
    Employers,
    About,
    Away,
}

/// What a fact says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Words of the source.
    Text(String),
    /// A code that this version does not know.
    Code(Code),
    /// A number of people or class hours.
    Number(u32),
    /// A day.
    Day(Date),
    /// From a day, and until another if that is known.
    Days(Date, Option<Date>),
    /// 用工形式.
    Form(Form),
    /// Whether meals and a bed are free, where that is said.
    Board(Option<bool>, Option<bool>),
    /// How far away something is, and in which direction.
    Away(Away),
    /// 未提供: the law asks for it, or one needs it, and the source left it out.
    Missing,
}

/// How far a place is from the town hall, as the crow flies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Away {
    /// The town of the hall.
    pub from: String,
    /// Kilometres, at least one.
    pub km: u32,
    /// Which way.
    pub towards: Towards,
}

/// Which way something is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Towards {
    /// As one goes to this city or county.
    Place(String),
    /// By the compass: eighths of a turn from north by east.
    Compass(u8),
}

/// How far away a posting's place is; `None` where it is in the own town, or nobody knows where.
pub fn away(machine: &Machine, posting: &Posting) -> Option<Away> {
    let (hall, today) = (&machine.office.division, machine.wall.date());
    let place = posting.division.as_ref().filter(|place| place.town() != hall.town())?;
    let (_, here) = machine.divisions.located(hall, today)?;
    let (_, there) = machine.divisions.located(place, today)?;
    let bearing = here.bearing(there);
    /// So far from the way to a place people still say that it is towards it.
    const BESIDE: f64 = 22.5;
    let beside = |at: f64| {
        let turn = (at - bearing).abs();
        turn.min(360.0 - turn)
    };
    let county = hall.county();
    let landmarks = machine.divisions.landmarks(&county, today);
    let landmarks = landmarks.map(|(name, at)| (name, beside(here.bearing(at))));
    let nearest = landmarks.min_by(|(_, a), (_, b)| a.total_cmp(b)).filter(|(_, d)| *d <= BESIDE);
    Some(Away {
        from: machine.office.town.clone(),
        km: (here.distance_km(there).round() as u32).max(1),
        towards: match nearest {
            Some((name, _)) => Towards::Place(name.to_owned()),
            None => Towards::Compass((bearing / 45.0).round() as u8 % 8),
        },
    })
}

/// One fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is about.
    pub kind: Kind,
    /// What it says.
    pub value: Value,
}

/// The facts of a posting, the six that the law asks for always among them.
pub fn posting(posting: &Posting) -> Vec<Fact> {
    let text = |t: &Option<String>| t.clone().filter(|t| !t.trim().is_empty()).map(Value::Text);
    let benefits = (!posting.benefits.is_empty()).then(|| Value::Text(posting.benefits.join("，")));
    let must =
        |kind, value: Option<Value>| Some(Fact { kind, value: value.unwrap_or(Value::Missing) });
    let may = |kind, value: Option<Value>| value.map(|value| Fact { kind, value });
    let employer = Some(posting.employer.clone()).filter(|name| !name.trim().is_empty());
    [
        // Whom one calls, and whether one eats and sleeps there, is on the first screen at any size.
        // Somebody is named whom nobody can call: that is said.
        match posting.lacks_phone() {
            true => must(Kind::Phone, None),
            false => may(Kind::Phone, text(&posting.phone)),
        },
        may(Kind::Board, board_and_lodging(posting)),
        must(Kind::Employer, employer.map(Value::Text)),
        must(Kind::Openings, posting.openings.map(Value::Number)),
        must(Kind::Place, text(&posting.place)),
        may(Kind::Contact, text(&posting.contact)),
        must(Kind::Duties, text(&posting.duties)),
        must(Kind::Conditions, text(&posting.conditions)),
        may(Kind::Education, text(&posting.education)),
        may(Kind::Experience, text(&posting.experience)),
        may(Kind::Form, posting.form.as_ref().map(form)),
        may(Kind::Benefits, benefits),
        may(Kind::Hours, text(&posting.hours)),
        may(Kind::Published, Some(Value::Day(posting.published))),
        may(Kind::Closes, posting.closes.map(Value::Day)),
        may(Kind::Source, Some(Value::Text(posting.source.clone()))),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The facts of a training notice.
pub fn training(notice: &TrainingNotice) -> Vec<Fact> {
    let text = |t: &Option<String>| t.clone().filter(|t| !t.trim().is_empty()).map(Value::Text);
    let always = |t: &str| Some(Value::Text(t.to_owned()));
    [
        (Kind::Phone, text(&notice.phone)),
        (Kind::Cost, text(&notice.cost)),
        (Kind::ForWhom, text(&notice.for_whom)),
        (Kind::Place, always(&notice.place)),
        (Kind::Content, always(&notice.content)),
        (Kind::Institution, always(&notice.institution)),
        (Kind::Occupation, always(&notice.occupation)),
        (Kind::Level, text(&notice.level)),
        (Kind::ClassHours, notice.class_hours.map(Value::Number)),
        (Kind::Seats, notice.seats.map(Value::Number)),
        (Kind::Contact, text(&notice.contact)),
        (Kind::Published, Some(Value::Day(notice.published))),
        (Kind::Source, always(&notice.source)),
    ]
    .into_iter()
    .filter_map(|(kind, value)| value.map(|value| Fact { kind, value }))
    .collect()
}

/// The facts of a job fair.
pub fn fair(fair: &JobFair) -> Vec<Fact> {
    let text = |t: &Option<String>| t.clone().filter(|t| !t.trim().is_empty()).map(Value::Text);
    let employers = fair.employers.iter().map(employer).collect::<Vec<_>>().join("\n");
    [
        (Kind::Day, Some(fair_days(fair))),
        (Kind::Time, text(&fair.hours)),
        (Kind::Place, Some(Value::Text(fair.place.clone()))),
        (Kind::Phone, text(&fair.phone)),
        (Kind::About, text(&fair.content)),
        (Kind::Employers, Some(Value::Text(employers)).filter(|_| !fair.employers.is_empty())),
        (Kind::Organiser, text(&fair.organiser)),
        (Kind::Published, Some(Value::Day(fair.published))),
        (Kind::Source, Some(Value::Text(fair.source.clone()))),
    ]
    .into_iter()
    .filter_map(|(kind, value)| value.map(|value| Fact { kind, value }))
    .collect()
}

fn fair_days(fair: &JobFair) -> Value {
    match fair.ends.filter(|last| *last != fair.date) {
        Some(last) => Value::Days(fair.date, Some(last)),
        None => Value::Day(fair.date),
    }
}

/// An employer of a fair on a line of its own.
fn employer(employer: &FairEmployer) -> String {
    let openings = employer.openings.map(|count| format!("{count} 人"));
    let more: Vec<_> = employer.jobs.iter().cloned().chain(openings).collect();
    if more.is_empty() {
        return employer.name.clone();
    }
    format!("{}：{}", employer.name, more.join("，"))
}

fn form(form: &EmploymentForm) -> Value {
    match form {
        EmploymentForm::FullTime => Value::Form(Form::FullTime),
        EmploymentForm::PartTime => Value::Form(Form::PartTime),
        EmploymentForm::Temporary => Value::Form(Form::Temporary),
        EmploymentForm::Intern => Value::Form(Form::Intern),
        EmploymentForm::Dispatched => Value::Form(Form::Dispatched),
        EmploymentForm::Other(words) => Value::Text(words.clone()),
        EmploymentForm::Code(code) => Value::Code(*code),
    }
}

/// Meals and a bed, where something is said of them.
pub fn board_and_lodging(posting: &Posting) -> Option<Value> {
    let said = posting.meals.is_some() || posting.lodging.is_some();
    said.then_some(Value::Board(posting.meals, posting.lodging))
}

/// What a line of a guide or board is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields of Guide and Board")]
pub enum Part {
    ForWhom,
    Bring,
    Steps,
    Time,
    Fee,
    Place,
    Phone,
    Basis,
    Text,
    Supervision,
}

/// One line of a guide or board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it is.
    pub part: Part,
    /// Its number within a numbered part, from 1; 0 where there is one only.
    pub number: usize,
    /// Its words.
    pub text: String,
}

/// The lines of a guide.
pub fn guide(guide: &Guide) -> Vec<Line> {
    let mut lines = vec![line(Part::ForWhom, 0, &guide.for_whom)];
    lines.extend(numbered(Part::Bring, &guide.bring));
    lines.extend(numbered(Part::Steps, &guide.steps));
    lines.push(line(Part::Time, 0, &guide.time_limit));
    lines.push(line(Part::Fee, 0, &guide.fee));
    lines.push(line(Part::Place, 0, &guide.place));
    lines.push(line(Part::Phone, 0, &guide.phone));
    lines.extend(guide.basis.iter().map(|basis| line(Part::Basis, 0, basis)));
    lines
}

/// The lines of a board.
pub fn board(board: &Board) -> Vec<Line> {
    let mut lines: Vec<_> =
        board.paragraphs.iter().map(|paragraph| line(Part::Text, 0, paragraph)).collect();
    lines.push(line(Part::Phone, 0, &board.phone));
    lines.push(line(Part::Supervision, 0, &board.supervision));
    lines
}

fn line(part: Part, number: usize, text: &str) -> Line {
    Line { part, number, text: text.to_owned() }
}

fn numbered(part: Part, texts: &[String]) -> impl Iterator<Item = Line> {
    texts.iter().enumerate().map(move |(i, text)| line(part, i + 1, text))
}

/// A posting's facts, page by page, with how far away it is.
pub fn posting_pages(machine: &Machine, p: &Posting, fit: &Fit) -> Vec<Vec<Fact>> {
    let mut facts = posting(p);
    let below = facts.iter().position(|fact| fact.kind == Kind::Place).map_or(0, |at| at + 1);
    let away = away(machine, p).map(|away| Fact { kind: Kind::Away, value: Value::Away(away) });
    facts.splice(below..below, away);
    fact_pages(facts, &fit.posting)
}

/// A notice's facts, page by page.
pub fn training_pages(notice: &TrainingNotice, fit: &Fit) -> Vec<Vec<Fact>> {
    fact_pages(training(notice), &fit.training)
}

/// A fair's facts, page by page.
pub fn fair_pages(f: &JobFair, fit: &Fit) -> Vec<Vec<Fact>> {
    fact_pages(fair(f), &fit.fair)
}

/// A guide's lines, page by page.
pub fn guide_pages(g: &Guide, fit: &Fit) -> Vec<Vec<Line>> {
    line_pages(guide(g), &fit.guide)
}

/// A board's lines, page by page.
pub fn board_pages(b: &Board, fit: &Fit) -> Vec<Vec<Line>> {
    line_pages(board(b), &fit.board)
}

fn fact_pages(facts: Vec<Fact>, column: &Column) -> Vec<Vec<Fact>> {
    let whole = facts.into_iter().flat_map(|fact| match &fact.value {
        Value::Text(text) => column
            .pieces(text)
            .into_iter()
            .map(|piece| Fact { kind: fact.kind, value: Value::Text(piece) })
            .collect(),
        _ => vec![fact],
    });
    let facts: Vec<Fact> = whole.collect();
    let texts: Vec<String> = facts.iter().map(|fact| fact.value.sample()).collect();
    let pages = column.pages(texts.iter().map(String::as_str).enumerate());
    pages.into_iter().map(|page| facts[page].to_vec()).collect()
}

fn line_pages(lines: Vec<Line>, column: &Column) -> Vec<Vec<Line>> {
    let whole = lines.into_iter().flat_map(|line| {
        let pieces = column.pieces(&line.text).into_iter().enumerate();
        // The number stands at the first piece only.
        pieces
            .map(|(i, text)| Line {
                part: line.part,
                number: if i == 0 { line.number } else { 0 },
                text,
            })
            .collect::<Vec<_>>()
    });
    let lines: Vec<Line> = whole.collect();
    let pages = column.pages(lines.iter().map(|line| (line.part, line.text.as_str())));
    pages.into_iter().map(|page| lines[page].to_vec()).collect()
}

impl Value {
    /// Words as long as those that the page makes of the value.
    pub(in crate::visit) fn sample(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Code(code) => format!("代码 {code}"),
            Self::Away(Away { from, towards, .. }) => {
                let towards = match towards {
                    Towards::Place(name) => name,
                    Towards::Compass(_) => "东南",
                };
                format!("离{from}直线 100 公里，往{towards}方向")
            }
            Self::Days(_, Some(_)) => "2026年12月30日 至 2027年12月10日".to_owned(),
            Self::Day(_) | Self::Days(_, None) => "2026年12月30日起".to_owned(),
            Self::Form(_) | Self::Board(..) => "包吃，不包住".to_owned(),
            Self::Number(_) | Self::Missing => "100 课时".to_owned(),
        }
    }
}
