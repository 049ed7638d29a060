//! Tests of the visit.
