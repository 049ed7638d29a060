//! Every page of the kiosk with everything it may have to say, as states that are made without a
//! worker: the shipped settings, guides and boards, and the demonstration's listings and people.

use std::{collections::BTreeMap, path::Path, time::Duration};

use jiff::civil::{Date, DateTime, date};
use kiosk_base::{
    clock::Clock,
    domain::{
        Account, Division, DivisionCode, Document, DocumentFacts, ForeignerNumber2017,
        HolderNumber, JobFair, Posting, Stop, TrainingNotice,
        document::{ForeignerCard2017, Sex, Validity},
        failure::BOOK,
    },
    wire::{Collection, v1},
};
use kiosk_county::{
    Listings,
    content::Content,
    core::{CoreQuery, CoreSystem},
    invented::InventedCore,
};
use kiosk_devices::{
    card::{ReaderEvent, ReaderStatus},
    printer::PrinterStatus,
};
use kiosk_stage::simulator::residents;
use renshe_kiosk::{
    config::Settings,
    listings::{self, Query, Results, Trainings as Notices},
    visit::{
        self, Comfort, Effect, Event, LinkStatus, Machine, Page, Press, QuestionTicket, State,
        Summary, facts,
        fairs::{self, Fair, Fairs},
        fit::{Fit, Fits},
        help::Call,
        identify::Step,
        machine::{Demo, Plate, Side, Town},
        places::{Cards, Laying, Place},
        printing::{Printing, Source, Stage},
        staff::{Desk, Progress},
        step,
        take_away::Taken,
        trainings::{self, Training, Trainings},
    },
};

mod account;
mod guides;
mod identify;
mod jobs;
mod retirement;
mod staff;

/// The moment of all scenes: the day for which the demonstration's content is written.
const NOW: DateTime = date(2026, 11, 23).at(9, 40, 0, 0);

/// What the scenes are made of.
pub struct Props {
    settings: Settings,
    postings: Vec<Posting>,
    notices: Vec<TrainingNotice>,
    fairs: Vec<JobFair>,
    long_postings: Vec<Posting>,
    long_notices: Vec<TrainingNotice>,
    people: Vec<Person>,
    towns: Vec<Town>,
    summary: Summary,
    labels: Vec<String>,
}

struct Person {
    name: String,
    document: Document,
    account: Box<Account>,
}

/// One page in one condition.
pub struct Scene {
    /// What it is called in findings and file names: ASCII, unique for a size of screen and text.
    pub name: String,
    /// Whether it looks like no scene before it, so that its colours must be looked at too.
    pub picture: bool,
    page: Option<Page>,
    /// The page from which one came, where what is shown is kept there.
    below: Option<Page>,
    /// The posting that was kept to be compared.
    kept: Option<Box<Posting>>,
    resident: Option<Shown>,
    condition: Condition,
}

#[derive(Clone, Copy)]
struct Shown {
    person: usize,
    unmasked: bool,
    expired: bool,
}

/// How the machine differs from one where all is well.
#[derive(Clone, Default)]
struct Condition {
    reader: Option<Stop>,
    link: Option<Stop>,
    connecting: bool,
    /// Where a card lies, if anywhere.
    card: Option<Place>,
    /// Whether there is a slot.
    slot: bool,
    /// Whether there is a slip printer.
    printer: bool,
    warning: bool,
    refresh: Progress,
    slide: u64,
    empty: bool,
    alarm: bool,
    /// The county has asked for the query PIN: how often it was wrong, and digits typed.
    pin: Option<(usize, usize)>,
    /// Whether the office has a bell, and how a call stands.
    bell: Option<Option<Call>>,
}

impl Props {
    /// Reads the shipped settings and the demonstration's content.
    pub fn load() -> Self {
        let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("kiosk-config");
        let settings = Settings::load(&config, Path::new("kiosk-data")).expect("good settings");
        let demo = config.join("demo");
        let read = |collection, file| {
            let content = Content::read(collection, &demo.join(file)).expect("good content");
            content.moved_to(NOW.date())
        };
        let Listings::Postings(postings) = read(Collection::Postings, "postings.json") else {
            panic!("postings.json holds postings")
        };
        let Listings::Fairs(fairs) = read(Collection::Fairs, "fairs.json") else {
            panic!("fairs.json holds fairs")
        };
        let Listings::Trainings(notices) = read(Collection::Trainings, "trainings.json") else {
            panic!("trainings.json holds notices")
        };
        let county = settings.office.division.county();
        let towns = settings.directory.towns(&county, NOW.date());
        let town = |town: &Division| Town { code: town.code.clone(), name: town.name.clone() };
        let towns = towns.map(town).collect();
        let long_postings = long_postings(&postings);
        let long_notices = long_notices(&notices);
        let summary = Summary {
            postings: postings.len() as u64,
            trainings: notices.len() as u64,
            fairs: fairs.len() as u64,
            next_fair: Some(date(2026, 12, 5)),
            age_minutes: Some(59),
            per_division: per_division(&postings),
            latest_postings: long_postings.clone(),
            latest_trainings: long_notices.clone(),
            marks: staff::marks(&long_postings),
        };
        let people = people(&demo.join("residents"));
        let labels = residents::load(&demo.join("residents")).expect("good residents");
        Self {
            settings,
            postings,
            notices,
            fairs,
            long_postings,
            long_notices,
            people,
            towns,
            summary,
            labels: labels.into_iter().map(|resident| resident.label).collect(),
        }
    }

    /// A kiosk that nobody uses, and whose screen has not said yet what fits.
    pub fn kiosk(&self) -> State {
        let settings = &self.settings;
        let machine = Machine {
            settings: settings.visit.clone(),
            office: settings.office.clone(),
            divisions: settings.directory.clone(),
            towns: self.towns.clone(),
            guides: settings.guides.clone(),
            boards: settings.boards.clone(),
            questions: settings.questions.clone(),
            policy: settings.policy.clone(),
            retirement: settings.retirement.clone(),
            mono: Duration::ZERO,
            wall: NOW,
            fits: Fits::default(),
            link: LinkStatus::Up,
            reader: ReaderStatus::Ready,
            slot: None,
            printer: None,
            cards: Cards::default(),
            summary: Summary::default(),
            refresh: Progress::default(),
            alarm: None,
            told: None,
            demo: Demo::default(),
        };
        State::new(machine)
    }

    /// Every scene there is where so much fits.
    pub fn scenes(&self, fit: &Fit) -> Vec<Scene> {
        let mut scenes = Vec::new();
        self.shared(&mut scenes);
        self.jobs(&mut scenes, fit);
        self.trainings(&mut scenes, fit);
        self.fairs(&mut scenes, fit);
        self.guides(&mut scenes, fit);
        identify::pages(&mut scenes);
        self.account(&mut scenes, fit);
        self.retirement(&mut scenes);
        staff::pages(&mut scenes, fit);
        scenes
    }

    /// Makes `state` the scene.
    pub fn set(&self, state: &mut State, scene: &Scene, comfort: Comfort) {
        let Condition {
            reader,
            link,
            connecting,
            card,
            slot,
            printer,
            warning,
            refresh,
            slide,
            empty,
            alarm,
            pin,
            bell,
        } = &scene.condition;
        state.visit = None;
        let machine = &mut state.machine;
        machine.mono = Duration::from_secs(slide * 8);
        // Where the reader stands, as offices may have it.
        machine.settings.plate = match slide % 4 {
            1 => Some(Plate { side: Side::Below, cm: 25 }),
            2 => Some(Plate { side: Side::Left, cm: 200 }),
            3 => Some(Plate { side: Side::Right, cm: 0 }),
            _ => None,
        };
        machine.reader = reader.map_or(ReaderStatus::Ready, ReaderStatus::Down);
        machine.link = match link {
            Some(stop) => LinkStatus::Down(*stop),
            None if *connecting => LinkStatus::Connecting,
            None => LinkStatus::Up,
        };
        machine.slot = slot.then_some(ReaderStatus::Ready);
        // As long as it may be.
        machine.settings.who_comes = bell.map(|_| "综合窗口的值班协理员".to_owned());
        machine.printer = printer.then_some(PrinterStatus::Ready { low_paper: false });
        machine.cards = Cards::default();
        machine.refresh = refresh.clone();
        machine.alarm = alarm.then_some(NOW);
        machine.summary = if *empty { Summary::default() } else { self.summary.clone() };
        let Some(page) = &scene.page else { return };
        step(state, Event::Press(Press::Start));
        match (scene.resident, pin) {
            (Some(shown), None) => self.identify(state, shown),
            (Some(shown), Some((wrong, typed))) => self.ask_for_pin(state, shown, *wrong, *typed),
            (None, _) => {}
        }
        match card {
            Some(Place::Plate) => state.machine.cards.plate = Laying::Heard,
            Some(Place::Slot) => state.machine.cards.slot = Laying::Heard,
            None => {}
        }
        let visit = state.visit.as_mut().expect("begun");
        visit.trail = vec![Page::Home];
        visit.trail.extend(scene.below.clone());
        visit.trail.push(page.clone());
        visit.comfort = comfort;
        visit.place = *card;
        visit.kept = scene.kept.clone();
        visit.call = bell.flatten();
        if *warning {
            state.machine.mono += state.unhurried() + Duration::from_secs(3);
        }
    }

    /// What stands on the keys of the demonstration's strip.
    pub fn labels(&self) -> Vec<String> {
        self.labels.clone()
    }

    /// The demonstration's postings.
    pub fn postings(&self) -> &[Posting] {
        &self.postings
    }

    fn shared(&self, scenes: &mut Vec<Scene>) {
        for slide in 0..(self.long_postings.len() + self.long_notices.len()) as u64 {
            let condition = Condition { slide, ..Condition::default() };
            scenes.push(scene(format!("attract-{slide}"), None).with(condition));
        }
        let empty = Condition { empty: true, connecting: true, ..Condition::default() };
        scenes.push(scene("attract-empty", None).with(empty.clone()));
        scenes.push(scene("home", Some(Page::Home)));
        scenes.push(scene("home-empty", Some(Page::Home)).with(empty.clone()));
        scenes.push(scene("home-link-down", Some(Page::Home)).with(link_down()));
        scenes.push(scene("home-known", Some(Page::Home)).of(0));
        scenes.push(scene("home-warning", Some(Page::Home)).with(warning()));
        scenes.push(
            scene("overview-warning", Some(Page::Account(visit::account::Page::Overview)))
                .of(0)
                .with(warning()),
        );
        scenes.push(Scene::work());
        scenes.push(scene("work-empty", Some(Page::Work)).with(empty));
        scenes.push(scene("work-link-down", Some(Page::Work)).with(link_down()));
        scenes.push(scene("rights", Some(Page::Rights)));
        scenes.push(scene("help", Some(Page::Help)));
        for (name, call) in [
            ("offered", None),
            ("calling", Some(Call::Calling(0))),
            ("told", Some(Call::Told(Duration::ZERO))),
            ("failed", Some(Call::Failed(1))),
        ] {
            let rings = Condition { bell: Some(call), ..Condition::default() };
            scenes.push(scene(format!("help-{name}"), Some(Page::Help)).with(rings));
        }
        scenes.push(scene("help-known", Some(Page::Help)).of(4));
    }

    fn trainings(&self, scenes: &mut Vec<Scene>, fit: &Fit) {
        let limit = fit.trainings.cells();
        let list = |offset, total, rows: Option<Vec<TrainingNotice>>| {
            let results = rows.map(|rows| Notices { total, rows });
            Some(Page::Trainings(trainings::Page::List(Trainings {
                offset,
                limit,
                results,
                total,
            })))
        };
        let total = self.notices.len();
        for (page, rows) in self.long_notices.chunks(limit).enumerate() {
            let shown = list(page * limit, total, Some(rows.to_vec()));
            scenes.push(scene(format!("trainings-{page}"), shown));
        }
        for (page, rows) in self.notices.chunks(limit).enumerate() {
            let shown = list(page * limit, total, Some(rows.to_vec()));
            scenes.push(scene(format!("trainings-all-{page}"), shown).like_another());
        }
        scenes.push(scene("trainings-loading", list(0, 0, None)));
        scenes.push(scene("trainings-none", list(0, 0, Some(Vec::new()))));
        for (i, notice) in self.long_notices.iter().enumerate() {
            let cut = facts::training_pages(notice, fit);
            for page in 0..cut.len() {
                let shown = Page::Trainings(trainings::Page::One(Training {
                    notice: Box::new(notice.clone()),
                    page,
                }));
                scenes.push(scene(format!("training-{i}-{page}"), Some(shown)).unless(i == 0));
            }
            taken_home(scenes, &format!("training-{i}"), Taken::Training(Box::new(notice.clone())));
        }
    }

    fn fairs(&self, scenes: &mut Vec<Scene>, fit: &Fit) {
        let sheet = |month: Date, fairs: Option<Vec<JobFair>>, day| {
            Some(Page::Fairs(fairs::Page::Month(Fairs { month, fairs, day, page: 0 })))
        };
        let (november, december) = (date(2026, 11, 1), date(2026, 12, 1));
        let within = |first: Date| {
            let inside = |fair: &&JobFair| fair.date.first_of_month() == first;
            self.fairs.iter().filter(inside).cloned().collect::<Vec<_>>()
        };
        scenes.push(scene("fairs-november", sheet(november, Some(within(november)), None)));
        scenes.push(scene("fairs-december", sheet(december, Some(within(december)), None)));
        // Six weeks, and two fairs on a day that was touched.
        let august = date(2027, 8, 1);
        let many: Vec<JobFair> = (0..9)
            .map(|n| {
                let day = date(2027, 8, 1 + n * 3 / 2);
                let fair = &self.fairs[n as usize % self.fairs.len()];
                JobFair { date: day, ends: None, ..fair.clone() }
            })
            .collect();
        let twice = many[0].date;
        scenes.push(scene("fairs-many", sheet(august, Some(many.clone()), None)));
        scenes.push(scene("fairs-day", sheet(august, Some(many), Some(twice))));
        scenes.push(scene("fairs-none", sheet(date(2027, 2, 1), Some(Vec::new()), None)));
        scenes.push(scene("fairs-loading", sheet(december, None, None)));
        for (i, fair) in self.fairs.iter().enumerate() {
            for page in 0..facts::fair_pages(fair, fit).len() {
                let shown =
                    Page::Fairs(fairs::Page::One(Fair { fair: Box::new(fair.clone()), page }));
                scenes.push(scene(format!("fair-{i}-{page}"), Some(shown)).unless(i == 0));
            }
            taken_home(scenes, &format!("fair-{i}"), Taken::Fair(Box::new(fair.clone())));
        }
    }
}

/// 带走, with and without a printer.
fn taken_home(scenes: &mut Vec<Scene>, name: &str, taken: Taken) {
    let shown = || Some(Page::TakeAway(taken.clone()));
    let printer = Condition { printer: true, ..Condition::default() };
    scenes.push(scene(format!("take-away-{name}-prints"), shown()).with(printer));
    scenes.push(scene(format!("take-away-{name}"), shown()).like_another());
}

impl Props {
    /// What may become of a slip.
    fn slips(&self, scenes: &mut Vec<Scene>, person: usize) {
        let name = &self.people[person].name;
        let printer = Condition { printer: true, ..Condition::default() };
        let of = |name: String, page| scene(name, Some(page)).of(person).with(printer.clone());
        scenes.push(
            of(format!("overview-{name}-prints"), Page::Account(visit::account::Page::Overview))
                .unless(person == 0),
        );
        scenes.push(
            of(
                format!("overview-{name}-expired-prints"),
                Page::Account(visit::account::Page::Overview),
            )
            .expired(),
        );
        if person > 0 {
            return;
        }
        let printing = |of: &Source, stage| Page::Print(Printing { of: of.clone(), stage });
        let taken = Source::Taken(Taken::Guide(0));
        for (name, source) in [("slip", Source::Account), ("slip-taken", taken)] {
            for (how, stage) in [("printing", Stage::Printing), ("printed", Stage::Printed)] {
                scenes.push(of(format!("{name}-{how}"), printing(&source, stage)));
            }
        }
        for entry in BOOK.iter().filter(|entry| entry.code.starts_with('T')) {
            let name = format!("slip-failed-{}", entry.code);
            let first = entry.stop == Stop::PrinterUnconfirmed;
            let failed = printing(&Source::Account, Stage::Failed(entry.stop));
            scenes.push(of(name, failed).unless(first));
        }
    }
}

/// The invented residents with their accounts, as the county would answer today.
fn people(directory: &Path) -> Vec<Person> {
    let moment = NOW.in_tz("Asia/Shanghai").expect("a moment").timestamp();
    let core = InventedCore::read(directory, Clock::Fixed(moment)).expect("good residents");
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let residents = residents::load(directory).expect("good residents");
    let person = |resident: residents::Resident| {
        let query = CoreQuery {
            number: resident.card.number(),
            name: resident.card.name().clone(),
            english_name: resident.card.english_name().cloned(),
            document: DocumentFacts::of(&resident.card),
        };
        let account = runtime.block_on(core.account(&query)).expect("an account");
        Person { name: resident.name, document: resident.card, account: Box::new(account) }
    };
    let mut people: Vec<Person> = residents.into_iter().map(person).collect();
    people.extend([
        with_longest_name(&people),
        with_rare_name(&people),
        account::with_everything(),
        account::of_a_newer_county(),
    ]);
    people
}

/// A foreigner whose name fills all 60 places of the card of 2017.
fn with_longest_name(people: &[Person]) -> Person {
    let Some((Document::ForeignerCard2023(card), account)) = people
        .iter()
        .map(|person| (person.document.clone(), person.account.clone()))
        .find(|(document, _)| matches!(document, Document::ForeignerCard2023(_)))
    else {
        panic!("one of the residents has such a card")
    };
    let name = "TEST, MAXIMILIANA WILHELMINA ALEXANDRA MARGARETHE ELISABETHA";
    assert_eq!(name.len(), 60);
    let number = ForeignerNumber2017::parse("XXA000000000002").expect("valid");
    let account = Account {
        number: HolderNumber::Foreigner2017(number.clone()),
        name: name.into(),
        ..*account
    };
    let document = Document::ForeignerCard2017(ForeignerCard2017 {
        english_name: name.into(),
        chinese_name: None,
        sex: card.sex,
        number,
        nationality: card.nationality,
        birth_date: card.birth_date,
        valid_from: card.valid_from,
        valid_until: card.valid_until,
        version: "01".into(),
        accepting_authority: "5105".into(),
    });
    Person { name: "longest-name".into(), document, account: Box::new(account) }
}

/// A resident with the longest name a card holds, in which one character has a standard form and
/// two have no glyph.
fn with_rare_name(people: &[Person]) -> Person {
    let Person { document, account, .. } = &people[0];
    let (mut document, mut account) = (document.clone(), account.clone());
    let Document::ResidentIdCard(card) = &mut document else { panic!("a resident's card") };
    card.name = "\u{E863}测\u{E000}\u{2A6D5}试·测试测试测试测".into();
    account.name = card.name.clone();
    Person { name: "rare-name".into(), document, account }
}

fn scene(name: impl Into<String>, page: Option<Page>) -> Scene {
    let condition = Condition::default();
    Scene {
        name: name.into(),
        picture: true,
        page,
        below: None,
        kept: None,
        resident: None,
        condition,
    }
}

impl Scene {
    /// A page like most: with ways back and out.
    pub fn work() -> Self {
        scene("work", Some(Page::Work))
    }

    /// Whether nobody is here.
    pub fn is_attract(&self) -> bool {
        self.page.is_none()
    }

    /// Whether it is the page of the doors.
    pub fn is_home(&self) -> bool {
        self.page == Some(Page::Home)
    }

    /// Whether it is the page of help.
    pub fn is_help(&self) -> bool {
        matches!(self.page, Some(Page::Help))
    }

    /// Whether the resident is being asked if they are still there.
    pub fn asks(&self) -> bool {
        self.condition.warning
    }

    fn over(self, below: Option<Page>) -> Self {
        Self { below, ..self }
    }

    fn with(self, condition: Condition) -> Self {
        Self { condition, ..self }
    }

    /// The person whose card lies there.
    fn of(self, person: usize) -> Self {
        let resident = Some(Shown { person, unmasked: false, expired: false });
        let condition = Condition { card: Some(Place::Plate), ..self.condition };
        Self { resident, condition, ..self }
    }

    fn unmasked(self) -> Self {
        let resident = self.resident.map(|shown| Shown { unmasked: true, ..shown });
        Self { resident, ..self }
    }

    fn expired(self) -> Self {
        let resident = self.resident.map(|shown| Shown { expired: true, unmasked: true, ..shown });
        Self { resident, ..self }
    }

    fn like_another(self) -> Self {
        Self { picture: false, ..self }
    }

    /// Like another, unless it is the `first` of its kind.
    fn unless(self, first: bool) -> Self {
        Self { picture: first, ..self }
    }
}

fn link_down() -> Condition {
    Condition { link: Some(Stop::LinkDown), ..Condition::default() }
}

fn warning() -> Condition {
    Condition { warning: true, ..Condition::default() }
}

/// The postings whose words take the most room, each in its own way, and the barest.
fn long_postings(postings: &[Posting]) -> Vec<Posting> {
    let measures: [fn(&Posting) -> usize; 6] = [
        |p| p.title.chars().count(),
        |p| p.employer.chars().count(),
        |p| p.place.as_ref().map_or(0, |place| place.chars().count()),
        |p| p.benefits.concat().chars().count(),
        wage_width,
        all_of_posting,
    ];
    let longest = |measure: &fn(&Posting) -> usize| postings.iter().max_by_key(|p| measure(p));
    let mut all: Vec<Posting> = measures.iter().filter_map(longest).cloned().collect();
    all.extend(postings.iter().find(|p| p.wage.is_none()).cloned());
    all.extend(postings.iter().min_by_key(|p| all_of_posting(p)).cloned());
    all
}

fn long_notices(notices: &[TrainingNotice]) -> Vec<TrainingNotice> {
    let measures: [fn(&TrainingNotice) -> usize; 4] = [
        |n| n.title.chars().count(),
        |n| n.place.chars().count(),
        |n| n.cost.as_ref().map_or(0, |cost| cost.chars().count()),
        all_of_notice,
    ];
    let longest =
        |measure: &fn(&TrainingNotice) -> usize| notices.iter().max_by_key(|n| measure(n));
    measures.iter().filter_map(longest).cloned().collect()
}

fn per_division(postings: &[Posting]) -> Vec<(DivisionCode, u64)> {
    let mut counts = BTreeMap::new();
    for code in postings.iter().filter_map(|posting| posting.division.clone()) {
        *counts.entry(code).or_insert(0) += 1;
    }
    counts.into_iter().collect()
}

fn all_of_posting(posting: &Posting) -> usize {
    texts(&facts::posting(posting))
}

fn all_of_notice(notice: &TrainingNotice) -> usize {
    texts(&facts::training(notice))
}

/// Characters of all the words that came from the source.
fn texts(facts: &[facts::Fact]) -> usize {
    let length = |fact: &facts::Fact| match &fact.value {
        facts::Value::Text(text) => text.chars().count(),
        _ => 0,
    };
    facts.iter().map(length).sum()
}

fn wage_width(posting: &Posting) -> usize {
    let width = |wage| serde_json::to_string(&v1::Wage::from(wage)).map_or(0, |text| text.len());
    posting.wage.map_or(0, width)
}
