//! JSON of other systems: a list of flat objects, alone or somewhere in an answer, or an object a
//! line. The national board's (全国公共招聘网) list is one, and so are its pages, which carry it in
//! a hidden field. Keeps no state.

use std::{collections::HashSet, rc::Rc};

use serde_json::{Map, Value};

use super::{
    ImportError, Options,
    collector::Collector,
    columns::Tally,
    fields::{Cell, Fields},
    header::{self, Candidate},
    mapping::{Binding, Head, Index, Lacking, Mapping, column},
    report::{Place, Reason},
};
use crate::strict::plain;

/// How deep in an answer the list is looked for.
const DEPTH_MAX: usize = 4;
/// Objects that are looked at for their keys.
pub(super) const SAMPLE: usize = 50;
/// Most keys of all objects together.
const KEYS_MAX: usize = 300;

/// Values, each with the number of its line where lines count; or the parser's words.
pub(super) type Lines = Vec<(Option<usize>, Result<Value, String>)>;

/// A file of objects as values, and what stands around their list.
pub(super) fn values(content: &str) -> Result<(Lines, Value), ImportError> {
    let whole: Result<Value, _> = serde_json::from_str(content);
    match whole {
        Ok(mut value) => match list(&mut value, 0).map(std::mem::take) {
            Some(items) => Ok((items.into_iter().map(|item| (None, Ok(item))).collect(), value)),
            None => Ok((vec![(None, Ok(value))], Value::Null)),
        },
        // An object a line; by line breaks alone, since texts hold other separators.
        Err(error) => {
            let lines = content.split('\n').enumerate().filter(|(_, line)| !line.trim().is_empty());
            let values: Vec<_> = lines
                .map(|(index, line)| {
                    let value = serde_json::from_str(line.trim())
                        .map_err(|_| "这一行的 JSON 写得不对".to_owned());
                    (Some(index + 1), value)
                })
                .collect();
            let sound = values.iter().filter(|(_, v)| matches!(v, Ok(Value::Object(_)))).count();
            match sound * 2 > values.len() {
                true => Ok((values, Value::Null)),
                false => Err(ImportError::Syntax(plain(&error.to_string()))),
            }
        }
    }
}

/// Takes the objects, with the mapping that knows their keys.
///
/// # Errors
/// When none does.
pub(super) fn read<'a>(
    values: Lines,
    options: &'a Options,
    collector: &mut Collector<'a>,
) -> Result<&'a Mapping, ImportError> {
    let keys = keys(&values);
    let heads: Vec<_> = keys.iter().map(|key| Head::new(key)).collect();
    let candidates: Vec<Candidate<'a>> = options
        .candidates()
        .into_iter()
        .map(|mapping| (mapping, Rc::new(mapping.index())))
        .collect();
    let found = header::best(&heads, &candidates, |_, _| false);
    // Lists of objects hold anything: only one that a mapping recognises lacks something.
    let is_recognised = |lacking: &Lacking| lacking.is_recognised || options.mapping.is_some();
    let ((mapping, names), _) = found.map_err(|lacking| match lacking.filter(is_recognised) {
        Some(lacking) => ImportError::Lacking(lacking),
        None => {
            let mut columns = keys.join(", ");
            super::text::cut(&mut columns, 200);
            ImportError::Unrecognised { columns, needed: options.needed_columns() }
        }
    })?;
    let mut tally = Tally::default();
    for (index, (line, value)) in values.into_iter().enumerate() {
        collector.read()?;
        let row = line.unwrap_or(index + 1);
        let place = Place { row, ..Place::default() };
        match value {
            Ok(Value::Object(object)) => {
                pairs(mapping, names, &flat(&object), &place, collector, &mut tally);
            }
            Ok(_) => {
                let reason = Reason::Form("不是带栏目的对象".to_owned());
                collector.refuse(&place, (String::new(), reason));
            }
            Err(error) => collector.refuse(&place, (String::new(), Reason::Form(error))),
        }
    }
    tally.tell(&mut collector.report);
    Ok(mapping)
}

/// One item as names and values, by the mapping's names, which `index` holds.
pub(super) fn pairs(
    mapping: &Mapping,
    index: &Index,
    pairs: &[(String, String)],
    place: &Place,
    collector: &mut Collector<'_>,
    tally: &mut Tally,
) {
    let binding = Binding {
        names: pairs.iter().map(|(name, _)| name.clone()).collect(),
        columns: pairs.iter().map(|(name, _)| column(index, name)).collect(),
        count: pairs.len(),
    };
    let cells: Vec<Cell> = pairs.iter().map(|(_, text)| Cell::from(text.as_str())).collect();
    let fields = Fields::new(mapping, &binding, place, &cells);
    collector.row(mapping, fields, place, tally);
}

/// The list in the hidden field of the national board's page.
pub(super) fn hidden_list(html: &str) -> Option<String> {
    let at = html.find("findjoblist")?;
    let begin = html[..at].rfind('<')?;
    let tag = &html[begin..];
    let value = tag.find("value=")? + "value=".len();
    let quote = tag[value..].chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let rest = &tag[value + 1..];
    let list = &rest[..rest.find(quote)?];
    Some(
        list.replace("&quot;", "\"")
            .replace("&#34;", "\"")
            .replace("&#39;", "'")
            .replace("&amp;", "&"),
    )
}

/// The first list of objects, at the top or within an object.
fn list(value: &mut Value, depth: usize) -> Option<&mut Vec<Value>> {
    match value {
        Value::Array(items) => Some(items),
        Value::Object(object) if depth < DEPTH_MAX => object
            .values_mut()
            .filter(|value| value.is_object() || value.get(0).is_some_and(Value::is_object))
            .find_map(|value| list(value, depth + 1)),
        _ => None,
    }
}

fn keys(values: &Lines) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut keys = Vec::new();
    let objects = values.iter().filter_map(|(_, value)| value.as_ref().ok()?.as_object());
    for object in objects.take(SAMPLE) {
        for (key, _) in flat(object) {
            if keys.len() < KEYS_MAX && seen.insert(key.clone()) {
                keys.push(key);
            }
        }
    }
    keys
}

/// The values of an object as text: lists of words in one, an object's values behind its name. What
/// lies deeper is no value, and has a name that no mapping has.
fn flat(object: &Map<String, Value>) -> Vec<(String, String)> {
    let mut pairs = Vec::with_capacity(object.len());
    let deeper = |name: &str, value: &Value| match value {
        Value::Null => None,
        value => Some((format!("{name}[…]"), value.to_string())),
    };
    for (key, value) in object {
        match value {
            Value::Object(inner) => {
                for (name, value) in inner.iter().take(KEYS_MAX) {
                    let name = format!("{key}.{name}");
                    pairs.extend(match scalar(value) {
                        Some(text) => Some((name, text)),
                        None => deeper(&name, value),
                    });
                }
            }
            Value::Array(items) => {
                let words: Vec<_> = items.iter().take(100).filter_map(scalar).collect();
                let other = items.iter().find(|item| scalar(item).is_none());
                pairs.extend(other.and_then(|other| deeper(key, other)));
                pairs.push((key.clone(), words.join("\n")));
            }
            _ => pairs.push((key.clone(), scalar(value).unwrap_or_default())),
        }
    }
    pairs
}

/// A simple value as text.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(yes) => Some(if *yes { "是" } else { "否" }.to_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_found_wherever_they_are() {
        for (content, count) in [
            ("[{\"a\": 1}, {\"a\": 2}]", 2),
            ("{\"code\": 0, \"data\": {\"total\": 2, \"rows\": [{\"a\": 1}, {\"a\": 2}]}}", 2),
            ("{\"a\": 1}\n{\"a\": \"x\u{2028}y\"}\n\n{\"a\": 3}\n", 3),
            ("{\"a\": 1}", 1),
            ("{\"a\": 1}\n{broken\n{\"a\": 3}\n", 3),
        ] {
            let (values, _) = values(content).expect(content);
            assert_eq!(values.len(), count, "{content}");
        }
        assert!(values("<html>").is_err() && values("").is_err());
    }

    #[test]
    fn a_page_of_the_national_board_carries_its_list() {
        let html = "<p>x</p><input type='hidden' id=\"findjoblist\" value=\"[{&quot;acb200&quot;:&quot;1&quot;}]\">";
        assert_eq!(hidden_list(html).as_deref(), Some("[{\"acb200\":\"1\"}]"));
        assert_eq!(hidden_list("<input id=findjoblist>"), None);
    }
}
