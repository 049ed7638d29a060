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
            let right = "请照 `pcsc_scan` 显示的写读卡器的名字，只写一行；\
                         用找到的第一个写 \"any\"，没有就写 \"\"";
            return Err(self.wrong("reader.contact", typed, right));
        }
        let slot = SlotSettings::over_pcsc((name != ANY).then_some(name));
        slot.map(Some).ok_or_else(|| {
            let right = "这个程序没有带 PC/SC；请写 \"\"，或用 \
                         `cargo build --release --features pcsc` 重新编译";
            self.wrong("reader.contact", typed, right)
        })
    }
}
