//! What imports are told: mappings of sources (`mappings/*.toml`), classes of occupations
//! (`codes/occupations.toml`), names of divisions. Keeps no state.

use std::{collections::BTreeMap, path::Path};

use jiff::civil::Date;
use serde::Deserialize;
use toml::Spanned;

use super::{
    divisions::divisions,
    fault::{ConfigError, Source},
    files::{self, parse, sources, span_of},
};
use crate::{
    domain::{Directory, OccupationTable, occupation::ClassWords},
    import::{Mapping, Options},
};

/// What an import on `today` needs from `directory`, the config directory of a kiosk or a county. One
/// without mappings, occupations or divisions has none.
///
/// # Errors
/// The first mistake, with its place.
pub fn options(directory: &Path, today: Date) -> Result<Options, ConfigError> {
    let places = directory.join("divisions");
    Ok(Options {
        today,
        mappings: mappings(&directory.join("mappings"))?,
        occupations: occupations(&directory.join("codes/occupations.toml"))?,
        directory: match places.exists() {
            true => Directory::new(divisions(&places)?),
            false => Directory::default(),
        },
        ..Options::default()
    })
}

/// The mappings of `directory`, in the order of their file names.
///
/// # Errors
/// The first mistake, with its place.
pub fn mappings(directory: &Path) -> Result<Vec<Mapping>, ConfigError> {
    if !directory.exists() {
        return Ok(Vec::new());
    }
    let mut mappings = Vec::new();
    for source in sources(directory)? {
        let mut mapping: Mapping = parse(&source)?;
        let stem = source.path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if !(1..=20).contains(&stem.len()) || !stem.bytes().all(good) {
            let right = "编号以文件名开头，请用 1 到 20 个 a–z、0–9 和 - 起名";
            return Err(ConfigError::whole(&source.path, "文件名不能用来编号", right));
        }
        mapping.name = stem.to_owned();
        if let Err(mistake) = mapping.check() {
            return Err(source.wrong(span_of(&source, mistake.key), mistake.wrong, mistake.right));
        }
        mappings.push(mapping);
    }
    Ok(mappings)
}

/// The classes of occupations in the file at `path`; none when there is no such file.
///
/// # Errors
/// The first mistake, with its place.
pub fn occupations(path: &Path) -> Result<OccupationTable, ConfigError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        #[expect(dead_code, reason = "for those who read the file; it must be a day")]
        as_of: Date,
        class: Vec<Spanned<ClassWords>>,
    }

    if !path.exists() {
        return Ok(OccupationTable::default());
    }
    let source = files::read(path)?;
    let file: File = parse(&source)?;
    let mut seen = BTreeMap::new();
    let mut classes = Vec::new();
    for entry in file.class {
        let span = entry.span();
        let class = entry.into_inner();
        check(&source, span, &class, &mut seen)?;
        classes.push(class);
    }
    Ok(OccupationTable::new(&classes))
}

/// A word or code of two classes would be found in either, and an empty one in everything.
fn check(
    source: &Source,
    span: std::ops::Range<usize>,
    class: &ClassWords,
    seen: &mut BTreeMap<String, String>,
) -> Result<(), ConfigError> {
    let name = format!("{:?}", class.class);
    for text in class.words.iter().chain(&class.codes) {
        if text.trim().is_empty() || text.trim() != text {
            let wrong = format!("{name} 里有词 {text:?}");
            return Err(source.wrong(span, wrong, "请去掉前后的空格，或者删掉它"));
        }
        if let Some(other) = seen.insert(text.clone(), name.clone()) {
            let wrong = format!("{text} 在 {other} 和 {name} 里都有");
            return Err(source.wrong(span, wrong, "请只留在一处"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::domain::OccupationClass;

    fn shipped() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../kiosk-config")
    }

    #[test]
    fn the_shipped_files_are_right() {
        let options = options(&shipped(), Date::default()).expect("they are right");
        assert!(options.mappings.len() >= 8, "{}", options.mappings.len());
        let class = options.occupations.class_of("电焊工", None, None);
        assert_eq!(class, Some(OccupationClass::Trades));
    }

    #[test]
    fn mistakes_are_told_with_their_line() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let error = |text: &str| {
            fs::write(directory.path().join("t.toml"), text).expect("written");
            mappings(directory.path()).expect_err("wrong").to_string()
        };
        let good = "title = \"表\"\nsource = \"测试\"\nas_of = \"2026-11-20\"\n";
        let text = error(&format!("{good}colour = 1\n"));
        assert!(text.contains("第 4 行") && text.contains("colour"), "{text}");
        let text = error(&format!("{good}[columns]\ntitle = [\"岗位\"]\n"));
        assert!(text.contains("第 4 行") && text.contains("employer"), "{text}");
        let path = directory.path().join("occupations.toml");
        let double = "as_of = \"2026-11-20\"\n[[class]]\nclass = \"sales\"\nwords = [\"店\"]\n\
                      [[class]]\nclass = \"office\"\nwords = [\"店\"]\n";
        fs::write(&path, double).expect("written");
        let text = occupations(&path).expect_err("wrong").to_string();
        assert!(text.contains("第 5 行") && text.contains("店"), "{text}");
    }
}
