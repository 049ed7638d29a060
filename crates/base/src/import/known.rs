//! What is there before a file is read: published by the county, imported by the town, in the files
//! before. Of the largest caches that is hundreds of thousands of listings, so each is kept small.
//! Keeps no state of its own.

use std::collections::HashMap;

use super::{
    Imported,
    duplicates::{Kept, Key, Sameness},
    report::Place,
};

/// What is stored or published already.
#[derive(Debug, Clone, Default)]
pub struct Known {
    all: Vec<There>,
    /// Where in `all` an id stands, and what is said.
    ids: HashMap<Key, u32>,
    keys: HashMap<Key, u32>,
    /// Names of files, and of their sheets.
    files: Vec<String>,
    places: Places,
}

/// A listing that is there.
#[derive(Debug, Clone)]
pub(super) struct There {
    pub(super) id: Box<str>,
    pub(super) name: Key,
    pub(super) all: Key,
    pub(super) by: By,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    County,
    Town,
    File { file: u16, place: u32 },
}

impl Known {
    /// Adds a listing that the county publishes, or one of the town's own.
    pub fn add(&mut self, id: &str, sameness: Sameness, by_county: bool) {
        self.put(id, sameness, if by_county { By::County } else { By::Town });
    }

    /// Adds what was accepted of a file that is published together with others.
    pub fn add_file(&mut self, file: &str, imported: &Imported) {
        let items = &imported.items;
        let postings = items.postings.iter().map(|item| (&item.id, Sameness::of_posting(item)));
        let trainings = items.trainings.iter().map(|item| (&item.id, Sameness::of_training(item)));
        let fairs = items.fairs.iter().map(|item| (&item.id, Sameness::of_fair(item)));
        let all = postings.chain(trainings).chain(fairs);
        let number = u16::try_from(self.files.len()).unwrap_or(u16::MAX);
        self.files.push(file.to_owned());
        for ((id, sameness), place) in all.zip(&imported.places) {
            let place = self.places.add(place);
            self.put(id.as_str(), sameness, By::File { file: number, place });
        }
    }

    fn put(&mut self, id: &str, sameness: Sameness, by: By) {
        let Sameness { name, all, .. } = sameness;
        // Beyond what any cache holds.
        let Ok(at) = u32::try_from(self.all.len()) else { return };
        self.keys.insert(all, at);
        self.ids.insert(Key::of_raw(id), at);
        self.all.push(There { id: id.into(), name, all, by });
    }

    pub(super) fn with_id(&self, id: &str) -> Option<&There> {
        self.ids.get(&Key::of_raw(id)).map(|at| &self.all[*at as usize])
    }

    pub(super) fn saying(&self, key: &Key) -> Option<&There> {
        // An id that came twice counts as what it said last.
        let there = self.keys.get(key).map(|at| &self.all[*at as usize])?;
        self.with_id(&there.id)
    }

    pub(super) fn kept(&self, there: &There) -> Kept {
        let id = || there.id.as_ref().to_owned();
        match there.by {
            By::County => Kept::County { id: id() },
            By::Town => Kept::Town { id: id() },
            By::File { file, place } => Kept::File {
                file: self.files.get(usize::from(file)).cloned().unwrap_or_default(),
                place: self.places.get(place),
            },
        }
    }
}

/// Places of rows, each in a few bytes.
#[derive(Debug, Clone, Default)]
pub(super) struct Places {
    all: Vec<[u32; 4]>,
    sheets: Vec<String>,
}

impl Places {
    /// Keeps a place; gives its number.
    pub(super) fn add(&mut self, place: &Place) -> u32 {
        let Place { row, line, sheet, table, hidden: _ } = place;
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let sheet = sheet.as_ref().map_or(0, |sheet| {
            // Rows of a sheet come one after the other.
            let known = self.sheets.iter().rposition(|known| known == sheet);
            number(known.unwrap_or_else(|| {
                self.sheets.push(sheet.clone());
                self.sheets.len() - 1
            })) + 1
        });
        self.all.push([number(*row), number(line.unwrap_or(0)), sheet, number(table.unwrap_or(0))]);
        number(self.all.len() - 1)
    }

    pub(super) fn get(&self, number: u32) -> Place {
        let [row, line, sheet, table] = self.all[number as usize];
        let unless_0 = |number: u32| (number > 0).then_some(number as usize);
        let sheet = unless_0(sheet).and_then(|sheet| self.sheets.get(sheet - 1).cloned());
        let (line, table) = (unless_0(line), unless_0(table));
        Place { row: row as usize, line, sheet, table, hidden: false }
    }
}
