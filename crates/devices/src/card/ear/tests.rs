//! Every cut of every vector, in time that is only counted.

use std::time::Duration;

use super::*;
use crate::card::{
    frame::Status,
    profile::Limits,
    vectors::{hex, vector},
};

/// Answers of the reference with the request that each answers.
fn answers() -> Vec<(Request, Vec<u8>)> {
    let mut answers = vec![
        (Request::Status, hex("AA AA AA 96 69 00 04 00 00 90 94")),
        (Request::Reset, hex("AA AA AA 96 69 00 04 00 00 90 94")),
        (Request::SetRfBytes(80), hex("AA AA AA 96 69 00 04 00 00 90 94")),
        (Request::SamId, vector("samid")),
        (Request::Find, hex("AA AA AA 96 69 00 08 00 00 9F 00 00 00 00 97")),
        (Request::Find, hex("AA AA AA 96 69 00 08 00 00 9F 01 02 03 04 93")),
        (Request::Find, hex("AA AA AA 96 69 00 04 00 00 80 84")),
        (Request::Select, hex("AA AA AA 96 69 00 0C 00 00 90 11 22 33 44 55 66 77 88 14")),
        (Request::Select, hex("AA AA AA 96 69 00 0C 00 00 90 AA AA AA 96 69 00 04 00 CD")),
        (Request::Select, hex("AA AA AA 96 69 00 04 00 00 81 85")),
        (Request::ReadAppendedAddress, vector("newaddr")),
        (Request::ReadAppendedAddress, hex("AA AA AA 96 69 00 04 00 00 91 95")),
        (Request::ReadBase, hex("AA AA AA 96 69 00 04 69 82 41 AE")),
    ];
    for status in [0x40, 0x31, 0x32, 0x33, 0x47, 0x10, 0x11, 0x21, 0x23, 0x24, 0x60, 0x66] {
        let mut frame = hex("AA AA AA 96 69 00 04 00 00");
        frame.extend([status, status ^ 4]);
        answers.push((Request::ReadBase, frame));
    }
    for name in ["base_A", "base_B", "base_I", "base_J", "base_R", "base_Y"] {
        answers.push((Request::ReadBase, vector(name)));
    }
    for name in ["basefp0_A", "basefp1_A", "basefp2_A"] {
        answers.push((Request::ReadBase, vector(name)));
    }
    answers
}

/// Gives `bytes` to an ear, one piece each `every` (all at once for zero), then silence. Returns
/// the outcome and when it came.
fn hear(ear: &mut Ear, request: Request, bytes: &[u8], every: Duration) -> (Outcome, Duration) {
    let limits = Limits::USUAL;
    let begun = Duration::from_secs(1_000);
    ear.begin(request, limits.of(request, 115_200), limits.gap, 0, begun);
    let mut now = begun;
    let pieces: Vec<&[u8]> = if every.is_zero() { vec![bytes] } else { bytes.chunks(1).collect() };
    let mut pieces = pieces.into_iter().filter(|piece| !piece.is_empty());
    let mut next = pieces.next().map(|piece| (begun + every, piece));
    loop {
        let wait = match ear.wait(now) {
            Ok(wait) => wait,
            Err(outcome) => return (outcome, now - begun),
        };
        assert!(!wait.is_zero(), "a wait of no time would spin");
        match next {
            Some((arrival, piece)) if arrival <= now + wait => {
                now = arrival;
                if let Some(outcome) = ear.take(piece, now) {
                    return (outcome, now - begun);
                }
                next = pieces.next().map(|piece| (now + every, piece));
            }
            _ => now += wait,
        }
    }
}

fn judge(request: Request, frame: &[u8], cut: usize, outcome: Outcome, took: Duration) {
    let limit = Limits::USUAL.of(request, 115_200);
    assert!(took <= limit, "{request:?} cut at {cut}: {took:?}");
    match outcome {
        Outcome::Answer { frame: heard, clean } => {
            assert!(clean && cut == frame.len());
            assert_eq!(heard.status, Status(frame[9]));
            assert_eq!(heard.data.as_slice(), &frame[10..frame.len() - 1]);
        }
        Outcome::Silent => assert_eq!(cut, 0, "{request:?}"),
        Outcome::Broken(how) => {
            assert_eq!(how, Broken::Cut, "{request:?} cut at {cut}");
            assert!((1..frame.len()).contains(&cut), "{request:?} cut at {cut}");
        }
        Outcome::Rested => unreachable!("an ear does not rest"),
    }
}

#[test]
fn every_cut_of_every_vector_ends_within_the_limit() {
    let mut cuts = 0;
    for (request, frame) in answers() {
        let mut ear = Ear::default();
        for cut in 0..=frame.len() {
            let (outcome, took) = hear(&mut ear, request, &frame[..cut], Duration::ZERO);
            judge(request, &frame, cut, outcome, took);
            // And the next whole answer is heard, whatever the cut one left behind.
            let (outcome, _) = hear(&mut ear, request, &frame, Duration::ZERO);
            let Outcome::Answer { frame: heard, .. } = outcome else { panic!("cut at {cut}") };
            assert_eq!(heard.data.as_slice(), &frame[10..frame.len() - 1]);
            cuts += 1;
        }
    }
    assert!(cuts > 13_000, "{cuts}");
}

#[test]
fn a_drip_does_not_extend_the_limit() {
    for (request, frame) in answers() {
        let limit = Limits::USUAL.of(request, 115_200);
        let line = Duration::from_micros(87);
        // As fast as the line, slow but in time, at the edge of the gap, and slower than it.
        for every in [line, limit / 2 / frame.len() as u32, limit / 30, Limits::USUAL.gap * 2] {
            for cut in (0..=frame.len()).step_by(13).chain([frame.len() - 1, frame.len()]) {
                let (outcome, took) = hear(&mut Ear::default(), request, &frame[..cut], every);
                assert!(took <= limit, "{request:?}, a byte each {every:?}: {took:?}");
                let in_time = every < Limits::USUAL.gap && every * (cut as u32) < limit;
                let whole = cut == frame.len() && in_time;
                let heard = matches!(outcome, Outcome::Answer { .. });
                assert_eq!(heard, whole, "{request:?} cut at {cut}, a byte each {every:?}");
            }
        }
    }
}

#[test]
fn babble_ends_by_bytes_and_quiet_noise_by_time() {
    let babble = vec![0x55; 20_000];
    let (outcome, took) =
        hear(&mut Ear::default(), Request::Find, &babble, Duration::from_micros(10));
    assert!(matches!(outcome, Outcome::Broken(Broken::Noise)), "{outcome:?}");
    assert!(took < Duration::from_secs(1), "{took:?}");
    let (outcome, took) = hear(&mut Ear::default(), Request::Find, &[0x55; 3], Duration::ZERO);
    assert!(matches!(outcome, Outcome::Broken(Broken::Noise)), "{outcome:?}");
    assert_eq!(took, Duration::from_secs(1));
}

#[test]
fn an_answer_is_clean_when_nothing_else_was_on_the_line() {
    let found = hex("AA AA AA 96 69 00 08 00 00 9F 00 00 00 00 97");
    let mut ear = Ear::default();
    let mut clean = |bytes: &[u8], flushed| {
        ear.begin(
            Request::Find,
            Duration::from_secs(1),
            Duration::from_millis(200),
            flushed,
            Duration::ZERO,
        );
        match ear.take(bytes, Duration::ZERO) {
            Some(Outcome::Answer { clean, .. }) => Some(clean),
            Some(_) => None,
            None => ear.wait(Duration::from_secs(2)).ok().map(|_| true),
        }
    };
    assert_eq!(clean(&found, 0), Some(true));
    assert_eq!(clean(&[&[0], found.as_slice()].concat(), 0), Some(false));
    assert_eq!(clean(&found, 0), Some(true));
    // A late answer to a read, thrown away unread bytes, a damaged answer before.
    assert_eq!(clean(&[vector("base_A"), found.clone()].concat(), 0), Some(false));
    assert_eq!(clean(&found, 3), Some(false));
    let mut damaged = found.clone();
    damaged[12] ^= 1;
    assert_eq!(clean(&damaged, 0), None);
    assert_eq!(clean(&found, 0), Some(false));
    // The second of two answers is what was thrown away before the next request.
    assert_eq!(clean(&found[..9], 0), None);
    assert_eq!(clean(&found, 0), Some(false));
    assert_eq!(clean(&found, 0), Some(true));
}
