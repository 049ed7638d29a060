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
                let right = "give the division its name, such as name = \"福集镇\"";
                return Err(source.wrong(span, "this division's name is empty", right));
            }
            if division.valid_until.is_some_and(|last| last < division.valid_from) {
                let wrong = format!("{} ends before it begins", division.code);
                return Err(source.wrong(span, wrong, "valid_until must not be before valid_from"));
            }
            if all.iter().any(|other: &Division| overlap(other, &division)) {
                let wrong = format!("{} has two names at one time", division.code);
                let right = "remove one, or give the older one a valid_until";
                return Err(source.wrong(span, wrong, right));
            }
            all.push(division);
        }
    }
    if all.is_empty() {
        let right = "copy divisions/ from the shipped kiosk-config";
        return Err(ConfigError::whole(directory, "holds no division", right));
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
