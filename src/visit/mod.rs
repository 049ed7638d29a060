//! One resident's visit, as a pure function: [`step`] takes the state and an event, changes the
//! state and says what is to be done. No I/O, no clock, no randomness: time arrives as events, and
//! what workers find out comes back as events that carry the visit's [`Ticket`], so that an answer
//! meant for the last resident is dropped.
//!
//! Each flow is a file with its own states: [`jobs`], [`browse`] (training, guides, boards),
//! [`fairs`], [`identify`] (from the card to the account; which card, [`places`] says), [`account`] (its
//! pages), [`staff`]. [`step`] only
//! keeps the visit's frame — begin, end, idle, way back, comfort — and hands on.
//!
//! State: everything the kiosk shows. What outlives a visit is in [`Machine`]; what belongs to the
//! resident is in [`Visit`], and all that is personal in its one [`Resident`].

use std::{path::PathBuf, time::Duration};

use jiff::civil::{Date, DateTime};

use crate::{
    card::{ReaderEvent, ReaderStatus},
    domain::{Account, DivisionCode, HolderNumber, JobFair, Posting, PostingId, Sensitive, Stop},
    listings,
};

pub mod account;
pub mod browse;
pub mod fairs;
pub mod fit;
pub mod identify;
pub mod jobs;
pub mod machine;
pub mod places;
pub mod staff;
pub mod stick;

pub use identify::Resident;
pub use machine::{LinkStatus, Machine, Summary};
pub use places::{Cards, Place};

/// Names a visit, or a question to the county. Answers that carry another ticket than the present
/// one are dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ticket(pub u64);

/// The kiosk as it is now.
#[derive(Debug)]
pub struct State {
    /// What outlives visits.
    pub machine: Machine,
    /// The present visit, if somebody is here.
    pub visit: Option<Visit>,
    tickets: u64,
}

/// One visit.
#[derive(Debug)]
pub struct Visit {
    /// Its name.
    pub ticket: Ticket,
    /// When the resident last did anything, on the monotonic clock.
    pub touched: Duration,
    /// How the pages are shown to this resident.
    pub comfort: Comfort,
    /// The pages from home to the present one; never empty.
    pub trail: Vec<Page>,
    /// The place whose card has the visit, while it lies there.
    pub place: Option<Place>,
    /// Who it is, once a card was read. All personal data of the visit.
    pub resident: Option<Resident>,
    /// The posting that was kept to be compared with another.
    pub kept: Option<Box<Posting>>,
}

/// What a resident may change about the pages. Returns to default with the visit's end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Comfort {
    /// 大字.
    pub large: bool,
    /// 高对比.
    pub high_contrast: bool,
}

/// A page with what it needs to be shown. Nothing personal lives here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// The doors.
    Home,
    /// 就业: find work or learn a trade.
    Work,
    /// Tiles of occupations.
    Find(jobs::Find),
    /// Job postings, page by page.
    Jobs(jobs::Jobs),
    /// The filters of a list.
    Narrow(jobs::Narrow),
    /// The choices of one filter.
    Options(jobs::Options),
    /// The A–Z pad.
    Pad(jobs::Pad),
    /// One posting.
    Job(jobs::Job),
    /// Two postings side by side.
    Compare(jobs::Compare),
    /// A posting's QR code.
    TakeAway(jobs::Job),
    /// Training notices, page by page.
    Trainings(browse::Trainings),
    /// One notice.
    Training(browse::Training),
    /// Job fairs of a month.
    Fairs(fairs::Fairs),
    /// One fair.
    Fair(fairs::Fair),
    /// 维权.
    Rights,
    /// 办事指南.
    Guides(browse::Guides),
    /// One guide.
    Guide(browse::Paged),
    /// 公示栏.
    Boards(browse::Guides),
    /// One board.
    Board(browse::Paged),
    /// 帮助.
    Help,
    /// From the card to the account.
    Identify(identify::Step),
    /// The account in one look.
    Overview,
    /// All kinds of insurance.
    Insurance(account::Kinds),
    /// One kind, contributions by year.
    Years(account::Years),
    /// The staff's PIN.
    Pin(staff::Pin),
    /// The staff's page.
    Staff(staff::Desk),
    /// The readiness report, page by page from 0.
    Checks(usize),
    /// The postings that the town has marked, page by page from 0.
    Marks(usize),
    /// Files on USB sticks.
    Sticks(stick::Sticks),
    /// One of them on its way in.
    Import(stick::Import),
}

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
    /// The window leaves this room for pages now.
    Resized(fit::Room),
    /// A touch on nothing in particular.
    Touched,
    /// Something was pressed.
    Press(Press),
    /// From the card reader.
    Reader(ReaderEvent),
    /// From the slot for social-security cards.
    Slot(ReaderEvent),
    /// A card of the staff was read.
    StaffCard(Place),
    /// The link's state.
    Link(LinkStatus),
    /// What the cache holds.
    Summary(Box<Summary>),
    /// Postings that were asked for.
    Postings {
        /// Whose visit.
        ticket: Ticket,
        /// What was asked.
        query: listings::Query,
        /// What was found.
        results: listings::Results,
    },
    /// Counts of postings that were asked for.
    Facets {
        /// Whose visit.
        ticket: Ticket,
        /// What was asked.
        query: listings::Query,
        /// What was counted.
        facets: Box<listings::Facets>,
    },
    /// Job fairs that were asked for.
    Fairs {
        /// Whose visit.
        ticket: Ticket,
        /// First day of the month that was asked for.
        month: Date,
        /// The fairs, in the order of their days.
        fairs: Vec<JobFair>,
    },
    /// The files on USB sticks.
    Sticks {
        /// Whose visit.
        ticket: Ticket,
        /// The files, the last changed first.
        files: Vec<stick::StickFile>,
    },
    /// What importing a file would do.
    Tried {
        /// Whose visit.
        ticket: Ticket,
        /// The report, or why the whole file is refused.
        outcome: Result<Box<stick::Report>, stick::Unfit>,
    },
    /// Whether what was tried is kept.
    Kept {
        /// Whose visit.
        ticket: Ticket,
        /// Why it is not.
        outcome: Result<(), Stop>,
    },
    /// Training notices that were asked for.
    Trainings {
        /// Whose visit.
        ticket: Ticket,
        /// Index of the first row.
        offset: usize,
        /// What was found.
        results: listings::Trainings,
    },
    /// The county's answer about the person.
    Account {
        /// Which question.
        ticket: Ticket,
        /// The account, or why there is none.
        answer: Result<Box<Account>, Stop>,
    },
    /// Whether the PIN was right.
    Pin {
        /// Whose visit.
        ticket: Ticket,
        /// `Err` says which stop and how many seconds to wait.
        answer: Result<(), (Stop, u32)>,
    },
    /// How far a refresh of the listings is.
    Refresh(staff::Progress),
    /// The readiness report.
    Readiness {
        /// Whose visit.
        ticket: Ticket,
        /// Its rows.
        rows: Vec<staff::CheckRow>,
    },
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
    /// 返回.
    Back,
    /// 首页.
    Home,
    /// 结束 or 取卡退出.
    End,
    /// 我还在.
    Stay,
    /// 帮助.
    Help,
    /// 大字.
    Larger,
    /// 高对比.
    Contrast,
    /// The town's name, for three seconds.
    Held,
    /// The door 就业.
    Work,
    /// 找工作.
    Jobs,
    /// 学技术.
    Trainings,
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
    /// 下一页.
    Next,
    /// 上一页.
    Previous,
    /// The n-th row of the page.
    Open(usize),
    /// 招聘会.
    Fairs,
    /// The next month of job fairs.
    NextMonth,
    /// The month before.
    LastMonth,
    /// A day of the month, by its number.
    Day(usize),
    /// 只看本镇, on and off.
    OwnTown,
    /// 工资 on the page of tiles.
    WageList,
    /// 筛选 on a list.
    Narrow,
    /// What is nearest to a question that found nothing.
    Nearest,
    /// Look at the first of two postings side by side.
    Left,
    /// Look at the second.
    Right,
    /// 比一比: keep this posting, or set it beside the one that was kept.
    Keep,
    /// Search on the pad.
    Search,
    /// A key of a pad.
    Key(char),
    /// 删除 on a pad.
    Erase,
    /// 清空.
    Clear,
    /// 查看 what was found.
    ShowHits,
    /// 带走: the QR code.
    TakeAway,
    /// 再试一次.
    Retry,
    /// 显示 or 隐藏.
    Show,
    /// 怎么认证.
    Certify,
    /// 确定 on the PIN pad.
    Enter,
    /// 立即更新.
    Refresh,
    /// 检查本机.
    Checks,
    /// 重新检查.
    Check,
    /// 管理岗位: the list, with ways to pin and hide.
    Manage,
    /// 置顶, on and off.
    Pin,
    /// 隐藏, on and off.
    Hide,
    /// What is pinned and hidden.
    Marks,
    /// 从U盘导入.
    Sticks,
}

/// What is to be done by a worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Find postings; answer with [`Event::Postings`].
    FindPostings {
        /// Whose visit.
        ticket: Ticket,
        /// What to find.
        query: listings::Query,
    },
    /// Count postings by every filter; answer with [`Event::Facets`].
    CountPostings {
        /// Whose visit.
        ticket: Ticket,
        /// What to count.
        query: listings::Query,
    },
    /// Find the job fairs of a month; answer with [`Event::Fairs`].
    FindFairs {
        /// Whose visit.
        ticket: Ticket,
        /// The month's first day.
        month: Date,
    },
    /// Look for files on USB sticks; answer with [`Event::Sticks`].
    FindSticks {
        /// Whose visit.
        ticket: Ticket,
    },
    /// Read a file and say what importing it would do; answer with [`Event::Tried`].
    TryImport {
        /// Whose visit.
        ticket: Ticket,
        /// Which file.
        path: PathBuf,
    },
    /// Keep what was tried last; answer with [`Event::Kept`].
    KeepImport {
        /// Whose visit.
        ticket: Ticket,
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
        ticket: Ticket,
        /// Index of the first row.
        offset: usize,
        /// Most rows.
        limit: usize,
    },
    /// Ask the county; answer with [`Event::Account`].
    AskAccount {
        /// Which question: in one visit two cards may be laid, one after the other.
        ticket: Ticket,
        /// The document's number.
        number: HolderNumber,
        /// The document's name.
        name: Sensitive<String>,
        /// Its name in Latin letters, of a foreigner.
        english_name: Option<Sensitive<String>>,
    },
    /// Drop the question that is under way, if any.
    CancelAccount,
    /// See now whether the line is up; answer with [`Event::Link`].
    TryLink,
    /// Check a PIN; answer with [`Event::Pin`].
    CheckPin {
        /// Whose visit.
        ticket: Ticket,
        /// What was typed.
        pin: Sensitive<String>,
    },
    /// Refresh the listings now; report with [`Event::Refresh`].
    RefreshListings,
    /// Make the readiness report; answer with [`Event::Readiness`].
    CheckMachine {
        /// Whose visit.
        ticket: Ticket,
    },
}

impl State {
    /// A kiosk that waits for its first resident.
    pub fn new(machine: Machine) -> Self {
        Self { machine, visit: None, tickets: 0 }
    }

    /// The page that is shown; `None` is the attract page.
    pub fn page(&self) -> Option<&Page> {
        self.visit.as_ref().and_then(|visit| visit.trail.last())
    }

    /// How pages are shown now.
    pub fn comfort(&self) -> Comfort {
        self.visit.as_ref().map(|visit| visit.comfort).unwrap_or_default()
    }

    /// What fits on the screen now.
    pub fn fit(&self) -> fit::Fit {
        let large = self.comfort().large;
        fit::Fit::new(self.machine.room.size(large), large)
    }

    /// Whole seconds until the visit ends by itself.
    pub fn seconds_left(&self) -> u64 {
        let settings = &self.machine.settings;
        let limit = settings.idle + settings.warning;
        self.idle().map_or(0, |idle| limit.saturating_sub(idle).as_millis().div_ceil(1000) as u64)
    }

    /// Whether the resident is being asked if they are still there.
    pub fn warning(&self) -> bool {
        self.idle().is_some_and(|idle| idle >= self.machine.settings.idle)
    }

    fn idle(&self) -> Option<Duration> {
        self.visit.as_ref().map(|visit| self.machine.mono.saturating_sub(visit.touched))
    }

    /// A ticket that nothing had before.
    fn ticket(&mut self) -> Ticket {
        self.tickets += 1;
        Ticket(self.tickets)
    }

    fn begin(&mut self) -> &mut Visit {
        let ticket = self.ticket();
        self.visit.insert(Visit {
            ticket,
            touched: self.machine.mono,
            comfort: Comfort::default(),
            trail: vec![Page::Home],
            place: None,
            resident: None,
            kept: None,
        })
    }
}

impl Visit {
    /// The present page.
    pub fn page(&self) -> &Page {
        self.trail.last().expect("a trail begins at home and home is never popped")
    }

    fn page_mut(&mut self) -> &mut Page {
        self.trail.last_mut().expect("a trail begins at home and home is never popped")
    }

    /// Whether the staff are at work, or about to be.
    pub fn staffed(&self) -> bool {
        self.trail.iter().any(|page| matches!(page, Page::Pin(_) | Page::Staff(_)))
    }

    /// Goes on to `page`. The trail is short by nature; a loop over 帮助 must not make it long, and
    /// a door that was touched twice is entered once.
    fn go(&mut self, page: Page) {
        const DEEPEST: usize = 16;
        if *self.page() == page {
            return;
        }
        if self.trail.len() == DEEPEST {
            self.trail.remove(1);
        }
        self.trail.push(page);
    }

    fn back(&mut self) {
        if self.trail.len() > 1 {
            self.trail.pop();
        }
    }
}

/// Takes `event` into `state` and says what is to be done.
pub fn step(state: &mut State, event: Event) -> Vec<Effect> {
    match event {
        Event::Tick { mono, wall } => tick(state, mono, wall),
        Event::Resized(room) => {
            state.machine.room = room;
            refit(state)
        }
        Event::Touched => {
            touched(state);
            Vec::new()
        }
        Event::Press(press) => pressed(state, press),
        Event::Reader(event) => identify::reader(state, Place::Plate, event),
        Event::Slot(event) => identify::reader(state, Place::Slot, event),
        Event::StaffCard(place) => {
            if places::heard(state, place) {
                staff::ask_pin(state);
                places::take(state, place);
            }
            Vec::new()
        }
        Event::Link(status) => {
            state.machine.link = status;
            Vec::new()
        }
        Event::Summary(summary) => {
            state.machine.summary = *summary;
            browse::look_again(state)
        }
        Event::DemoLaid(laid) => {
            state.machine.demo.laid = laid;
            Vec::new()
        }
        Event::DemoFault { fault, playing } => {
            let demo = &mut state.machine.demo;
            demo.fault = fault.filter(|fault| *fault < demo.faults.len());
            demo.playing = playing;
            Vec::new()
        }
        Event::Refresh(progress) => {
            state.machine.refresh = progress;
            Vec::new()
        }
        Event::Postings { ticket, query, results } => {
            if let Some(visit) = current(state, ticket) {
                jobs::postings(visit, query, results);
            }
            Vec::new()
        }
        Event::Facets { ticket, query, facets } => {
            if let Some(visit) = current(state, ticket) {
                jobs::counted(visit, &query, &facets);
            }
            Vec::new()
        }
        Event::Sticks { ticket, files } => {
            if let Some(visit) = current(state, ticket) {
                stick::found(visit, files);
            }
            Vec::new()
        }
        Event::Tried { ticket, outcome } => {
            if let Some(visit) = current(state, ticket) {
                stick::tried(visit, outcome);
            }
            Vec::new()
        }
        Event::Kept { ticket, outcome } => {
            if let Some(visit) = current(state, ticket) {
                stick::kept(visit, outcome);
            }
            Vec::new()
        }
        Event::Fairs { ticket, month, fairs } => {
            if let Some(visit) = current(state, ticket) {
                fairs::found(visit, month, fairs);
            }
            Vec::new()
        }
        Event::Trainings { ticket, offset, results } => {
            if let Some(visit) = current(state, ticket) {
                browse::trainings(visit, offset, results);
            }
            Vec::new()
        }
        Event::Account { ticket, answer } => {
            identify::answered(state, ticket, answer);
            Vec::new()
        }
        Event::Pin { ticket, answer } => {
            let Some(visit) = current(state, ticket) else { return Vec::new() };
            staff::pin_answered(visit, answer)
        }
        Event::Readiness { ticket, rows } => {
            if let Some(visit) = current(state, ticket) {
                staff::checked(visit, rows);
            }
            Vec::new()
        }
    }
}

/// The present visit, if `ticket` is its name.
fn current(state: &mut State, ticket: Ticket) -> Option<&mut Visit> {
    state.visit.as_mut().filter(|visit| visit.ticket == ticket)
}

fn tick(state: &mut State, mono: Duration, wall: DateTime) -> Vec<Effect> {
    let machine = &mut state.machine;
    machine.mono = machine.mono.max(mono);
    let yesterday = std::mem::replace(&mut machine.wall, wall).date();
    if wall.date() != yesterday {
        // Towns come and go by date; and a clock that was wrong may have been put right.
        machine.towns = machine.towns();
    }
    let settings = &state.machine.settings;
    if state.idle().is_some_and(|idle| idle >= settings.idle + settings.warning) {
        return end(state);
    }
    let now = state.machine.mono;
    if let Some(resident) = state.visit.as_mut().and_then(|visit| visit.resident.as_mut()) {
        resident.hide_when_due(now);
    }
    Vec::new()
}

/// Ends the visit: everything of it is dropped here, and with it all that is personal.
fn end(state: &mut State) -> Vec<Effect> {
    match state.visit.take() {
        Some(_) => vec![Effect::CancelAccount],
        None => Vec::new(),
    }
}

fn touched(state: &mut State) {
    if let Some(visit) = &mut state.visit {
        visit.touched = state.machine.mono;
    }
}

fn pressed(state: &mut State, press: Press) -> Vec<Effect> {
    touched(state);
    let Some(visit) = &mut state.visit else {
        if press == Press::Start {
            state.begin();
        }
        return Vec::new();
    };
    match press {
        Press::Stay | Press::Start => Vec::new(),
        Press::End => end(state),
        Press::Home => {
            visit.trail.truncate(1);
            leave_question(visit)
        }
        Press::Back => {
            visit.back();
            let mut effects = leave_question(visit);
            effects.extend(refit(state));
            effects
        }
        Press::Larger => {
            visit.comfort.large = !visit.comfort.large;
            refit(state)
        }
        Press::Contrast => {
            visit.comfort.high_contrast = !visit.comfort.high_contrast;
            Vec::new()
        }
        Press::Help => {
            visit.go(Page::Help);
            Vec::new()
        }
        Press::Held => {
            staff::ask_pin(state);
            Vec::new()
        }
        Press::Insurance | Press::Retry | Press::WithoutCard => identify::pressed(state, press),
        Press::Show | Press::Certify => account::pressed(state, press),
        _ => match visit.page() {
            Page::Overview | Page::Insurance(_) | Page::Years(_) => account::pressed(state, press),
            Page::Pin(_) | Page::Staff(_) | Page::Checks(_) | Page::Marks(_) => {
                staff::pressed(state, press)
            }
            Page::Sticks(_) | Page::Import(_) => stick::pressed(state, press),
            Page::Job(_) if matches!(press, Press::Pin | Press::Hide) => {
                staff::pressed(state, press)
            }
            _ => browse::pressed(state, press),
        },
    }
}

/// A question that nobody waits for any more is dropped at once.
fn leave_question(visit: &mut Visit) -> Vec<Effect> {
    let waiting = visit.trail.iter().any(|page| matches!(page, Page::Identify(_)));
    let unanswered = visit.resident.as_ref().is_some_and(|resident| resident.account.is_none());
    if !waiting && unanswered {
        visit.resident = None;
        return vec![Effect::CancelAccount];
    }
    Vec::new()
}

/// The screen or the text size changed, or an older page came back: lists are cut anew.
fn refit(state: &mut State) -> Vec<Effect> {
    let fit = state.fit();
    let State { machine, visit: Some(visit), .. } = state else { return Vec::new() };
    account::refit(visit, &fit);
    staff::refit(machine, visit, &fit);
    stick::refit(visit, &fit);
    browse::refit(state)
}

#[cfg(test)]
mod tests;
