//! A query for an account, and its answer. Keeps no state.

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Account, HolderNumber, convert::both_ways};
use crate::{
    domain::{self, Sensitive},
    wire,
};

/// Asks for the account of the person whose document lies on the reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountQuery {
    /// A fresh random value for each query, 32 hex digits. Asking again takes a new one.
    #[schema(pattern = "^[0-9A-Fa-f]{32}$")]
    pub read_id: String,
    /// When the document was read, or, when it is asked again, when it still lay there. By the
    /// county's time, which the kiosk learns from heartbeats.
    pub read_at: Timestamp,
    /// The number of the security module that read the document, as it is printed on the reader. It
    /// is one that the kiosk has announced with a heartbeat; a kiosk that has announced any leaves
    /// it out only for a social security card, which no module reads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 64, pattern = "^[!-~]{1,64}$")]
    pub sam_id: Option<String>,
    /// What the document says about itself.
    pub document: DocumentFacts,
    /// The document's number.
    pub number: HolderNumber,
    /// The document's name, as stored; in Chinese characters where the document has them.
    #[schema(value_type = String, min_length = 1, max_length = 128)]
    pub name: Sensitive<String>,
    /// The name in Latin letters, of documents that carry one. The account may be under either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 128)]
    pub english_name: Option<Sensitive<String>>,
    /// The person's query PIN, digits, where the county asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, pattern = "^[0-9]{1,12}$")]
    pub pin: Option<Sensitive<String>>,
}

impl From<wire::AccountQuery> for AccountQuery {
    fn from(query: wire::AccountQuery) -> Self {
        let wire::AccountQuery {
            read_id,
            read_at,
            sam_id,
            document,
            number,
            name,
            english_name,
            pin,
        } = query;
        let (document, number) = (document.into(), number.into());
        Self { read_id, read_at, sam_id, document, number, name, english_name, pin }
    }
}

/// Takes what has the form of a query; what is wrong with another is said without a word of it.
impl TryFrom<AccountQuery> for wire::AccountQuery {
    type Error = &'static str;

    fn try_from(query: AccountQuery) -> Result<Self, Self::Error> {
        let AccountQuery { read_id, read_at, sam_id, document, number, name, english_name, pin } =
            query;
        let (document, number) = (document.into(), number.into());
        let query = Self { read_id, read_at, sam_id, document, number, name, english_name, pin };
        query.fault().map_or(Ok(query), Err)
    }
}

/// What a document says about itself, as far as it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DocumentFacts {
    /// What it is.
    pub kind: DocumentKind,
    /// Its last day; absent when it is valid for ever or does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Date>,
    /// How often it was issued (签发次数, 换证次数), on the kinds that count it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 255)]
    pub issue_count: Option<u8>,
}

both_ways!(DocumentFacts, domain::DocumentFacts, {
    same: valid_until, issue_count;
    one: kind;
});

/// Kinds of documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// 居民身份证.
    ResidentIdCard,
    /// 港澳台居民居住证.
    HkMacaoTaiwanPermit,
    /// 外国人永久居留身份证 of 2017.
    ForeignerPermit2017,
    /// 外国人永久居留身份证 of 2023.
    ForeignerPermit2023,
    /// 社会保障卡.
    SocialSecurityCard,
}

impl From<domain::DocumentKind> for DocumentKind {
    fn from(kind: domain::DocumentKind) -> Self {
        use domain::DocumentKind as Domain;
        match kind {
            Domain::ResidentIdCard => Self::ResidentIdCard,
            Domain::HkMacaoTaiwanPermit => Self::HkMacaoTaiwanPermit,
            Domain::ForeignerPermit2017 => Self::ForeignerPermit2017,
            Domain::ForeignerPermit2023 => Self::ForeignerPermit2023,
            Domain::SocialSecurityCard => Self::SocialSecurityCard,
        }
    }
}

impl From<DocumentKind> for domain::DocumentKind {
    fn from(kind: DocumentKind) -> Self {
        match kind {
            DocumentKind::ResidentIdCard => Self::ResidentIdCard,
            DocumentKind::HkMacaoTaiwanPermit => Self::HkMacaoTaiwanPermit,
            DocumentKind::ForeignerPermit2017 => Self::ForeignerPermit2017,
            DocumentKind::ForeignerPermit2023 => Self::ForeignerPermit2023,
            DocumentKind::SocialSecurityCard => Self::SocialSecurityCard,
        }
    }
}

/// The county's answer to an [`AccountQuery`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountAnswer {
    /// The query's own id, said again.
    pub read_id: String,
    /// The account.
    pub account: Account,
}
