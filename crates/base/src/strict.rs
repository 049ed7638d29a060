//! Reading what people write. Of what comes from the wire or the disk as much is taken as is known and the
//! rest left, since the other side may be a newer one; a file that somebody wrote says nothing that nobody
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

/// In which line of `text` that stands which the TOML reader found.
pub fn line(text: &str, error: &toml::de::Error) -> Option<usize> {
    let before = text.get(..error.span()?.start)?;
    Some(before.matches('\n').count() + 1)
}

/// What the TOML reader found in `text`, with its line: [`plain`].
pub fn toml_fault(text: &str, error: &toml::de::Error) -> String {
    let line = line(text, error).map(|line| format!("第 {line} 行：")).unwrap_or_default();
    line + &plain(error.message())
}

/// What the reader of TOML or JSON says, in words, on one line, without the names of Rust types and
/// without the value that stands there, which may be somebody's; what is not known here stays as it is.
pub fn plain(message: &str) -> String {
    let plain = message.split_whitespace().collect::<Vec<_>>().join(" ");
    // JSON says where it was at the end.
    if let Some((said, line, column)) = plain.rsplit_once(" at line ").and_then(|(said, at)| {
        let (line, column) = at.split_once(" column ")?;
        Some((said, line, column))
    }) {
        let said = self::plain(said);
        let said = if said.starts_with(NOT_KNOWN) { "这里的 JSON 写得不对" } else { &said };
        return format!("第 {line} 行第 {column} 列：{said}");
    }
    // The value comes first, whatever it says.
    let (said, expected) = plain.rsplit_once(", expected ").unwrap_or((&plain, ""));
    let may_be = match expected.strip_prefix("one of ").unwrap_or(expected) {
        "" => String::new(),
        names => format!("，可以写的有 {}", names.replace(" or ", "、").replace(", ", "、")),
    };
    if let Some(name) = said.strip_prefix("unknown field ") {
        format!("不认识 {name}{may_be}")
    } else if said.starts_with("unknown variant ") {
        format!("不能这样写{may_be}")
    } else if let Some(name) = said.strip_prefix("missing field ") {
        format!("缺少 {name}")
    } else if said.starts_with("invalid value: integer ") || said.ends_with(" as i128") {
        "这个数太大，或者太小".into()
    } else if said.starts_with("invalid type: ") && !expected.is_empty() {
        format!("类型不对，要写{}", expected_word(expected))
    } else if said.starts_with("invalid value: ") && !expected.is_empty() {
        format!("写得不对，要写{}", expected_word(expected))
    } else if said.starts_with("failed to parse ") || said.starts_with("parsed value ") {
        "日期或者时间写得不对".into()
    } else if said == "duplicate key" || said.starts_with("duplicate field ") {
        "这一项写了两次".into()
    } else if said == "not a code" {
        "这里要写代码".into()
    } else if plain.is_ascii() {
        format!("{NOT_KNOWN}{plain}")
    } else {
        // A sentence of ours.
        plain
    }
}

/// Before what is not known here.
const NOT_KNOWN: &str = "看不懂：";

/// What the reader wants, in words.
fn expected_word(kind: &str) -> &str {
    match kind {
        "i8" | "i16" | "i32" | "i64" | "u8" | "u16" | "u32" | "u64" | "usize" => "整数",
        "f32" | "f64" => "数字",
        "a boolean" => " true 或 false",
        "a string" => "加引号的文字",
        "a date string" => "加引号的日期，如 \"2026-11-05\"",
        "socket address" => "地址和端口，如 \"0.0.0.0:8443\"",
        "a sequence" => "列表",
        "a code or an object" => "代码，或者一组名称和值",
        "a map" => "一组名称和值",
        kind if kind.starts_with("struct ") => "一组名称和值",
        kind => kind,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::wire::v1::{JobFair, Posting};

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

    #[test]
    fn what_the_reader_finds_is_said_in_words() {
        for (message, words) in [
            ("unknown field `a`, expected one of `b`,\n`c`", "不认识 `a`，可以写的有 `b`、`c`"),
            ("unknown variant `a`, expected `b` or `c`", "不能这样写，可以写的有 `b`、`c`"),
            ("missing field `a`", "缺少 `a`"),
            ("invalid type: string \"a\", expected u16", "类型不对，要写整数"),
            ("invalid value: integer `300`, expected u8", "这个数太大，或者太小"),
            ("invalid type: integer `99` as i128, expected u32", "这个数太大，或者太小"),
            (
                "invalid type: map, expected a date string",
                "类型不对，要写加引号的日期，如 \"2026-11-05\"",
            ),
            ("duplicate key", "这一项写了两次"),
            ("duplicate field `items` at line 3 column 9", "第 3 行第 9 列：这一项写了两次"),
            ("expected value at line 1 column 2", "第 1 行第 2 列：这里的 JSON 写得不对"),
            ("invalid type: string \"1, expected 2\", expected i8", "类型不对，要写整数"),
            (
                "invalid type: integer `5000`, expected a code or an object",
                "类型不对，要写代码，或者一组名称和值",
            ),
            (
                "parsed value '1985-07-15', but unparsed input \"x\" remains (expected no unparsed input)",
                "日期或者时间写得不对",
            ),
            ("not a code", "这里要写代码"),
            ("missing field `a` at line 1 column 12", "第 1 行第 12 列：缺少 `a`"),
            ("invalid type: map, expected a sequence", "类型不对，要写列表"),
            (
                "invalid value: string \"a\", expected a date string",
                "写得不对，要写加引号的日期，如 \"2026-11-05\"",
            ),
            ("newlines are unsupported", "看不懂：newlines are unsupported"),
            ("区划代码不对", "区划代码不对"),
        ] {
            assert_eq!(plain(message), words);
        }
    }
}
