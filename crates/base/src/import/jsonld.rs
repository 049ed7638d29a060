//! schema.org JobPosting as JSON-LD: a file of it, or an HTML page with `application/ld+json` in
//! it. Each posting becomes names and values, which the mapping `jsonld` explains. Keeps no state.

use serde_json::{Map, Value};

use super::json::scalar;

mod salary;

/// How deep postings are looked for.
const DEPTH_MAX: usize = 8;
/// Most postings of one block.
const POSTINGS_MAX: usize = 20_000;

/// The contents of all blocks of a page.
pub(super) fn blocks(html: &str) -> Vec<&str> {
    let mut blocks = Vec::new();
    let lower = html.to_ascii_lowercase();
    let mut from = 0;
    while let Some(at) = lower[from..].find("<script") {
        let open = from + at;
        let Some(end) = lower[open..].find('>') else { break };
        let body = open + end + 1;
        let close = lower[body..].find("</script").map_or(html.len(), |at| body + at);
        if lower[open..body].contains("ld+json") {
            blocks.push(&html[body..close]);
        }
        from = close.max(body);
    }
    blocks
}

/// A block as a value. Line breaks within texts, which JSON does not allow, are forgiven.
///
/// # Errors
/// The parser's words, when it is broken otherwise.
pub(super) fn parse(block: &str) -> Result<Value, String> {
    serde_json::from_str(block.trim()).or_else(|error| {
        let mended: String = block.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        serde_json::from_str(mended.trim()).map_err(|_| error.to_string())
    })
}

/// All postings in `value`: at the top, in lists, under `@graph` or anything else.
pub(super) fn postings(value: &Value) -> Vec<&Map<String, Value>> {
    let mut found = Vec::new();
    collect(value, 0, &mut found);
    found
}

fn collect<'v>(value: &'v Value, depth: usize, found: &mut Vec<&'v Map<String, Value>>) {
    if depth > DEPTH_MAX || found.len() >= POSTINGS_MAX {
        return;
    }
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, depth + 1, found)),
        Value::Object(object) if is_posting(object) => found.push(object),
        Value::Object(object) => object.values().for_each(|v| collect(v, depth + 1, found)),
        _ => {}
    }
}

fn is_posting(object: &Map<String, Value>) -> bool {
    let is = |value: &Value| {
        value.as_str().is_some_and(|kind| kind.rsplit(['/', ':']).next() == Some("JobPosting"))
    };
    match object.get("@type") {
        Some(Value::Array(kinds)) => kinds.iter().any(is),
        Some(kind) => is(kind),
        None => false,
    }
}

/// A posting as names and values, as the mapping has them. What an object holds beside the value
/// that is taken stands behind its name: `hiringOrganization.url`.
pub(super) fn pairs(posting: &Map<String, Value>) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let mut put = |name: &str, text: Option<String>| {
        pairs.extend(text.filter(|t| !t.trim().is_empty()).map(|text| (name.to_owned(), text)));
    };
    let salaries = salary::of(posting);
    for (name, value) in posting {
        let text = match name.as_str() {
            "identifier" => inner(value, &["value", "@value", "name"]),
            "hiringOrganization" | "employmentUnit" => inner(value, &["name", "legalName"]),
            "jobLocation" => places(value),
            "baseSalary" => salaries.base.clone(),
            "estimatedSalary" => salaries.estimated.clone(),
            "educationRequirements" => inner(value, &["credentialCategory", "name", "description"]),
            "experienceRequirements" => experience(value),
            "applicationContact" => inner(value, &["name", "contactType"]),
            "occupationalCategory" => inner(value, &["name", "codeValue"]),
            _ => words(value),
        };
        put(name, text);
        if let Value::Object(object) = value
            && ["hiringOrganization", "employmentUnit", "applicationContact"]
                .contains(&name.as_str())
        {
            for (part, value) in object {
                if !part.starts_with('@') && !["name", "legalName"].contains(&part.as_str()) {
                    put(&format!("{name}.{part}"), words(value));
                }
            }
        }
    }
    put("baseSalary.more", salaries.more);
    pairs
}

/// A text, the first of these of an object, or all of a list.
fn inner(value: &Value, names: &[&str]) -> Option<String> {
    match value {
        Value::Object(object) => names.iter().find_map(|name| words(object.get(*name)?)),
        Value::Array(items) => joined(items.iter().take(20).filter_map(|item| inner(item, names))),
        _ => scalar(value),
    }
}

fn words(value: &Value) -> Option<String> {
    match value {
        Value::Array(items) => joined(items.iter().take(50).filter_map(words)),
        Value::Object(object) => match object.get("name").or_else(|| object.get("@value")) {
            Some(value) => words(value),
            // Of another shape: all that it says.
            None => {
                let said = object.iter().filter(|(name, _)| !name.starts_with('@'));
                joined(said.filter_map(|(_, value)| words(value)))
            }
        },
        _ => scalar(value),
    }
}

fn joined(texts: impl Iterator<Item = String>) -> Option<String> {
    let texts: Vec<_> = texts.collect();
    (!texts.is_empty()).then(|| texts.join("\n"))
}

fn places(value: &Value) -> Option<String> {
    match value {
        Value::Array(items) => {
            joined(items.iter().take(20).filter_map(places)).map(|text| text.replace('\n', "、"))
        }
        Value::Object(object) => match object.get("address") {
            Some(Value::Object(address)) => address_line(address),
            Some(address) => words(address),
            None => address_line(object).or_else(|| object.get("name").and_then(scalar)),
        },
        _ => scalar(value),
    }
}

/// From the large to the small, as addresses are written in Chinese.
fn address_line(address: &Map<String, Value>) -> Option<String> {
    let mut line = String::new();
    for name in ["addressCountry", "addressRegion", "addressLocality", "streetAddress"] {
        let part = address.get(name).and_then(words).unwrap_or_default();
        // At home the country is not said.
        let home = ["CN", "CHN", "China", "中国", "中华人民共和国"];
        if name == "addressCountry" && home.contains(&part.as_str()) {
            continue;
        }
        if !part.is_empty() && !line.contains(&part) {
            let latin = line.ends_with(|c: char| c.is_ascii_alphanumeric());
            if latin && part.starts_with(|c: char| c.is_ascii_alphanumeric()) {
                line.push(' ');
            }
            line.push_str(&part);
        }
    }
    (!line.is_empty()).then_some(line)
}

fn experience(value: &Value) -> Option<String> {
    let Value::Object(object) = value else { return words(value) };
    let months = object.get("monthsOfExperience").and_then(scalar);
    match months.and_then(|months| months.trim().parse::<u32>().ok()) {
        Some(0) => Some("不限".to_owned()),
        Some(months) if months % 12 == 0 => Some(format!("{}年", months / 12)),
        Some(months) => Some(format!("{months}个月")),
        None => inner(value, &["name", "description"]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn postings_are_found_wherever_they_are() {
        let html = "<SCRIPT type='application/ld+json'>{\"@graph\": [{\"@type\": \"WebPage\"}, \
                    {\"@type\": [\"JobPosting\"], \"title\": \"焊工\"}]}</SCRIPT>\
                    <script>var x = 1;</script><script type=\"application/ld+json\">[]</script>";
        let blocks = blocks(html);
        assert_eq!(blocks.len(), 2);
        let value = parse(blocks[0]).expect("JSON");
        assert_eq!(postings(&value)[0]["title"], "焊工");
        assert!(parse("{\"a\": \"x\ny\"}").is_ok() && parse("{\"a\": \"x\"y\"}").is_err());
        assert!(postings(&json!({ "@type": "Person" })).is_empty());
    }

    #[test]
    fn objects_become_words() {
        let posting = json!({
            "title": "焊工",
            "identifier": {"name": "x", "value": "7"},
            "hiringOrganization": {"name": "测试厂"},
            "jobLocation": [{"address": {"addressRegion": "四川", "addressLocality": "泸县", "streetAddress": "路1号"}}],
            "experienceRequirements": {"monthsOfExperience": "24"},
            "applicationContact": {"name": "测试", "telephone": "0830"},
            "employmentType": ["FULL_TIME", "PART_TIME"],
        });
        let pairs = pairs(posting.as_object().expect("an object"));
        let get = |name: &str| pairs.iter().find(|(n, _)| n == name).map(|(_, text)| text.as_str());
        assert_eq!(get("identifier"), Some("7"));
        assert_eq!(get("hiringOrganization"), Some("测试厂"));
        assert_eq!(get("jobLocation"), Some("四川泸县路1号"));
        assert_eq!(get("experienceRequirements"), Some("2年"));
        assert_eq!(get("applicationContact.telephone"), Some("0830"));
        assert_eq!(get("employmentType"), Some("FULL_TIME\nPART_TIME"));
    }
}
