//! A query for an account: who is meant, by which document, read where and when. How it is written stands
//! in the module of its version. Keeps no state.
//!
//! The county answers once for each [`AccountQuery::read_id`], and only within a short window
//! around [`AccountQuery::read_at`]; so a request that was recorded is of no use to anybody. The
//! answer says the id again, so one that was meant for another read is known for what it is.

use jiff::Timestamp;

use crate::domain::{DocumentFacts, HolderNumber, Sensitive, name::same_name};

/// Hexadecimal digits of a read's id: 128 random bits.
pub const READ_ID_DIGITS: usize = 32;
/// Most characters of a security module's number as it is printed on the device.
pub const SAM_ID_MAX: usize = 64;
/// Such a number: printable ASCII without spaces.
pub(super) const SAM_ID_PATTERN: &str = "^[!-~]{1,64}$";
/// Most digits of a query PIN.
pub const QUERY_PIN_MAX: usize = 12;
/// Most characters of a name in a query; the longest document has 120.
pub const NAME_MAX: usize = 128;

/// Asks for the account of the person whose document lies on the reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountQuery {
    /// A fresh random value for each query, 32 hex digits. Asking again takes a new one.
    pub read_id: String,
    /// When the document was read, or, when it is asked again, when it still lay there. By the
    /// county's time, which the kiosk learns from heartbeats.
    pub read_at: Timestamp,
    /// The number of the security module that read the document, as it is printed on the reader. It
    /// is one that the kiosk has announced with a heartbeat; a kiosk that has announced any leaves
    /// it out only for a social security card, which no module reads.
    pub sam_id: Option<String>,
    /// What the document says about itself.
    pub document: DocumentFacts,
    /// The document's number.
    pub number: HolderNumber,
    /// The document's name, as stored; in Chinese characters where the document has them.
    pub name: Sensitive<String>,
    /// The name in Latin letters, of documents that carry one. The account may be under either.
    pub english_name: Option<Sensitive<String>>,
    /// The person's query PIN, digits, where the county asked for it.
    pub pin: Option<Sensitive<String>>,
}

impl AccountQuery {
    /// Whether `name` is one of the document's, however the core system writes it.
    pub fn is_about(&self, name: &str) -> bool {
        let names = [Some(&self.name), self.english_name.as_ref()];
        names.into_iter().flatten().any(|own| same_name(own.expose(), name))
    }

    /// What is wrong with the form of this query, as a sentence for the log without a word of it.
    pub fn fault(&self) -> Option<&'static str> {
        let Self { read_id, sam_id, document, number, name, english_name, pin, .. } = self;
        if read_id.len() != READ_ID_DIGITS || !read_id.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Some("read_id has 32 hexadecimal digits");
        }
        if !sam_id.as_deref().is_none_or(is_sam_id) {
            return Some("sam_id is no module's number");
        }
        let is_name =
            |name: &Sensitive<String>| (1..=NAME_MAX).contains(&name.expose().chars().count());
        if !is_name(name) || !english_name.as_ref().is_none_or(is_name) {
            return Some("a name has 1 to 128 characters");
        }
        if !document.kind.carries(number) {
            return Some("such a document carries no such number");
        }
        let is_pin = |pin: &Sensitive<String>| {
            let pin = pin.expose();
            (1..=QUERY_PIN_MAX).contains(&pin.len()) && pin.bytes().all(|b| b.is_ascii_digit())
        };
        (!pin.as_ref().is_none_or(is_pin)).then_some("the pin has 1 to 12 digits")
    }
}

/// Whether `text` can be a security module's number as it is printed on the device.
pub(super) fn is_sam_id(text: &str) -> bool {
    (1..=SAM_ID_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::DocumentKind;

    fn query(kind: DocumentKind, number: &str) -> AccountQuery {
        AccountQuery {
            read_id: "0".repeat(32),
            read_at: Timestamp::UNIX_EPOCH,
            sam_id: Some("05.03-20200101-0001234567-0000089012".into()),
            document: DocumentFacts { kind, valid_until: None, issue_count: None },
            number: HolderNumber::parse(number).expect("valid"),
            name: "测试甲".into(),
            english_name: None,
            pin: None,
        }
    }

    #[test]
    fn a_document_carries_numbers_of_its_own_kind_only() {
        use DocumentKind::*;

        let numbers = ["510599198507150012", "810000189202290038", "XXA000000000001"];
        for (kind, carries) in [
            (ResidentIdCard, [true, true, false]),
            (SocialSecurityCard, [true, true, false]),
            (HkMacaoTaiwanPermit, [false, true, false]),
            (ForeignerPermit2017, [false, false, true]),
            (ForeignerPermit2023, [false, false, false]),
        ] {
            let fits = numbers.map(|number| query(kind, number).fault().is_none());
            assert_eq!(fits, carries, "{kind:?}");
        }
    }

    #[test]
    fn what_has_not_the_form_of_a_query_is_named_and_not_quoted() {
        let sound = query(DocumentKind::ResidentIdCard, "510599198507150012");
        assert_eq!(sound.fault(), None);
        let pinned = AccountQuery { pin: Some("864209".into()), ..sound.clone() };
        assert_eq!(pinned.fault(), None);
        for (wrong, word) in [
            (AccountQuery { read_id: "g".repeat(32), ..sound.clone() }, "read_id"),
            (AccountQuery { read_id: "0".repeat(31), ..sound.clone() }, "read_id"),
            (AccountQuery { sam_id: Some("a\nb".into()), ..sound.clone() }, "sam_id"),
            (AccountQuery { sam_id: Some("0".repeat(65)), ..sound.clone() }, "sam_id"),
            (AccountQuery { name: "".into(), ..sound.clone() }, "name"),
            (AccountQuery { name: "测".repeat(129).as_str().into(), ..sound.clone() }, "name"),
            (AccountQuery { pin: Some("12a4".into()), ..sound.clone() }, "pin"),
            (AccountQuery { pin: Some("1".repeat(13).as_str().into()), ..sound.clone() }, "pin"),
        ] {
            let fault = wrong.fault().expect(word);
            assert!(fault.contains(word) && !fault.contains("12a4"), "{fault}");
        }
        assert!(!format!("{pinned:?}").contains("864209"));
    }
}
