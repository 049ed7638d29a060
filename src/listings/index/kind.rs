//! What filters other than the one on place ask of a posting: its *kind*. Postings of one kind are let
//! through together, so an index holds one term a kind, and a reader a number a posting. A kind is
//! stored by its names.

use std::borrow::Cow;

use kiosk_base::{
    domain::{Education, Fen},
    store::StoreError,
};
use rusqlite::Connection;
use serde::Serialize;

use super::{Damaged, Set, block, list};
use crate::listings::{
    facets::WAGE_STEPS,
    facts::Fact,
    query::{Facet, Filters, Tile},
    traits::Form,
};

/// Before the names of a kind; no term of a text begins with `=`.
const KIND: &str = "=kind.";
/// Before the name of a town.
pub(super) const TOWN: &str = "=town.";
/// What is written where a posting says nothing.
const NOTHING: &str = "-";

/// What filters ask of a posting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::listings) struct Kind {
    /// Where it stands.
    pub(in crate::listings) tile: Tile,
    /// The schooling asked for.
    education: Option<Education>,
    /// The form, when it is one of those that are offered.
    pub(in crate::listings) form: Option<Form>,
    /// Whether meals are free.
    pub(in crate::listings) meals: bool,
    /// Whether a bed is free.
    pub(in crate::listings) lodging: bool,
    /// The last of [`WAGE_STEPS`] that its pay reaches, 0 where it reaches none.
    wage: i64,
}

impl Kind {
    /// The kind of a posting with these facts.
    fn of(fact: &Fact) -> Self {
        let yuan = i64::from(fact.wage) / 100;
        Self {
            tile: fact.traits.tile(),
            education: fact.traits.education,
            form: fact.traits.form,
            meals: fact.traits.meals,
            lodging: fact.traits.lodging,
            wage: WAGE_STEPS.into_iter().rev().find(|step| yuan >= *step).unwrap_or(0),
        }
    }

    /// Whether somebody with this much schooling may do it.
    pub(in crate::listings) fn is_open_to(&self, mine: Education) -> bool {
        self.education.is_none_or(|asked| asked <= mine)
    }

    /// Whether it pays at least `step`, one of [`WAGE_STEPS`].
    pub(in crate::listings) fn pays(&self, step: i64) -> bool {
        self.wage >= step
    }

    /// Whether every filter lets it through that goes by the kind, but for those on the facets that
    /// were `given_up`.
    pub(in crate::listings) fn passes(&self, filters: &Filters, given_up: &[Facet]) -> bool {
        let passes = |facet| match facet {
            Facet::Place => true,
            Facet::Wage => filters.wage_from.and_then(wage_step).is_none_or(|step| self.pays(step)),
            Facet::Tile => filters.tile.is_none_or(|tile| self.tile == tile),
            Facet::Education => filters.education.is_none_or(|mine| self.is_open_to(mine)),
            Facet::Form => filters.form.is_none() || self.form == filters.form,
            Facet::Board => (self.meals || !filters.meals) && (self.lodging || !filters.lodging),
        };
        Facet::ALL.into_iter().all(|facet| given_up.contains(&facet) || passes(facet))
    }

    fn term(&self) -> String {
        let Self { tile, education, form, meals, lodging, wage } = *self;
        let education = education.map_or(NOTHING.into(), name);
        let form = form.map_or(NOTHING.into(), name);
        let board = board(meals, lodging);
        format!("{KIND}{}.{education}.{form}.{board}.{wage}", tile_name(tile))
    }

    fn parse(term: &[u8]) -> Option<Self> {
        let names = std::str::from_utf8(term).ok()?.strip_prefix(KIND)?;
        let names: Vec<&str> = names.split('.').collect();
        let [tile, education, form, eat_and_sleep, wage] = names.as_slice() else { return None };
        let [meals, lodging] = [[false, false], [false, true], [true, false], [true, true]]
            .into_iter()
            .find(|[meals, lodging]| board(*meals, *lodging) == *eat_and_sleep)?;
        Some(Self {
            tile: Tile::all().find(|of| tile_name(*of) == *tile)?,
            education: named(&Education::ALL, education)?,
            form: named(&Form::ALL, form)?,
            meals,
            lodging,
            wage: wage.parse().ok().filter(|wage| *wage == 0 || WAGE_STEPS.contains(wage))?,
        })
    }
}

/// The one of [`WAGE_STEPS`] that a wage is.
pub(super) fn wage_step(fen: Fen) -> Option<i64> {
    WAGE_STEPS.into_iter().find(|step| Fen::from_yuan(*step) == fen)
}

/// The term of a town as [`town`](crate::listings::facts::town) writes it.
pub(super) fn town(town: u32) -> String {
    format!("{TOWN}{town:09}")
}

/// The town of a term of one.
pub(super) fn town_of(term: &[u8]) -> Option<u32> {
    std::str::from_utf8(term.strip_prefix(TOWN.as_bytes())?).ok()?.parse().ok()
}

/// The terms of what filters ask of a posting.
pub(super) fn terms(fact: &Fact) -> [String; 2] {
    [Kind::of(fact).term(), town(fact.town)]
}

/// The kinds of the postings of a segment, by place.
#[derive(Debug)]
pub(super) struct Kinds {
    known: Vec<Kind>,
    /// Positions in `known`.
    at: Vec<u16>,
}

impl Kinds {
    /// Reads the kinds of a segment that has `size` postings.
    pub(super) fn read(
        connection: &Connection,
        segment: i64,
        size: usize,
    ) -> Result<Self, StoreError> {
        const NONE: u16 = u16::MAX;
        let (mut known, mut at) = (Vec::new(), vec![NONE; size]);
        block::begins(connection, segment, KIND, |term, lists| {
            let number = u16::try_from(known.len()).ok().filter(|number| *number != NONE);
            let number = number.ok_or(Damaged)?;
            known.push(Kind::parse(term).ok_or(Damaged)?);
            let mut twice = false;
            list::each(lists.anywhere, |place| match at.get_mut(place as usize) {
                Some(kind) if *kind == NONE => *kind = number,
                _ => twice = true,
            })?;
            if twice { Err(Damaged) } else { Ok(()) }
        })?;
        if at.contains(&NONE) { Err(Damaged.into()) } else { Ok(Self { known, at }) }
    }

    /// Keeps those postings of `set` that are of a kind which `wanted` picks.
    pub(super) fn keep<'s>(
        &self,
        mut set: Cow<'s, Set>,
        wanted: impl Fn(&Kind) -> bool,
    ) -> Cow<'s, Set> {
        let wanted: Vec<bool> = self.known.iter().map(wanted).collect();
        if wanted.contains(&false) {
            set.to_mut().retain(|place| wanted[usize::from(self.at[place])]);
        }
        set
    }

    /// How many postings of `set` each kind has; kinds without any are left out.
    pub(super) fn count(&self, set: &Set) -> Vec<(Kind, usize)> {
        let mut counts = vec![0; self.known.len()];
        for place in set.places() {
            counts[usize::from(self.at[place])] += 1;
        }
        self.known.iter().copied().zip(counts).filter(|(_, count)| *count > 0).collect()
    }
}

fn tile_name(tile: Tile) -> String {
    match tile {
        Tile::Class(class) => class.as_str().to_owned(),
        Tile::Other => NOTHING.into(),
    }
}

fn board(meals: bool, lodging: bool) -> &'static str {
    match (meals, lodging) {
        (false, false) => NOTHING,
        (false, true) => "lodging",
        (true, false) => "meals",
        (true, true) => "meals+lodging",
    }
}

/// The name under which a value is stored.
fn name(value: impl Serialize) -> String {
    let name = serde_json::to_string(&value).expect("a name");
    name.trim_matches('"').to_owned()
}

/// The value of `all` that has a name, or none where nothing was said.
fn named<T: Serialize + Copy>(all: &[T], text: &str) -> Option<Option<T>> {
    match text {
        NOTHING => Some(None),
        _ => all.iter().copied().find(|value| name(value) == text).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use kiosk_base::domain::OccupationClass;

    use super::*;
    use crate::listings::traits::Traits;

    #[test]
    fn kinds_are_stored_by_name() {
        let traits = Traits {
            class: Some(OccupationClass::Trades),
            education: Some(Education::Bachelor),
            form: Some(Form::Dispatched),
            meals: true,
            lodging: false,
        };
        let fact = Fact { published: 1, closes: 2, town: 510_521_100, wage: 350_000, traits };
        let [kind, town] = terms(&fact);
        assert_eq!(kind, "=kind.trades.bachelor.dispatched.meals.3000");
        assert_eq!(town, "=town.510521100");
        assert_eq!(town_of(town.as_bytes()), Some(510_521_100));
        assert_eq!(Kind::parse(kind.as_bytes()), Some(Kind::of(&fact)));

        let nothing = Fact { town: 0, wage: 199_999, traits: Traits::default(), ..fact };
        assert_eq!(terms(&nothing), ["=kind.-.-.-.-.0", "=town.000000000"]);
        let of = Kind::of(&nothing);
        assert_eq!(Kind::parse(b"=kind.-.-.-.-.0"), Some(of));
        assert!(Education::ALL.into_iter().all(|mine| of.is_open_to(mine)));
        for damaged in ["=kind.-.-.-.-.1", "=kind.-.-.-.-", "=kind.sailor.-.-.-.0"] {
            assert_eq!(Kind::parse(damaged.as_bytes()), None, "{damaged}");
        }
    }

    #[test]
    fn every_kind_is_read_as_it_was_written() {
        for tile in Tile::all() {
            for education in Education::ALL.map(Some).into_iter().chain([None]) {
                for form in Form::ALL.map(Some).into_iter().chain([None]) {
                    for wage in WAGE_STEPS {
                        let (meals, lodging) = (wage == 3_000, form.is_none());
                        let kind = Kind { tile, education, form, meals, lodging, wage };
                        assert_eq!(Kind::parse(kind.term().as_bytes()), Some(kind));
                    }
                }
            }
        }
    }
}
