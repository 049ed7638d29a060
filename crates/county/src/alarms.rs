//! What at a kiosk is not as in a hall. The figures are simple and stand in the settings: whoever has
//! stolen a kiosk's key can stay below them, and then learns no more than a hall's visitors would.
//!
//! An alarm is an error in the log and a row in `county.db`, once a day for each kiosk and kind.
//! Keeps no state.

use jiff::Zoned;

use super::{keeper::Keeper, worded::worded};

/// How a hall is used: what is more gives alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HallPattern {
    /// Queries in an hour of the clock.
    pub per_hour: u32,
    /// Failed queries in a day: unknown persons, wrong names, wrong PINs.
    pub failures_per_day: u32,
    /// Queries in a day while halls are closed.
    pub outside_per_day: u32,
    /// The hour at which halls open.
    pub opens: i8,
    /// The hour at which they close.
    pub closes: i8,
}

impl Default for HallPattern {
    fn default() -> Self {
        Self { per_hour: 60, failures_per_day: 20, outside_per_day: 5, opens: 7, closes: 19 }
    }
}

impl HallPattern {
    /// Whether halls are closed at this hour.
    pub(super) fn is_closed(&self, hour: i8) -> bool {
        !(self.opens..self.closes).contains(&hour)
    }
}

worded! {
    /// What gave alarm.
    pub enum AlarmKind {
        /// More queries in an hour than a hall has visitors.
        ManyQueries = ("many_queries", "查询太多"),
        /// More failed queries than people make mistakes.
        ManyFailures = ("many_failures", "失败太多"),
        /// Queries while halls are closed.
        OutsideHours = ("outside_hours", "大厅关门时查询"),
        /// The queries of this day are used up.
        BudgetSpent = ("budget_spent", "当天的查询已用完"),
        /// It has announced another security module than before.
        NewReader = ("new_reader", "换了读卡器"),
        /// It has announced a module that another kiosk has announced.
        ReaderOfAnother = ("reader_of_another", "用了别的终端的读卡器"),
        /// It has announced more modules in a day than readers are changed.
        ManyReaders = ("many_readers", "读卡器换得太多"),
    }
}

/// Raises an alarm about `kiosk`. The detail names no person.
pub(super) fn raise(keeper: &Keeper, kiosk: &str, kind: AlarmKind, now: &Zoned, detail: String) {
    let kind = kind.as_str();
    tracing::error!(kiosk, alarm = kind, detail, "this kiosk is not used as in a hall");
    let (kiosk, day) = (kiosk.to_owned(), now.date().to_string());
    let at = now.timestamp().to_string();
    // Written behind; the log has it already.
    drop(keeper.keep(move |connection| {
        connection
            .prepare_cached("INSERT OR IGNORE INTO kiosk_alarm VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute([&kiosk, &day, kind, &at, &detail])
            .map(drop)
    }));
}
