//! What the county must know again when a kiosk comes with a cursor, and must not know until then:
//! whose account it was. It is kept sealed under the cursor itself, of which only a hash stays here;
//! so this process can read it only while it answers the kiosk that brings the cursor, and its memory
//! names nobody whose answer has left. Keeps no state.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    digest::{SHA256, digest},
};
use kiosk_base::{
    domain::{Sensitive, account::HistoryCursor},
    wire::v1,
};
use zeroize::Zeroizing;

use super::core::CoreQuery;

/// What a cursor is known by. A cursor is 128 random bits: nobody finds it from this.
pub(super) type Mark = [u8; 32];

/// A query that only its cursor opens.
pub(super) struct Sealed(Vec<u8>);

/// How a query is written before it is sealed: its parts as they came.
type Written = (v1::HolderNumber, Sensitive<String>, Option<Sensitive<String>>, v1::DocumentFacts);

/// The mark of `cursor`.
pub(super) fn mark(cursor: &HistoryCursor) -> Mark {
    derive(b"mark", cursor)
}

impl Sealed {
    /// Seals `query` under a cursor that was made for it and for nothing else.
    pub(super) fn new(query: &CoreQuery, cursor: &HistoryCursor) -> Self {
        // Room for all of it and the tag, so that growing leaves no copies; sealed in place.
        let mut text = Vec::with_capacity(2 * 1024);
        let CoreQuery { number, name, english_name, document } = query.clone();
        let written: Written = (number.into(), name, english_name, document.into());
        serde_json::to_writer(&mut text, &written).expect("plain data");
        let sealed = key(cursor).seal_in_place_append_tag(nonce(), Aad::empty(), &mut text);
        sealed.expect("far shorter than the cipher's limit");
        Self(text)
    }

    /// The query, if `cursor` is the one it was sealed under.
    pub(super) fn open(self, cursor: &HistoryCursor) -> Option<CoreQuery> {
        let mut text = Zeroizing::new(self.0);
        let plain = key(cursor).open_in_place(nonce(), Aad::empty(), &mut text).ok()?;
        let (number, name, english_name, document): Written = serde_json::from_slice(plain).ok()?;
        Some(CoreQuery { number: number.into(), name, english_name, document: document.into() })
    }
}

fn key(cursor: &HistoryCursor) -> LessSafeKey {
    let bytes = Zeroizing::new(derive(b"key", cursor));
    let key = UnboundKey::new(&AES_256_GCM, &*bytes).expect("32 bytes are a key");
    LessSafeKey::new(key)
}

/// Each cursor is random and seals one text: there is nothing that a nonce would have to tell apart.
fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

/// Different bytes for each `purpose`, none of which tells anything of the others.
fn derive(purpose: &[u8], cursor: &HistoryCursor) -> [u8; 32] {
    let text = Zeroizing::new(String::from(cursor.clone()).to_ascii_lowercase());
    let whole =
        Zeroizing::new([&b"renshe-kiosk cursor 1\n"[..], purpose, b"\n", text.as_bytes()].concat());
    digest(&SHA256, &whole).as_ref().try_into().expect("SHA-256 has 32 bytes")
}

#[cfg(test)]
mod tests {
    use kiosk_base::domain::{DocumentFacts, DocumentKind, HolderNumber};

    use super::*;

    fn cursor(text: &str) -> HistoryCursor {
        HistoryCursor::try_from(text.repeat(2)).expect("32 digits")
    }

    #[test]
    fn a_query_is_opened_by_its_own_cursor_and_readable_to_nobody_else() {
        let query = CoreQuery {
            number: HolderNumber::parse("510599198507150012").expect("valid"),
            name: "测试甲".into(),
            english_name: None,
            document: DocumentFacts {
                kind: DocumentKind::ResidentIdCard,
                valid_until: None,
                issue_count: None,
            },
        };
        let (own, other) = (cursor("0123456789abcdef"), cursor("0123456789abcdee"));
        let sealed = || Sealed::new(&query, &own);
        let holds = |text: &str| sealed().0.windows(text.len()).any(|part| part == text.as_bytes());
        assert!(!holds("510599198507150012") && !holds("测试甲"));
        assert_eq!(sealed().open(&own), Some(query.clone()));
        assert_eq!(sealed().open(&other), None);
        assert_eq!(mark(&own), mark(&cursor("0123456789ABCDEF")), "capital letters are no other");
        assert_ne!(mark(&own), mark(&other));
        assert_ne!(mark(&own), derive(b"key", &own));
    }
}
