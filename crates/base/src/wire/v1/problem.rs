//! Why the county did not answer. Keeps no state.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::codes::wire_codes;

/// Why the county did not answer a request, as `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// What kind of problem.
    pub code: ProblemCode,
    /// One sentence for the log, without personal data.
    pub detail: String,
}

wire_codes! {
    /// Kinds of problems.
    pub enum ProblemCode {
        /// The core system has no such person under this number and name.
        NotFound = "not_found",
        /// The name does not belong to the number: said by older counties, which told the two apart.
        IdentityMismatch = "identity_mismatch",
        /// This query was answered already: each `read_id` is good for one answer.
        Replayed = "replayed",
        /// `read_at` is too far from the county's time.
        OutOfWindow = "out_of_window",
        /// There were too many queries about this person today.
        PersonLimit = "person_limit",
        /// There were too many queries, or too many failed ones, of this kiosk today.
        KioskLimit = "kiosk_limit",
        /// `sam_id` is no module that this kiosk has announced, or is missing where one has read the
        /// document; a heartbeat announces it.
        ReaderUnknown = "reader_unknown",
        /// The county no longer takes this kiosk's certificate: it was revoked, or has run out.
        CertificateRefused = "certificate_refused",
        /// The county asks for the person's query PIN.
        PinRequired = "pin_required",
        /// The query PIN is wrong.
        PinWrong = "pin_wrong",
        /// The county asks for a query PIN and this person has none.
        PinUnset = "pin_unset",
        /// The query PIN was wrong too often today; not even the right one is answered.
        PinLocked = "pin_locked",
        /// The head of the audit chain is older than one that the county has countersigned.
        AuditBackwards = "audit_backwards",
        /// The audit chain has another row than the one that the county has countersigned.
        AuditForked = "audit_forked",
        /// The request is malformed.
        BadRequest = "bad_request",
        /// Too many queries, or too many kiosks at once; see `Retry-After`.
        TooMany = "too_many",
        /// The core system does not answer.
        CoreUnavailable = "core_unavailable",
        /// There is no core system: this county answers no queries for accounts.
        CoreAbsent = "core_absent",
        /// The county service itself failed; its log says why.
        Internal = "internal",
    }
}

impl ProblemCode {
    /// The code of this name, if it is one that this software knows.
    pub fn named(name: &str) -> Option<Self> {
        Self::KNOWN.iter().find(|known| known.as_str() == name).copied()
    }
}
