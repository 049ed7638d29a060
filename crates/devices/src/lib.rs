//! What a kiosk is connected to. Both rooms have a thread a device, which finds it, watches it and says
//! what came; neither knows a visit.
//!
//! | room | responsible for |
//! | --- | --- |
//! | [`card`] | document readers: frames, document parsing, the driver threads |
//! | [`printer`] | the slip printer: a slip as bytes, the driver thread |

pub mod card;
pub mod printer;
