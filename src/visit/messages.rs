//! What a visit hears and says: [`Event`]s and [`Press`]es come in, [`Effect`]s go out. What
//! workers answer carries the ticket of the visit, the question or the slip.

use std::{path::PathBuf, time::Duration};

use jiff::civil::{Date, DateTime};
use kiosk_base::domain::{
    Account, DocumentFacts, HolderNumber, JobFair, PostingId, Sensitive, Stop,
    account::{HistoryPage, HistoryRest},
};
use kiosk_devices::{card::ReaderEvent, printer::PrinterStatus};

use super::{
    LinkStatus, Place, QuestionTicket, SlipTicket, Summary, VisitTicket, account, fairs,
    fit::{self, TextSize},
    focus, identify, jobs,
    keypad::Stroke,
    printing, staff, stick, what_if,
};
use crate::listings;

/// What happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// Time passed; sent about once a second and before every other event that needs it.
    Tick {
        /// Monotonic time since the kiosk started.
        mono: Duration,
        /// The town's wall clock.
        wall: DateTime,
    },
    /// This is what fits on the pages now.
    Measured(Box<fit::Fits>),
    /// A touch on nothing in particular.
    Touched,
    /// Something was pressed.
    Press(Press),
    /// A key of a keyboard, a tactile pad or a switch.
    Key(char),
    /// One of them was held for three seconds.
    KeyHeld(char),
    /// What can be read and pressed on the page now, in reading order. Sent while there is a focus.
    Read(Vec<focus::Stop>),
    /// From the card reader.
    Reader(ReaderEvent),
    /// From the slot for social-security cards.
    Slot(ReaderEvent),
    /// From the slip printer.
    Printer(PrinterStatus),
    /// A slip has come to its end.
    Printed {
        /// Which slip.
        ticket: SlipTicket,
        /// Why it is not printed, or not known to be.
        outcome: Result<(), Stop>,
    },
    /// A card of the staff was read.
    StaffCard(Place),
    /// The link's state.
    Link(LinkStatus),
    /// What the cache holds.
    Summary(Box<Summary>),
    /// Postings that were asked for.
    Postings {
        /// Whose visit.
        ticket: VisitTicket,
        /// What was asked.
        query: listings::Query,
        /// What was found.
        results: listings::Results,
    },
    /// Counts of postings that were asked for.
    Facets {
        /// Whose visit.
        ticket: VisitTicket,
        /// What was asked.
        query: listings::Query,
        /// What was counted.
        facets: Box<listings::Facets>,
    },
    /// Job fairs that were asked for.
    Fairs {
        /// Whose visit.
        ticket: VisitTicket,
        /// First day of the month that was asked for.
        month: Date,
        /// The fairs, in the order of their days.
        fairs: Vec<JobFair>,
    },
    /// The files on USB sticks.
    Sticks {
        /// Whose visit.
        ticket: VisitTicket,
        /// The files, the last changed first.
        files: Vec<stick::StickFile>,
    },
    /// What importing a file would do.
    Tried {
        /// Whose visit.
        ticket: VisitTicket,
        /// The report, or why the whole file is refused.
        outcome: Result<Box<stick::Report>, stick::Unfit>,
    },
    /// Whether what was tried is kept.
    Kept {
        /// Whose visit.
        ticket: VisitTicket,
        /// Why it is not.
        outcome: Result<(), Stop>,
    },
    /// Training notices that were asked for.
    Trainings {
        /// Whose visit.
        ticket: VisitTicket,
        /// Index of the first row.
        offset: usize,
        /// What was found.
        results: listings::Trainings,
    },
    /// The county's answer about the person.
    Account {
        /// Which question.
        ticket: QuestionTicket,
        /// The account, or why there is none.
        answer: Result<Box<Account>, Stop>,
    },
    /// The next rows of a history of the account.
    History {
        /// Which question.
        ticket: QuestionTicket,
        /// The rows, or why there are none.
        answer: Result<Box<HistoryPage>, Stop>,
    },
    /// Whether the PIN was right.
    Pin {
        /// Whose visit.
        ticket: VisitTicket,
        /// `Err` says which stop and how many seconds to wait.
        answer: Result<(), (Stop, u32)>,
    },
    /// Whether the office was told of a call.
    Called {
        /// Whose visit.
        ticket: VisitTicket,
        /// Whether it was.
        told: bool,
    },
    /// How far a refresh of the listings is.
    Refresh(staff::Progress),
    /// The readiness report.
    Readiness {
        /// Whose visit.
        ticket: VisitTicket,
        /// Its rows.
        rows: Vec<staff::CheckRow>,
    },
    /// The county's answer was not to its question.
    Alarm(DateTime),
    /// Which card of the demonstration lies on the simulated reader.
    DemoLaid(Option<usize>),
    /// Which fault the demonstration offers, if any, and whether it is being played.
    DemoFault {
        /// Which.
        fault: Option<usize>,
        /// Whether it is being played.
        playing: bool,
    },
}

/// What a resident pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Press {
    /// Anywhere on the attract page.
    Start,
    /// A door on the attract page.
    StartAt(Entrance),
    /// 返回.
    Back,
    /// 首页.
    Home,
    /// 结束, or 用完了，拿走身份证.
    End,
    /// 我还在.
    Stay,
    /// 帮助.
    Help,
    /// 字号: the next size of the text.
    Larger,
    /// One of the sizes of the text, on the first page.
    Size(TextSize),
    /// 颜色: the next palette.
    Palette,
    /// 放低: what is pressed comes within reach of who sits, and back.
    Lower,
    /// English, 中文.
    Language,
    /// The town's name, for three seconds.
    Held,
    /// A way into a flow.
    To(Entrance),
    /// 下一页.
    Next,
    /// 上一页.
    Previous,
    /// The n-th row of the page.
    Open(usize),
    /// On a pad of keys.
    Pad(Stroke),
    /// Finding work.
    Jobs(jobs::Press),
    /// The month sheet of job fairs.
    Fairs(fairs::Press),
    /// From the card to the account.
    Identify(identify::Press),
    /// The account.
    Account(account::Press),
    /// 打印.
    Print,
    /// 叫工作人员.
    Call,
    /// 带走.
    TakeAway,
    /// − or ＋ on the page of the estimate.
    Turn(what_if::Turn),
    /// The staff at work.
    Staff(staff::Press),
    /// Importing from a USB stick.
    Stick(stick::Press),
}

/// A way into a flow, as home and other pages offer it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entrance {
    /// The door 就业.
    Work,
    /// 找工作.
    Jobs,
    /// 学技术.
    Trainings,
    /// 招聘会.
    Fairs,
    /// The door 社保.
    Insurance,
    /// The door 维权.
    Rights,
    /// 办事指南.
    Guides,
    /// 公示栏.
    Boards,
    /// 没带身份证.
    WithoutCard,
}

/// What is to be done by a worker or the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Press this stop of the page, as a finger would; answer with what comes of it.
    PressStop(usize),
    /// Ring in the office; answer with [`Event::Called`].
    Call {
        /// Whose visit.
        ticket: VisitTicket,
        /// What the page is about.
        page: &'static str,
    },
    /// Find postings; answer with [`Event::Postings`].
    FindPostings {
        /// Whose visit.
        ticket: VisitTicket,
        /// What to find.
        query: listings::Query,
    },
    /// Count postings by every filter; answer with [`Event::Facets`].
    CountPostings {
        /// Whose visit.
        ticket: VisitTicket,
        /// What to count.
        query: listings::Query,
    },
    /// Find the job fairs of a month; answer with [`Event::Fairs`].
    FindFairs {
        /// Whose visit.
        ticket: VisitTicket,
        /// The month's first day.
        month: Date,
    },
    /// Look for files on USB sticks; answer with [`Event::Sticks`].
    FindSticks {
        /// Whose visit.
        ticket: VisitTicket,
    },
    /// Read a file and say what importing it would do; answer with [`Event::Tried`].
    TryImport {
        /// Whose visit.
        ticket: VisitTicket,
        /// Which file.
        path: PathBuf,
    },
    /// Keep what was tried last; answer with [`Event::Kept`].
    KeepImport {
        /// Whose visit.
        ticket: VisitTicket,
    },
    /// Mark a posting for this town, or take its mark away.
    MarkPosting {
        /// Which.
        id: PostingId,
        /// What the staff will know it by.
        title: String,
        /// How.
        mark: Option<listings::Mark>,
    },
    /// Find training notices; answer with [`Event::Trainings`].
    FindTrainings {
        /// Whose visit.
        ticket: VisitTicket,
        /// Index of the first row.
        offset: usize,
        /// Most rows.
        limit: usize,
    },
    /// Ask the county; answer with [`Event::Account`].
    AskAccount {
        /// Which question: in one visit two cards may be laid, one after the other.
        ticket: QuestionTicket,
        /// Where the document lies, as far as is known.
        place: Option<Place>,
        /// What the document says about itself.
        document: DocumentFacts,
        /// The document's number.
        number: HolderNumber,
        /// The document's name.
        name: Sensitive<String>,
        /// Its name in Latin letters, of a foreigner.
        english_name: Option<Sensitive<String>>,
        /// The person's query PIN, once the county has asked for it.
        pin: Option<Sensitive<String>>,
    },
    /// Ask the county for the next rows of a history; answer with [`Event::History`].
    AskHistory {
        /// Which question.
        ticket: QuestionTicket,
        /// What is missing.
        rest: HistoryRest,
    },
    /// Drop the question that is under way, if any.
    CancelAccount,
    /// Print this, now or not at all; answer with [`Event::Printed`].
    Print {
        /// Which slip.
        ticket: SlipTicket,
        /// What is on it.
        sheet: printing::Sheet,
    },
    /// Drop the slip that is under way.
    CancelPrint,
    /// See now whether the line is up; answer with [`Event::Link`].
    TryLink,
    /// Check a PIN; answer with [`Event::Pin`].
    CheckPin {
        /// Whose visit.
        ticket: VisitTicket,
        /// What was typed.
        pin: Sensitive<String>,
    },
    /// Refresh the listings now; report with [`Event::Refresh`].
    RefreshListings,
    /// The staff have taken note of the alarm.
    Acknowledge,
    /// Make the readiness report; answer with [`Event::Readiness`].
    CheckMachine {
        /// Whose visit.
        ticket: VisitTicket,
    },
}
