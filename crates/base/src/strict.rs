//! Reading what people write. The nouns take from the wire and from the disk whatever they know and leave
//! the rest, since the other side may be a newer one; a file that somebody wrote says nothing that nobody
//! reads: a name that is not known is a slip of the pen. Keeps no state.

use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error};

use crate::domain::code::known_only;

/// Reads a value in which every name and every code is known.
///
/// # Errors
/// Those of the format; for a name or a code that is not known a sentence that says where it stands.
pub fn read<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    let mut unknown = None;
    let note = |path: serde_ignored::Path<'_>| {
        // An option's step has no name of its own.
        let named = || path.to_string().replace(".?", "").trim_start_matches("?.").to_owned();
        unknown.get_or_insert_with(named);
    };
    let value = known_only(|| serde_ignored::deserialize(deserializer, note))?;
    match unknown {
        None => Ok(value),
        Some(path) => Err(D::Error::custom(format!("不认识 `{path}`"))),
    }
}

/// A text of JSON, read strictly.
///
/// # Errors
/// As [`read`].
pub fn json<T: DeserializeOwned>(text: &[u8]) -> Result<T, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let value = read(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::{JobFair, Posting};

    fn posting() -> serde_json::Value {
        json!({
            "id": "x-1", "title": "电焊工", "employer": "泸县某厂", "published": "2026-01-01",
            "source": "测试", "wage": {"range": {"min": 1, "max": 2, "per": "month"}}
        })
    }

    #[test]
    fn what_a_newer_side_says_is_left_and_what_nobody_reads_is_refused() {
        let known: Posting = serde_json::from_value(posting()).expect("a posting");
        let mut newer = posting();
        newer["insurance_from_day_one"] = json!(true);
        assert_eq!(serde_json::from_value::<Posting>(newer.clone()).expect("taken"), known);
        let error = read::<Posting, _>(&newer).expect_err("nobody reads it").to_string();
        assert!(error.contains("不认识 `insurance_from_day_one`"), "{error}");
        assert_eq!(read::<Posting, _>(&posting()).expect("all of it is known"), known);
    }

    #[test]
    fn a_code_that_a_newer_side_knows_is_kept_and_one_that_nobody_knows_is_refused() {
        for (column, value) in [
            ("class", json!("robots")),
            ("form", json!("seasonal")),
            ("wage", json!("commission")),
            ("wage", json!({"range": {"min": 1, "max": 2, "per": "week"}})),
        ] {
            let mut newer = posting();
            newer[column] = value.clone();
            let taken: Posting = serde_json::from_value(newer.clone()).expect("taken");
            assert_eq!(serde_json::to_value(taken).expect("plain data")[column], value);
            let error = read::<Posting, _>(&newer).expect_err("nobody knows it").to_string();
            assert!(error.contains("这个代码"), "{error}");
        }
    }

    #[test]
    fn the_place_of_an_unknown_name_is_said() {
        let fair = json!({
            "id": "f-1", "title": "招聘会", "date": "2026-12-01", "place": "镇政府", "published":
            "2026-11-01", "source": "测试", "employers": [{"name": "测试厂", "colour": "red"}]
        });
        let error = read::<JobFair, _>(&fair).expect_err("unknown").to_string();
        assert!(error.contains("employers.0.colour"), "{error}");
        let text = serde_json::to_vec(&fair).expect("JSON");
        assert_eq!(json::<JobFair>(&text).expect_err("unknown").to_string(), error);
        let error = read::<Option<JobFair>, _>(&fair).expect_err("unknown").to_string();
        assert!(error.contains("`employers.0.colour`"), "{error}");
    }
}
