//! The nouns of the trade and their rules. No I/O, no clock, no randomness; keeps no state.
//!
//! How they travel and how they are kept stands in [`wire`](crate::wire), whose types are others; a noun is
//! read and written by serde only where people write it in files, and says so. A value that exists is a
//! valid one: constructors parse, they do not merely store.
//!
//! | here | 中文 | code |
//! | --- | --- | --- |
//! | [`CitizenId`] | 公民身份号码 | AAC002 |
//! | [`HolderNumber`] | 证件号码, of any kind of document | AAC147 |
//! | [`Document`] | 证件 | AAC058 |
//! | [`Account`], [`Participation`] | 个人账户, 参保 | AAE140, AAC008, AAC031 |
//! | [`Contribution`] | 缴费 | AAE341, AAE022 |
//! | [`Benefit`], [`Certification`] | 待遇, 资格认证 | AIC166, AAC095–099 |
//! | [`Posting`], [`TrainingNotice`], [`JobFair`] | 岗位, 培训信息, 招聘会 | CB21, HB45 |
//! | [`OccupationClass`] | 职业大类 | |
//! | [`DivisionCode`] | 行政区划 | AAB301 |

pub mod account;
pub mod citizen_id;
pub mod code;
pub mod division;
pub mod document;
pub mod education;
pub mod failure;
pub mod fair;
pub mod guide;
pub mod hex;
pub mod holder_number;
pub mod location;
pub mod mask;
pub mod money;
pub mod name;
pub mod occupation;
pub mod posting;
pub mod sensitive;
pub mod training;
pub mod year_month;

pub use account::{Account, Benefit, Certification, Contribution, InsuranceKind, Participation};
pub use citizen_id::CitizenId;
pub use code::Code;
pub use division::{Directory, Division, DivisionCode};
pub use document::{Document, DocumentFacts, DocumentKind};
pub use education::Education;
pub use failure::Stop;
pub use fair::{FairEmployer, FairId, JobFair};
pub use guide::{Board, Guide};
pub use holder_number::{ForeignerNumber2017, ForeignerNumber2023, HolderNumber};
pub use location::Location;
pub use money::Fen;
pub use occupation::{OccupationClass, OccupationTable};
pub use posting::{EmploymentForm, Posting, PostingId, Wage};
pub use sensitive::Sensitive;
pub use training::{TrainingId, TrainingNotice};
pub use year_month::YearMonth;
