//! Gathers what is accepted and counts what is not. State: what came in the file so far.

use std::collections::HashMap;

use jiff::civil::Date;

use super::{
    ImportError, Items, Options, ROWS_MAX,
    duplicates::{Compare, Fresh, Key, Known, Seen},
    fields::{Fields, Refused},
    mapping::{Expired, Incomplete, Mapping},
    notices, postings,
    report::{Place, Reason, Refusal, RemarkKind, Report},
};
use crate::domain::{JobFair, Posting, PostingId, TrainingNotice, wire::Collection};

/// Most employers of one fair.
const EMPLOYERS_MAX: usize = 500;

/// What a row may do that is not the rule.
#[derive(Debug, Clone, Copy)]
struct Policy {
    incomplete: Incomplete,
    expired: Expired,
    compare: Compare,
}

pub(super) struct Collector<'a> {
    options: &'a Options,
    known: &'a Known,
    seen: Seen,
    /// Where each fair of this file stands: a row more may bring an employer more.
    fairs: HashMap<Key, usize>,
    items: Items,
    pub(super) report: Report,
}

impl<'a> Collector<'a> {
    pub(super) fn new(options: &'a Options, known: &'a Known) -> Self {
        Self {
            options,
            known,
            seen: Seen::default(),
            fairs: HashMap::new(),
            items: Items::default(),
            report: Report::default(),
        }
    }

    /// What was accepted, and the report.
    pub(super) fn end(mut self) -> (Items, Report) {
        self.report.collection = Some(self.items.collection());
        (self.items, self.report)
    }

    /// One more row was met.
    ///
    /// # Errors
    /// When there are too many.
    pub(super) fn read(&mut self) -> Result<(), ImportError> {
        self.report.read += 1;
        if self.report.read > ROWS_MAX {
            return Err(ImportError::TooManyRows);
        }
        Ok(())
    }

    pub(super) fn refuse(&mut self, place: &Place, (column, reason): Refused) {
        self.report.refused.push(Refusal { place: place.clone(), column, reason });
    }

    /// A row of `mapping`'s source.
    pub(super) fn row(
        &mut self,
        mapping: &Mapping,
        fields: Result<Fields<'_>, Refused>,
        place: &Place,
    ) {
        let fields = match fields {
            Ok(fields) => fields,
            Err(refused) => return self.refuse(place, refused),
        };
        let policy = Policy {
            incomplete: self.options.incomplete.unwrap_or(mapping.incomplete),
            expired: self.options.expired.unwrap_or(mapping.expired),
            compare: Compare::All,
        };
        // Remarks on a row that is refused would only repeat it.
        let mut aside = std::mem::take(&mut self.report);
        let (remarks, counted) = (aside.remarks.len(), aside.remarked.clone());
        let discriminating = aside.discriminating.len();
        fields.report_damage(&mut aside);
        let result = match mapping.collection {
            Collection::Postings => postings::posting(&fields, self.options, &mut aside)
                .map(|posting| Row::Posting(Box::new(posting))),
            Collection::Trainings => {
                notices::training(&fields, self.options, &mut aside).map(Row::Training)
            }
            Collection::Fairs => notices::fair(&fields, self.options, &mut aside).map(Row::Fair),
        };
        if result.is_err() {
            aside.remarks.truncate(remarks);
            aside.remarked = counted;
            aside.discriminating.truncate(discriminating);
        }
        self.report = aside;
        match result {
            Err(refused) => self.refuse(place, refused),
            Ok(Row::Posting(posting)) => self.posting(*posting, place, policy),
            Ok(Row::Training(notice)) => self.training(notice, place, policy),
            Ok(Row::Fair(fair)) => self.fair(fair, place, policy),
        }
    }

    /// A posting that came as such.
    pub(super) fn own_posting(&mut self, mut posting: Posting, place: &Place) {
        if posting.class.is_none() {
            let (words, code) = (posting.occupation.as_deref(), posting.occupation_code.as_deref());
            posting.class = self.options.occupations.class_of(&posting.title, words, code);
        }
        let policy = self.own_policy();
        self.posting(posting, place, policy);
    }

    /// A training notice that came as such.
    pub(super) fn own_training(&mut self, notice: TrainingNotice, place: &Place) {
        let policy = self.own_policy();
        self.training(notice, place, policy);
    }

    /// A job fair that came as such.
    pub(super) fn own_fair(&mut self, fair: JobFair, place: &Place) {
        let policy = self.own_policy();
        self.fair(fair, place, policy);
    }

    /// Of files in the county's own form: what they hold was chosen by somebody.
    fn own_policy(&self) -> Policy {
        Policy {
            incomplete: self.options.incomplete.unwrap_or(Incomplete::Keep),
            expired: self.options.expired.unwrap_or(Expired::Keep),
            compare: Compare::Stored,
        }
    }

    fn posting(&mut self, posting: Posting, place: &Place, policy: Policy) {
        if self.is_over("closes", posting.closes, place, policy) {
            return;
        }
        let mut missing = posting.missing();
        missing.extend(posting.lacks_phone().then_some("联系电话"));
        if policy.incomplete == Incomplete::Refuse && !missing.is_empty() {
            return self.refuse(place, (String::new(), Reason::Incomplete(missing)));
        }
        let compare = match (&posting.place, &posting.wage) {
            (None, None) => Compare::Ids,
            _ => policy.compare,
        };
        if self.is_new(&posting.id, Key::of_posting(&posting), compare, place) {
            self.report.incomplete += usize::from(!missing.is_empty());
            self.report.accepted += 1;
            self.items.postings.push(posting);
        }
    }

    fn training(&mut self, notice: TrainingNotice, place: &Place, policy: Policy) {
        if self.is_over("enrol_until", notice.enrol_until, place, policy) {
            return;
        }
        if self.is_new(&notice.id, Key::of_training(&notice), policy.compare, place) {
            self.report.accepted += 1;
            self.items.trainings.push(notice);
        }
    }

    /// Rows of one fair are its employers.
    fn fair(&mut self, fair: JobFair, place: &Place, policy: Policy) {
        if self.is_over("date", Some(fair.last_day()), place, policy) {
            return;
        }
        let key = Key::of_fair(&fair);
        if let Some(&index) = self.fairs.get(&key) {
            let there = &mut self.items.fairs[index].employers;
            let new: Vec<_> =
                fair.employers.into_iter().filter(|new| !there.contains(new)).collect();
            if new.is_empty() || there.len() >= EMPLOYERS_MAX {
                self.report.duplicates += 1;
            } else {
                there.extend(new);
                self.report.accepted += 1;
            }
        } else if self.is_new(&fair.id, key, policy.compare, place) {
            self.report.accepted += 1;
            self.fairs.insert(key, self.items.fairs.len());
            self.items.fairs.push(fair);
        }
    }

    /// Whether the row is left out because its last day is over; the report names it.
    fn is_over(&mut self, column: &str, last: Option<Date>, place: &Place, policy: Policy) -> bool {
        let over = last.filter(|last| *last < self.options.today);
        let Some(last) = over.filter(|_| policy.expired == Expired::LeaveOut) else { return false };
        self.report.expired += 1;
        self.report.remark(place, column, RemarkKind::Over(last));
        true
    }

    fn is_new(&mut self, id: &PostingId, key: Key, compare: Compare, place: &Place) -> bool {
        let fresh = self.seen.note(self.known, id, key, compare);
        if fresh != Fresh::New {
            self.report.duplicates += 1;
        }
        if fresh == Fresh::Differs {
            self.report.remark(place, "id", RemarkKind::Differs);
        }
        fresh == Fresh::New
    }
}

enum Row {
    Posting(Box<Posting>),
    Training(TrainingNotice),
    Fair(JobFair),
}
