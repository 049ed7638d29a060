//! What a column can mean. Keeps no state.

use serde::Deserialize;

use crate::wire::Collection;

/// What a column can mean: a field of a posting, a training notice or a job fair, or something
/// from which fields are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are those of the fields; clerk.toml explains each")]
pub enum Target {
    // Of all three.
    Id,
    Title,
    Place,
    Division,
    Phone,
    Published,
    Source,
    /// For which towns it is.
    Towns,
    // Of postings.
    Occupation,
    OccupationCode,
    Employer,
    Openings,
    /// A part of the openings, for those of one sex: they count together.
    OpeningsPart,
    Conditions,
    /// One of the conditions, of a kind that its column names: 专业, 职称.
    Condition,
    Education,
    Experience,
    /// Schooling, experience and openings run together: `1-3年本科`, `2年经验 | 大专 | 招1人`.
    Requirements,
    Form,
    Meals,
    Lodging,
    /// Meals and bed in one: 食宿.
    Board,
    Duties,
    Wage,
    WageMin,
    WageMax,
    /// What the wage is paid for, or that it is 面议: 月薪, 日薪, 面谈.
    WageType,
    /// How many monthly wages a year.
    WageMonths,
    Benefits,
    Hours,
    Contact,
    /// The first day on which one may apply, where it is not that of the publication.
    Opens,
    Closes,
    /// The town or city in which the place lies, where a column of its own has it.
    Area,
    Link,
    /// Never shown (人力资源市场暂行条例 Art 24), but reported.
    Sex,
    /// As `Sex`.
    EthnicGroup,
    /// As `Sex`.
    Belief,
    /// Ages in words; stands among the conditions.
    Age,
    AgeMin,
    AgeMax,
    // Of training notices.
    Institution,
    Level,
    ClassHours,
    ForWhom,
    Cost,
    EnrolFrom,
    EnrolUntil,
    Starts,
    Ends,
    Seats,
    Content,
    // Of job fairs.
    Date,
    Organiser,
    /// What an employer at a fair looks for.
    Jobs,
    /// A column that is known and not taken.
    Ignored,
}

impl Target {
    /// How many there are.
    pub(super) const COUNT: usize = Self::Ignored as usize + 1;

    /// Whether it may stand in a mapping for `collection`.
    pub(super) fn fits(self, collection: Collection) -> bool {
        let (posting, training, fair) = match self {
            Self::Id | Self::Title | Self::Place | Self::Division | Self::Phone => {
                (true, true, true)
            }
            Self::Published | Self::Source | Self::Towns | Self::Ignored => (true, true, true),
            Self::Occupation | Self::Contact => (true, true, false),
            Self::Employer | Self::Openings | Self::OpeningsPart | Self::Hours => {
                (true, false, true)
            }
            Self::Institution | Self::Level | Self::ClassHours | Self::ForWhom | Self::Cost => {
                (false, true, false)
            }
            Self::EnrolFrom | Self::EnrolUntil | Self::Starts | Self::Seats => (false, true, false),
            Self::Ends | Self::Content => (false, true, true),
            Self::Date | Self::Organiser | Self::Jobs => (false, false, true),
            _ => (true, false, false),
        };
        match collection {
            Collection::Postings => posting,
            Collection::Trainings => training,
            Collection::Fairs => fair,
        }
    }

    /// Whether all columns of it are taken, one behind the other, and not the first with words.
    pub(super) fn is_joined(self) -> bool {
        matches!(
            self,
            Self::OpeningsPart
                | Self::Conditions
                | Self::Requirements
                | Self::Duties
                | Self::Benefits
                | Self::Content
        )
    }

    /// Whether it holds amounts that are paid.
    pub(super) fn is_wage(self) -> bool {
        matches!(self, Self::Wage | Self::WageMin | Self::WageMax)
    }

    /// The fields of the ends of a range that stands in this one as a whole: 薪资 has 薪资起 and
    /// 薪资止.
    pub(super) fn ends(self) -> Option<(Self, Self)> {
        Some(match self {
            Self::Wage => (Self::WageMin, Self::WageMax),
            Self::Age => (Self::AgeMin, Self::AgeMax),
            Self::Opens | Self::Closes => (Self::Opens, Self::Closes),
            Self::EnrolFrom | Self::EnrolUntil => (Self::EnrolFrom, Self::EnrolUntil),
            Self::Starts | Self::Ends => (Self::Starts, Self::Ends),
            Self::Date => (Self::Date, Self::Ends),
            _ => return None,
        })
    }

    /// Whether it may be said once for all rows of a table, above it.
    pub(super) fn is_said_once(self) -> bool {
        matches!(
            self,
            Self::Employer
                | Self::Institution
                | Self::Organiser
                | Self::Place
                | Self::Division
                | Self::Phone
                | Self::Contact
                | Self::Published
                | Self::Closes
                | Self::Date
                | Self::Source
                | Self::Towns
                | Self::Hours
                | Self::Board
                | Self::Benefits
        )
    }

    /// Whether a row stands on it: a damaged character in it cannot be left out.
    pub(super) fn is_key(self) -> bool {
        matches!(
            self,
            Self::Id | Self::Title | Self::Employer | Self::Institution | Self::Place | Self::Phone
        )
    }

    /// The field's name, as the files of mappings have it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Title => "title",
            Self::Place => "place",
            Self::Division => "division",
            Self::Phone => "phone",
            Self::Published => "published",
            Self::Source => "source",
            Self::Towns => "towns",
            Self::Occupation => "occupation",
            Self::OccupationCode => "occupation_code",
            Self::Employer => "employer",
            Self::Openings => "openings",
            Self::OpeningsPart => "openings_part",
            Self::Conditions => "conditions",
            Self::Condition => "condition",
            Self::Education => "education",
            Self::Experience => "experience",
            Self::Requirements => "requirements",
            Self::Form => "form",
            Self::Meals => "meals",
            Self::Lodging => "lodging",
            Self::Board => "board",
            Self::Duties => "duties",
            Self::Wage => "wage",
            Self::WageMin => "wage_min",
            Self::WageMax => "wage_max",
            Self::WageType => "wage_type",
            Self::WageMonths => "wage_months",
            Self::Benefits => "benefits",
            Self::Hours => "hours",
            Self::Contact => "contact",
            Self::Opens => "opens",
            Self::Closes => "closes",
            Self::Area => "area",
            Self::Link => "link",
            Self::Sex => "sex",
            Self::EthnicGroup => "ethnic_group",
            Self::Belief => "belief",
            Self::Age => "age",
            Self::AgeMin => "age_min",
            Self::AgeMax => "age_max",
            Self::Institution => "institution",
            Self::Level => "level",
            Self::ClassHours => "class_hours",
            Self::ForWhom => "for_whom",
            Self::Cost => "cost",
            Self::EnrolFrom => "enrol_from",
            Self::EnrolUntil => "enrol_until",
            Self::Starts => "starts",
            Self::Ends => "ends",
            Self::Seats => "seats",
            Self::Content => "content",
            Self::Date => "date",
            Self::Organiser => "organiser",
            Self::Jobs => "jobs",
            Self::Ignored => "ignored",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_has_the_name_that_is_read() {
        for name in ["wage_min", "ethnic_group", "towns", "class_hours", "ignored", "jobs"] {
            let read: Target = serde_json::from_str(&format!("{name:?}")).expect("a field");
            assert_eq!(read.name(), name);
        }
    }
}
