//! Job postings and training notices (岗位, 培训信息): fetched from the county, kept in
//! `listings.db`, found by words and by pinyin.
//!
//! | file | what |
//! | --- | --- |
//! | [`cache`] | the database; one [`Cache`] writes |
//! | `rows` | how rows and their terms are written |
//! | [`feed`] | fetching what changed |
//! | `stored` | a town's own import |
//! | [`query`] | what a resident looks for |
//! | [`search`] | the [`Reader`]: finding, counting, reading |
//! | `follow` | how the cache takes over what the town keeps |
//! | `find` | what a question finds, in which order |
//! | `index` | which postings hold a term: segments in the database |
//! | [`facets`] | what each choice of a filter would leave |
//! | [`terms`], `pinyin` | text into index terms, typed words into questions |
//! | `fingerprint` | a number for bytes of the program |
//! | `facts` | what ranking and filters ask of a posting, as numbers |
//! | [`town`] | what a town imports, pins and hides, in the ledger |
//! | `traits` | class, schooling, form, board and lodging of a posting |

pub mod cache;
pub mod facets;
mod facts;
pub mod feed;
mod find;
mod fingerprint;
mod follow;
mod index;
mod pinyin;
pub mod query;
mod rows;
pub mod search;
mod stored;
pub mod terms;
#[cfg(test)]
mod tests;
pub mod town;
mod traits;

pub use cache::{Applied, Cache, CollectionStatus, Cursor};
pub use facets::Facets;
pub use feed::{Progress, Refreshed, refresh};
pub use kiosk_base::import::{ImportError, Report};
pub use query::{Facet, Filters, Home, Near, Query, Tile};
pub use search::{Counts, Nearest, Reader, Results, Trainings};
pub use stored::{ImportFailure, import};
pub use town::{Mark, Marked};
pub use traits::Form;
