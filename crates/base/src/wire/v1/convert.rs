//! Conversions between what travels and the domain's nouns, where both have the same fields. Both sides are
//! taken apart whole, so the compiler asks for the other one when a field comes to one of them. Keeps no
//! state.

/// Implements `From` both ways between a struct of the wire and one of the domain. Of their fields, which
/// have the same names, some are the `same`; of others `one` value, `some` optional one or `each` of a list
/// is converted.
macro_rules! both_ways {
    ($wire:ty, $domain:ty, $fields:tt) => {
        const _: () = {
            type Wire = $wire;
            type Domain = $domain;
    $crate::wire::v1::convert::one_way!(Domain => Wire $fields);
    $crate::wire::v1::convert::one_way!(Wire => Domain $fields);
        };
    };
}

macro_rules! one_way {
    ($from:ident => $to:ident {
        $(same: $($same:ident),+;)?
        $(one: $($one:ident),+;)?
        $(some: $($some:ident),+;)?
        $(each: $($each:ident),+;)?
    }) => {
        impl From<$from> for $to {
            fn from(value: $from) -> Self {
                let $from {
                    $($($same,)+)? $($($one,)+)? $($($some,)+)? $($($each,)+)?
                } = value;
                Self {
                    $($($same,)+)?
                    $($($one: $one.into(),)+)?
                    $($($some: $some.map(Into::into),)+)?
                    $($($each: $each.into_iter().map(Into::into).collect(),)+)?
                }
            }
        }
    };
}

pub(super) use {both_ways, one_way};
