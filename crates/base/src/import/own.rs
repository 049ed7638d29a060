//! The project's own form: a list of postings, training notices or job fairs as they travel, alone or
//! under `items`. Keeps no state.

use std::collections::{HashMap, HashSet};

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    ImportError, Options,
    collector::Collector,
    fields::{Refused, TEXT_CHARS_MAX},
    postings::BENEFITS_MAX,
    report::{Place, Reason},
    scope::{self, Scope},
};
use crate::{
    domain::{Fen, JobFair, Posting, TrainingNotice, Wage},
    strict::{self, plain},
    wire::{Collection, v1::Kept},
};

/// For which towns the items of these ids are.
pub(super) type TownsById = HashMap<String, Vec<String>>;

/// The `towns` in what stands `around` the items, however deep they lie.
///
/// # Errors
/// When they are said in another form: whoever wrote them did not mean every town.
pub(super) fn towns(around: &Value) -> Result<TownsById, ImportError> {
    let Value::Object(around) = around else { return Ok(TownsById::new()) };
    let Some(towns) = around.get("towns") else {
        let is_said =
            |found: &Result<TownsById, _>| !matches!(found, Ok(towns) if towns.is_empty());
        let mut found = around.values().map(towns).filter(is_said);
        return found.next().unwrap_or_else(|| Ok(TownsById::new()));
    };
    let form = "；请写成 {\"ID\": [\"510521100\"]} 这样";
    let Value::Object(towns) = towns else {
        return Err(ImportError::Syntax(format!("towns 里要写编号和乡镇代码{form}")));
    };
    let read = |(id, codes): (&String, &Value)| match Vec::deserialize(codes) {
        Ok(codes) => Ok((id.clone(), codes)),
        Err(error) => {
            let why = plain(&error.to_string());
            Err(ImportError::Syntax(format!("towns 里 {id} 的乡镇写得不对：{why}{form}")))
        }
    };
    towns.iter().map(read).collect()
}

/// Whether `row` is an item of the project's own form, and of which collection: it has what each
/// item must have.
pub(super) fn recognise(row: &Value) -> Option<Collection> {
    let has = |keys: &[&str]| keys.iter().all(|key| row.get(key).is_some());
    if has(&["enrol_from", "enrol_until", "institution"]) {
        Some(Collection::Trainings)
    } else if has(&["title", "date", "place", "published"]) {
        Some(Collection::Fairs)
    } else {
        has(&["title", "employer", "published"]).then_some(Collection::Postings)
    }
}

/// Takes all rows of `file`.
///
/// # Errors
/// When it is no list of rows.
pub(super) fn read(
    mut file: Value,
    options: &Options,
    collector: &mut Collector<'_>,
) -> Result<(), ImportError> {
    let rows = match &mut file {
        Value::Array(rows) => Some(rows),
        file => file.get_mut("items").and_then(Value::as_array_mut),
    };
    let Some(rows) = rows.map(std::mem::take) else {
        let none = "里面没有列表，items 下面也没有";
        return Err(ImportError::Syntax(none.to_owned()));
    };
    read_rows(rows, &towns(&file)?, options, collector)
}

/// Takes `rows`, of which some are for some towns only.
///
/// # Errors
/// When there are too many, or towns are named for an id that none of them has.
pub(super) fn read_rows(
    rows: Vec<Value>,
    towns: &TownsById,
    options: &Options,
    collector: &mut Collector<'_>,
) -> Result<(), ImportError> {
    let collection = options
        .collection
        .or_else(|| rows.iter().find_map(recognise))
        .unwrap_or(Collection::Postings);
    let ids: HashSet<&str> = rows.iter().filter_map(id).collect();
    // The item that was meant would go to every town.
    if let Some(stray) = towns.keys().filter(|id| !ids.contains(id.as_str())).min() {
        let stray = format!("towns 里写了 {stray}，但文件里没有这个编号");
        return Err(ImportError::Syntax(stray));
    }
    for (index, row) in rows.into_iter().enumerate() {
        collector.read()?;
        let place = Place { row: index + 1, ..Place::default() };
        let codes = id(&row).and_then(|id| towns.get(id));
        let scope = codes.map_or(Ok(Scope::Unsaid), |codes| scope::of_codes(codes));
        let refused = scope.and_then(|scope| {
            match collection {
                Collection::Postings => collector.own_posting(posting(&row)?, &place, scope),
                Collection::Trainings => collector.own_training(training(&row)?, &place, scope),
                Collection::Fairs => collector.own_fair(fair(&row)?, &place, scope),
            }
            Ok(())
        });
        if let Err(refused) = refused {
            collector.refuse(&place, refused);
        }
    }
    Ok(())
}

fn id(row: &Value) -> Option<&str> {
    row.get("id").and_then(Value::as_str)
}

/// A row as an item, or the column and what is wrong with it. `sound` is an item with what each must
/// have.
fn item<T: Kept>(row: &Value, sound: Value) -> Result<T, Refused> {
    let read = strict::read::<T::Form, _>(row);
    read.map(Into::into).map_err(|error| wrong_column::<T>(row, &sound, &error))
}

fn training(row: &Value) -> Result<TrainingNotice, Refused> {
    let sound = json!({
        "id": "x", "title": "x", "institution": "x", "occupation": "x", "enrol_from": "2000-01-01",
        "place": "x", "content": "x", "published": "2000-01-01", "source": "x"
    });
    item(row, sound)
}

fn fair(row: &Value) -> Result<JobFair, Refused> {
    let sound = json!({
        "id": "x", "title": "x", "date": "2000-01-01", "place": "x", "published": "2000-01-01",
        "source": "x"
    });
    item(row, sound)
}

/// A row as a posting, or the column and what is wrong with it.
fn posting(row: &Value) -> Result<Posting, Refused> {
    let sound = json!({
        "id": "x", "title": "x", "employer": "x", "published": "2000-01-01", "source": "x"
    });
    let posting: Posting = item(row, sound)?;
    let wrong = |column: &str, reason: Reason| Err((column.to_owned(), reason));
    let form = |reason: &str| Reason::Form(reason.to_owned());
    for (column, text) in texts(&posting) {
        if text.chars().count() > TEXT_CHARS_MAX {
            return wrong(column, Reason::TooLong);
        }
    }
    for (column, text) in [("title", &posting.title), ("employer", &posting.employer)] {
        if text.trim().is_empty() {
            return wrong(column, form("是空的"));
        }
    }
    if posting.benefits.len() > BENEFITS_MAX {
        return wrong("benefits", form(&format!("多于 {BENEFITS_MAX} 项")));
    }
    if posting.closes.is_some_and(|last| last < posting.published) {
        return wrong("closes", Reason::EndsBeforeBeginning);
    }
    match posting.wage {
        Some(Wage::Range { min: Fen(min), .. }) if min < 0 => wrong("wage", form("工资是负数")),
        Some(Wage::Range { min, max, .. }) if max < min => wrong("wage", form("max 小于 min")),
        _ => Ok(posting),
    }
}

fn texts(posting: &Posting) -> impl Iterator<Item = (&'static str, &str)> {
    let given =
        [("title", &posting.title), ("employer", &posting.employer), ("source", &posting.source)];
    let optional = [
        ("occupation", &posting.occupation),
        ("occupation_code", &posting.occupation_code),
        ("conditions", &posting.conditions),
        ("education", &posting.education),
        ("experience", &posting.experience),
        ("duties", &posting.duties),
        ("place", &posting.place),
        ("hours", &posting.hours),
        ("contact", &posting.contact),
        ("phone", &posting.phone),
        ("link", &posting.link),
    ];
    given
        .into_iter()
        .map(|(column, text)| (column, text.as_str()))
        .chain(optional.into_iter().filter_map(|(column, text)| Some((column, text.as_deref()?))))
        .chain(posting.benefits.iter().map(|text| ("benefits", text.as_str())))
}

/// Which column of a row that is no item is to blame: one that is missing, or the first that makes a
/// `sound` item unsound.
fn wrong_column<T: Kept>(row: &Value, sound: &Value, error: &serde_json::Error) -> Refused {
    let Some(columns) = row.as_object() else {
        return (String::new(), Reason::Form("不是带栏目的对象".to_owned()));
    };
    let needed = sound.as_object().into_iter().flat_map(|sound| sound.keys());
    for column in needed {
        if !columns.contains_key(column) {
            return (column.clone(), Reason::Missing);
        }
    }
    for (column, value) in columns {
        let mut probe = sound.clone();
        probe[column] = value.clone();
        if let Err(error) = strict::read::<T::Form, _>(&probe) {
            let unknown = error.to_string() == format!("不认识 `{column}`");
            let reason =
                if unknown { "没有这个栏目".to_owned() } else { plain(&error.to_string()) };
            return (column.clone(), Reason::Form(reason));
        }
    }
    (String::new(), Reason::Form(plain(&error.to_string())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(change: impl FnOnce(&mut Value)) -> Result<Posting, Refused> {
        let mut row = json!({
            "id": "t-1", "title": "电焊工", "employer": "泸县某厂", "published": "2026-01-01",
            "source": "测试", "wage": {"range": {"min": 100, "max": 200, "per": "day"}}
        });
        change(&mut row);
        posting(&row)
    }

    #[test]
    fn the_column_that_is_wrong_is_named() {
        assert!(row(|_| {}).is_ok());
        let column = |change: fn(&mut Value)| row(change).expect_err("wrong").0;
        assert_eq!(column(|r| r["published"] = json!("23.11.2026")), "published");
        assert_eq!(column(|r| r["openings"] = json!("many")), "openings");
        assert_eq!(column(|r| r["salary"] = json!(1)), "salary");
        assert_eq!(column(|r| r["id"] = json!("a b")), "id");
        assert_eq!(column(|r| r["title"] = json!(" ")), "title");
        assert_eq!(column(|r| r["closes"] = json!("2025-12-31")), "closes");
        assert_eq!(column(|r| r["wage"]["range"]["max"] = json!(1)), "wage");
        assert_eq!(column(|r| r["wage"] = json!("much")), "wage");
        // A column that is there is not said to be missing for what stands in it.
        let within = row(|r| r["wage"]["range"]["note"] = json!("税前")).expect_err("unknown");
        let Reason::Form(said) = &within.1 else { panic!("{within:?}") };
        assert!(within.0 == "wage" && said.contains("note"), "{within:?}");
        assert_eq!(column(|r| r["duties"] = json!("焊".repeat(5_000))), "duties");
        let missing = row(|r| drop(r.as_object_mut().expect("object").remove("employer")));
        assert_eq!(missing.expect_err("missing"), ("employer".into(), Reason::Missing));
        assert_eq!(row(|r| *r = json!(7)).expect_err("no row").0, "");
    }

    #[test]
    fn of_notices_and_fairs_it_is_named_too() {
        let wrong = |row: Value| training(&row).expect_err("wrong").0;
        let notice = json!({
            "id": "t-1", "title": "电工班", "institution": "测试学校", "occupation": "电工",
            "enrol_from": "2026-11-01", "place": "测试镇", "content": "电工", "seats": 30,
            "published": "2026-11-01", "source": "测试"
        });
        assert!(training(&notice).is_ok());
        let with = |row: &Value, column: &str, value: Value| {
            let mut row = row.clone();
            row[column] = value;
            row
        };
        assert_eq!(wrong(with(&notice, "seats", json!("三十"))), "seats");
        assert_eq!(wrong(with(&notice, "enrol_until", json!("月底"))), "enrol_until");
        assert_eq!(wrong(with(&notice, "price", json!(1))), "price");
        assert_eq!(wrong(json!({"id": "t-1"})), "content");
        let day = json!({
            "id": "f-1", "title": "招聘会", "date": "2026-12-10", "place": "测试镇",
            "published": "2026-11-01", "source": "测试"
        });
        assert!(fair(&day).is_ok());
        let employers = with(&day, "employers", json!([{"jobs": "焊工"}]));
        assert_eq!(fair(&employers).expect_err("nameless").0, "employers");
    }
}
