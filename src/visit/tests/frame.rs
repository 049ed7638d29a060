//! The visit's frame: begin, idle, end, way back, comfort.

use super::*;

#[test]
fn a_touch_begins_a_visit_at_home() {
    let mut state = kiosk();
    assert_eq!((state.page(), state.seconds_left(), state.warning()), (None, 0, false));
    assert_eq!(press(&mut state, Press::Start), []);
    assert_eq!(state.page(), Some(&Page::Home));
    assert_eq!(state.seconds_left(), 80);
}

#[test]
fn without_a_visit_nothing_but_the_beginning_does_anything() {
    for other in [
        Press::To(Entrance::Jobs),
        Press::Account(account::Press::Show),
        Press::End,
        Press::Back,
        Press::Pad(Stroke::Enter),
        Press::Open(0),
    ] {
        let mut state = kiosk();
        assert_eq!(press(&mut state, other), [], "{other:?}");
        assert!(state.visit.is_none(), "{other:?}");
    }
}

#[test]
fn sixty_idle_seconds_then_twenty_of_warning_then_the_end() {
    let mut state = kiosk();
    press(&mut state, Press::Start);
    pass(&mut state, Duration::from_millis(59_999));
    assert!(!state.warning());
    pass(&mut state, Duration::from_millis(1));
    assert!(state.warning());
    assert_eq!(state.seconds_left(), 20);
    assert_eq!(pass(&mut state, Duration::from_millis(19_999)), []);
    assert_eq!(state.seconds_left(), 1);
    assert_eq!(pass(&mut state, Duration::from_millis(1)), [Effect::CancelAccount]);
    assert!(state.visit.is_none());
    assert!(!state.warning());
}

#[test]
fn who_reads_large_words_is_given_twice_the_time() {
    let mut state = kiosk();
    press(&mut state, Press::Start);
    press(&mut state, Press::Larger);
    pass(&mut state, Duration::from_millis(119_999));
    assert!(!state.warning());
    pass(&mut state, Duration::from_millis(1));
    assert!(state.warning());
    assert_eq!(state.seconds_left(), 20);
    press(&mut state, Press::Size(TextSize::Standard));
    pass(&mut state, Duration::from_secs(60));
    assert!(state.warning(), "the usual words, the usual time");
}

#[test]
fn whatever_one_does_extends_the_visit() {
    let doings = [
        Event::Press(Press::Stay),
        Event::Press(Press::Help),
        Event::Press(Press::Pad(Stroke::Key('D'))),
        Event::Touched,
        Event::Reader(ReaderEvent::CardFound),
    ];
    for doing in doings {
        let mut state = kiosk();
        press(&mut state, Press::Start);
        pass(&mut state, seconds(75));
        assert!(state.warning());
        step(&mut state, doing.clone());
        assert!(!state.warning(), "{doing:?}");
        assert_eq!(state.seconds_left(), 80, "{doing:?}");
    }
}

#[test]
fn news_from_the_machine_does_not_extend_the_visit() {
    let mut state = kiosk();
    press(&mut state, Press::Start);
    pass(&mut state, seconds(30));
    step(&mut state, Event::Link(LinkStatus::Down(Stop::LinkDown)));
    step(&mut state, Event::Summary(Box::default()));
    step(&mut state, Event::Refresh(Progress::default()));
    step(&mut state, Event::Reader(ReaderEvent::Status(ReaderStatus::Ready)));
    assert_eq!(state.seconds_left(), 50);
}

#[test]
fn a_clock_that_goes_back_neither_ends_nor_extends_a_visit() {
    let mut state = kiosk();
    press(&mut state, Press::Start);
    pass(&mut state, seconds(30));
    let wall = state.machine.wall;
    step(&mut state, Event::Tick { mono: seconds(1), wall });
    assert_eq!(state.seconds_left(), 50);
}

#[test]
fn size_and_colours_return_to_default_with_the_end() {
    let mut state = kiosk();
    presses(&mut state, &[Press::Start, Press::Size(TextSize::Larger), Press::Palette]);
    let comfort =
        Comfort { size: TextSize::Larger, palette: Palette::ContrastLight, ..Comfort::default() };
    assert_eq!(state.comfort(), comfort);
    press(&mut state, Press::End);
    assert_eq!(state.comfort(), Comfort::default());
    press(&mut state, Press::Start);
    assert_eq!(state.comfort(), Comfort::default());
}

#[test]
fn sizes_and_palettes_go_round() {
    let mut state = kiosk();
    press(&mut state, Press::Start);
    for size in TextSize::ALL {
        assert_eq!(state.comfort().size, size);
        press(&mut state, Press::Larger);
    }
    assert_eq!(state.comfort(), Comfort::default());
    // On a small screen two of the sizes look alike.
    let fits = state.machine.fits;
    let larger = |text: TextSize| {
        fits.at(if text == TextSize::Large { TextSize::Larger } else { text }, false)
    };
    step(&mut state, Event::Measured(Box::new(Heights::full(BySize::from_fn(larger)))));
    for size in [TextSize::Large, TextSize::Double, TextSize::Standard] {
        press(&mut state, Press::Larger);
        assert_eq!(state.comfort().size, size);
    }
    for palette in Palette::ALL {
        assert_eq!(state.comfort().palette, palette);
        press(&mut state, Press::Palette);
    }
    assert_eq!(state.comfort(), Comfort::default());
}

#[test]
fn what_is_pressed_comes_down_where_it_can_until_the_visit_ends() {
    let mut state = kiosk();
    presses(&mut state, &[Press::Start, Press::Lower]);
    assert!(!state.comfort().low, "all of the screen is within reach");
    let full = state.machine.fits.full;
    let lowered = |text| Fit { above: 500.0, ..full.of(text) };
    let fits = Heights { full, low: Some(BySize::from_fn(lowered)) };
    step(&mut state, Event::Measured(Box::new(fits)));
    press(&mut state, Press::Lower);
    assert_eq!(state.fit().above, 500.0);
    press(&mut state, Press::Lower);
    assert_eq!(state.fit().above, 0.0);
    // Down there words may grow once only: who has one of two sizes that look alike has the smaller.
    let large = BySize::from_fn(|text: TextSize| lowered(text.min(TextSize::Large)));
    step(&mut state, Event::Measured(Box::new(Heights { full, low: Some(large) })));
    presses(&mut state, &[Press::Size(TextSize::Larger), Press::Lower]);
    assert_eq!(state.comfort().size, TextSize::Large);
    press(&mut state, Press::Larger);
    assert_eq!(state.comfort().size, TextSize::Standard);
    // A screen that is turned, all of it within reach, and turned back.
    step(&mut state, Event::Measured(Box::new(Heights::full(full))));
    step(&mut state, Event::Measured(Box::new(fits)));
    assert!(!state.comfort().low);
    presses(&mut state, &[Press::Lower, Press::End, Press::Start]);
    assert_eq!(state.fit().above, 0.0);
}

#[test]
fn back_goes_page_by_page_and_stops_at_home() {
    let mut state = kiosk();
    presses(
        &mut state,
        &[Press::Start, Press::To(Entrance::Rights), Press::To(Entrance::Guides), Press::Open(0)],
    );
    let seen: Vec<Page> = visit(&state).trail.clone();
    assert_eq!(seen.len(), 4);
    for expected in [&seen[2], &seen[1], &seen[0], &seen[0]] {
        press(&mut state, Press::Back);
        assert_eq!(state.page(), Some(expected));
    }
}

#[test]
fn a_door_that_is_touched_twice_is_entered_once() {
    for door in [
        Press::To(Entrance::Work),
        Press::To(Entrance::Insurance),
        Press::To(Entrance::Rights),
        Press::To(Entrance::Guides),
        Press::To(Entrance::Boards),
    ] {
        let mut state = kiosk();
        presses(&mut state, &[Press::Start, door, door]);
        press(&mut state, Press::Back);
        assert_eq!(state.page(), Some(&Page::Home), "{door:?}");
    }
}

#[test]
fn the_trail_is_bounded_and_home_stays_its_beginning() {
    let mut state = kiosk();
    press(&mut state, Press::Start);
    for _ in 0..40 {
        presses(&mut state, &[Press::Help, Press::To(Entrance::Guides), Press::Open(0)]);
        let trail = &visit(&state).trail;
        assert!(trail.len() <= 16);
        assert_eq!(trail[0], Page::Home);
    }
    press(&mut state, Press::Home);
    assert_eq!(visit(&state).trail, [Page::Home]);
}
