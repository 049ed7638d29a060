//! Counting what each choice of each filter would leave, and finding the nearest thing when nothing
//! is left. Keeps no state.

use std::collections::BTreeMap;

use kiosk_base::{
    domain::{DivisionCode, Education, Fen},
    store::StoreError,
};
use rusqlite::Connection;

use super::{
    find::by_division,
    index::{Kind, Segment, Set},
    query::{Facet, Filters, Near, Query, Tile},
    traits::Form,
};

/// The steps of 工资多少以上 that are offered, in yuan a month. They are terms of the index: with others
/// it is made anew, by another `RULES` in [`terms`](super::terms).
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

/// Counts every choice over all segments. `holding` are, by segment, the postings that are open and
/// hold the words. Without a home nothing is counted as near.
pub(super) fn count(
    snapshot: &Connection,
    segments: &[Segment],
    query: &Query,
    holding: &[Set],
) -> Result<Facets, StoreError> {
    let near = query.home.iter().flat_map(|_| Near::ALL.map(|most| (most, 0)));
    let mut counted = Facets {
        near: near.collect(),
        wages: WAGE_STEPS.map(|step| (Fen::from_yuan(step), 0)).into(),
        education: Education::ALL.map(|step| (step, 0)).into(),
        any: Facet::ALL.map(|facet| (facet, 0)).into(),
        ..Facets::default()
    };
    let mut towns = BTreeMap::new();
    for (segment, candidates) in segments.iter().zip(holding) {
        count_one(snapshot, segment, &query.filters, candidates, &mut counted, &mut towns)?;
    }
    counted.towns = by_division(&towns);
    Ok(counted)
}

fn count_one(
    snapshot: &Connection,
    segment: &Segment,
    filters: &Filters,
    candidates: &Set,
    counted: &mut Facets,
    towns: &mut BTreeMap<u32, u64>,
) -> Result<(), StoreError> {
    if candidates.is_empty() {
        return Ok(());
    }
    let let_through = segment.let_through(snapshot, filters)?;
    let found = let_through.count_kinds(candidates, &[]);
    let whatever_paid = match let_through.has_set_of(Facet::Wage) {
        true => &let_through.count_kinds(candidates, &[Facet::Wage]),
        false => &found,
    };
    counted.total +=
        found.iter().filter(|(kind, _)| kind.passes(filters, &[])).map(|(_, n)| n).sum::<usize>();
    for facet in Facet::ALL.into_iter().filter(|facet| *facet != Facet::Place) {
        let kinds = if facet == Facet::Wage { whatever_paid } else { &found };
        for (kind, count) in kinds.iter().filter(|(kind, _)| kind.passes(filters, &[facet])) {
            counted.add(facet, kind, *count);
        }
    }

    let by_place = let_through.of(candidates, &[Facet::Place]);
    *counted.any.entry(Facet::Place).or_default() += by_place.count();
    segment.count_towns(snapshot, &by_place, towns)?;
    if let Some(bands) = segment.near() {
        let mut so_far = 0;
        for ((_, count), band) in counted.near.iter_mut().zip(bands) {
            so_far += band.shared(&by_place);
            *count += so_far;
        }
    }
    Ok(())
}

impl Facets {
    /// Adds postings of one kind to the choices of a facet.
    fn add(&mut self, facet: Facet, kind: &Kind, count: usize) {
        *self.any.entry(facet).or_default() += count;
        let add_if = |holds: bool, to: &mut usize| *to += if holds { count } else { 0 };
        match facet {
            // Which does not go by the kind.
            Facet::Place => {}
            Facet::Tile => *self.tiles.entry(kind.tile).or_default() += count,
            Facet::Wage => {
                let steps = self.wages.iter_mut().zip(WAGE_STEPS);
                steps.for_each(|((_, counted), step)| add_if(kind.pays(step), counted));
            }
            Facet::Education => {
                let steps = self.education.iter_mut();
                steps.for_each(|(mine, counted)| add_if(kind.is_open_to(*mine), counted));
            }
            Facet::Form => {
                if let Some(form) = kind.form {
                    *self.forms.entry(form).or_default() += count;
                }
            }
            Facet::Board => {
                add_if(kind.meals, &mut self.meals);
                add_if(kind.lodging, &mut self.lodging);
                add_if(kind.meals && kind.lodging, &mut self.board);
            }
        }
    }
}

/// Filters in the order in which a resident would rather give them up.
pub(super) const GIVEN_UP: [Facet; 6] =
    [Facet::Form, Facet::Education, Facet::Board, Facet::Wage, Facet::Place, Facet::Tile];
