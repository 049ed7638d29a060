//! What filters let through, as terms: a posting holds the term of every choice that lets it through.
//! So a choice is read, counted and merged as any word is. Stored by name. Keeps no state.

use kiosk_base::domain::Education;
use serde::Serialize;

use crate::listings::{
    facets::WAGE_STEPS,
    facts::{self, Fact},
    query::Tile,
    traits::Form,
};

/// Before the name of a town; no term of a text begins with `=`.
pub(super) const TOWN: &str = "=town.";
/// The term of postings with free meals.
pub(super) const MEALS: &str = "=meals";
/// The term of postings with a free bed.
pub(super) const LODGING: &str = "=lodging";

/// The term of a tile.
pub(super) fn tile(tile: Tile) -> String {
    match tile {
        Tile::Class(class) => format!("=tile.{}", name(class)),
        Tile::Other => "=tile.other".into(),
    }
}

/// The term of what somebody with this much schooling may do.
pub(super) fn schooling(mine: Education) -> String {
    format!("=schooling.{}", name(mine))
}

/// The term of a form.
pub(super) fn form(form: Form) -> String {
    format!("=form.{}", name(form))
}

/// The term of at least so many yuan a month, one of [`WAGE_STEPS`].
pub(super) fn wage(step: i64) -> String {
    format!("=wage.{step}")
}

/// The term of a town as [`facts::town`] writes it.
pub(super) fn town(town: u32) -> String {
    format!("{TOWN}{town:09}")
}

/// The town of a term of one.
pub(super) fn town_of(term: &[u8]) -> Option<u32> {
    std::str::from_utf8(term.strip_prefix(TOWN.as_bytes())?).ok()?.parse().ok()
}

/// Hands the terms of all choices that let a posting through to `take`.
pub(super) fn each(fact: &Fact, mut take: impl FnMut(&str)) {
    let traits = &fact.traits;
    take(&tile(traits.tile()));
    for mine in Education::ALL {
        if traits.education.is_none_or(|asked| asked <= mine) {
            take(&schooling(mine));
        }
    }
    if let Some(of) = traits.form {
        take(&form(of));
    }
    if traits.meals {
        take(MEALS);
    }
    if traits.lodging {
        take(LODGING);
    }
    for step in WAGE_STEPS {
        if i64::from(fact.wage) >= facts::capped(step * 100) {
            take(&wage(step));
        }
    }
    take(&town(fact.town));
}

/// The name under which a value is stored.
fn name(value: impl Serialize) -> String {
    let name = serde_json::to_string(&value).expect("a name");
    name.trim_matches('"').to_owned()
}

#[cfg(test)]
mod tests {
    use kiosk_base::domain::OccupationClass;

    use super::*;
    use crate::listings::traits::Traits;

    fn terms(fact: &Fact) -> Vec<String> {
        let mut terms = Vec::new();
        each(fact, |term| terms.push(term.to_owned()));
        terms
    }

    #[test]
    fn choices_are_stored_by_name() {
        let traits = Traits {
            class: Some(OccupationClass::Trades),
            education: Some(Education::Bachelor),
            form: Some(Form::Dispatched),
            meals: true,
            lodging: false,
        };
        let fact = Fact { published: 1, closes: 2, town: 510_521_100, wage: 350_000, traits };
        let expected = [
            "=tile.trades",
            "=schooling.bachelor",
            "=schooling.graduate",
            "=form.dispatched",
            "=meals",
            "=wage.2000",
            "=wage.3000",
            "=town.510521100",
        ];
        assert_eq!(terms(&fact), expected);
        assert_eq!(town_of(b"=town.510521100"), Some(510_521_100));

        let nothing = Fact { town: 0, wage: 0, traits: Traits::default(), ..fact };
        let said = terms(&nothing);
        assert_eq!(said.len(), Education::ALL.len() + 2, "{said:?}");
        assert_eq!(said.first().map(String::as_str), Some("=tile.other"));
        assert_eq!(said.last().map(String::as_str), Some("=town.000000000"));
    }
}
