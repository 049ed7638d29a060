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
                "请从随附的 kiosk-config 复制，或用 --config 指明它所在的目录"
            }
            std::io::ErrorKind::InvalidData => "请另存为 UTF-8 编码",
            _ => "请让运行终端的用户能读它",
        };
        ConfigError::whole(path, format!("读不出来（{error}）"), right)
    };
    let length = fs::metadata(path).map_err(cannot)?.len();
    if length > FILE_BYTES_MAX {
        let right = "设置文件最大 1 MiB，请看看是不是拿错了文件";
        return Err(ConfigError::whole(path, format!("有 {length} 字节"), right));
    }
    Ok(Source { path: path.to_owned(), text: fs::read_to_string(path).map_err(cannot)? })
}

/// The `.toml` files of `directory`, read, in the order of their names.
///
/// # Errors
/// When one of them cannot be read.
pub fn sources(directory: &Path) -> Result<Vec<Source>, ConfigError> {
    let cannot = |error: std::io::Error| {
        let wrong = format!("读不出来（{error}）");
        ConfigError::whole(directory, wrong, "请从随附的 kiosk-config 复制")
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(directory).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            paths.push(path);
        }
    }
    if paths.len() > FILES_MAX {
        let wrong = format!("里面有 {} 个文件", paths.len());
        let right = format!("最多留 {FILES_MAX} 个");
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
