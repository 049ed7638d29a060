//! What is said about a mistake in a settings file. Keeps no state.

use std::{
    fmt,
    ops::Range,
    path::{Path, PathBuf},
};

use crate::strict::plain;

/// A mistake in the settings, in one sentence: where it is, what is wrong, what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The file (or directory) that is wrong.
    pub path: PathBuf,
    /// Line and column from 1, in characters, when the mistake has a place in the file.
    pub place: Option<(usize, usize)>,
    /// What is wrong.
    pub wrong: String,
    /// What would be right.
    pub right: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some((line, column)) = self.place {
            write!(f, " 第 {line} 行第 {column} 列")?;
        }
        write!(f, "：{}；{}", self.wrong, self.right)
    }
}

impl std::error::Error for ConfigError {}

impl ConfigError {
    /// A mistake of the file as a whole.
    pub fn whole(path: &Path, wrong: impl Into<String>, right: impl Into<String>) -> Self {
        Self { path: path.to_owned(), place: None, wrong: wrong.into(), right: right.into() }
    }
}

/// A settings file as read, so that a byte range can be told as a line.
#[derive(Debug)]
pub struct Source {
    /// Where it lies.
    pub path: PathBuf,
    /// All of it.
    pub text: String,
}

impl Source {
    /// A mistake at `span`. An empty span at the start is that of a default: it has no line.
    pub fn wrong(
        &self,
        span: Range<usize>,
        wrong: impl Into<String>,
        right: impl Into<String>,
    ) -> ConfigError {
        let place = (span != (0..0)).then(|| self.place(span.start));
        ConfigError { place, ..ConfigError::whole(&self.path, wrong, right) }
    }

    /// What the TOML reader found. `example` answers a section and a key with a right value.
    pub fn unreadable(
        &self,
        error: &toml::de::Error,
        example: impl Fn(&str, &str) -> Option<String>,
    ) -> ConfigError {
        let message = plain(error.message());
        let Some(span) = error.span() else {
            return ConfigError::whole(&self.path, message, "请和随附的文件对照");
        };
        let (line, column) = self.place(span.start);
        let (section, key) = self.key_at(line);
        let right = if error.message().contains("unknown field") {
            "请改正拼写，或者去掉它".to_owned()
        } else if let Some(value) = example(&section, &key) {
            format!("正确的写法如 `{key} = {value}`")
        } else {
            "请和随附的文件对照，改正这一行".to_owned()
        };
        ConfigError { path: self.path.clone(), place: Some((line, column)), wrong: message, right }
    }

    fn place(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset).unwrap_or(&self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
    }

    /// The section in which `line` stands and the key that it sets; empty where there is none.
    fn key_at(&self, line: usize) -> (String, String) {
        let mut section = "";
        let mut key = "";
        for text in self.text.lines().take(line).map(str::trim) {
            if let Some(name) = text.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
                (section, key) = (name.trim(), "");
            } else if let Some((name, _)) = text.split_once('=') {
                key = name.trim();
            }
        }
        (section.to_owned(), key.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_lines_and_characters_from_one() {
        let source = Source { path: "t.toml".into(), text: "名 = 1\n[甲]\n乙 = 丙\n".into() };
        let at = source.text.find('丙').expect("it is there");
        let error = source.wrong(at..at + 3, "wrong", "right");
        assert_eq!(error.to_string(), "t.toml 第 3 行第 5 列：wrong；right");
        assert_eq!(source.key_at(3), ("甲".to_owned(), "乙".to_owned()));
        assert_eq!(source.wrong(0..0, "wrong", "right").to_string(), "t.toml：wrong；right");
    }
}
