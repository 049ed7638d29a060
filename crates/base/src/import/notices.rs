//! A row's values as a training notice, or as a job fair with one of its employers. Keeps no state.

use jiff::civil::Date;

use super::{
    Options,
    days::{self, Near},
    fields::{Fields, Refused, SHORT_CHARS_MAX, Window},
    mapping::Target,
    openings,
    postings::{self, division, published},
    report::{Reason, RemarkKind, Report},
    text,
};
use crate::domain::{FairEmployer, JobFair, PostingId, TrainingNotice};

/// The training notice that the values are.
///
/// # Errors
/// When the row must be refused.
pub(super) fn training(
    fields: &Fields<'_>,
    options: &Options,
    report: &mut Report,
) -> Result<TrainingNotice, Refused> {
    postings::over(fields)?;
    let occupation = fields.needed(Target::Occupation, report)?;
    let title = fields.line(Target::Title, report).unwrap_or_else(|| occupation.clone());
    let near = Near::Around(options.today);
    let enrol = fields.window(Target::EnrolFrom, Target::EnrolUntil, near, report)?;
    let (class, class_words) = class(fields, near, report)?;
    // 即日起至开班前: until it begins, if that is known.
    let says = |target| fields.get(target).is_some_and(|text| text.contains("开班"));
    let with_it = enrol.last.is_none() && (says(Target::EnrolUntil) || says(Target::EnrolFrom));
    let last = enrol.last.or(class.first.filter(|_| with_it));
    if with_it && last.is_none() {
        let words = RemarkKind::Beside("开班前".to_owned());
        report.remark(fields.place, fields.column(Target::EnrolUntil), words);
    }
    if last.is_none() && !enrol.open {
        // What is missing is named, and not the column that is there with the first day in it.
        return Err(match (fields.get(Target::EnrolUntil), fields.get(Target::EnrolFrom)) {
            (Some(_), _) => fields.refused(Target::EnrolUntil, Reason::NoLastDay),
            (None, Some(_)) if fields.header(Target::EnrolUntil).is_none() => {
                fields.refused(Target::EnrolFrom, Reason::NoLastDay)
            }
            _ => fields.refused(Target::EnrolUntil, Reason::Missing),
        });
    }
    let published = published(fields, options, report)?;
    let place = fields.needed(Target::Place, report)?;
    let mut contact = fields.line(Target::Contact, report);
    let phone = postings::phone(fields, &mut contact, report);
    let notice = TrainingNotice {
        id: PostingId::parse("x").expect("a letter is an id"),
        title,
        institution: fields.needed(Target::Institution, report)?,
        occupation,
        level: fields.coded(Target::Level, report),
        class_hours: fields.count(Target::ClassHours, report),
        for_whom: fields.lines(Target::ForWhom, report),
        cost: fields.lines(Target::Cost, report),
        // 截至12月20日, 即日起: from its publication on.
        enrol_from: enrol.first.unwrap_or_else(|| published.min(last.unwrap_or(published))),
        enrol_until: last,
        starts: class.first,
        ends: class.last,
        division: division(fields, options, Some(&place), report),
        place,
        seats: fields.count(Target::Seats, report),
        content: fields
            .lines(Target::Content, report)
            .map(|content| {
                class_words.into_iter().fold(content, |all, more| format!("{all}\n{more}"))
            })
            .ok_or_else(|| fields.refused(Target::Content, Reason::Missing))?,
        contact,
        phone,
        published,
        source: fields
            .line(Target::Source, report)
            .unwrap_or_else(|| fields.mapping.source.clone()),
    };
    if notice.enrol_until.is_some_and(|last| last < notice.enrol_from) {
        return Err(fields.refused(Target::EnrolUntil, Reason::EndsBeforeBeginning));
    }
    if notice.starts.zip(notice.ends).is_some_and(|(starts, ends)| ends < starts) {
        return Err(fields.refused(Target::Ends, Reason::EndsBeforeBeginning));
    }
    Ok(notice)
}

/// The job fair that the values are, with the employer of this row, if it names one.
///
/// # Errors
/// When the row must be refused.
pub(super) fn fair(
    fields: &Fields<'_>,
    options: &Options,
    report: &mut Report,
) -> Result<JobFair, Refused> {
    postings::over(fields)?;
    let Days { date, ends, hours } = days(fields, options, report)?;
    let phone = fields.number(Target::Phone, report);
    let phone = phone.map(|phone| postings::checked(fields, Target::Phone, phone, report));
    let place = fields.needed(Target::Place, report)?;
    let employer = fields.line(Target::Employer, report).map(|name| FairEmployer {
        name,
        jobs: fields.line(Target::Jobs, report),
        openings: openings::take(fields, report),
    });
    let fair = JobFair {
        id: PostingId::parse("x").expect("a letter is an id"),
        title: fields.needed(Target::Title, report)?,
        date,
        ends: ends.filter(|ends| *ends != date),
        hours,
        division: division(fields, options, Some(&place), report),
        place,
        organiser: fields.line(Target::Organiser, report),
        employers: employer.into_iter().collect(),
        content: fields.lines(Target::Content, report),
        phone,
        published: published(fields, options, report)?,
        source: fields
            .line(Target::Source, report)
            .unwrap_or_else(|| fields.mapping.source.clone()),
    };
    if fair.ends.is_some_and(|ends| ends < date) {
        return Err(fields.refused(Target::Ends, Reason::EndsBeforeBeginning));
    }
    Ok(fair)
}

/// The days of a class, and what else its columns say (每周六上午, 15天), which stands in the content.
///
/// # Errors
/// When the days are none.
fn class(
    fields: &Fields<'_>,
    near: Near,
    report: &mut Report,
) -> Result<(Window, Vec<String>), Refused> {
    let mut words = Vec::new();
    let mut read = |target: Target, near: Near, report: &mut Report| {
        let text = fields.get(target).map(text::line);
        let has_day =
            text.as_deref().is_some_and(|text| text.contains(|c: char| c.is_ascii_digit()));
        let days = fields.days_and_hours(target, near, report);
        match (days, text) {
            (Ok(days), Some(text)) => {
                if days.beside.is_some() {
                    words.push(format!("{}：{text}", fields.column(target)));
                }
                Ok(days)
            }
            (Ok(days), None) => Ok(days),
            // 30天, 每周六上午; but 2026-13-45 is a mistake.
            (Err(_), Some(text)) if !has_day || days::is_length(&text) => {
                words.push(format!("{}：{text}", fields.column(target)));
                Ok(days::Days::default())
            }
            (Err(refused), _) => Err(refused),
        }
    };
    let begins = read(Target::Starts, near, report)?;
    let ends = match fields.is_one(Target::Starts, Target::Ends) {
        true => begins.clone(),
        false => read(Target::Ends, begins.first.map_or(near, Near::After), report)?,
    };
    Ok((fields.joined(Target::Ends, begins, ends, report), words))
}

/// When a fair is.
struct Days {
    date: Date,
    ends: Option<Date>,
    hours: Option<String>,
}

/// Hours as one reads them: 0.375 is a time of which a sheet has lost the form.
fn clock(words: String) -> String {
    let of_day = words.parse::<f64>().ok().filter(|part| (0.0..1.0).contains(part) && *part > 0.0);
    match of_day {
        Some(part) => {
            let minutes = (part * 1_440.0).round();
            format!("{}:{:02}", (minutes / 60.0).floor(), minutes % 60.0)
        }
        None => words,
    }
}

/// The days of a fair and its hours: 2026年12月5日-6日 9:00-16:00 in one column, or a column each
/// for the first day, the last and the hours. A column may hold days or hours, whichever it is
/// called.
fn days(fields: &Fields<'_>, options: &Options, report: &mut Report) -> Result<Days, Refused> {
    let near = Near::Around(options.today);
    let begins = fields.days_and_hours(Target::Date, near, report)?;
    let missing = || fields.refused(Target::Date, Reason::Missing);
    if begins.first.is_some() && begins.rough {
        let shown = fields.get(Target::Date).unwrap_or_default().to_owned();
        return Err(fields.refused(Target::Date, Reason::NoDay(shown)));
    }
    let near = begins.first.map_or(near, Near::After);
    let only_hours = |target| fields.get(target).filter(|text| days::is_hours(text));
    let (ends, until) = match only_hours(Target::Ends) {
        Some(hours) => (days::Days::default(), Some(text::line(hours))),
        None => (fields.days_and_hours(Target::Ends, near, report)?, None),
    };
    let column = match fields.is_one(Target::Date, Target::Hours) {
        true => None,
        false => fields.line(Target::Hours, report).map(clock).and_then(|words| {
            // 开始时间 2026-12-05 9:00: the day stands elsewhere as well.
            match days::read_with_words(&words, &fields.mapping.dates, near) {
                Ok(days) if days.first.is_some() => days.beside,
                _ => Some(words),
            }
        }),
    };
    let mut hours: Vec<String> = Vec::new();
    let ends_hours = ends.beside.clone();
    for words in begins.beside.iter().cloned().chain(ends_hours).chain(column) {
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        // The same hours in two columns.
        if !hours.iter().any(|other| other.contains(&words) || digits(other) == digits(&words)) {
            hours.push(words);
        }
    }
    let mut hours = hours.join("，");
    // 开始时间 9:00, 结束时间 12:00.
    if let Some(until) = until {
        hours = if hours.is_empty() { format!("至{until}") } else { format!("{hours}–{until}") };
    }
    let window = fields.joined(Target::Ends, begins, ends, report);
    let date = window.first.or(window.last).ok_or_else(missing)?;
    if text::cut(&mut hours, SHORT_CHARS_MAX) {
        report.remark(fields.place, fields.column(Target::Date), RemarkKind::Cut);
    }
    Ok(Days { date, ends: window.last, hours: (!hours.is_empty()).then_some(hours) })
}
