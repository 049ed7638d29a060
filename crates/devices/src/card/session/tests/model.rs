//! A card that is laid, lifted and swapped, a reader that is pulled out, and a line that errs, in
//! any order: what is told belongs to the card that was read for it, and quiet ends in order.

use super::*;

/// What happens before the reader answers its next request.
#[derive(Debug, Clone, Copy)]
enum Happening {
    Nothing,
    Lay(&'static str),
    Lift,
    Unplug,
    Silence,
    Damage,
    Unclean,
    /// The answer is this status, whatever was asked.
    Status(u8),
}

/// A module with a session that lasts as long as its card lies there.
#[derive(Default)]
struct World {
    /// The card that lies there, with the count of layings: the same person may come twice.
    card: Option<(&'static str, u32)>,
    layings: u32,
    found: Option<u32>,
    selected: Option<u32>,
}

impl World {
    fn lay(&mut self, name: &'static str) {
        self.layings += 1;
        self.card = Some((name, self.layings));
    }

    fn answer(&mut self, request: Request) -> Reply {
        let laying = self.card.map(|(_, laying)| laying);
        let is_selected = laying.is_some() && self.selected == laying;
        match request {
            Request::Find => {
                (self.found, self.selected) = (laying, None);
                if laying.is_some() { Reply::Data(0x9F, vec![0; 4]) } else { Reply::Status(0x80) }
            }
            Request::Select if laying.is_some() && self.found == laying => {
                self.selected = laying;
                Reply::Data(0x90, vec![0; 8])
            }
            Request::Select => Reply::Status(0x81),
            Request::ReadBase | Request::ReadAppendedAddress if !is_selected => Reply::Status(0x41),
            Request::ReadBase => Reply::vector(self.card.map_or("base_A", |(name, _)| name)),
            Request::ReadAppendedAddress => Reply::Status(0x91),
            Request::SamId => Reply::vector("samid"),
            Request::Status | Request::Reset | Request::SetRfBytes(_) => Reply::Status(0x90),
        }
    }
}

fn number(card: &str) -> &'static str {
    if card == "base_A" { A } else { B }
}

/// Plays one happening. Says which person's text went out in the answer, if one did.
fn play(
    run: &mut Run,
    world: &mut World,
    presence: Presence,
    happening: Happening,
) -> Option<&'static str> {
    match happening {
        Happening::Lay(name) => world.lay(name),
        Happening::Lift => world.card = None,
        Happening::Unplug => {
            let told = &mut run.told;
            run.session.lose(&mut |event| told.extend(super::told(&event)));
        }
        _ => {}
    }
    if matches!((run.step, happening), (Step::Reopen(_), _) | (_, Happening::Unplug)) {
        let (told, learned) = (std::mem::take(&mut run.told), run.session.learned());
        *run = Run::with(presence);
        (run.told, run.session.learned) = (told, learned);
        (world.found, world.selected) = (None, None);
    }
    let Step::Ask(request) = run.step else {
        run.on(Outcome::Rested);
        return None;
    };
    let sound = world.answer(request);
    let reply = match happening {
        Happening::Silence => Reply::Silence,
        Happening::Damage => Reply::Broken,
        Happening::Unclean => Reply::Unclean(Box::new(sound)),
        Happening::Status(status) => Reply::Status(status),
        _ => sound,
    };
    let heard = reply.clone().outcome();
    let text = matches!(&heard, Outcome::Answer { frame, .. } if frame.data.len() > 256);
    run.on(heard);
    if text { world.card.map(|(name, _)| number(name)) } else { None }
}

fn happenings() -> impl Strategy<Value = Vec<Happening>> {
    let happening = prop_oneof![
        12 => Just(Happening::Nothing),
        2 => Just(Happening::Lay("base_A")),
        2 => Just(Happening::Lay("base_B")),
        2 => Just(Happening::Lift),
        1 => Just(Happening::Unplug),
        1 => Just(Happening::Silence),
        1 => Just(Happening::Damage),
        1 => Just(Happening::Unclean),
        1 => prop::sample::select(vec![
            0x80, 0x81, 0x41, 0x40, 0x31, 0x32, 0x33, 0x47, 0x10, 0x11, 0x21, 0x24,
        ])
        .prop_map(Happening::Status),
    ];
    prop::collection::vec(happening, 0..120)
}

/// Quiet for so many steps: more than the 90 seconds for which a card counts as there when the
/// module seemed not to know the command that tells.
const QUIET: usize = 1000;

proptest! {
    #[test]
    fn whatever_happens_a_person_is_told_only_between_their_card_and_its_end(
        presence in prop::sample::select(vec![
            Presence::Session, Presence::Find, Presence::Time, Presence::Probe,
        ]),
        happenings in happenings(),
        last in prop::option::of(prop::sample::select(vec!["base_A", "base_B"])),
    ) {
        let (mut run, mut world) = (Run::with(presence), World::default());
        // Whose text was heard last since the last `CardFound`.
        let mut heard: Option<&str> = None;
        let mut lies = false;
        let mut read = None;
        let settled = std::iter::once(last.map_or(Happening::Lift, Happening::Lay));
        let quiet = std::iter::repeat_n(Happening::Nothing, QUIET);
        for happening in happenings.into_iter().chain(settled).chain(quiet) {
            let before = run.told.len();
            // A text that shows that the card was swapped belongs to the laying it begins.
            let text = play(&mut run, &mut world, presence, happening);
            for event in &run.told[before..] {
                match event {
                    Told::Found => (lies, heard) = (true, None),
                    Told::Removed => (lies, heard, read) = (false, None, None),
                    Told::Read(number) => {
                        prop_assert!(lies);
                        prop_assert_eq!(text.or(heard), Some(number.as_str()));
                        read = Some(number.clone());
                    }
                    Told::Ready | Told::Down(_) | Told::Failed(_) => {}
                }
            }
            if text.is_some() {
                heard = text;
            }
        }
        // A quiet world is told as it is.
        prop_assert_eq!(lies, last.is_some());
        prop_assert_eq!(read.as_deref(), last.map(number));
    }
}
