//! What the profiles of readers and of printers have in common: one make a file, named in
//! `kiosk.toml`, and one of them, `unknown`, that needs no file. Keeps no state.

use std::path::Path;

use kiosk_base::config::{ConfigError, files};
use serde::{Serialize, de::DeserializeOwned};
use toml::Spanned;

use super::check::Checker;

/// The profile that needs no file.
const UNKNOWN: &str = "unknown";

/// A profile that is read from a file.
pub(super) trait Kept: Sized {
    /// As a person types it; its default is the unknown make.
    type File: Default + Serialize + DeserializeOwned;

    /// That of a make of which nothing is known.
    const OF_UNKNOWN: Self;

    /// What was typed, once it makes sense.
    fn check(checker: &Checker<'_>, typed: &Self::File) -> Result<Self, ConfigError>;
}

/// The profile `name`, whose file lies in `directory`.
///
/// # Errors
/// When there is no such file, or for the first mistake in it.
pub(super) fn read<P: Kept>(directory: &Path, name: &str) -> Result<P, ConfigError> {
    let path = directory.join(format!("{name}.toml"));
    if name == UNKNOWN && !path.exists() {
        return Ok(P::OF_UNKNOWN);
    }
    let source = files::read(&path)?;
    let typed = toml::from_str(&source.text)
        .map_err(|error| source.unreadable(&error, default_value::<P>))?;
    let checker =
        Checker { source: &source, config_dir: directory, data_dir: directory, divisions: &[] };
    P::check(&checker, &typed)
}

impl Checker<'_> {
    /// The profile that `section` of `kiosk.toml` names, out of the folder of that name with an s.
    pub(super) fn profile<P: Kept>(
        &self,
        section: &str,
        typed: &Spanned<String>,
    ) -> Result<P, ConfigError> {
        let (key, folder) = (format!("{section}.profile"), format!("{section}s"));
        let name = typed.get_ref().as_str();
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if name.is_empty() || name.len() > 40 || !name.bytes().all(plain) {
            let right = format!("请写 {folder}/ 里一个文件的名字，不带 .toml，如 {UNKNOWN}");
            return Err(self.wrong(&key, typed, &right));
        }
        let directory = self.config_dir.join(&folder);
        if name != UNKNOWN && !directory.join(format!("{name}.toml")).exists() {
            let right = format!(
                "没有 {}/{name}.toml；请写 \"{UNKNOWN}\"，或把 {folder}/{UNKNOWN}.toml 复制过去再改",
                directory.display()
            );
            return Err(self.wrong(&key, typed, &right));
        }
        read(&directory, name)
    }
}

/// The default of `key`, as one would type it.
fn default_value<P: Kept>(_section: &str, key: &str) -> Option<String> {
    let defaults = toml::Table::try_from(P::File::default()).ok()?;
    Some(defaults.get(key)?.to_string())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Holds the file `unknown.toml` in `directory`: every key with its default, and a comment
    /// above.
    pub(in crate::config) fn explains_every_key<P: Kept>(directory: &Path) {
        let text = std::fs::read_to_string(directory.join("unknown.toml")).expect("it is shipped");
        let table: toml::Table = text.parse().expect("it is TOML");
        let defaults = toml::Table::try_from(P::File::default()).expect("defaults are TOML");
        assert_eq!(table, defaults);
        let mut previous = "";
        for line in text.lines() {
            if line.contains('=') && !line.starts_with('#') {
                assert!(previous.starts_with("# "), "no comment above `{line}`");
            }
            previous = line;
        }
    }
}
