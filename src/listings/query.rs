//! What a resident looks for: words and filters. Keeps no state.

use kiosk_base::domain::{DivisionCode, Education, Fen, OccupationClass};

use super::traits::Form;

/// What a resident looks for. The default finds everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// Words as typed: Han, pinyin initials, full pinyin, letters, digits. Empty for everything.
    pub words: String,
    /// Only what the filters let through.
    pub filters: Filters,
    /// Where the kiosk stands: what lies near stands first.
    pub home: Option<Home>,
    /// Rows to skip.
    pub offset: usize,
    /// Rows wanted, at most [`ROWS_MAX`](super::search::ROWS_MAX).
    pub limit: usize,
}

/// Filters, each of which lets everything through when it is not set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filters {
    /// Only in this town (9 digits) or county (6 digits).
    pub within: Option<DivisionCode>,
    /// Only as far from home as this.
    pub near: Option<Near>,
    /// Only with at least this pay a month, when pay is stated.
    pub wage_from: Option<Fen>,
    /// Only under this tile.
    pub tile: Option<Tile>,
    /// Only what somebody with this much schooling may do. What asks for nothing, or does not say,
    /// is among it.
    pub education: Option<Education>,
    /// Only in this form.
    pub form: Option<Form>,
    /// Only with free meals.
    pub meals: bool,
    /// Only with a free bed.
    pub lodging: bool,
}

impl Filters {
    /// How many filters are set, a town or a distance counting once.
    pub fn count(&self) -> usize {
        [
            self.within.is_some() || self.near.is_some(),
            self.wage_from.is_some(),
            self.tile.is_some(),
            self.education.is_some(),
            self.form.is_some(),
            self.meals || self.lodging,
        ]
        .into_iter()
        .filter(|set| *set)
        .count()
    }

    /// The same without the filter on `facet`.
    pub fn without(&self, facet: Facet) -> Self {
        let mut rest = self.clone();
        match facet {
            Facet::Place => (rest.within, rest.near) = (None, None),
            Facet::Wage => rest.wage_from = None,
            Facet::Tile => rest.tile = None,
            Facet::Education => rest.education = None,
            Facet::Form => rest.form = None,
            Facet::Board => (rest.meals, rest.lodging) = (false, false),
        }
        rest
    }
}

/// What can be filtered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Facet {
    /// 地点.
    Place,
    /// 工资.
    Wage,
    /// 职业大类.
    Tile,
    /// 文化程度.
    Education,
    /// 用工形式.
    Form,
    /// 吃住.
    Board,
}

impl Facet {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 6] =
        [Self::Place, Self::Wage, Self::Tile, Self::Education, Self::Form, Self::Board];
}

/// Where the kiosk stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    /// Its town.
    pub town: DivisionCode,
    /// The towns around it.
    pub neighbours: Vec<DivisionCode>,
}

impl Home {
    /// A town whose neighbours are not known.
    pub fn alone(town: DivisionCode) -> Self {
        Self { town, neighbours: Vec::new() }
    }
}

/// How far from home a posting lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Near {
    /// In the kiosk's town.
    Town,
    /// There or in a town beside it.
    Neighbours,
    /// In the county.
    County,
    /// In the city.
    City,
}

impl Near {
    /// All steps, the nearest first.
    pub const ALL: [Self; 4] = [Self::Town, Self::Neighbours, Self::County, Self::City];
}

/// A tile of the page where job finding begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tile {
    /// Postings of this class.
    Class(OccupationClass),
    /// 其他: postings of no class.
    Other,
}

impl Tile {
    /// All tiles, in order.
    pub fn all() -> impl Iterator<Item = Self> {
        OccupationClass::KNOWN.iter().copied().map(Self::Class).chain([Self::Other])
    }
}
