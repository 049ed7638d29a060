//! The integration tests: one binary, because linking is slow; one module a subject.

mod advice;
mod card;
mod config;
mod county;
mod demo;
mod displays;
mod draining;
mod flows;
mod fuzz;
mod house;
mod link;
mod listings;
mod memory;
mod printer;
mod privacy;
mod programs;
mod screens;
mod support;
mod usage;
mod yesterday;
