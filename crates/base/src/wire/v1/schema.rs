//! How texts, codes and choices look in the OpenAPI document. Keeps no state.

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Discriminator, ObjectBuilder, Ref, RefOr, Schema,
        schema::{ArrayBuilder, OneOfBuilder, Type},
    },
};

use super::{
    AuditVerdict, EmploymentForm, Fen, HISTORY_PAGE, HistoryCursor, HistoryPage, MonthContribution,
    Payment, ProblemCode, Wage, WagePeriod,
};

// Choices are written out here in whole objects, each under a name of its own. What is derived from
// the types is as right, but generators of clients drop an operation over it: they take no choice
// within an `allOf`, and no object without a name within a choice.

/// The two kinds of pages, by what they hold and the name of its schema.
const HISTORY_PAGES: [(&str, &str); 2] =
    [("months", "HistoryPageOfMonths"), ("payments", "HistoryPageOfPayments")];

/// Told apart by `of`.
impl PartialSchema for HistoryPage {
    fn schema() -> RefOr<Schema> {
        let references = HISTORY_PAGES.map(|(of, name)| (of, Ref::from_schema_name(name)));
        let mapping = references.clone().map(|(of, page)| (of, page.ref_location));
        let pages = OneOfBuilder::new()
            .description(Some("The next rows of a history, newest first"))
            .discriminator(Some(Discriminator::with_mapping("of", mapping)));
        references.into_iter().fold(pages, |pages, (_, page)| pages.item(page)).into()
    }
}

impl ToSchema for HistoryPage {
    fn schemas(schemas: &mut Schemas) {
        let rows = [MonthContribution::name(), Payment::name()].map(Ref::from_schema_name);
        for ((of, name), row) in HISTORY_PAGES.into_iter().zip(rows) {
            let of = ObjectBuilder::new().schema_type(Type::String).enum_values(Some([of]));
            let rows = ArrayBuilder::new().items(row).min_items(Some(1));
            let page = ObjectBuilder::new()
                .property("of", of)
                .required("of")
                .property("rows", rows.max_items(Some(HISTORY_PAGE)))
                .required("rows")
                .property("more", Ref::from_schema_name(HistoryCursor::name()));
            schemas.push((name.to_owned(), page.into()));
        }
        with::<MonthContribution>(schemas);
        with::<Payment>(schemas);
        with::<HistoryCursor>(schemas);
    }
}

impl PartialSchema for AuditVerdict {
    fn schema() -> RefOr<Schema> {
        OneOfBuilder::new()
            .description(Some("What the county says to a head"))
            .item(variant("countersigned", "CountersignedHead"))
            .item(variant("refused", "RefusedHead"))
            .into()
    }
}

impl ToSchema for AuditVerdict {
    fn schemas(schemas: &mut Schemas) {
        let signature = ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("Ed25519 (RFC 8032) by the feed key over the head"))
            .pattern(Some("^[0-9a-f]{128}$"));
        let countersigned = ObjectBuilder::new()
            .description(Some("It continues what the county knew, and is known from now on"))
            .property("signature", signature)
            .required("signature");
        let refused = ObjectBuilder::new()
            .description(Some("It does not continue what the county knows of this kiosk"))
            .property("code", Ref::from_schema_name(ProblemCode::name()))
            .required("code");
        schemas.push(("CountersignedHead".to_owned(), countersigned.into()));
        schemas.push(("RefusedHead".to_owned(), refused.into()));
        with::<ProblemCode>(schemas);
    }
}

impl PartialSchema for EmploymentForm {
    fn schema() -> RefOr<Schema> {
        let known = ["full_time", "part_time", "temporary", "intern", "dispatched"];
        let words = ObjectBuilder::new().schema_type(Type::String);
        OneOfBuilder::new()
            .description(Some("How one is employed; other is the source's own word"))
            .item(ObjectBuilder::new().schema_type(Type::String).enum_values(Some(known)))
            .item(ObjectBuilder::new().property("other", words).required("other"))
            .into()
    }
}

impl ToSchema for EmploymentForm {}

impl PartialSchema for Wage {
    fn schema() -> RefOr<Schema> {
        let negotiable =
            ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["negotiable"]));
        OneOfBuilder::new()
            .description(Some("Pay of a posting; negotiable is 面议"))
            .item(variant("range", "WageRange"))
            .item(negotiable)
            .into()
    }
}

impl ToSchema for Wage {
    fn schemas(schemas: &mut Schemas) {
        let fen = || Ref::from_schema_name(Fen::name());
        let range = ObjectBuilder::new()
            .description(Some("From `min` to `max` fen (equal for a fixed wage) per `per`"))
            .property("min", fen())
            .required("min")
            .property("max", fen())
            .required("max")
            .property("per", Ref::from_schema_name(WagePeriod::name()))
            .required("per");
        schemas.push(("WageRange".to_owned(), range.into()));
        with::<Fen>(schemas);
        with::<WagePeriod>(schemas);
    }
}

/// How an enum of codes looks in the document: its reader meets no others, but in the answers of a newer
/// county.
pub(super) fn codes<'a>(about: String, codes: impl IntoIterator<Item = &'a str>) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(about))
        .enum_values(Some(codes))
        .build()
        .into()
}

/// The schemas of a document by their names.
type Schemas = Vec<(String, RefOr<Schema>)>;

/// Adds the schema of `T`, and those that it refers to.
fn with<T: ToSchema>(schemas: &mut Schemas) {
    schemas.push((T::name().into_owned(), T::schema()));
    T::schemas(schemas);
}

/// An object whose one member says which variant it is.
fn variant(tag: &str, schema: &str) -> ObjectBuilder {
    ObjectBuilder::new().property(tag, Ref::from_schema_name(schema)).required(tag)
}

pub(super) fn text(description: &str, pattern: &str, example: &str) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(description))
        .pattern(Some(pattern))
        .examples([example])
        .build()
        .into()
}
