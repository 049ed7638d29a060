//! Whole visits through the real window: what a resident presses and reads, with the simulated
//! reader on a real pseudo-terminal and the county on loopback behind real mutual TLS.

mod audit;
mod browsing;
mod documents;
mod help;
mod insurance;
mod keys;
mod retirement;
mod slips;
mod staff;
mod tasks;
mod touches;
mod trouble;
