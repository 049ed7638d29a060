//! Single values of version 1: texts that have a form, and numbers. A text was parsed by the domain when it
//! was read, so one that exists is right; how it is written stands here. Keeps no state.

use serde::{Deserialize, Serialize};
use utoipa::{PartialSchema, ToSchema, openapi::RefOr, openapi::Schema};

use super::schema::text;
use crate::domain;

/// Declares texts of a form: each is read by what the domain makes of a text, and described by a sentence,
/// a pattern and an example.
macro_rules! texts {
    ($(
        $(#[$doc:meta])+
        $name:ident of $domain:ty: $about:literal, $pattern:literal, $example:literal;
    )+) => {$(
        $(#[$doc])+
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name($domain);

        impl TryFrom<String> for $name {
            type Error = <$domain as TryFrom<String>>::Error;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.try_into().map(Self)
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0.into()
            }
        }

        impl From<$domain> for $name {
            fn from(value: $domain) -> Self {
                Self(value)
            }
        }

        impl From<$name> for $domain {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                text($about, $pattern, $example)
            }
        }

        impl ToSchema for $name {}
    )+};
}

texts! {
    /// 证件号码. Masked wherever it is formatted; overwritten when dropped.
    HolderNumber of domain::HolderNumber:
        "公民身份号码 (GB 11643) or 永久居留证号码",
        "^([0-9]{17}[0-9X]|[A-Z]{3}[0-9]{12})$",
        "510599198507150012";
    /// A month.
    YearMonth of domain::YearMonth: "A month", "^[0-9]{4}-[0-9]{2}$", "2026-09";
    /// The id of a posting, a notice or a fair.
    PostingId of domain::PostingId:
        "Id at the source", "^[A-Za-z0-9._:-]{1,64}$", "lx-2026-0001";
    /// 行政区划.
    DivisionCode of domain::DivisionCode:
        "County, town or village", "^([0-9]{6}|[0-9]{9}|[0-9]{12})$", "510521100";
    /// The last four digits of a bank account. Not shown by `Debug`.
    BankTail of domain::account::BankTail:
        "Last four digits of a bank account", "^[0-9]{4}$", "0123";
    /// By which the rest of a history is to be had. Not shown by `Debug`.
    HistoryCursor of domain::account::HistoryCursor:
        "The rest of a history", "^[0-9a-f]{32}$", "0123456789abcdef0123456789abcdef";
}

/// Declares whole numbers, for which the domain has a name of its own.
macro_rules! numbers {
    ($($(#[$doc:meta])+ $name:ident($number:ty) of $domain:path;)+) => {$(
        $(#[$doc])+
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(transparent)]
        pub struct $name(pub $number);

        impl From<$domain> for $name {
            fn from(value: $domain) -> Self {
                Self(value.0)
            }
        }

        impl From<$name> for $domain {
            fn from(value: $name) -> Self {
                $domain(value.0)
            }
        }
    )+};
}

numbers! {
    /// An amount in fen (分, 1/100 yuan). Shown with two decimals and thousands: `1,234.00`.
    Fen(i64) of domain::Fen;
    /// AAE140 险种类型. An unknown code is kept and shown, never guessed.
    InsuranceKind(u16) of domain::InsuranceKind;
    /// AAE160 变更原因. A code that no table holds is kept and shown.
    ChangeReason(u16) of domain::account::ChangeReason;
    /// AAC066 参保身份, three digits: `011` for an ordinary participant, others for people whom the
    /// government pays for.
    ParticipantIdentity(u16) of domain::account::ParticipantIdentity;
}

impl Fen {
    /// Whether it is nothing, which is not written.
    pub(super) fn is_zero(&self) -> bool {
        self.0 == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_right_when_it_was_read_and_not_shown() {
        let read = serde_json::from_str::<HolderNumber>(r#""51059919610320058x""#);
        let number = read.expect("a number");
        assert!(!format!("{number:?}").contains("5105"));
        assert_eq!(serde_json::to_value(&number).expect("a text"), "51059919610320058X");
        assert_eq!(domain::HolderNumber::from(number).expose(), "51059919610320058X");
        assert!(serde_json::from_str::<HolderNumber>(r#""510599196103200580""#).is_err());
        assert!(serde_json::from_str::<YearMonth>(r#""2026-13""#).is_err());
        assert!(serde_json::from_str::<PostingId>("7").is_err());
    }
}
