//! schema.org JobPosting as JSON-LD: a file of it, or an HTML page with `application/ld+json` in
//! it. Each posting becomes names and values, which the mapping `jsonld` explains. Keeps no state.

use serde_json::{Map, Value};

use super::json::scalar;

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

/// A posting as names and values, as the mapping has them.
pub(super) fn pairs(posting: &Map<String, Value>) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let mut put = |name: &str, text: Option<String>| {
        pairs.extend(text.filter(|t| !t.trim().is_empty()).map(|text| (name.to_owned(), text)));
    };
    for (name, value) in posting {
        let text = match name.as_str() {
            "identifier" => inner(value, &["value", "@value", "name"]),
            "hiringOrganization" | "employmentUnit" => inner(value, &["name", "legalName"]),
            "jobLocation" => places(value),
            "baseSalary" => salary(value),
            "educationRequirements" => inner(value, &["credentialCategory", "name", "description"]),
            "experienceRequirements" => experience(value),
            "applicationContact" => {
                put("applicationContact.telephone", inner(value, &["telephone"]));
                inner(value, &["name", "contactType"])
            }
            "occupationalCategory" => inner(value, &["name", "codeValue"]),
            _ => words(value),
        };
        put(name, text);
    }
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
        Value::Object(object) => {
            object.get("name").or_else(|| object.get("@value")).and_then(scalar)
        }
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
    for name in ["addressRegion", "addressLocality", "streetAddress"] {
        let part = address.get(name).and_then(words).unwrap_or_default();
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

/// A salary in the words that wages are read from: `8000-12000CNY/month`. One without a currency
/// says so with a `?`, since nobody may guess what it is.
fn salary(value: &Value) -> Option<String> {
    let Value::Object(salary) = value else {
        // A bare text is read as it stands; a bare number has neither currency nor unit.
        return match value {
            Value::String(text) => Some(text.clone()),
            _ => scalar(value).map(|number| format!("{number}?")),
        };
    };
    let text = |object: &Map<String, Value>, name: &str| object.get(name).and_then(scalar);
    let currency = text(salary, "currency").unwrap_or_else(|| "?".to_owned());
    let empty = Map::new();
    let (amounts, unit_of) = match salary.get("value") {
        Some(Value::Object(value)) => (value, value),
        Some(_) => (salary, salary),
        None if salary.contains_key("minValue") || salary.contains_key("maxValue") => {
            (salary, salary)
        }
        None => (&empty, salary),
    };
    let currency = match currency.to_uppercase().as_str() {
        "CNY" | "RMB" | "人民币" => "元".to_owned(),
        other => other.to_owned(),
    };
    let amount =
        match (text(amounts, "minValue"), text(amounts, "maxValue"), text(amounts, "value")) {
            (Some(min), Some(max), _) => format!("{min}-{max}{currency}"),
            (Some(min), None, _) => format!("{min}{currency}以上"),
            (None, Some(max), _) => format!("{max}{currency}以下"),
            (None, None, Some(value)) => format!("{value}{currency}"),
            _ => return None,
        };
    let unit = text(unit_of, "unitText").or_else(|| text(salary, "unitText"));
    let unit = unit.map(|unit| match unit.to_uppercase().as_str() {
        "HOUR" | "HOURLY" => "/小时".to_owned(),
        "DAY" | "DAILY" => "/天".to_owned(),
        "MONTH" | "MONTHLY" => "/月".to_owned(),
        "YEAR" | "YEARLY" | "ANNUAL" => "/年".to_owned(),
        other => format!("/{other}"),
    });
    Some(format!("{amount}{}", unit.unwrap_or_default()))
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
    fn salaries_say_currency_and_unit() {
        for (value, words) in [
            (
                json!({"currency": "CNY", "value": {"minValue": 4000, "maxValue": 6000, "unitText": "MONTH"}}),
                Some("4000-6000元/月"),
            ),
            (
                json!({"currency": "USD", "value": {"value": 40.5, "unitText": "HOUR"}}),
                Some("40.5USD/小时"),
            ),
            (json!({"currency": "CNY", "value": 5000, "unitText": "MONTH"}), Some("5000元/月")),
            (json!({"value": 5000}), Some("5000?")),
            (json!({"currency": "CNY"}), None),
            (json!("面议"), Some("面议")),
            (json!(5000), Some("5000?")),
        ] {
            assert_eq!(salary(&value).as_deref(), words, "{value}");
        }
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
