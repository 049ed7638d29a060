//! Version 1 of the wire: everything that travels in it, as it is written. These types have the names and the
//! fields of the domain's nouns, and are others: a change of a noun changes nothing here, and where the two
//! part the compiler asks what becomes of it.
//!
//! They are tolerant, since the other side may be newer: a member that is not known is left, a code that is
//! not known kept as it came. What a text has to look like the domain says, once, when it is read; whether
//! what came can be true, those judge who have asked for it.
//!
//! A type of the domain is no part of a message. The compiler holds it, since none has a schema; the one
//! exception is [`Sensitive`](crate::domain::Sensitive), which is no noun but says how a text is kept in
//! memory.
//!
//! | file | what |
//! | --- | --- |
//! | `account.rs`, `benefit.rs`, `contribution.rs`, `history.rs` | an account and the rest of its histories |
//! | `query.rs` | what is asked, and the answer |
//! | `posting.rs`, `training.rs`, `fair.rs` | items of the listings |
//! | `feed.rs` | pages of the feed, and how items are kept alone |
//! | `heartbeat.rs`, `audit.rs`, `problem.rs` | what is about the machines alone |
//! | `values.rs` | texts with a form, and numbers |
//! | `codes.rs`, `convert.rs`, `schema.rs` | how codes are declared, types converted and described |
//!
//! Keeps no state.

mod account;
mod audit;
mod benefit;
mod codes;
mod contribution;
mod convert;
mod fair;
mod feed;
mod heartbeat;
mod history;
mod posting;
mod problem;
mod query;
mod schema;
mod training;
mod values;

pub use account::{
    Account, BalanceParts, CardState, Facts, MAX_PARTICIPATIONS, Origin, Participation,
    SocialSecurityCard,
};
pub use audit::{AuditHead, AuditVerdict, signed_head};
pub use benefit::{
    Benefit, BenefitItem, BenefitPart, Certification, CertificationWay, Payment, PaymentExtra,
    PaymentExtraItem, PaymentReason, PaymentState, Unemployment, UnemploymentState,
};
pub use contribution::{Contribution, MonthContribution};
pub use fair::{FairEmployer, JobFair};
pub use feed::{FeedBody, FeedItem, FeedPage, Kept, from_json, to_json};
pub use heartbeat::{CountyTime, Heartbeat, HeartbeatReply};
pub use history::{HISTORY_PAGE, History, HistoryPage, HistoryQuery, HistoryRows};
pub use posting::{EmploymentForm, OccupationClass, Posting, Wage, WagePeriod};
pub use problem::{Problem, ProblemCode};
pub use query::{AccountAnswer, AccountQuery, DocumentFacts, DocumentKind};
pub use training::TrainingNotice;
pub use values::{
    BankTail, ChangeReason, DivisionCode, Fen, HistoryCursor, HolderNumber, InsuranceKind,
    ParticipantIdentity, PostingId, YearMonth,
};
