//! The OpenAPI document as generators of clients need it: each answer is one object or a choice of
//! whole ones (they drop an operation over an `allOf` of a choice, and a schema over an object
//! without a name within a choice), and what may be sent has its bounds in it.

use kiosk_base::{
    domain::YearMonth,
    wire::v1::{
        Fen, HistoryCursor, HistoryPage, HistoryRows, MonthContribution, Payment, PaymentState,
    },
};
use kiosk_county::api;
use serde_json::{Map, Value};

fn document() -> Value {
    serde_json::from_str(&api::openapi()).expect("JSON")
}

/// `visit` sees every object in `value`, with the way to it.
fn walk(value: &Value, path: &str, visit: &mut impl FnMut(&str, &Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            visit(path, object);
            for (key, inner) in object {
                walk(inner, &format!("{path}/{key}"), visit);
            }
        }
        Value::Array(items) => {
            for (number, inner) in items.iter().enumerate() {
                walk(inner, &format!("{path}/{number}"), visit);
            }
        }
        _ => {}
    }
}

/// `value`, or what it refers to.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => document.pointer(&reference[1..]).expect("it leads somewhere"),
        None => value,
    }
}

#[test]
fn every_choice_is_one_of_whole_objects() {
    let document = document();
    let mut choices = 0;
    walk(&document, "", &mut |path, object| {
        assert!(!object.contains_key("allOf") && !object.contains_key("anyOf"), "{path}");
        let Some(options) = object.get("oneOf").and_then(Value::as_array) else { return };
        choices += 1;
        for option in options {
            let option = resolved(&document, option);
            let whole = ["object", "null", "string", "integer"];
            let is_whole = option["type"].as_str().is_some_and(|kind| whole.contains(&kind))
                || option["oneOf"].is_array();
            assert!(is_whole, "{path}: {option}");
            let inner = option["properties"].as_object().into_iter().flat_map(Map::values);
            for inner in inner {
                assert!(!inner["properties"].is_object(), "{path}: without a name: {inner}");
            }
        }
    });
    assert!(choices > 2, "{choices}");
}

#[test]
fn every_answer_has_a_schema() {
    let document = document();
    let mut answers = 0;
    walk(&document["paths"], "", &mut |path, object| {
        let Some(responses) = object.get("responses").and_then(Value::as_object) else { return };
        // What the gate and the door answer to whatever is asked.
        for status in ["403", "429", "500", "503"] {
            assert!(responses.contains_key(status), "{path}: {status}");
        }
        assert!(responses["429"]["headers"]["Retry-After"].is_object(), "{path}");
        for (status, response) in responses {
            let kind = match status.as_str() {
                "304" => continue,
                "200" => "application/json",
                _ => "application/problem+json",
            };
            answers += 1;
            assert!(response["content"][kind]["schema"].is_object(), "{path} {status}: {response}");
        }
    });
    assert!(answers > 20, "{answers}");
}

#[test]
fn a_page_of_a_history_is_one_of_two_objects_and_looks_like_it() {
    let document = document();
    let path = "/paths/~1v1~1accounts~1history/post/responses/200/content/application~1json/schema";
    let page = resolved(&document, document.pointer(path).expect("it is described"));
    let options = page["oneOf"].as_array().expect("a choice");
    let mapping = page["discriminator"]["mapping"].as_object().expect("a mapping");
    assert_eq!((options.len(), mapping.len()), (2, 2));

    let month: YearMonth = "2016-12".parse().expect("a month");
    let rows = MonthContribution {
        month: month.into(),
        base: Fen(1),
        person: Fen(1),
        employer: Fen(1),
        arrived: None,
        unit: None,
    };
    let payment = Payment {
        month: month.into(),
        amount: Fen(1),
        state: PaymentState::Paid,
        paid_on: None,
        bank_tail: None,
        reason: None,
        extras: Vec::new(),
    };
    let more = HistoryCursor::try_from("0".repeat(32)).ok();
    for rows in [HistoryRows::Months(vec![rows]), HistoryRows::Payments(vec![payment])] {
        let carried = serde_json::to_value(HistoryPage { rows, more: more.clone() });
        let carried = carried.expect("plain data");
        let of = carried["of"].as_str().expect("a kind");
        let described = document.pointer(&mapping[of].as_str().expect("a reference")[1..]);
        let described = described.expect("it leads somewhere");
        assert_eq!(described["properties"]["of"]["enum"], serde_json::json!([of]));
        let properties = described["properties"].as_object().expect("an object");
        for key in carried.as_object().expect("an object").keys() {
            assert!(properties.contains_key(key), "{of}: {key}");
        }
        let row = resolved(&document, &properties["rows"]["items"]);
        for key in carried["rows"][0].as_object().expect("an object").keys() {
            assert!(row["properties"][key].is_object(), "{of}: {key}");
        }
    }
}

#[test]
fn what_may_be_sent_has_its_bounds_in_the_description() {
    let document = document();
    let mut bounded = 0;
    let mut check = |path: &str, schema: &Map<String, Value>| {
        let has = |key: &str| schema.contains_key(key);
        let is = |kind: &str| match &schema.get("type") {
            Some(Value::String(one)) => one == kind,
            Some(Value::Array(several)) => several.iter().any(|one| one == kind),
            _ => false,
        };
        if is("integer") {
            assert!(has("minimum") && has("maximum"), "{path}: {schema:?}");
            bounded += 1;
        } else if is("string") {
            let bounds = ["enum", "pattern", "format", "maxLength"];
            assert!(bounds.into_iter().any(has), "{path}: {schema:?}");
            bounded += 1;
        } else if is("array") {
            assert!(has("maxItems"), "{path}: {schema:?}");
            bounded += 1;
        }
    };
    // What the requests are made of.
    for name in [
        "AccountQuery",
        "DocumentFacts",
        "DocumentKind",
        "HolderNumber",
        "Heartbeat",
        "AuditHead",
        "HistoryQuery",
        "HistoryCursor",
        "Collection",
    ] {
        let schema = &document["components"]["schemas"][name];
        assert!(schema.is_object(), "{name}");
        walk(schema, name, &mut check);
    }
    for parameter in document["paths"]["/v1/feed/{collection}"]["get"]["parameters"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|parameter| parameter["in"] == "query")
    {
        walk(&parameter["schema"], &parameter["name"].to_string(), &mut check);
    }
    assert!(bounded > 15, "{bounded}");
}
