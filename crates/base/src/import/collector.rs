//! Gathers what is accepted and counts what is not. State: what came in the file so far.

use std::{
    collections::{HashMap, HashSet},
    rc::Rc,
};

use jiff::civil::Date;

use super::{
    ImportError, Imported, Items, Options, ROWS_MAX,
    columns::Tally,
    duplicates::{Kept, Key, Sameness, Seen, Verdict},
    fields::{Fields, Refused},
    known::Known,
    mapping::{Expired, Incomplete, Mapping, Target},
    notices,
    packed::{Packed, Packer},
    postings,
    report::{Dropped, Place, Reason, Refusal, RemarkKind, Report},
    scope::{self, Scope},
};
use crate::{
    domain::{JobFair, Posting, PostingId, TrainingNotice},
    wire::{Collection, FeedBody},
};

/// Most employers of one fair.
const EMPLOYERS_MAX: usize = 500;

/// What a row may do that is not the rule.
#[derive(Debug, Clone, Copy)]
struct Policy {
    incomplete: Incomplete,
    expired: Expired,
}

/// A row on its way.
struct Arrival<'p> {
    place: &'p Place,
    /// Its id at the source.
    id: Option<PostingId>,
    /// What ids begin with that are made here.
    prefix: &'p str,
    /// The columns of the id and of the last day, as the file calls them.
    columns: (String, String),
    /// For whom it says it is.
    scope: Scope,
}

pub(super) struct Collector<'a> {
    pub(super) options: &'a Options,
    known: &'a Known,
    seen: Seen,
    /// Where each fair of this file stands: a row more may bring an employer more.
    fairs: HashMap<Key, usize>,
    items: Items,
    /// Postings and notices, where they are packed; then `items` and `places` hold fairs alone.
    packer: Option<Packer>,
    /// How many items of each collection were taken.
    taken: [usize; Collection::ALL.len()],
    /// Where each item of each collection came from.
    places: [Vec<Place>; Collection::ALL.len()],
    /// For whom each of them is.
    scopes: [Vec<Scope>; Collection::ALL.len()],
    /// Items that get an id when all rows are known: where they stand, what their ids begin with.
    nameless: Vec<(Collection, usize, Rc<str>, Sameness)>,
    prefixes: HashSet<Rc<str>>,
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
            packer: None,
            taken: [0; Collection::ALL.len()],
            places: [const { Vec::new() }; Collection::ALL.len()],
            scopes: [const { Vec::new() }; Collection::ALL.len()],
            nameless: Vec::new(),
            prefixes: HashSet::new(),
            report: Report::default(),
        }
    }

    /// As [`new`](Self::new); what is accepted is packed.
    pub(super) fn packing(options: &'a Options, known: &'a Known) -> Self {
        Self { packer: Some(Packer::new()), ..Self::new(options, known) }
    }

    /// What was accepted, packed, and the report.
    pub(super) fn end_packed(mut self) -> (Packed, Report) {
        self.report.collection = Some(match self.taken {
            [_, _, fairs] if fairs > 0 => Collection::Fairs,
            [_, trainings, _] if trainings > 0 => Collection::Trainings,
            _ => Collection::Postings,
        });
        let mut ids = Vec::new();
        for (collection, at, prefix, sameness) in self.nameless {
            let id = self.seen.make_id(self.known, &prefix, sameness);
            match collection {
                Collection::Fairs => self.items.fairs[at].id = id,
                Collection::Postings | Collection::Trainings => ids.push(id),
            }
        }
        let packer = self.packer.unwrap_or_else(Packer::new);
        (packer.end(ids, self.items.fairs), self.report)
    }

    /// What was accepted, and the report.
    pub(super) fn end(mut self) -> Imported {
        self.report.collection = Some(self.items.collection());
        for (collection, at, prefix, sameness) in self.nameless {
            let id = self.seen.make_id(self.known, &prefix, sameness);
            match collection {
                Collection::Postings => self.items.postings[at].id = id,
                Collection::Trainings => self.items.trainings[at].id = id,
                Collection::Fairs => self.items.fairs[at].id = id,
            }
        }
        let places = self.places.into_iter().flatten().collect();
        let scopes = self.scopes.into_iter().flatten().collect();
        Imported { items: self.items, places, scopes, report: self.report }
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
        tally: &mut Tally,
    ) {
        let fields = match fields {
            Ok(fields) => fields,
            Err(refused) => return self.refuse(place, refused),
        };
        let policy = Policy {
            incomplete: self.options.incomplete.unwrap_or(mapping.incomplete),
            expired: self.options.expired.unwrap_or(mapping.expired),
        };
        // Remarks on a row that is refused would only repeat it.
        let mut aside = std::mem::take(&mut self.report);
        fields.report_flaws(&mut aside);
        let (remarks, counted) = (aside.remarks.len(), aside.remarked.clone());
        let discriminating = aside.discriminating.len();
        let result = match mapping.collection {
            Collection::Postings => postings::posting(&fields, self.options, &mut aside)
                .map(|posting| Row::Posting(Box::new(posting))),
            Collection::Trainings => {
                notices::training(&fields, self.options, &mut aside).map(Row::Training)
            }
            Collection::Fairs => notices::fair(&fields, self.options, &mut aside).map(Row::Fair),
        };
        let (result, scope) = match scope::of(&fields, self.options) {
            Ok(scope) => (result, scope),
            Err(refused) => (result.and(Err(refused)), Scope::Unsaid),
        };
        if result.is_err() {
            aside.remarks.truncate(remarks);
            aside.remarked = counted;
            aside.discriminating.truncate(discriminating);
        }
        let column = |target| fields.column(target).to_owned();
        let last = match mapping.collection {
            Collection::Postings => Target::Closes,
            Collection::Trainings => Target::EnrolUntil,
            Collection::Fairs => Target::Date,
        };
        let arrival = Arrival {
            place,
            id: if result.is_ok() { fields.id(&mut aside) } else { None },
            prefix: &mapping.name,
            columns: (column(Target::Id), column(last)),
            scope,
        };
        if result.is_ok() {
            fields.note_untaken(tally);
        }
        self.report = aside;
        match result {
            Err(refused) => self.refuse(place, refused),
            Ok(Row::Posting(posting)) => self.posting(*posting, arrival, policy),
            Ok(Row::Training(notice)) => self.training(notice, arrival, policy),
            Ok(Row::Fair(fair)) => self.fair(fair, arrival, policy),
        }
    }

    /// A posting that came as such.
    pub(super) fn own_posting(&mut self, mut posting: Posting, place: &Place, scope: Scope) {
        if posting.class.is_none() {
            let (words, code) = (posting.occupation.as_deref(), posting.occupation_code.as_deref());
            posting.class = self.options.occupations.class_of(&posting.title, words, code);
        }
        let (policy, arrival) = (self.own_policy(), own(&posting.id, place, "closes", scope));
        self.posting(posting, arrival, policy);
    }

    /// A training notice that came as such.
    pub(super) fn own_training(&mut self, notice: TrainingNotice, place: &Place, scope: Scope) {
        let (policy, arrival) = (self.own_policy(), own(&notice.id, place, "enrol_until", scope));
        self.training(notice, arrival, policy);
    }

    /// A job fair that came as such.
    pub(super) fn own_fair(&mut self, fair: JobFair, place: &Place, scope: Scope) {
        let (policy, arrival) = (self.own_policy(), own(&fair.id, place, "date", scope));
        self.fair(fair, arrival, policy);
    }

    /// Of files in the county's own form: what they hold was chosen by somebody.
    fn own_policy(&self) -> Policy {
        Policy {
            incomplete: self.options.incomplete.unwrap_or(Incomplete::Keep),
            expired: self.options.expired.unwrap_or(Expired::Keep),
        }
    }

    fn posting(&mut self, mut posting: Posting, arrival: Arrival<'_>, policy: Policy) {
        if self.is_elsewhere(&arrival) {
            return;
        }
        if let Some(last) = posting.closes.filter(|last| self.is_over(*last, policy)) {
            return self.over(&arrival, last);
        }
        let mut missing = posting.missing();
        missing.extend(posting.lacks_phone().then_some("联系电话"));
        if policy.incomplete == Incomplete::Refuse && !missing.is_empty() {
            return self.refuse(arrival.place, (String::new(), Reason::Incomplete(missing)));
        }
        let sameness = Sameness::of_posting(&posting);
        if self.is_new(&mut posting.id, &arrival, sameness, Collection::Postings) {
            if !missing.is_empty() {
                self.report.lacks(arrival.place, missing);
            }
            match self.packer {
                Some(_) => self.pack(&FeedBody::Posting(Box::new(posting))),
                None => self.items.postings.push(posting),
            }
        }
    }

    fn training(&mut self, mut notice: TrainingNotice, arrival: Arrival<'_>, policy: Policy) {
        if self.is_elsewhere(&arrival) {
            return;
        }
        if let Some(last) = notice.enrol_until.filter(|last| self.is_over(*last, policy)) {
            return self.over(&arrival, last);
        }
        let sameness = Sameness::of_training(&notice);
        if self.is_new(&mut notice.id, &arrival, sameness, Collection::Trainings) {
            match self.packer {
                Some(_) => self.pack(&FeedBody::Training(Box::new(notice))),
                None => self.items.trainings.push(notice),
            }
        }
    }

    /// Packs an item that [`is_new`](Self::is_new).
    fn pack(&mut self, item: &FeedBody) {
        let at = self.taken[item.collection() as usize] - 1;
        let last = self.nameless.last();
        let has_id = last.is_none_or(|(of, last, ..)| (*of, *last) != (item.collection(), at));
        if let Some(packer) = &mut self.packer {
            packer.push(item, has_id);
        }
    }

    /// Rows of one fair are its employers.
    fn fair(&mut self, mut fair: JobFair, arrival: Arrival<'_>, policy: Policy) {
        if self.is_elsewhere(&arrival) {
            return;
        }
        if self.is_over(fair.last_day(), policy) {
            return self.over(&arrival, fair.last_day());
        }
        let sameness = Sameness::of_fair(&fair);
        let Some(&at) = self.fairs.get(&sameness.name) else {
            if self.is_new(&mut fair.id, &arrival, sameness, Collection::Fairs) {
                self.fairs.insert(sameness.name, self.items.fairs.len());
                self.items.fairs.push(fair);
            }
            return;
        };
        self.scopes[Collection::Fairs as usize][at].add(arrival.scope.clone());
        self.same_fair(at, &fair, arrival.place);
        let there = &mut self.items.fairs[at].employers;
        let new: Vec<_> = fair.employers.into_iter().filter(|new| !there.contains(new)).collect();
        if new.is_empty() {
            let kept = Kept::Row(self.places[Collection::Fairs as usize][at].clone());
            self.dropped(arrival.place, kept, arrival.scope);
        } else if there.len() >= EMPLOYERS_MAX {
            let reason = Reason::Form(format!("一场招聘会最多 {EMPLOYERS_MAX} 家单位"));
            self.refuse(arrival.place, (String::new(), reason));
        } else {
            there.extend(new);
            self.report.accepts(arrival.place);
        }
    }

    /// What a row more says of the fair `at` itself: what was not said before counts, and of what was
    /// said otherwise it is said that it does not.
    fn same_fair(&mut self, at: usize, more: &JobFair, place: &Place) {
        let there = &mut self.items.fairs[at];
        for (name, said, other) in [
            ("时间", &mut there.hours, &more.hours),
            ("主办单位", &mut there.organiser, &more.organiser),
            ("说明", &mut there.content, &more.content),
            ("咨询电话", &mut there.phone, &more.phone),
        ] {
            match (said.as_ref(), other) {
                (None, Some(_)) => said.clone_from(other),
                (Some(said), Some(other)) if said != other => {
                    self.report.remark(place, name, RemarkKind::LeftOut(other.clone()));
                }
                _ => {}
            }
        }
    }

    fn is_over(&self, last: Date, policy: Policy) -> bool {
        policy.expired == Expired::LeaveOut && last < self.options.today
    }

    fn over(&mut self, arrival: &Arrival<'_>, last: Date) {
        self.report.expired += 1;
        self.report.remark(arrival.place, &arrival.columns.1, RemarkKind::Over(last));
    }

    fn dropped(&mut self, place: &Place, kept: Kept, scope: Scope) {
        self.report.duplicates += 1;
        self.report.dropped.push(Dropped { place: place.clone(), kept, scope });
    }

    /// Whether a row is for other towns only, and so refused.
    fn is_elsewhere(&mut self, arrival: &Arrival<'_>) -> bool {
        let is_elsewhere = arrival.scope.excludes(self.options.town.as_ref());
        if is_elsewhere {
            self.refuse(arrival.place, (String::new(), Reason::Elsewhere));
        }
        is_elsewhere
    }

    /// Whether a row is accepted; it gets its id, now or when all rows are known.
    fn is_new(
        &mut self,
        id: &mut PostingId,
        arrival: &Arrival<'_>,
        sameness: Sameness,
        collection: Collection,
    ) -> bool {
        let places = collection as usize;
        let (id_there, is_own) = (arrival.id.as_ref(), arrival.prefix.is_empty());
        match self.seen.note(self.known, id_there, sameness, is_own, arrival.place) {
            Verdict::Dropped(kept) => {
                self.dropped(arrival.place, kept, arrival.scope.clone());
                return false;
            }
            Verdict::New(new) => *id = new,
            Verdict::SameId(new) => {
                *id = new;
                self.report.remark(arrival.place, &arrival.columns.0, RemarkKind::Differs);
            }
            Verdict::WithoutId => {
                let prefix = match self.prefixes.get(arrival.prefix) {
                    Some(prefix) => Rc::clone(prefix),
                    None => {
                        let prefix: Rc<str> = arrival.prefix.into();
                        self.prefixes.insert(Rc::clone(&prefix));
                        prefix
                    }
                };
                let at = self.taken[places];
                self.nameless.push((collection, at, prefix, sameness));
            }
        }
        self.report.accepts(arrival.place);
        self.taken[places] += 1;
        if self.packer.is_none() || collection == Collection::Fairs {
            self.places[places].push(arrival.place.clone());
            self.scopes[places].push(arrival.scope.clone());
        }
        true
    }
}

/// A row that came as an item.
fn own<'p>(id: &PostingId, place: &'p Place, last: &str, scope: Scope) -> Arrival<'p> {
    let columns = ("id".to_owned(), last.to_owned());
    Arrival { place, id: Some(id.clone()), prefix: "", columns, scope }
}

enum Row {
    Posting(Box<Posting>),
    Training(TrainingNotice),
    Fair(JobFair),
}
