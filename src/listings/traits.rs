//! What filters ask of a posting beyond place and pay. Keeps no state.

use kiosk_base::domain::{Education, EmploymentForm, OccupationClass, Posting};
use serde::Serialize;

use super::query::Tile;

/// Class, schooling, form, board and lodging of one posting.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Traits {
    /// The class; none is 其他, and so is one that this version does not know.
    pub(super) class: Option<OccupationClass>,
    /// The schooling asked for, when it is said.
    pub(super) education: Option<Education>,
    /// The form, when it is one of those that are offered.
    pub(super) form: Option<Form>,
    /// Whether meals are free.
    pub(super) meals: bool,
    /// Whether a bed is free.
    pub(super) lodging: bool,
}

/// The forms that a filter offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// 全职.
    FullTime,
    /// 兼职.
    PartTime,
    /// 临时工, 日结.
    Temporary,
    /// 实习.
    Intern,
    /// 劳务派遣.
    Dispatched,
}

impl Form {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 5] =
        [Self::FullTime, Self::PartTime, Self::Temporary, Self::Intern, Self::Dispatched];

    fn of(form: &EmploymentForm) -> Option<Self> {
        match form {
            EmploymentForm::FullTime => Some(Self::FullTime),
            EmploymentForm::PartTime => Some(Self::PartTime),
            EmploymentForm::Temporary => Some(Self::Temporary),
            EmploymentForm::Intern => Some(Self::Intern),
            EmploymentForm::Dispatched => Some(Self::Dispatched),
            EmploymentForm::Other(_) | EmploymentForm::Code(_) => None,
        }
    }
}

impl Traits {
    /// The traits of a posting.
    pub(super) fn of(posting: &Posting) -> Self {
        Self {
            class: posting.class.filter(|class| !matches!(class, OccupationClass::Code(_))),
            education: posting.education.as_deref().and_then(Education::asked_for),
            form: posting.form.as_ref().and_then(Form::of),
            meals: posting.meals == Some(true),
            lodging: posting.lodging == Some(true),
        }
    }

    /// The tile under which it stands.
    pub(super) fn tile(self) -> Tile {
        self.class.map_or(Tile::Other, Tile::Class)
    }
}
