//! What filters ask of a posting beyond place and pay, packed into one small number that is stored
//! beside its text. Keeps no state.

use super::query::Tile;
use crate::domain::{Education, EmploymentForm, OccupationClass, Posting};

/// Class, schooling, form, board and lodging of one posting.
///
/// | bits | what | 0 |
/// | --- | --- | --- |
/// | 0–3 | class, from 1 in the order of [`OccupationClass::ALL`] | none |
/// | 4–6 | schooling asked for, from 1 in the order of [`Education::ALL`] | not said |
/// | 7–9 | form, from 1 in the order of [`Form::ALL`] | not said |
/// | 10–11 | meals: 1 free, 2 not | not said |
/// | 12–13 | lodging: 1 free, 2 not | not said |
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Traits(pub(super) u16);

/// The forms that a filter offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
            EmploymentForm::Other(_) => None,
        }
    }
}

impl Traits {
    /// The traits of a posting.
    pub(super) fn of(posting: &Posting) -> Self {
        let place = |all: usize, at: Option<usize>| at.map_or(0, |at| at.min(all) as u16 + 1);
        let said = |free: Option<bool>| match free {
            None => 0,
            Some(true) => 1,
            Some(false) => 2,
        };
        let education = posting.education.as_deref().and_then(Education::asked_for);
        let form = posting.form.as_ref().and_then(Form::of);
        let class = place(12, posting.class.map(|class| class as usize));
        let education = place(7, education.map(|step| step as usize));
        let form = place(5, form.map(|form| form as usize));
        Self(
            class
                | education << 4
                | form << 7
                | said(posting.meals) << 10
                | said(posting.lodging) << 12,
        )
    }

    /// The tile under which it stands.
    pub(super) fn tile(self) -> Tile {
        one_of(&OccupationClass::ALL, self.0 & 0xF).map_or(Tile::Other, Tile::Class)
    }

    /// The schooling asked for.
    pub(super) fn education(self) -> Option<Education> {
        one_of(&Education::ALL, (self.0 >> 4) & 7)
    }

    /// The form.
    pub(super) fn form(self) -> Option<Form> {
        one_of(&Form::ALL, (self.0 >> 7) & 7)
    }

    /// Whether meals are free.
    pub(super) fn meals(self) -> bool {
        (self.0 >> 10) & 3 == 1
    }

    /// Whether a bed is free.
    pub(super) fn lodging(self) -> bool {
        (self.0 >> 12) & 3 == 1
    }
}

fn one_of<T: Copy>(all: &[T], number: u16) -> Option<T> {
    usize::from(number).checked_sub(1).and_then(|at| all.get(at)).copied()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::domain::PostingId;

    #[test]
    fn every_trait_comes_back() {
        let id = PostingId::parse("t-1").expect("an id");
        let bare = Posting::new(id, "电焊工", "测试厂", date(2026, 11, 1), "测试");
        let traits = Traits::of(&bare);
        assert_eq!((traits, traits.tile(), traits.meals()), (Traits(0), Tile::Other, false));
        let forms = [
            EmploymentForm::FullTime,
            EmploymentForm::PartTime,
            EmploymentForm::Temporary,
            EmploymentForm::Intern,
            EmploymentForm::Dispatched,
        ];
        for class in OccupationClass::ALL {
            for (words, step) in [("不限", Education::Any), ("博士", Education::Graduate)] {
                for (form, offered) in forms.iter().zip(Form::ALL) {
                    let posting = Posting {
                        class: Some(class),
                        education: Some(words.into()),
                        form: Some(form.clone()),
                        meals: Some(true),
                        lodging: Some(false),
                        ..bare.clone()
                    };
                    let traits = Traits::of(&posting);
                    assert_eq!(traits.tile(), Tile::Class(class));
                    assert_eq!(traits.education(), Some(step));
                    assert_eq!(traits.form(), Some(offered));
                    assert!(traits.meals() && !traits.lodging());
                }
            }
        }
    }
}
