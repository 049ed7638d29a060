//! Files on USB sticks that staff may import. Reads names and sizes; keeps no state.
//!
//! Sticks appear under one directory of the settings, where the system mounts them. Links are not
//! followed, and a stick with a great many files is looked through only so far.

use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// Most files that are offered.
pub const FILES_MAX: usize = 100;
/// How deep below the directory files are looked for: `STICK/FOLDER/FILE` and one folder more.
const DEPTH_MAX: usize = 4;
/// Most entries of directories that are looked at.
const ENTRIES_MAX: usize = 20_000;
/// Endings of files that can be imported.
const ENDINGS: [&str; 13] = [
    "csv", "tsv", "txt", "xlsx", "xlsm", "xls", "et", "xml", "json", "jsonl", "jsonld", "html",
    "htm",
];

/// A file that can be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StickFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its name, for the page.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// When it was last changed, as its file system says.
    pub modified: Option<SystemTime>,
}

/// The files under `directory` that can be imported, the last changed first.
pub fn files(directory: &Path) -> Vec<StickFile> {
    let mut found = Vec::new();
    let mut entries = 0;
    look(directory, DEPTH_MAX, &mut entries, &mut found);
    found.sort_by(|a, b| b.modified.cmp(&a.modified).then_with(|| a.path.cmp(&b.path)));
    found.truncate(FILES_MAX);
    found
}

fn look(directory: &Path, depth: usize, entries: &mut usize, found: &mut Vec<StickFile>) {
    // A stick that is pulled out while it is looked through offers what was seen of it.
    let Ok(listed) = fs::read_dir(directory) else { return };
    for entry in listed.flatten() {
        *entries += 1;
        if *entries > ENTRIES_MAX {
            return;
        }
        let name = entry.file_name().to_string_lossy().into_owned();
        // Hidden files, the lock files of office programs, and what cannot be shown.
        if name.starts_with(['.', '~']) || name.chars().any(char::is_control) {
            continue;
        }
        // Does not follow links.
        let Ok(data) = entry.metadata() else { continue };
        let path = entry.path();
        if data.is_dir() && depth > 1 {
            look(&path, depth - 1, entries, found);
        } else if data.is_file() && can_be_imported(&path) {
            found.push(StickFile { path, name, bytes: data.len(), modified: data.modified().ok() });
        }
    }
}

fn can_be_imported(path: &Path) -> bool {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sheets_are_found_on_any_stick_and_nothing_else() {
        let root = tempfile::tempdir().expect("a directory");
        let write = |name: &str| {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("made");
            fs::write(path, b"x").expect("written");
        };
        for name in [
            "STICK/岗位.xlsx",
            "STICK/2026/11月/岗位.CSV",
            "STICK/~$岗位.xlsx",
            "STICK/.Trashes/old.csv",
            "STICK/autorun.exe",
            "STICK/a/b/c/too-deep.csv",
        ] {
            write(name);
        }
        std::os::unix::fs::symlink("/etc", root.path().join("STICK/etc")).expect("linked");
        std::os::unix::fs::symlink(
            root.path().join("STICK/岗位.xlsx"),
            root.path().join("STICK/link.xlsx"),
        )
        .expect("linked");
        let mut names: Vec<_> = files(root.path()).into_iter().map(|file| file.name).collect();
        names.sort();
        assert_eq!(names, ["岗位.CSV", "岗位.xlsx"]);
        assert_eq!(files(&root.path().join("no-such")), []);
    }

    #[test]
    fn a_stick_full_of_sheets_offers_the_newest() {
        let root = tempfile::tempdir().expect("a directory");
        for n in 0..150 {
            let file = fs::File::create(root.path().join(format!("{n:03}.csv"))).expect("made");
            let at = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(n);
            file.set_modified(at).expect("set");
        }
        let offered = files(root.path());
        assert_eq!((offered.len(), offered[0].name.as_str()), (FILES_MAX, "149.csv"));
    }
}
