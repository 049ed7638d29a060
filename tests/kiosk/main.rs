//! The integration tests: one binary, because linking is slow; one module a subject.

mod link;
mod support;
