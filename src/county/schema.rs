//! How the domain's checked texts look in the OpenAPI document. They stand here and not beside the
//! types because the description is the county's business. Keeps no state.

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

use crate::domain::{
    DivisionCode, HolderNumber, PostingId, YearMonth,
    account::{BankTail, HistoryCursor},
};

impl PartialSchema for HolderNumber {
    fn schema() -> RefOr<Schema> {
        text(
            "公民身份号码 (GB 11643) or 永久居留证号码",
            "^([0-9]{17}[0-9X]|[A-Z]{3}[0-9]{12})$",
            "510599198507150012",
        )
    }
}

impl ToSchema for HolderNumber {}

impl PartialSchema for YearMonth {
    fn schema() -> RefOr<Schema> {
        text("A month", "^[0-9]{4}-[0-9]{2}$", "2026-09")
    }
}

impl ToSchema for YearMonth {}

impl PartialSchema for PostingId {
    fn schema() -> RefOr<Schema> {
        text("Id at the source", "^[A-Za-z0-9._:-]{1,64}$", "lx-2026-0001")
    }
}

impl ToSchema for PostingId {}

impl PartialSchema for DivisionCode {
    fn schema() -> RefOr<Schema> {
        text("County, town or village", "^([0-9]{6}|[0-9]{9}|[0-9]{12})$", "510521100")
    }
}

impl ToSchema for DivisionCode {}

impl PartialSchema for BankTail {
    fn schema() -> RefOr<Schema> {
        text("Last four digits of a bank account", "^[0-9]{4}$", "0123")
    }
}

impl ToSchema for BankTail {}

impl PartialSchema for HistoryCursor {
    fn schema() -> RefOr<Schema> {
        text("The rest of a history", "^[0-9a-f]{32}$", "0123456789abcdef0123456789abcdef")
    }
}

impl ToSchema for HistoryCursor {}

fn text(description: &str, pattern: &str, example: &str) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(description))
        .pattern(Some(pattern))
        .examples([example])
        .build()
        .into()
}
