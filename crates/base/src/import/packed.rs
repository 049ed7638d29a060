//! What a file holds, in little memory: a large list of postings takes more than the kiosk has for
//! it when every text of it lies there for itself. So each item is written as the ledger will keep
//! it, one after the other, and packed. Keeps no state beyond one file.

use std::io::{BufRead, BufReader, Write};

use zstd::stream::{read::Decoder, write::Encoder};

use crate::{
    domain::{JobFair, PostingId},
    wire::{Collection, FeedBody, v1},
};

/// How hard it is packed: even the fastest leaves a tenth of lists, which say much the same again
/// and again.
const LEVEL: i32 = 1;
/// How much is unpacked at a time where the order is not that of the file.
const PART_BYTES: usize = 32 << 20;
/// Far beyond an item, whose texts are limited.
const WRITES: &str = "memory takes everything";

/// An item as the ledger keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Of which collection.
    pub collection: Collection,
    /// Its id.
    pub id: String,
    /// The item as the feed would carry it, in JSON.
    pub body: String,
}

impl Row {
    /// That of an item.
    pub fn of(item: &FeedBody) -> Self {
        Self {
            collection: item.collection(),
            id: item.id().as_str().to_owned(),
            body: v1::to_json(item),
        }
    }

    fn key(&self) -> (&str, &str) {
        (self.collection.as_str(), &self.id)
    }
}

/// By what the ledger orders its rows.
fn key((collection, id): &(Collection, String)) -> (&str, &str) {
    (collection.as_str(), id)
}

/// Packs items.
pub(super) struct Packer {
    into: Encoder<'static, Vec<u8>>,
    /// How much was put in.
    bytes: usize,
}

impl Packer {
    pub(super) fn new() -> Self {
        Self { into: Encoder::new(Vec::new(), LEVEL).expect("the level is one"), bytes: 0 }
    }

    /// Adds an item; one that `has_id` not gets it at the end.
    pub(super) fn push(&mut self, item: &FeedBody, has_id: bool) {
        let Row { id, body, .. } = Row::of(item);
        let id = if has_id { id.as_str() } else { "" };
        let letter = letter(item.collection());
        self.bytes += body.len();
        writeln!(self.into, "{letter}{id}\n{body}").expect(WRITES);
    }

    /// What was added, with `ids` for those that had none, in their order; and `fairs`.
    pub(super) fn end(self, ids: Vec<PostingId>, fairs: Vec<JobFair>) -> Packed {
        let of_fairs = |fair: &JobFair| Row::of(&FeedBody::Fair(Box::new(fair.clone()))).body.len();
        let unpacked = self.bytes + fairs.iter().map(of_fairs).sum::<usize>();
        Packed { bytes: self.into.finish().expect(WRITES), unpacked, ids, fairs }
    }
}

/// Packed items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    bytes: Vec<u8>,
    /// How many bytes all bodies have.
    unpacked: usize,
    ids: Vec<PostingId>,
    /// Of these later rows may say more, so they are not packed.
    fairs: Vec<JobFair>,
}

impl Packed {
    /// All of them in the order of their collections and ids, of one id as in the file: a tree of them
    /// grows at its end then, and a disk is not written all over. A part of about [`PART_BYTES`] is
    /// unpacked at a time, which takes a while.
    pub fn parts(&self) -> impl Iterator<Item = Vec<Row>> {
        let begins = self.begins();
        (0..begins.len()).map(move |part| {
            let (first, next) = (&begins[part], begins.get(part + 1));
            let is_of_it = |row: &Row| {
                row.key() >= key(first) && next.is_none_or(|next| row.key() < key(next))
            };
            let mut rows: Vec<Row> = self.in_file_order().filter(is_of_it).collect();
            rows.iter_mut().for_each(|row| row.body.shrink_to_fit());
            rows.sort_by(|one, other| one.key().cmp(&other.key()));
            rows
        })
    }

    /// With which collection and id each part begins.
    fn begins(&self) -> Vec<(Collection, String)> {
        // Most files are one part, and need not be unpacked to see that.
        if self.unpacked == 0 {
            return Vec::new();
        }
        if self.unpacked < PART_BYTES {
            let first = Collection::ALL.into_iter().min_by_key(|one| one.as_str());
            return first.map(|first| (first, String::new())).into_iter().collect();
        }
        let of = |row: Row| (row.body.len(), (row.collection, row.id));
        let mut all: Vec<_> = self.in_file_order().map(of).collect();
        all.sort_unstable_by(|(_, one), (_, other)| key(one).cmp(&key(other)));
        // What has one id stays together.
        let mut begins: Vec<(Collection, String)> = Vec::new();
        let mut bytes = PART_BYTES;
        for same in all.chunk_by(|(_, one), (_, other)| one == other) {
            if bytes >= PART_BYTES {
                begins.push(same[0].1.clone());
                bytes = 0;
            }
            bytes += same.iter().map(|(size, _)| size).sum::<usize>();
        }
        begins
    }

    /// One after the other, in the order of the file.
    fn in_file_order(&self) -> impl Iterator<Item = Row> {
        let packed = Decoder::new(self.bytes.as_slice()).expect("it was packed here");
        let mut lines =
            BufReader::new(packed).lines().map(|line| line.expect("it was packed here"));
        let mut ids = self.ids.iter();
        let packed = std::iter::from_fn(move || {
            let (head, mut body) = lines.next().zip(lines.next())?;
            let (letter, id) = head.split_at(1);
            let collection = Collection::ALL.into_iter().find(|one| letter == self::letter(*one));
            let mut id = id.to_owned();
            if id.is_empty() {
                id = ids.next().expect("one for each").as_str().to_owned();
                // The first value of an item is its id, and nothing of the file stands before it.
                let start = body.find(ID).expect("an item has an id") + ID.len();
                let end = start + body[start..].find('"').expect("a text has an end");
                body.replace_range(start..end, &id);
            }
            Some(Row { collection: collection.expect("it was packed here"), id, body })
        });
        let fairs = self.fairs.iter().map(|fair| Row::of(&FeedBody::Fair(Box::new(fair.clone()))));
        packed.chain(fairs)
    }
}

/// What stands before the id of an item.
const ID: &str = "\"id\":\"";

/// How a collection is called in what is packed.
fn letter(collection: Collection) -> &'static str {
    &collection.as_str()[..1]
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::domain::Posting;

    #[test]
    fn what_is_packed_comes_out_as_it_was_with_its_id() {
        let id = |text: &str| PostingId::parse(text).expect("an id");
        let day = date(2026, 11, 1);
        let mut posting = Posting::new(id("x"), "焊\"工\n", "\"id\":\"x\"", day, "测试");
        posting.duties = Some("焊接\\".to_owned());
        let mut named = posting.clone();
        named.id = id("own-1");
        let body = |posting: &Posting| FeedBody::Posting(Box::new(posting.clone()));
        let mut packer = Packer::new();
        packer.push(&body(&posting), false);
        packer.push(&body(&named), true);
        packer.push(&body(&posting), false);
        let packed = packer.end(vec![id("made::1"), id("made::2")], Vec::new());
        let rows: Vec<_> = packed.in_file_order().collect();
        let right = ["made::1", "own-1", "made::2"].map(|name| {
            let mut posting = posting.clone();
            posting.id = id(name);
            Row::of(&body(&posting))
        });
        assert_eq!(rows, right);
        for (row, name) in rows.iter().zip(["made::1", "own-1", "made::2"]) {
            let FeedBody::Posting(back) = v1::from_json(&row.body).expect("an item") else {
                panic!("a posting")
            };
            assert_eq!((back.id.as_str(), back.title.as_str()), (name, "焊\"工\n"));
        }
    }
    #[test]
    fn rows_come_in_the_order_of_the_ledger_however_many_parts_there_are() {
        let id = |text: &str| PostingId::parse(text).expect("an id");
        let long = "长".repeat(1_000_000);
        let mut packer = Packer::new();
        // 3 MB each, so that they are several parts; of one id the last counts.
        let ids = (0..31).map(|n| format!("p-{:02}", n * 7 % 31)).chain(["p-05".to_owned()]);
        for (n, name) in ids.enumerate() {
            let title = format!("{n}");
            let day = date(2026, 11, 1);
            let mut posting = Posting::new(id(&name), &title, "测试厂", day, "测试");
            posting.duties = Some(long.clone());
            packer.push(&FeedBody::Posting(Box::new(posting)), true);
        }
        let packed = packer.end(Vec::new(), Vec::new());
        assert_eq!(packed.parts().count(), 3);
        let rows: Vec<Row> = packed
            .parts()
            .flatten()
            .map(|row| Row { body: row.body[..80].into(), ..row })
            .collect();
        let names: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        let mut right: Vec<String> = (0..31).map(|n| format!("p-{n:02}")).collect();
        right.insert(5, "p-05".to_owned());
        assert_eq!(names, right);
        assert!(rows[6].body.contains("\"31\""), "{}", rows[6].body);
        assert!(!rows[5].body.contains("\"31\""), "{}", rows[5].body);
    }
}
