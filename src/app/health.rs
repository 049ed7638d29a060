//! How this machine is, for the heartbeat and the staff's report: written by the workers that know,
//! read by those that tell.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use jiff::civil::Date;
use kiosk_base::{domain::Stop, wire::v1::Heartbeat};
use kiosk_devices::{
    card::{ReaderStatus, SamId, Trouble},
    printer::PrinterStatus,
};

use crate::visit::{Place, staff::Progress};

/// Shared by the workers.
#[derive(Clone)]
pub(super) struct Health(Arc<Mutex<Known>>);

struct Known {
    started: Instant,
    reader: Device,
    /// The slot for social-security cards, where there is one.
    slot: Option<Device>,
    /// The slip printer, where there is one.
    printer: Option<PrinterStatus>,
    rows: BTreeMap<String, u64>,
    refresh: Option<Stop>,
    audit: Audit,
    /// An answer was not to its question, and nobody of the staff has taken note.
    alarm: Option<Date>,
}

/// How the audit is.
#[derive(Default)]
struct Audit {
    /// Why the last row was not written.
    unwritten: Option<Stop>,
    /// The county does not know the chain.
    is_refused: bool,
}

/// A device that reads cards.
struct Device {
    status: ReaderStatus,
    /// The last failure of a reading or of the device, with its counts.
    trouble: Option<Trouble>,
    /// The security module in it, as far as it has said its number.
    module: Option<SamId>,
}

impl Default for Device {
    fn default() -> Self {
        Self { status: ReaderStatus::Starting, trouble: None, module: None }
    }
}

impl Device {
    /// The device in words, or why it is out of service.
    fn words(&self, name: &str) -> Result<String, Stop> {
        match self.status {
            ReaderStatus::Ready => Ok(match self.trouble {
                Some(trouble) => format!("{name}应答正常；{}", last_trouble(trouble)),
                None => format!("{name}应答正常"),
            }),
            ReaderStatus::Starting => Ok(format!("{name}正在启动")),
            ReaderStatus::Down(stop) => Err(stop),
        }
    }

    fn stop(&self) -> Option<Stop> {
        match self.status {
            ReaderStatus::Down(stop) => Some(stop),
            _ => None,
        }
    }
}

impl Health {
    /// Of a machine with or without a slot and a printer.
    pub(super) fn new(has_slot: bool, has_printer: bool) -> Self {
        Self(Arc::new(Mutex::new(Known {
            started: Instant::now(),
            reader: Device::default(),
            slot: has_slot.then(Device::default),
            printer: has_printer.then_some(PrinterStatus::Starting),
            rows: BTreeMap::new(),
            refresh: None,
            audit: Audit::default(),
            alarm: None,
        })))
    }

    /// The state of the device at `place` changed.
    pub(super) fn device_is(&self, place: Place, status: ReaderStatus) {
        self.known().device(place).status = status;
    }

    /// A reading failed, or the device at `place` did.
    pub(super) fn device_failed(&self, place: Place, trouble: Trouble) {
        self.known().device(place).trouble = Some(trouble);
    }

    /// The printer's state changed.
    pub(super) fn printer_is(&self, status: PrinterStatus) {
        self.known().printer = Some(status);
    }

    /// The printer in words, or why it is out of service.
    pub(super) fn printer(&self) -> Result<String, Stop> {
        match self.known().printer {
            Some(PrinterStatus::Ready { low_paper }) => Ok(printer_words(low_paper).to_owned()),
            Some(PrinterStatus::Starting) => Ok("打印机正在启动".to_owned()),
            Some(PrinterStatus::Down(stop)) => Err(stop),
            None => Err(Stop::PrinterAbsent),
        }
    }

    /// The device at `place` said which module is in it.
    pub(super) fn module_is(&self, place: Place, module: SamId) {
        self.known().device(place).module = Some(module);
    }

    /// The module of the device at `place`.
    pub(super) fn module(&self, place: Place) -> Option<SamId> {
        self.known().device(place).module
    }

    /// The cache was looked at, or a refresh ended.
    pub(super) fn listings_are(&self, progress: &Progress) {
        let mut known = self.known();
        known.rows = progress.collections.iter().map(|row| (row.name.clone(), row.rows)).collect();
        known.refresh = progress.failed;
    }

    /// A row of the audit was not written as it should be, or was; or the county refused the chain.
    pub(super) fn audit_is(&self, stop: Option<Stop>) {
        let mut known = self.known();
        match stop {
            Some(Stop::AuditBroken) => known.audit.is_refused = true,
            stop => known.audit.unwritten = stop,
        }
    }

    /// The county has countersigned the chain.
    pub(super) fn county_took_head(&self) {
        self.known().audit.is_refused = false;
    }

    /// Whether the county has refused the chain.
    pub(super) fn audit_is_refused(&self) -> bool {
        self.known().audit.is_refused
    }

    /// On this day an answer was not to its question; `None` when the staff have taken note.
    pub(super) fn alarm_is(&self, day: Option<Date>) {
        self.known().alarm = day;
    }

    /// The reader in words, or why it is out of service.
    pub(super) fn reader(&self) -> Result<String, Stop> {
        self.known().reader.words("读卡器")
    }

    /// The slot in words, or why it is out of service.
    pub(super) fn slot(&self) -> Result<String, Stop> {
        self.known().device(Place::Slot).words("卡槽")
    }

    /// What is told to the county.
    pub(super) fn heartbeat(&self, today: Date) -> Heartbeat {
        let known = self.known();
        let devices = [Some(&known.reader), known.slot.as_ref()];
        let printer = match known.printer {
            Some(PrinterStatus::Down(stop)) => Some(stop),
            _ => None,
        };
        let alarm = known.alarm.filter(|day| *day == today).map(|_| Stop::PersonMismatch);
        let broken = known.audit.is_refused.then_some(Stop::AuditBroken);
        let others = [printer, known.refresh, known.audit.unwritten, broken, alarm];
        let of_devices = devices.into_iter().flatten().filter_map(Device::stop);
        let stops = of_devices.chain(others.into_iter().flatten());
        let stops: BTreeSet<_> = stops.map(|stop| stop.code().to_owned()).collect();
        Heartbeat {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            uptime_s: known.started.elapsed().as_secs(),
            reader_ready: known.reader.status == ReaderStatus::Ready,
            rows: known.rows.clone(),
            stops: stops.into_iter().collect(),
            modules: known.modules().map(|module| module.to_string()).collect(),
            audit: None,
            feed_keys: Vec::new(),
        }
    }

    /// A worker that panicked left whole values: each is set in one assignment.
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// Of the devices whose module has said its number.
    fn modules(&self) -> impl Iterator<Item = SamId> {
        [Some(&self.reader), self.slot.as_ref()].into_iter().flatten().filter_map(|it| it.module)
    }

    fn device(&mut self, place: Place) -> &mut Device {
        match place {
            Place::Plate => &mut self.reader,
            Place::Slot => self.slot.get_or_insert_default(),
        }
    }
}

/// A printer that is well, for the staff.
pub(crate) fn printer_words(low_paper: bool) -> &'static str {
    match low_paper {
        true => "打印机应答正常，纸快用完了",
        false => "打印机应答正常",
    }
}

/// Times in a row after which a failure is no chance, and the staff are told what to do about it.
const NO_CHANCE: u32 = 3;

/// The last failure for the staff: `最近 D01（状态 41），连续 2 次，当天 5 次`.
fn last_trouble(trouble: Trouble) -> String {
    let Trouble { stop, status, in_a_row, today } = trouble;
    let status = status.map(|status| format!("（状态 {:02X}）", status.0)).unwrap_or_default();
    let remedy = match in_a_row >= NO_CHANCE {
        true => format!("。{}", stop.entry().remedy),
        false => String::new(),
    };
    format!("最近 {}{status}，连续 {in_a_row} 次，当天 {today} 次{remedy}", stop.code())
}

#[cfg(test)]
mod tests {
    use kiosk_devices::card::frame::Status;

    use super::*;

    #[test]
    fn what_goes_on_is_told_with_its_remedy() {
        let stop = Stop::ReaderNoAddress;
        let told = |in_a_row| {
            let trouble = Trouble { in_a_row, ..Trouble::new(stop, Some(Status::READ_FAILED)) };
            last_trouble(trouble)
        };
        assert_eq!(told(2), "最近 R14（状态 41），连续 2 次，当天 1 次");
        assert!(told(3).contains("appended_address = false"), "{}", told(3));
    }
}
