//! A row's values as a training notice, or as a job fair with one of its employers. Keeps no state.

use super::{
    Options,
    duplicates::Key,
    fields::{Fields, Refused},
    mapping::Target,
    postings::{division, id, published},
    report::{Reason, Report},
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
    let occupation = fields.needed(Target::Occupation, report)?;
    let title = fields.line(Target::Title, report).unwrap_or_else(|| occupation.clone());
    let day = |target| fields.day(target)?.ok_or_else(|| fields.refused(target, Reason::Missing));
    let place = fields.needed(Target::Place, report)?;
    let mut notice = TrainingNotice {
        id: PostingId::parse("x").expect("a letter is an id"),
        title,
        institution: fields.needed(Target::Institution, report)?,
        occupation,
        level: fields.coded(Target::Level, report),
        class_hours: fields.count(Target::ClassHours, report),
        for_whom: fields.lines(Target::ForWhom, report),
        cost: fields.lines(Target::Cost, report),
        enrol_from: day(Target::EnrolFrom)?,
        enrol_until: day(Target::EnrolUntil)?,
        starts: fields.day(Target::Starts)?,
        ends: fields.day(Target::Ends)?,
        division: division(fields, options, Some(&place), report),
        place,
        seats: fields.count(Target::Seats, report),
        content: fields
            .lines(Target::Content, report)
            .ok_or_else(|| fields.refused(Target::Content, Reason::Missing))?,
        contact: fields.line(Target::Contact, report),
        phone: fields.line(Target::Phone, report),
        published: published(fields, options, report)?,
        source: fields
            .line(Target::Source, report)
            .unwrap_or_else(|| fields.mapping.source.clone()),
    };
    if notice.enrol_until < notice.enrol_from {
        return Err(fields.refused(Target::EnrolUntil, Reason::EndsBeforeBeginning));
    }
    if notice.starts.zip(notice.ends).is_some_and(|(starts, ends)| ends < starts) {
        return Err(fields.refused(Target::Ends, Reason::EndsBeforeBeginning));
    }
    notice.id = id(fields, Key::of_training(&notice)).ok_or_else(|| no_id(fields))?;
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
    let date =
        fields.day(Target::Date)?.ok_or_else(|| fields.refused(Target::Date, Reason::Missing))?;
    let place = fields.needed(Target::Place, report)?;
    let employer = fields.line(Target::Employer, report).map(|name| FairEmployer {
        name,
        jobs: fields.line(Target::Jobs, report),
        openings: fields.count(Target::Openings, report),
    });
    let mut fair = JobFair {
        id: PostingId::parse("x").expect("a letter is an id"),
        title: fields.needed(Target::Title, report)?,
        date,
        ends: fields.day(Target::Ends)?.filter(|ends| *ends != date),
        hours: fields.line(Target::Hours, report),
        division: division(fields, options, Some(&place), report),
        place,
        organiser: fields.line(Target::Organiser, report),
        employers: employer.into_iter().collect(),
        content: fields.lines(Target::Content, report),
        phone: fields.line(Target::Phone, report),
        published: published(fields, options, report)?,
        source: fields
            .line(Target::Source, report)
            .unwrap_or_else(|| fields.mapping.source.clone()),
    };
    if fair.ends.is_some_and(|ends| ends < date) {
        return Err(fields.refused(Target::Ends, Reason::EndsBeforeBeginning));
    }
    fair.id = id(fields, Key::of_fair(&fair)).ok_or_else(|| no_id(fields))?;
    Ok(fair)
}

fn no_id(fields: &Fields<'_>) -> Refused {
    fields.refused(Target::Id, Reason::Form("the mapping's name makes no id".to_owned()))
}
