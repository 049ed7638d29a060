//! The import of listings; what is around it stores what it reads, and is not built.

#[path = "../../../src/listings/import/mod.rs"]
pub mod import;
