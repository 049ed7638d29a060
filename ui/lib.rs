//! The pages of the kiosk, as Rust types generated from the `.slint` files beside this one.
//!
//! Only `renshe_kiosk::screen` uses this crate: it sets the `in` properties of the globals declared
//! in `state/` and connects their callbacks. It holds no logic and keeps no state of its own.

slint::include_modules!();
