//! The integration tests: one binary, because linking is slow; one module a subject.

mod card;
