//! Directories of settings as kiosk and county both have them: how files are read and what is said
//! about a mistake in them, the names of divisions, what imports are told. Keeps no state.

pub mod divisions;
pub mod fault;
pub mod files;
pub mod imports;

pub use fault::ConfigError;
