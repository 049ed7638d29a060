//! Counting what each choice of each filter would leave, and finding the nearest thing when nothing
//! is left. Keeps no state.

use std::collections::BTreeMap;

use super::{
    facts::{Facts, Set},
    query::{Facet, Filters, Near, Tile},
    traits::Form,
};
use crate::domain::{DivisionCode, Education, Fen};

/// The steps of 工资多少以上 that are offered, in yuan a month.
pub const WAGE_STEPS: [i64; 6] = [2_000, 3_000, 4_000, 5_000, 6_000, 8_000];

/// What each choice would find, with all other filters as they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facets {
    /// What the query finds as it is.
    pub total: usize,
    /// What it would find without the filter, by facet.
    pub any: BTreeMap<Facet, usize>,
    /// By tile; tiles without postings are left out.
    pub tiles: BTreeMap<Tile, usize>,
    /// At least this much a month, for each of [`WAGE_STEPS`].
    pub wages: Vec<(Fen, usize)>,
    /// For somebody with this much schooling.
    pub education: Vec<(Education, usize)>,
    /// By form; forms without postings are left out.
    pub forms: BTreeMap<Form, usize>,
    /// With free meals.
    pub meals: usize,
    /// With a free bed.
    pub lodging: usize,
    /// With both.
    pub board: usize,
    /// As far from home as this.
    pub near: Vec<(Near, usize)>,
    /// By town; a posting that names only its county counts there.
    pub towns: BTreeMap<DivisionCode, u64>,
}

/// Postings that pass the filters, leaving out the one on `without`. `near` are the bands around
/// home, the nearest first; without them distance lets everything through.
pub(super) fn pass(
    facts: &Facts,
    filters: &Filters,
    near: Option<&[Set; 5]>,
    candidates: &Set,
) -> Set {
    let mut left = candidates.clone();
    if let Some(division) = &filters.within {
        left.keep(&facts.within(division));
    }
    if let (Some(most), Some(bands)) = (filters.near, near) {
        left.keep(&within_reach(bands, most));
    }
    if let Some(Fen(fen)) = filters.wage_from {
        left.keep(&facts.select(|fact| fact.wage >= fen));
    }
    let Filters { tile, education, form, meals, lodging, .. } = filters;
    if tile.is_some() || education.is_some() || form.is_some() || *meals || *lodging {
        left.keep(&facts.select(|fact| {
            let traits = fact.traits;
            tile.is_none_or(|tile| traits.tile() == tile)
                && education.is_none_or(|mine| traits.education().is_none_or(|asked| asked <= mine))
                && form.is_none_or(|form| traits.form() == Some(form))
                && (!meals || traits.meals())
                && (!lodging || traits.lodging())
        }));
    }
    left
}

/// Counts every choice. `candidates` are open and hold the words.
pub(super) fn count(
    facts: &Facts,
    filters: &Filters,
    near: Option<&[Set; 5]>,
    candidates: &Set,
) -> Facets {
    let left = |facet| pass(facts, &filters.without(facet), near, candidates);
    let mut counted =
        Facets { total: pass(facts, filters, near, candidates).count(), ..Facets::default() };

    let by_tile = left(Facet::Tile);
    for place in by_tile.places() {
        *counted.tiles.entry(facts.at(place).traits.tile()).or_default() += 1;
    }

    let by_wage = left(Facet::Wage);
    let mut steps = [0; WAGE_STEPS.len()];
    for place in by_wage.places() {
        let wage = facts.at(place).wage;
        for (count, step) in steps.iter_mut().zip(WAGE_STEPS) {
            *count += usize::from(wage >= Fen::from_yuan(step).0);
        }
    }
    counted.wages = WAGE_STEPS.map(Fen::from_yuan).into_iter().zip(steps).collect();

    let by_education = left(Facet::Education);
    let mut asked = [0; Education::ALL.len()];
    for place in by_education.places() {
        let least = facts.at(place).traits.education().map_or(0, |step| step as usize);
        asked[least] += 1;
    }
    let mut so_far = 0;
    counted.education = Education::ALL
        .into_iter()
        .zip(asked)
        .map(|(step, count)| {
            so_far += count;
            (step, so_far)
        })
        .collect();

    let by_form = left(Facet::Form);
    for place in by_form.places() {
        if let Some(form) = facts.at(place).traits.form() {
            *counted.forms.entry(form).or_default() += 1;
        }
    }

    let by_board = left(Facet::Board);
    for place in by_board.places() {
        let (meals, lodging) = (facts.at(place).traits.meals(), facts.at(place).traits.lodging());
        counted.meals += usize::from(meals);
        counted.lodging += usize::from(lodging);
        counted.board += usize::from(meals && lodging);
    }

    let by_place = left(Facet::Place);
    counted.towns = facts.towns(&by_place);
    if let Some(bands) = near {
        counted.near = Near::ALL
            .into_iter()
            .map(|most| {
                let mut reached = by_place.clone();
                reached.keep(&within_reach(bands, most));
                (most, reached.count())
            })
            .collect();
    }

    counted.any = [
        (Facet::Place, &by_place),
        (Facet::Wage, &by_wage),
        (Facet::Tile, &by_tile),
        (Facet::Education, &by_education),
        (Facet::Form, &by_form),
        (Facet::Board, &by_board),
    ]
    .map(|(facet, set)| (facet, set.count()))
    .into();
    counted
}

/// The bands up to `most`.
fn within_reach(bands: &[Set; 5], most: Near) -> Set {
    let mut reach = bands[0].clone();
    bands[1..=most as usize].iter().for_each(|band| reach.add(band));
    reach
}

/// Filters in the order in which a resident would rather give them up.
pub(super) const GIVEN_UP: [Facet; 6] =
    [Facet::Form, Facet::Education, Facet::Board, Facet::Wage, Facet::Place, Facet::Tile];
