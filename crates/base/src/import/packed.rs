//! What a file holds, in little memory: a large list of postings takes more than the kiosk has for
//! it when every text of it lies there for itself. So each item is written as the ledger will keep
//! it, one after the other, and packed. Keeps no state beyond one file.

use std::io::{BufRead, BufReader, Write};

use zstd::stream::{read::Decoder, write::Encoder};

use crate::domain::{
    JobFair, PostingId,
    wire::{Collection, FeedBody},
};

/// How hard it is packed: even the fastest leaves a tenth of lists, which say much the same again
/// and again.
const LEVEL: i32 = 1;
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
            body: serde_json::to_string(item).expect("domain types have text keys"),
        }
    }
}

/// Packs items.
pub(super) struct Packer(Encoder<'static, Vec<u8>>);

impl Packer {
    pub(super) fn new() -> Self {
        Self(Encoder::new(Vec::new(), LEVEL).expect("the level is one"))
    }

    /// Adds an item; one that `has_id` not gets it at the end.
    pub(super) fn push(&mut self, item: &FeedBody, has_id: bool) {
        let Row { id, body, .. } = Row::of(item);
        let id = if has_id { id.as_str() } else { "" };
        let letter = letter(item.collection());
        writeln!(self.0, "{letter}{id}\n{body}").expect(WRITES);
    }

    /// What was added, with `ids` for those that had none, in their order; and `fairs`.
    pub(super) fn end(self, ids: Vec<PostingId>, fairs: Vec<JobFair>) -> Packed {
        Packed { bytes: self.0.finish().expect(WRITES), ids, fairs }
    }
}

/// Packed items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    bytes: Vec<u8>,
    ids: Vec<PostingId>,
    /// Of these later rows may say more, so they are not packed.
    fairs: Vec<JobFair>,
}

impl Packed {
    /// One after the other, in the order of the file.
    pub fn rows(&self) -> impl Iterator<Item = Row> {
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
        let rows: Vec<_> = packed.rows().collect();
        let right = ["made::1", "own-1", "made::2"].map(|name| {
            let mut posting = posting.clone();
            posting.id = id(name);
            Row::of(&body(&posting))
        });
        assert_eq!(rows, right);
        for (row, name) in rows.iter().zip(["made::1", "own-1", "made::2"]) {
            let FeedBody::Posting(back) = serde_json::from_str(&row.body).expect("an item") else {
                panic!("a posting")
            };
            assert_eq!((back.id.as_str(), back.title.as_str()), (name, "焊\"工\n"));
        }
    }
}
