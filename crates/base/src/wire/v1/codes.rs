//! Enums of codes as they travel: a code that this version does not know is kept as it came, and written
//! again as it was. Keeps no state.

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, Visitor, value::MapAccessDeserializer},
};

/// Declares an enum of codes as [`codes!`](crate::domain::code::codes) does, with its JSON and its schema.
macro_rules! wire_codes {
    (
        $(#[doc = $about:literal])+
        pub enum $name:ident {
            $($(#[$doc:meta])* $variant:ident = $code:literal,)+
        }
    ) => {
        $crate::domain::code::codes! {
            $(#[doc = $about])+
            pub enum $name {
                $($(#[$doc])* $variant = $code,)+
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::domain::code::read(deserializer)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                let about = [$($about.trim()),+].join("\n");
                $crate::wire::v1::schema::codes(about, Self::KNOWN.iter().map(Self::as_str))
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}

/// [`wire_codes!`] for an enum of the domain with the same variants, and the way from one to the other.
macro_rules! twin_codes {
    (
        $(#[doc = $about:literal])+
        pub enum $name:ident of $domain:ty {
            $($variant:ident = $code:literal,)+
        }
    ) => {
        $crate::wire::v1::codes::wire_codes! {
            $(#[doc = $about])+
            pub enum $name {
                $(#[doc = concat!("`", $code, "`.")] $variant = $code,)+
            }
        }

        const _: () = {
            type Domain = $domain;

            impl From<Domain> for $name {
                fn from(code: Domain) -> Self {
                    match code {
                        $(Domain::$variant => Self::$variant,)+
                        Domain::Code(code) => Self::Code(code),
                    }
                }
            }

            impl From<$name> for Domain {
                fn from(code: $name) -> Self {
                    match code {
                        $($name::$variant => Self::$variant,)+
                        $name::Code(code) => Self::Code(code),
                    }
                }
            }
        };
    };
}

pub(super) use {twin_codes, wire_codes};

/// What is either a code, or an object that says more.
pub(super) enum CodeOr<T> {
    Code(String),
    Object(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for CodeOr<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Either<T> {
            type Value = CodeOr<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a code or an object")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(CodeOr::Code(text.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(CodeOr::Object)
            }
        }
        deserializer.deserialize_any(Either(PhantomData))
    }
}
