//! Files of settings, read: one, or all of a directory in the order of their names.

use std::{collections::BTreeMap, fs, ops::Range, path::Path};

use serde::de::DeserializeOwned;
use toml::Spanned;

use super::fault::{ConfigError, Source};

/// Largest file of settings that is read.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Most files in one directory of settings.
const FILES_MAX: usize = 200;

/// Reads a file of settings.
///
/// # Errors
/// When it is missing, unreadable, too large or no UTF-8.
pub fn read(path: &Path) -> Result<Source, ConfigError> {
    let cannot = |error: std::io::Error| {
        let right = match error.kind() {
            std::io::ErrorKind::NotFound => {
                "copy it from the shipped kiosk-config, or name its directory with --config"
            }
            std::io::ErrorKind::InvalidData => "save it as UTF-8",
            _ => "make it readable for the user who runs the kiosk",
        };
        ConfigError::whole(path, format!("cannot be read ({error})"), right)
    };
    let length = fs::metadata(path).map_err(cannot)?.len();
    if length > FILE_BYTES_MAX {
        let right = "settings are at most 1 MiB; is it the right file?";
        return Err(ConfigError::whole(path, format!("has {length} bytes"), right));
    }
    Ok(Source { path: path.to_owned(), text: fs::read_to_string(path).map_err(cannot)? })
}

/// The `.toml` files of `directory`, read, in the order of their names.
///
/// # Errors
/// When one of them cannot be read.
pub fn sources(directory: &Path) -> Result<Vec<Source>, ConfigError> {
    let cannot = |error: std::io::Error| {
        let wrong = format!("cannot be read ({error})");
        ConfigError::whole(directory, wrong, "copy it from the shipped kiosk-config")
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(directory).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            paths.push(path);
        }
    }
    if paths.len() > FILES_MAX {
        let wrong = format!("holds {} files", paths.len());
        let right = format!("leave at most {FILES_MAX} there");
        return Err(ConfigError::whole(directory, wrong, right));
    }
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

/// What a file says.
///
/// # Errors
/// The first mistake, with its place.
pub fn parse<T: DeserializeOwned>(source: &Source) -> Result<T, ConfigError> {
    toml::from_str(&source.text).map_err(|error| source.unreadable(&error, |_, _| None))
}

/// Where the value of a top-level `key` stands.
pub fn span_of(source: &Source, key: &str) -> Range<usize> {
    let table: BTreeMap<String, Spanned<toml::Value>> =
        toml::from_str(&source.text).unwrap_or_default();
    table.get(key).map_or(0..0, Spanned::span)
}
