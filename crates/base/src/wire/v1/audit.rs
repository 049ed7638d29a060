//! The head of a kiosk's audit chain, as it travels with heartbeats, and the county's word about
//! it.

use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use super::{ProblemCode, codes::CodeOr};
use crate::wire::INTEGER_MAX;

/// The newest row of a kiosk's audit chain. Its hash stands for every row before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditHead {
    /// The row's number, from 1 without gaps.
    #[schema(minimum = 1, maximum = 9007199254740991u64)]
    pub sequence: u64,
    /// Its hash, SHA-256, 64 lower-case hex digits.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub hash: String,
}

impl AuditHead {
    /// Whether it has the form of a head.
    pub fn is_sound(&self) -> bool {
        let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        // Above the largest there is no next one: a chain that claimed it could never go on.
        (1..=INTEGER_MAX).contains(&self.sequence)
            && self.hash.len() == 64
            && self.hash.bytes().all(is_hex)
    }
}

/// What the county says to a head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditVerdict {
    /// It continues what the county knew, and is known from now on.
    Countersigned {
        /// Ed25519 (RFC 8032) by the feed key over [`signed_head`], 128 hex digits.
        signature: String,
    },
    /// It does not continue what the county knows of this kiosk.
    Refused {
        /// What is wrong.
        code: ProblemCode,
    },
    /// Something that this version does not know, of a newer county: neither the one nor the other.
    #[serde(skip)]
    Unknown,
}

impl<'de> Deserialize<'de> for AuditVerdict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Said {
            countersigned: Option<Countersigned>,
            refused: Option<Refused>,
        }
        #[derive(Deserialize)]
        struct Countersigned {
            signature: String,
        }
        #[derive(Deserialize)]
        struct Refused {
            code: ProblemCode,
        }
        let Said { countersigned, refused } = match CodeOr::deserialize(deserializer)? {
            CodeOr::Object(said) => said,
            CodeOr::Code(_) => return Ok(Self::Unknown),
        };
        let refused = refused.map(|Refused { code }| Self::Refused { code });
        let signed =
            countersigned.map(|Countersigned { signature }| Self::Countersigned { signature });
        Ok(refused.or(signed).unwrap_or(Self::Unknown))
    }
}

/// What the county signs: that the kiosk of this name has this head. The name, from its
/// certificate, holds no line end, so no two different contents give one text; nor does the text
/// begin as any other that the key signs.
pub fn signed_head(kiosk: &str, head: &AuditHead) -> Vec<u8> {
    let AuditHead { sequence, hash } = head;
    format!("renshe-kiosk audit head 1\n{kiosk}\n{sequence}\n{hash}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_has_a_number_and_a_hash() {
        let head = |sequence, hash: &str| AuditHead { sequence, hash: hash.repeat(64) }.is_sound();
        assert!(head(1, "0") && head((1 << 53) - 1, "f"));
        for sequence in [0, 1 << 53, (1 << 63) - 1, 1 << 63, u64::MAX] {
            assert!(!head(sequence, "0"), "{sequence}");
        }
        assert!(!head(1, "F") && !head(1, "00"));
    }

    #[test]
    fn a_verdict_of_a_newer_county_is_neither_of_ours() {
        let read = |text: &str| serde_json::from_str::<AuditVerdict>(text).expect("a verdict");
        assert_eq!(read(r#"{"deferred":{"until":"2027-01-01"}}"#), AuditVerdict::Unknown);
        assert_eq!(read(r#""deferred""#), AuditVerdict::Unknown);
        let refused = read(r#"{"refused":{"code":"audit_gap","row":7}}"#);
        assert!(matches!(refused, AuditVerdict::Refused { code } if code.as_str() == "audit_gap"));
    }

    #[test]
    fn what_is_signed_differs_in_every_part() {
        let mut seen = std::collections::HashSet::new();
        for kiosk in ["a", "b"] {
            for sequence in [1, 11] {
                for digit in ["0", "1"] {
                    let head = AuditHead { sequence, hash: digit.repeat(64) };
                    assert!(seen.insert(signed_head(kiosk, &head)));
                }
            }
        }
    }
}
