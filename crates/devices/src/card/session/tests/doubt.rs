//! A line that erred is not believed after one reading.

use super::*;

fn read(number: &str) -> Told {
    Told::Read(number.to_owned())
}

#[test]
fn after_an_error_two_equal_readings_are_needed() {
    let mut run = Run::ready();
    run.found();
    run.asked(Request::Select, Reply::Broken);
    run.selected();
    run.asked(Request::ReadBase, Reply::vector("base_A"));
    run.asked(Request::ReadBase, Reply::vector("base_A"));
    run.asked(Request::ReadAppendedAddress, Reply::Status(0x91));
    run.asked(Request::ReadAppendedAddress, Reply::Status(0x91));
    assert_eq!(run.told, [Told::Found, read(A)]);
}

#[test]
fn noise_before_a_good_answer_is_an_error() {
    let mut run = Run::ready();
    run.asked(Request::Find, Reply::Unclean(Box::new(Reply::Data(0x9F, vec![0; 4]))));
    run.asked(Request::Select, Reply::Data(0x90, vec![0; 8]));
    run.asked(Request::ReadBase, Reply::vector("base_A"));
    // A changed character of the name that the checksum let pass.
    let Reply::Data(status, mut other) = Reply::vector("base_A") else { unreachable!() };
    other[4] ^= 1;
    other[6] ^= 1;
    run.asked(Request::ReadBase, Reply::Data(status, other));
    run.asked(Request::ReadBase, Reply::vector("base_A"));
    run.asked(Request::ReadBase, Reply::vector("base_A"));
    let address = || Reply::vector("newaddr");
    run.asked(Request::ReadAppendedAddress, address());
    run.asked(Request::ReadAppendedAddress, address());
    assert_eq!(run.told, [Told::Found, read(A)]);
}

#[test]
fn an_error_in_the_last_answer_asks_for_everything_again() {
    let mut run = Run::ready();
    run.selected();
    run.asked(Request::ReadBase, Reply::vector("base_A"));
    run.asked(Request::ReadAppendedAddress, Reply::Unclean(Box::new(Reply::Status(0x91))));
    run.asked(Request::ReadBase, Reply::vector("base_A"));
    run.asked(Request::ReadAppendedAddress, Reply::Status(0x91));
    assert_eq!(run.told, [Told::Found, read(A)]);
}

#[test]
fn readings_that_never_agree_are_told_and_tried_again() {
    let mut run = Run::ready();
    run.asked(Request::Find, Reply::Broken);
    let mut flip = 0;
    while run.told.len() < 2 {
        run.selected();
        for _ in 0..8 {
            let Reply::Data(status, mut data) = Reply::vector("base_A") else { unreachable!() };
            flip += 1;
            data[4] = flip;
            run.asked(Request::ReadBase, Reply::Data(status, data));
        }
    }
    assert_eq!(run.told, [Told::Found, Told::Failed(Stop::CardGarbled)]);
}

#[test]
fn a_module_that_reads_once_confirms_with_the_next_laying() {
    let mut run = Run::ready();
    run.asked(Request::Find, Reply::Broken);
    run.selected();
    run.asked(Request::ReadBase, Reply::vector("base_A"));
    run.asked(Request::ReadBase, Reply::Status(0x41));
    run.asked(Request::Find, Reply::Status(0x80));
    run.asked(Request::Find, Reply::Status(0x80));
    let lay_again = [Told::Found, Told::Failed(Stop::CardGarbled), Told::Removed];
    assert_eq!(std::mem::take(&mut run.told), lay_again);
    run.selected();
    run.asked(Request::ReadBase, Reply::vector("base_A"));
    run.asked(Request::ReadAppendedAddress, Reply::Status(0x91));
    run.asked(Request::ReadAppendedAddress, Reply::Status(0x91));
    assert_eq!(run.told, [Told::Found, read(A)]);
}

#[test]
fn two_persons_do_not_confirm_each_other() {
    let mut run = Run::ready();
    run.asked(Request::Find, Reply::Broken);
    run.selected();
    run.asked(Request::ReadBase, Reply::vector("base_A"));
    run.asked(Request::ReadBase, Reply::vector("base_A"));
    run.asked(Request::ReadAppendedAddress, Reply::Status(0x91));
    // Another card meanwhile: neither text nor the address that is not stored counts for it.
    run.asked(Request::ReadAppendedAddress, Reply::Status(0x41));
    run.asked(Request::ReadAppendedAddress, Reply::Status(0x41));
    run.selected();
    run.asked(Request::ReadBase, Reply::vector("base_B"));
    run.asked(Request::ReadBase, Reply::vector("base_B"));
    run.asked(Request::ReadAppendedAddress, Reply::Status(0x91));
    run.asked(Request::ReadAppendedAddress, Reply::Status(0x91));
    assert_eq!(run.told, [Told::Found, read(B)]);
}

#[test]
fn a_line_that_works_well_for_long_is_believed_again() {
    let mut run = Run::ready();
    run.asked(Request::Find, Reply::Broken);
    let mut pings = 0;
    for _ in 0..BELIEVED_AFTER {
        while let Step::Rest(_) = run.step {
            run.on(Outcome::Rested);
        }
        // Now and then the module is asked whether it is well.
        if run.step == Step::Ask(Request::Status) {
            pings += 1;
            run.on(Reply::Status(0x90).outcome());
        }
        run.asked(Request::Find, Reply::Status(0x80));
    }
    assert!((25..=32).contains(&pings), "{pings} in five minutes");
    run.read("base_A");
    assert_eq!(run.told, [Told::Found, read(A)]);
}
