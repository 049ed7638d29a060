//! The names of divisions (`divisions/*.toml`).

use std::path::Path;

use serde::Deserialize;
use toml::Spanned;

use super::{
    fault::ConfigError,
    files::{parse, sources},
};
use crate::domain::Division;

/// All divisions of `divisions/*.toml`. At least one is needed: the town must be among them.
///
/// # Errors
/// The first mistake, with its place.
pub fn divisions(directory: &Path) -> Result<Vec<Division>, ConfigError> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        division: Vec<Spanned<Division>>,
    }

    let mut all = Vec::new();
    for source in sources(directory)? {
        let file: File = parse(&source)?;
        for entry in file.division {
            let span = entry.span();
            let division = entry.into_inner();
            if division.name.trim().is_empty() {
                let right = "请写上名称，如 name = \"福集镇\"";
                return Err(source.wrong(span, "这个乡镇没有名称", right));
            }
            if division.valid_until.is_some_and(|last| last < division.valid_from) {
                let wrong = format!("{} 的终止日期早于起始日期", division.code);
                return Err(source.wrong(span, wrong, "valid_until 不能早于 valid_from"));
            }
            if all.iter().any(|other: &Division| overlap(other, &division)) {
                let wrong = format!("{} 同一时间有两个名称", division.code);
                let right = "请去掉一个，或给旧的写上 valid_until";
                return Err(source.wrong(span, wrong, right));
            }
            all.push(division);
        }
    }
    if all.is_empty() {
        let right = "请从随附的 kiosk-config 复制 divisions/";
        return Err(ConfigError::whole(directory, "里面一个乡镇也没有", right));
    }
    Ok(all)
}

/// Whether one code would have both names on some day.
fn overlap(one: &Division, other: &Division) -> bool {
    let begins_within = |inner: &Division, outer: &Division| {
        outer.valid_from <= inner.valid_from
            && outer.valid_until.is_none_or(|last| inner.valid_from <= last)
    };
    one.code == other.code && (begins_within(one, other) || begins_within(other, one))
}
