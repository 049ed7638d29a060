//! What a kiosk needs around it where there is no town hall: an invented county on loopback, a
//! simulated reader, slot and slip printer, in this process. For the demonstration, the tests and
//! the benches.

use std::{path::Path, time::Duration};

use anyhow::Context;
use kiosk_base::clock::Clock;
use kiosk_county::{
    Demonstration, HallPattern, PinPolicy, QueryRules, demonstration::DemonstrationSettings,
};
use kiosk_devices::printer::{Paper, PrinterSettings};
use kiosk_stage::simulator::{
    Card, CardImage, Options, PrinterOptions, SimulatedPrinter, SimulatedReader, SimulatedSlot,
};
use tokio::runtime::Runtime;

use crate::{config::Settings, link::LinkSettings};

/// Whoever shows the demonstration lays cards faster than residents do.
const QUERIES: QueryRules = QueryRules {
    per_minute: 6_000,
    per_kiosk_per_day: 1_000_000,
    failures_per_kiosk_per_day: 1_000_000,
    per_person_per_day: 100_000,
    window: Duration::from_secs(120),
    history_window: Duration::from_secs(300),
    pin: PinPolicy::Off,
    pattern: HallPattern {
        per_hour: 1_000_000,
        failures_per_day: 1_000_000,
        outside_per_day: 1_000_000,
        opens: 0,
        closes: 24,
    },
};

/// The county and the devices. Dropping it ends them.
pub struct Hall {
    /// The county.
    pub county: Demonstration,
    /// The reader, with no card on it.
    pub reader: SimulatedReader,
    /// The slot, with no card in it.
    pub slot: SimulatedSlot,
    /// The slip printer, with a roll of 58 mm in it.
    pub printer: SimulatedPrinter,
    /// On which the county runs.
    pub runtime: Runtime,
}

impl Hall {
    /// Opens a hall with residents and listings from `content`; the county keeps its certificates
    /// and its database in `data`.
    ///
    /// # Errors
    /// When the content cannot be read, `data` cannot be written, or the system gives no threads or
    /// no pseudo-terminal.
    pub fn open(
        content: &Path,
        data: &Path,
        clock: Clock,
        reader: Options,
    ) -> anyhow::Result<Self> {
        let runtime = kiosk_county::runtime(Some(1))?;
        let settings = DemonstrationSettings {
            content: content.to_owned(),
            data: data.to_owned(),
            listen: ([127, 0, 0, 1], 0).into(),
            hosts: Vec::new(),
            clock,
            queries: QUERIES,
        };
        let county = Demonstration::start(runtime.handle(), &settings)?;
        // Beside the reader's name, if that has one: without a name of its own a port that is gone
        // may be another one's the next moment.
        let link = reader.link.as_ref().map(|reader| reader.with_file_name("printer"));
        let reader = SimulatedReader::start(reader).context("建不了模拟读卡器的伪终端")?;
        let printer = SimulatedPrinter::start(PrinterOptions { link, ..PrinterOptions::default() })
            .context("建不了模拟打印机的伪终端")?;
        Ok(Self { county, reader, slot: SimulatedSlot::default(), printer, runtime })
    }

    /// Points a kiosk's settings at this county and this reader.
    pub fn furnish(&self, settings: &mut Settings) {
        let Demonstration { url, authority, certificate, key, feed_key, server: _ } = &self.county;
        settings.link = LinkSettings {
            url: url.clone(),
            authority: authority.clone(),
            certificate: certificate.clone(),
            key: key.clone(),
            feed_key: feed_key.clone(),
        };
        settings.reader = self.reader.settings();
    }

    /// Gives the kiosk this hall's slip printer, too.
    pub fn furnish_printer(&self, settings: &mut Settings) {
        settings.printer = Some(PrinterSettings::simulated(self.printer.port(), Paper::Mm58));
    }

    /// Gives the kiosk this hall's slot, too.
    pub fn furnish_slot(&self, settings: &mut Settings) {
        settings.contact = Some(self.slot.settings());
    }
}

/// Puts a card where its kind belongs.
pub fn lay(card: &Card, reader: &SimulatedReader, slot: &SimulatedSlot) {
    match card {
        Card::Plate(card) => reader.lay(CardImage::clone(card)),
        Card::Slot(card) => slot.insert(card.clone()),
    }
}

/// Takes away whatever lies there.
pub fn lift(reader: &SimulatedReader, slot: &SimulatedSlot) {
    reader.lift();
    slot.pull();
}
