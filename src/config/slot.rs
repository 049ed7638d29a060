//! The slot for social-security cards, `reader.contact`. Keeps no state.

use kiosk_base::config::ConfigError;
use kiosk_devices::card::SlotSettings;
use toml::Spanned;

use super::check::Checker;

/// Names the first slot there is.
const ANY: &str = "any";

impl Checker<'_> {
    /// The slot that was typed, if any.
    pub(super) fn slot(
        &self,
        typed: &Spanned<String>,
    ) -> Result<Option<SlotSettings>, ConfigError> {
        let name = typed.get_ref().as_str();
        if name.is_empty() {
            return Ok(None);
        }
        if name.len() > 255 || name.chars().any(char::is_control) {
            let right = "it must be the reader's name on one line as `pcsc_scan` prints it, \"any\" \
                         for the first there is, or \"\" for none";
            return Err(self.wrong("reader.contact", typed, right));
        }
        let slot = SlotSettings::over_pcsc((name != ANY).then_some(name));
        slot.map(Some).ok_or_else(|| {
            let right = "this program was built without PC/SC; write \"\", or build it with \
                         `cargo build --release --features pcsc`";
            self.wrong("reader.contact", typed, right)
        })
    }
}
