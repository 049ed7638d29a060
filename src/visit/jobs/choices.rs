//! What each filter offers, with how many postings each choice would leave.

use kiosk_base::domain::{DivisionCode, Education, Fen};

use crate::{
    listings::{Facet, Facets, Filters, Form, Near, Query, Tile},
    visit::Machine,
};

/// A choice of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// 不限.
    Any,
    /// As far from home as this.
    Near(Near),
    /// In this town.
    Town(DivisionCode),
    /// At least this much a month.
    Wage(Fen),
    /// Under this tile.
    Tile(Tile),
    /// For somebody with this much schooling.
    Education(Education),
    /// In this form.
    Form(Form),
    /// With free meals.
    Meals,
    /// With a free bed.
    Lodging,
    /// With both.
    Board,
}

/// What most look for, one touch each above the tiles: 本镇, 包吃住, 临时日结, 不限学历.
pub const CHIPS: [(Facet, Choice); 4] = [
    (Facet::Place, Choice::Near(Near::Town)),
    (Facet::Board, Choice::Board),
    (Facet::Form, Choice::Form(Form::Temporary)),
    (Facet::Education, Choice::Education(Education::Any)),
];

/// A choice as it is offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// The choice.
    pub choice: Choice,
    /// How many postings it would leave; `None` while they are counted.
    pub count: Option<usize>,
    /// Whether it is the present one.
    pub chosen: bool,
}

impl Choice {
    /// Sets the filter on `facet` to this choice.
    pub(super) fn apply(&self, facet: Facet, filters: &mut Filters) {
        *filters = filters.without(facet);
        match self {
            Self::Any => {}
            Self::Near(near) => filters.near = Some(*near),
            Self::Town(code) => filters.within = Some(code.clone()),
            Self::Wage(least) => filters.wage_from = Some(*least),
            Self::Tile(tile) => filters.tile = Some(*tile),
            Self::Education(mine) => filters.education = Some(*mine),
            Self::Form(form) => filters.form = Some(*form),
            Self::Meals => filters.meals = true,
            Self::Lodging => filters.lodging = true,
            Self::Board => (filters.meals, filters.lodging) = (true, true),
        }
    }
}

/// The present choice of the filter on `facet`.
pub fn chosen(facet: Facet, filters: &Filters) -> Choice {
    let choice = match facet {
        Facet::Place => {
            let town = filters.within.clone().map(Choice::Town);
            town.or(filters.near.map(Choice::Near))
        }
        Facet::Wage => filters.wage_from.map(Choice::Wage),
        Facet::Tile => filters.tile.map(Choice::Tile),
        Facet::Education => filters.education.map(Choice::Education),
        Facet::Form => filters.form.map(Choice::Form),
        Facet::Board => match (filters.meals, filters.lodging) {
            (true, true) => Some(Choice::Board),
            (true, false) => Some(Choice::Meals),
            (false, true) => Some(Choice::Lodging),
            (false, false) => None,
        },
    };
    choice.unwrap_or(Choice::Any)
}

/// What the filter on `facet` offers: 不限 first, then every choice that leaves something, and the
/// present one in any case.
pub fn offered(
    machine: &Machine,
    facet: Facet,
    query: &Query,
    facets: Option<&Facets>,
) -> Vec<Offered> {
    let present = chosen(facet, &query.filters);
    let any = facets.and_then(|facets| facets.any.get(&facet)).copied();
    let counted = facets.map_or_else(Vec::new, |facets| counted(machine, facet, facets));
    let missing = !counted.iter().any(|(choice, _)| *choice == present);
    let missing = (missing && present != Choice::Any).then(|| (present.clone(), Some(0)));
    let some = counted
        .into_iter()
        .filter(|(choice, count)| *count > 0 || *choice == present)
        .map(|(choice, count)| (choice, Some(count)));
    std::iter::once((Choice::Any, any))
        .chain(some)
        .chain(missing)
        .map(|(choice, count)| Offered { chosen: choice == present, choice, count })
        .collect()
}

fn counted(machine: &Machine, facet: Facet, facets: &Facets) -> Vec<(Choice, usize)> {
    match facet {
        Facet::Place => {
            let near = facets.near.iter().map(|(near, count)| (*near, *count));
            // Where no neighbours are known, they add nothing.
            let alone = machine.office.neighbours.is_empty();
            let near = near.filter(|(near, _)| !(alone && *near == Near::Neighbours));
            let here = &machine.office.division;
            let towns = machine.towns.iter().filter(|town| !here.lies_in(&town.code));
            let in_town = |code: &DivisionCode| {
                let inside = facets.towns.iter().filter(|(at, _)| at.lies_in(code));
                usize::try_from(inside.map(|(_, count)| count).sum::<u64>()).unwrap_or(usize::MAX)
            };
            near.map(|(near, count)| (Choice::Near(near), count))
                .chain(towns.map(|town| (Choice::Town(town.code.clone()), in_town(&town.code))))
                .collect()
        }
        Facet::Wage => {
            facets.wages.iter().map(|(least, count)| (Choice::Wage(*least), *count)).collect()
        }
        Facet::Tile => {
            facets.tiles.iter().map(|(tile, count)| (Choice::Tile(*tile), *count)).collect()
        }
        Facet::Education => facets
            .education
            .iter()
            .map(|(mine, count)| (Choice::Education(*mine), *count))
            .collect(),
        Facet::Form => {
            facets.forms.iter().map(|(form, count)| (Choice::Form(*form), *count)).collect()
        }
        Facet::Board => vec![
            (Choice::Board, facets.board),
            (Choice::Meals, facets.meals),
            (Choice::Lodging, facets.lodging),
        ],
    }
}
