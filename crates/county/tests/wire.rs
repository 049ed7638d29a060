//! The wire, version 1, as it is committed: what `docs/openapi.json` says, and of every message
//! examples in `tests/golden/wire/v1`, which today's types read and write as they stand.
//!
//! The examples are what kiosks and counties of other months send. One that is there stays as it is;
//! what is new is added as another example of its message.

use std::{collections::BTreeSet, fmt::Debug, fs, path::PathBuf};

use kiosk_base::{
    domain,
    wire::{
        self,
        v1::{
            self, AccountAnswer, AccountQuery, CountyTime, FeedPage, Heartbeat, HeartbeatReply,
            HistoryPage, HistoryQuery, Problem,
        },
    },
};
use kiosk_county::api;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// Reads a message and writes it again.
type Again = fn(&str) -> serde_json::Result<Value>;

/// Every message, by the name of its schema.
const MESSAGES: [(&str, Again); 9] = [
    ("AccountAnswer", again::<AccountAnswer>),
    ("AccountQuery", again::<AccountQuery>),
    ("CountyTime", again::<CountyTime>),
    ("FeedPage", again::<FeedPage>),
    ("Heartbeat", again::<Heartbeat>),
    ("HeartbeatReply", again::<HeartbeatReply>),
    ("HistoryPage", again::<HistoryPage>),
    ("HistoryQuery", again::<HistoryQuery>),
    ("Problem", again::<Problem>),
];

fn again<T: DeserializeOwned + Serialize>(text: &str) -> serde_json::Result<Value> {
    serde_json::to_value(serde_json::from_str::<T>(text)?)
}

fn committed(path: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(path)
}

/// The examples of a message.
fn golden(message: &str) -> Vec<Value> {
    let path = committed("tests/golden/wire/v1").join(format!("{message}.json"));
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn described() -> Value {
    serde_json::from_str(&api::openapi()).expect("JSON")
}

/// `BLESS=1` writes the document anew, and fails all the same: look at what changed, and whether
/// kiosks that do not know it yet can live with it.
#[test]
fn the_description_is_the_one_that_is_committed() {
    let path = committed("docs/openapi.json");
    let described = api::openapi() + "\n";
    let written = fs::read_to_string(&path).unwrap_or_default();
    if std::env::var_os("BLESS").is_some_and(|value| value == "1") && written != described {
        fs::write(&path, &described).expect("written");
    }
    let differs = written.lines().zip(described.lines()).position(|(old, new)| old != new);
    assert!(
        written == described,
        "docs/openapi.json is not what the county serves (line {}); to write it anew: \
         BLESS=1 cargo test -p kiosk-county --test wire",
        differs.map_or(written.lines().count(), |line| line) + 1
    );
}

#[test]
fn every_example_is_read_and_written_again_as_it_stands() {
    for (message, again) in MESSAGES {
        let examples = golden(message);
        assert!(!examples.is_empty(), "{message}");
        for (number, example) in examples.into_iter().enumerate() {
            let read = again(&example.to_string());
            let read = read.unwrap_or_else(|e| panic!("{message} {number}: {e}"));
            assert_eq!(read, example, "{message} {number}");
        }
    }
}

/// What kiosk and county work with says all that came, and nothing else.
#[test]
fn every_example_comes_back_from_the_domain_as_it_went() {
    fn through<V, D>(value: &Value) -> Value
    where
        V: DeserializeOwned + Serialize + From<D>,
        D: TryFrom<V, Error: Debug>,
    {
        let read: V = serde_json::from_value(value.clone()).expect("an example");
        let noun = D::try_from(read).expect("sound");
        serde_json::to_value(V::from(noun)).expect("plain data")
    }
    /// The message, what of it has a noun, and the way through that.
    type Through = (&'static str, &'static str, fn(&Value) -> Value);
    let all: [Through; 4] = [
        ("AccountAnswer", "/account", through::<v1::Account, domain::Account>),
        ("AccountQuery", "", through::<AccountQuery, wire::AccountQuery>),
        ("FeedPage", "", through::<FeedPage, wire::FeedPage>),
        ("HistoryPage", "", through::<HistoryPage, domain::account::HistoryPage>),
    ];
    for (message, place, through) in all {
        for (number, example) in golden(message).iter().enumerate() {
            let example = example.pointer(place).expect("it is there");
            assert_eq!(through(example), *example, "{message} {number}");
        }
    }
}

/// Kiosks and counties are renewed one by one: what the newer side says besides is left by the older.
#[test]
fn an_example_that_says_more_is_read_as_what_it_said_before() {
    /// Adds a member to every object, but to the one that holds numbers by names.
    fn say_more(value: &mut Value) {
        match value {
            Value::Object(members) => {
                members
                    .iter_mut()
                    .filter(|(name, _)| *name != "rows")
                    .for_each(|(_, v)| say_more(v));
                if let Some(Value::Array(rows)) = members.get_mut("rows") {
                    rows.iter_mut().for_each(say_more);
                }
                members.insert("since_2027".into(), serde_json::json!({"a": [1]}));
            }
            Value::Array(items) => items.iter_mut().for_each(say_more),
            _ => {}
        }
    }
    for (message, again) in MESSAGES {
        for (number, example) in golden(message).into_iter().enumerate() {
            let mut newer = example.clone();
            say_more(&mut newer);
            assert_ne!(newer, example);
            let read = again(&newer.to_string());
            let read = read.unwrap_or_else(|e| panic!("{message} {number}: {e}"));
            assert_eq!(read, example, "{message} {number}");
        }
    }
}

/// A code that nobody knows yet stands in the place of every code of a county's answers, one at a time.
#[test]
fn a_code_of_a_newer_county_is_kept_and_written_again() {
    let document = described();
    let mut kept = BTreeSet::new();
    for (message, again) in MESSAGES {
        let schema = format!("/components/schemas/{message}");
        for example in golden(message) {
            for (place, code) in codes(&document, &schema, &example, "") {
                let mut newer = example.clone();
                *newer.pointer_mut(&place).expect("it is there") = "since_2027".into();
                if again(&newer.to_string()).is_ok_and(|read| read == newer) {
                    kept.insert(code);
                }
            }
        }
    }
    let mut all = BTreeSet::new();
    words(&document["components"]["schemas"], "/components/schemas", &mut all);
    let schemas = all.iter().filter_map(|word| word.split_once("/enum=").map(|(schema, _)| schema));
    let all: BTreeSet<&str> = schemas.collect();
    let closed: Vec<&str> = all.into_iter().filter(|schema| !kept.contains(*schema)).collect();
    // What they are of is another message then, another request, or another collection.
    let expected = [
        "/components/schemas/Collection",
        "/components/schemas/DocumentKind",
        "/components/schemas/FeedBody/oneOf/0/properties/type",
        "/components/schemas/FeedBody/oneOf/1/properties/type",
        "/components/schemas/FeedBody/oneOf/2/properties/type",
        "/components/schemas/HistoryPageOfMonths/properties/of",
        "/components/schemas/HistoryPageOfPayments/properties/of",
    ];
    assert_eq!(closed, expected);
}

/// Where in `value` codes stand, and of which enum of the document each is.
fn codes(document: &Value, at: &str, value: &Value, place: &str) -> Vec<(String, String)> {
    let schema = &document.pointer(at).expect("it leads somewhere");
    if let Some(other) = reference(schema) {
        return codes(document, other, value, place);
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let choices = (0..choices.len()).map(|choice| format!("{at}/oneOf/{choice}"));
        let mut fitting = choices.filter(|at| fits(document, at, value).is_ok());
        return fitting.next().map_or(Vec::new(), |at| codes(document, &at, value, place));
    }
    match value {
        Value::String(_) if schema["enum"].is_array() => vec![(place.to_owned(), at.to_owned())],
        Value::Array(items) => (0..)
            .zip(items)
            .flat_map(|(n, item)| {
                codes(document, &format!("{at}/items"), item, &format!("{place}/{n}"))
            })
            .collect(),
        Value::Object(members) => members
            .iter()
            .filter(|(name, _)| schema["properties"][name.as_str()].is_object())
            .flat_map(|(name, member)| {
                codes(
                    document,
                    &format!("{at}/properties/{name}"),
                    member,
                    &format!("{place}/{name}"),
                )
            })
            .collect(),
        _ => Vec::new(),
    }
}

#[test]
fn every_message_that_is_described_has_examples() {
    let document = described();
    let mut named = BTreeSet::new();
    let mut note = |content: &Value| {
        for media in content.as_object().into_iter().flat_map(|content| content.values()) {
            let name = reference(&media["schema"]).and_then(|at| at.rsplit('/').next());
            named.extend(name.map(str::to_owned));
        }
    };
    for operation in document["paths"].as_object().into_iter().flat_map(|paths| paths.values()) {
        for operation in operation.as_object().into_iter().flat_map(|methods| methods.values()) {
            note(&operation["requestBody"]["content"]);
            let responses = operation["responses"].as_object();
            responses.into_iter().flatten().for_each(|(_, response)| note(&response["content"]));
        }
    }
    let known: BTreeSet<String> = MESSAGES.map(|(message, _)| message.to_owned()).into();
    assert_eq!(named, known, "a message without examples, or examples of no message");
}

/// Whatever the description names, every member, every code and every choice of each schema, stands
/// in some example; and every example is as the description says.
#[test]
fn every_word_of_the_description_stands_in_an_example() {
    let document = described();
    let mut met = BTreeSet::new();
    for (message, _) in MESSAGES {
        let schema = format!("/components/schemas/{message}");
        for (number, example) in golden(message).iter().enumerate() {
            let seen = fits(&document, &schema, example);
            met.extend(seen.unwrap_or_else(|e| panic!("{message} {number}: {e}")));
        }
    }
    let mut all = BTreeSet::new();
    words(&document["components"]["schemas"], "/components/schemas", &mut all);
    // It stands in a path.
    all.retain(|word| !word.starts_with("/components/schemas/Collection"));
    let missing: Vec<_> = all.difference(&met).collect();
    assert!(missing.is_empty(), "no example in tests/golden/wire/v1 has {missing:#?}");
    assert!(all.len() > 150, "{}", all.len());
}

/// Every member, code and choice within `schema`, by its place in the document.
fn words(schema: &Value, at: &str, all: &mut BTreeSet<String>) {
    match schema {
        Value::Object(object) => {
            for (key, inner) in object {
                let at = format!("{at}/{key}");
                match (key.as_str(), inner) {
                    ("properties", Value::Object(properties)) => {
                        all.extend(properties.keys().map(|name| format!("{at}/{name}")));
                    }
                    ("enum", Value::Array(codes)) => {
                        all.extend(codes.iter().map(|code| format!("{at}={code}")));
                    }
                    ("oneOf", Value::Array(choices)) => {
                        // That something may be absent needs no example.
                        let choices = choices.iter().enumerate();
                        let choices = choices.filter(|(_, choice)| choice["type"] != "null");
                        all.extend(choices.map(|(choice, _)| format!("{at}/{choice}")));
                    }
                    _ => {}
                }
                words(inner, &at, all);
            }
        }
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(n, inner)| words(inner, &format!("{at}/{n}"), all));
        }
        _ => {}
    }
}

/// What of the schema at `at` the value has met, or where it is not as the schema says.
fn fits(document: &Value, at: &str, value: &Value) -> Result<BTreeSet<String>, String> {
    let schema = document.pointer(at).ok_or_else(|| format!("{at} leads nowhere"))?;
    let wrong = |what: &str| Err(format!("{value} is not as {at} says: {what}"));
    if let Some(other) = reference(schema) {
        return fits(document, other, value);
    }
    let mut met = BTreeSet::new();
    if let Some(choices) = schema["oneOf"].as_array() {
        let mut fitting = (0..choices.len()).filter_map(|choice| {
            let at = format!("{at}/oneOf/{choice}");
            fits(document, &at, value).ok().map(|met| (at, met))
        });
        let (Some((choice, inner)), None) = (fitting.next(), fitting.next()) else {
            return wrong("one of several");
        };
        met.insert(choice);
        met.extend(inner);
        return Ok(met);
    }
    let types = match &schema["type"] {
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        one => Vec::from_iter(one.as_str()),
    };
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    if !types.is_empty() && !types.contains(&kind) {
        return wrong("its type");
    }
    if let Some(codes) = schema["enum"].as_array() {
        if !codes.contains(value) {
            return wrong("its codes");
        }
        met.insert(format!("{at}/enum={value}"));
    }
    if let (Value::Array(items), true) = (value, schema["items"].is_object()) {
        for item in items {
            met.extend(fits(document, &format!("{at}/items"), item)?);
        }
    }
    if let Value::Object(members) = value {
        let required = schema["required"].as_array().into_iter().flatten();
        if required.filter_map(Value::as_str).any(|name| !members.contains_key(name)) {
            return wrong("what is required");
        }
        for (name, member) in members {
            let inner = match schema["properties"].get(name) {
                Some(_) => format!("{at}/properties/{name}"),
                None if schema["additionalProperties"].is_object() => {
                    format!("{at}/additionalProperties")
                }
                None => return wrong(name),
            };
            met.extend(fits(document, &inner, member)?);
            met.insert(inner);
        }
    }
    Ok(met)
}

/// Where a schema that only refers leads to.
fn reference(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'))
}
