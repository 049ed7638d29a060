//! What every page shares: the town, the time, the line, the seconds left, size and colours; and
//! the attract page.

use kiosk_base::domain::{Posting, TrainingNotice, Wage, posting::WagePeriod};
use slint::ComponentHandle;

use super::{Send, int, page_kind, press, set, set_rows, ui, words};
use crate::visit::{
    Entrance, Event, Language, LinkStatus, Palette, Place, Press, State, fit::TextSize,
    machine::Side, printing,
};

/// How long one posting stays on the attract page.
const SLIDE_SECONDS: u64 = 8;

pub(super) fn bind(window: &ui::App, send: &Send) {
    let kiosk = window.global::<ui::Kiosk<'_>>();
    let go = send.clone();
    kiosk.on_go(move |target| go(Event::Press(target.into())));
    let sized = send.clone();
    kiosk.on_resize(move |size| sized(Event::Press(Press::Size(size.into()))));
    kiosk.on_held(press(send, Press::Held));
    let keyed = send.clone();
    kiosk.on_key(move |text| {
        let key = text.chars().next();
        key.into_iter().for_each(|key| keyed(Event::Key(key)));
    });
    let held = send.clone();
    kiosk.on_key_held(move |text| {
        let key = text.chars().next();
        key.into_iter().for_each(|key| held(Event::KeyHeld(key)));
    });
    let touched = send.clone();
    kiosk.on_touched(move || touched(Event::Touched));
}

impl From<Palette> for ui::Palette {
    fn from(palette: Palette) -> Self {
        match palette {
            Palette::Standard => Self::Standard,
            Palette::ContrastLight => Self::ContrastLight,
            Palette::ContrastDark => Self::ContrastDark,
            Palette::Colours => Self::Colours,
        }
    }
}

impl From<ui::Go> for Press {
    fn from(go: ui::Go) -> Self {
        match go {
            ui::Go::Back => Self::Back,
            ui::Go::Home => Self::Home,
            ui::Go::End => Self::End,
            ui::Go::Stay => Self::Stay,
            ui::Go::Help => Self::Help,
            ui::Go::Larger => Self::Larger,
            ui::Go::Palette => Self::Palette,
            ui::Go::Lower => Self::Lower,
            ui::Go::Language => Self::Language,
            ui::Go::Start => Self::Start,
            ui::Go::StartAtJobs => Self::StartAt(Entrance::Jobs),
            ui::Go::StartAtTrainings => Self::StartAt(Entrance::Trainings),
            ui::Go::Work => Self::To(Entrance::Work),
            ui::Go::Jobs => Self::To(Entrance::Jobs),
            ui::Go::Trainings => Self::To(Entrance::Trainings),
            ui::Go::Fairs => Self::To(Entrance::Fairs),
            ui::Go::Insurance => Self::To(Entrance::Insurance),
            ui::Go::Rights => Self::To(Entrance::Rights),
            ui::Go::Guides => Self::To(Entrance::Guides),
            ui::Go::Boards => Self::To(Entrance::Boards),
            ui::Go::WithoutCard => Self::To(Entrance::WithoutCard),
            ui::Go::Next => Self::Next,
            ui::Go::Previous => Self::Previous,
            ui::Go::Print => Self::Print,
        }
    }
}

pub(super) fn render(window: &ui::App, state: &State) {
    let machine = &state.machine;
    let kiosk = window.global::<ui::Kiosk<'_>>();
    set!(kiosk, get_town, set_town, machine.office.town.as_str().into());
    set!(kiosk, get_county, set_county, machine.office.county.as_str().into());
    set!(kiosk, get_office, set_office, machine.office.name.as_str().into());
    let office = &machine.office;
    set!(kiosk, get_jobs_window, set_jobs_window, words::window(&office.jobs_window).into());
    let insurance = words::window(&office.insurance_window).into();
    set!(kiosk, get_insurance_window, set_insurance_window, insurance);
    set!(kiosk, get_rights_window, set_rights_window, words::window(&office.rights_window).into());
    let (hour, minute) = (machine.wall.hour(), machine.wall.minute());
    set!(kiosk, get_time, set_time, format!("{hour}:{minute:02}").into());
    set!(kiosk, get_date, set_date, words::month_day(machine.wall.date()).into());
    let weekday = machine.wall.weekday().to_monday_one_offset();
    set!(kiosk, get_weekday, set_weekday, weekday.into());
    let link = match machine.link {
        LinkStatus::Connecting => ui::Link::Connecting,
        LinkStatus::Up => ui::Link::Up,
        LinkStatus::Down(_) => ui::Link::Down,
    };
    set!(kiosk, get_link, set_link, link);
    let age = machine.summary.age_minutes.map_or(-1, int);
    set!(kiosk, get_age_minutes, set_age_minutes, age);
    set!(kiosk, get_postings, set_postings, int(machine.summary.postings));
    set!(kiosk, get_trainings, set_trainings, int(machine.summary.trainings));
    set!(kiosk, get_fairs, set_fairs, int(machine.summary.fairs));
    let known = state.visit.as_ref().is_some_and(|visit| visit.resident.is_some());
    set!(kiosk, get_known, set_known, known);
    set!(kiosk, get_seconds_left, set_seconds_left, int(state.seconds_left()));
    set!(kiosk, get_warning, set_warning, state.warning());
    set!(kiosk, get_card_lies, set_card_lies, machine.cards.any());
    let in_slot_only = machine.cards.lies(Place::Slot) && !machine.cards.lies(Place::Plate);
    set!(kiosk, get_card_in_slot, set_card_in_slot, in_slot_only);

    let demo = &machine.demo;
    let labels = demo.residents.iter().map(|label| label.as_str().into()).collect();
    set_rows!(kiosk, get_demo_residents, set_demo_residents, labels);
    set!(kiosk, get_demo_laid, set_demo_laid, demo.laid.map_or(-1, int));
    set!(kiosk, get_demo_faults, set_demo_faults, int(demo.faults.len()));
    set!(kiosk, get_demo_fault, set_demo_fault, demo.fault.map_or(-1, int));
    let title = demo.fault.and_then(|fault| demo.faults.get(fault)).cloned().unwrap_or_default();
    set!(kiosk, get_demo_fault_title, set_demo_fault_title, title.into());
    set!(kiosk, get_demo_playing, set_demo_playing, demo.playing);

    let theme = window.global::<ui::Theme<'_>>();
    let comfort = state.comfort();
    set!(theme, get_size, set_size, comfort.size.into());
    set!(theme, get_large, set_large, state.fit().large);
    set!(kiosk, get_lowers, set_lowers, machine.fits.low.is_some());
    set!(kiosk, get_lowered, set_lowered, state.fit().above);
    set!(kiosk, get_prints, set_prints, printing::of_page(state).is_some());
    let sizes = machine.sizes(comfort.low);
    set!(kiosk, get_grows, set_grows, sizes.contains(&TextSize::Large));
    set!(kiosk, get_grows_more, set_grows_more, sizes.contains(&TextSize::Larger));
    set!(kiosk, get_doubles, set_doubles, sizes.contains(&TextSize::Double));
    set!(theme, get_palette, set_palette, comfort.palette.into());
    set!(theme, get_english, set_english, comfort.language == Language::English);
    set!(theme, get_landscape, set_landscape, state.fit().landscape);
    set!(theme, get_small, set_small, state.fit().small);
    attract(window, state);
}

pub(super) fn render_page(window: &ui::App, state: &State) {
    let kiosk = window.global::<ui::Kiosk<'_>>();
    set!(kiosk, get_page, set_page, page_kind(state));
}

/// One posting or notice at a time, by the clock: nothing moves between two of them.
fn attract(window: &ui::App, state: &State) {
    let summary = &state.machine.summary;
    let (postings, trainings) = (&summary.latest_postings, &summary.latest_trainings);
    let slides = postings.len() + trainings.len();
    let attract = window.global::<ui::Attract<'_>>();
    set!(attract, get_slides, set_slides, int(slides));
    let plate = state.machine.settings.plate;
    let side = plate.map_or(ui::Side::Unknown, |plate| match plate.side {
        Side::Left => ui::Side::Left,
        Side::Right => ui::Side::Right,
        Side::Below => ui::Side::Below,
    });
    set!(attract, get_side, set_side, side);
    set!(attract, get_distance, set_distance, plate.map_or(0, |plate| int(plate.cm)));
    set!(attract, get_reads, set_reads, state.machine.reads());
    if state.visit.is_some() || slides == 0 {
        return;
    }
    let index = (state.machine.mono.as_secs() / SLIDE_SECONDS) as usize % slides;
    let slide = match postings.get(index) {
        Some(posting) => posting_slide(posting, state),
        None => training_slide(&trainings[index - postings.len()]),
    };
    set!(attract, get_slide, set_slide, slide);
    set!(attract, get_slide_index, set_slide_index, int(index));
}

fn posting_slide(posting: &Posting, state: &State) -> ui::Slide {
    let (amount, period) = wage(posting.wage);
    ui::Slide {
        training: false,
        title: posting.title.as_str().into(),
        amount,
        period,
        employer: posting.employer.as_str().into(),
        place: place_name(posting, state).into(),
        openings: posting.openings.map_or(0, int),
        more: posting.benefits.join("，").into(),
    }
}

fn training_slide(notice: &TrainingNotice) -> ui::Slide {
    ui::Slide {
        training: true,
        title: notice.title.as_str().into(),
        amount: Default::default(),
        period: ui::WagePeriod::None,
        employer: notice.institution.as_str().into(),
        place: notice.place.as_str().into(),
        openings: notice.seats.map_or(0, int),
        more: notice.cost.as_deref().unwrap_or_default().into(),
    }
}

/// The amount and the period of a wage: `5,500–7,500` and 元/月. Of what this version does not know the
/// code is in the amount.
pub(super) fn wage(wage: Option<Wage>) -> (slint::SharedString, ui::WagePeriod) {
    match wage {
        None => (Default::default(), ui::WagePeriod::None),
        Some(Wage::Negotiable) => (Default::default(), ui::WagePeriod::Negotiable),
        Some(Wage::Code(code)) => {
            (words::fill("代码 {}", &[code.as_str()]).into(), ui::WagePeriod::Coded)
        }
        Some(Wage::Range { min, max, per }) => {
            let amount =
                if min == max { min.short() } else { format!("{}–{}", min.short(), max.short()) };
            let period = match per {
                WagePeriod::Month => ui::WagePeriod::Month,
                WagePeriod::Day => ui::WagePeriod::Day,
                WagePeriod::Hour => ui::WagePeriod::Hour,
                WagePeriod::Piece => ui::WagePeriod::Piece,
                WagePeriod::Code(code) => {
                    let coded = words::fill("{} 元（代码 {}）", &[&amount, code.as_str()]);
                    return (coded.into(), ui::WagePeriod::Coded);
                }
            };
            (amount.into(), period)
        }
    }
}

/// The name of the town or county in which a posting's work lies, or its own words for the place.
pub(super) fn place_name(posting: &Posting, state: &State) -> String {
    let name = posting.division.as_ref().and_then(|code| state.machine.place(code));
    match (name, &posting.place) {
        (Some(name), _) => name.to_owned(),
        (None, Some(place)) => place.clone(),
        (None, None) => String::new(),
    }
}
