//! Plays the devices and the people of a hall: in every build, because installers and trainers need it
//! as much as tests do.
//!
//! | room | responsible for |
//! | --- | --- |
//! | [`simulator`] | a reader and a printer on pseudo-terminals and buses, invented residents |

pub mod simulator;
