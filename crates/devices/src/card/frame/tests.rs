//! Every byte sequence of the reference, and any others.

use proptest::prelude::*;

use super::*;
use crate::card::vectors::{hex, vector};

/// Everything found in `bytes` when they arrive in pieces of `size`.
fn decode(bytes: &[u8], size: usize) -> (Vec<Found>, Noise) {
    let mut decoder = Decoder::default();
    let mut found = Vec::new();
    for mut piece in bytes.chunks(size) {
        while let Some(item) = decoder.next(&mut piece) {
            found.push(item);
        }
    }
    (found, decoder.noise())
}

fn frame(status: u8, data: &[u8]) -> Found {
    let data = Zeroizing::new(data.to_vec());
    Found::Frame(Frame { card_status: [0, 0], status: Status(status), data })
}

#[test]
fn requests_of_the_reference() {
    let requests = [
        ("req_reset", Request::Reset),
        ("req_status", Request::Status),
        ("req_samid", Request::SamId),
        ("req_find", Request::Find),
        ("req_select", Request::Select),
        ("req_base", Request::ReadBase),
        ("req_newaddr", Request::ReadAppendedAddress),
        ("req_rf24", Request::SetRfBytes(24)),
        ("req_rf80", Request::SetRfBytes(80)),
        ("req_rf255", Request::SetRfBytes(255)),
    ];
    for (name, request) in requests {
        assert_eq!(request.encode(), vector(name), "{name}");
    }
    let others: [(&str, u8, u8, &[u8]); 9] = [
        ("req_basefp", 0x30, 0x10, &[]),
        ("req_baud115200", 0x60, 0, &[]),
        ("req_baud57600", 0x60, 1, &[]),
        ("req_baud38400", 0x60, 2, &[]),
        ("req_baud19200", 0x60, 3, &[]),
        ("req_baud9600", 0x60, 4, &[]),
        ("req_rf24", 0x61, 0xFF, &[24]),
        ("req_rf80", 0x61, 0xFF, &[80]),
        ("req_rf255", 0x61, 0xFF, &[255]),
    ];
    for (name, command, parameter, data) in others {
        assert_eq!(encode(command, parameter, data), vector(name), "{name}");
    }
}

#[test]
fn short_answers_of_the_reference() {
    let bare = [
        ("90 94", 0x90),
        ("80 84", 0x80),
        ("81 85", 0x81),
        ("41 45", 0x41),
        ("91 95", 0x91),
        ("40 44", 0x40),
        ("31 35", 0x31),
        ("32 36", 0x32),
        ("33 37", 0x33),
        ("47 43", 0x47),
        ("10 14", 0x10),
        ("11 15", 0x11),
        ("21 25", 0x21),
        ("23 27", 0x23),
        ("24 20", 0x24),
        ("60 64", 0x60),
        ("66 62", 0x66),
    ];
    for (tail, status) in bare {
        let bytes = hex(&format!("AA AA AA 96 69 00 04 00 00 {tail}"));
        assert_eq!(decode(&bytes, 64).0, [frame(status, &[])], "{tail}");
    }
    let with_data = [
        ("00 08 00 00 9F 00 00 00 00 97", frame(0x9F, &[0; 4])),
        ("00 08 00 00 9F 01 02 03 04 93", frame(0x9F, &[1, 2, 3, 4])),
        ("00 0C 00 00 90 00 00 00 00 00 00 00 00 9C", frame(0x90, &[0; 8])),
        (
            "00 0C 00 00 90 11 22 33 44 55 66 77 88 14",
            frame(0x90, &[0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88]),
        ),
    ];
    for (tail, expected) in with_data {
        assert_eq!(decode(&hex(&format!("AA AA AA 96 69 {tail}")), 64).0, [expected]);
    }
    let relayed = decode(&hex("AA AA AA 96 69 00 04 69 82 41 AE"), 64).0;
    let [Found::Frame(relayed)] = relayed.as_slice() else { panic!("one frame") };
    assert_eq!((relayed.card_status, relayed.status), ([0x69, 0x82], Status::READ_FAILED));
}

#[test]
fn long_answers_of_the_reference() {
    let lengths = [
        ("base_A", 1284),
        ("base_B", 1284),
        ("base_I", 1284),
        ("base_J", 1284),
        ("base_R", 1284),
        ("base_Y", 1284),
        ("basefp0_A", 1286),
        ("basefp1_A", 1798),
        ("basefp2_A", 2310),
        ("samid", 16),
        ("newaddr", 70),
    ];
    for (name, length) in lengths {
        let bytes = vector(name);
        let expected = frame(0x90, &bytes[10..bytes.len() - 1]);
        assert_eq!(bytes.len(), length + 11, "{name}");
        for size in [1, 7, 64, bytes.len() - 1, bytes.len()] {
            assert_eq!(decode(&bytes, size), (vec![expected.clone()], Noise::default()));
        }
    }
}

#[test]
fn robustness_of_the_reference() {
    let absent = frame(0x80, &[]);
    let present = frame(0x9F, &[0; 4]);
    let cases = [
        (
            "noise before the frame",
            "00 FF 41 41 41 41 AA AA AA 96 69 00 08 00 00 9F 00 00 00 00 97",
            vec![present.clone()],
            Noise { skipped: 6, ..Noise::default() },
        ),
        (
            "one extra AA",
            "AA AA AA AA 96 69 00 08 00 00 9F 00 00 00 00 97",
            vec![present.clone()],
            Noise { skipped: 1, ..Noise::default() },
        ),
        (
            "false start",
            "AA AA AA 96 AA AA AA 96 69 00 04 00 00 80 84",
            vec![absent.clone()],
            Noise { skipped: 4, ..Noise::default() },
        ),
        (
            "preamble inside the payload",
            "AA AA AA 96 69 00 0C 00 00 90 AA AA AA 96 69 00 04 00 CD",
            vec![frame(0x90, &[0xAA, 0xAA, 0xAA, 0x96, 0x69, 0, 4, 0])],
            Noise::default(),
        ),
        (
            "bad checksum",
            "AA AA AA 96 69 00 08 00 00 9F 00 00 00 00 96",
            vec![Found::Damaged],
            Noise { skipped: 15, bad_length: 0, bad_checksum: 1 },
        ),
        (
            "absurd length",
            "AA AA AA 96 69 FF FF 00 00 90 AA AA AA 96 69 00 04 00 00 80 84",
            vec![absent.clone()],
            Noise { skipped: 10, bad_length: 1, bad_checksum: 0 },
        ),
        (
            "no length",
            "AA AA AA 96 69 00 00 AA AA AA 96 69 00 04 00 00 80 84",
            vec![absent.clone()],
            Noise { skipped: 7, bad_length: 1, bad_checksum: 0 },
        ),
        (
            "two frames",
            "AA AA AA 96 69 00 04 00 00 80 84 AA AA AA 96 69 00 08 00 00 9F 00 00 00 00 97",
            vec![absent, present],
            Noise::default(),
        ),
    ];
    for (name, bytes, found, noise) in cases {
        for size in [1, 3, 64] {
            assert_eq!(decode(&hex(bytes), size), (found.clone(), noise), "{name}, {size}");
        }
    }
}

#[test]
fn a_frame_that_stops_short_stays_open_until_cleared() {
    let mut decoder = Decoder::default();
    let bytes = hex("AA AA AA 96 69 00 07 00 00 9F 00 00 00");
    assert_eq!(decoder.next(&mut bytes.as_slice()), None);
    assert!(decoder.is_waiting());
    decoder.clear();
    assert!(!decoder.is_waiting());
    assert_eq!(decoder.noise().skipped, 13);
}

#[test]
fn no_prefix_of_an_answer_is_an_answer() {
    for name in ["base_A", "basefp2_A", "newaddr", "samid"] {
        let bytes = vector(name);
        for cut in 0..bytes.len() {
            let mut decoder = Decoder::default();
            assert_eq!(decoder.next(&mut &bytes[..cut]), None, "{name} cut at {cut}");
            assert_eq!(decoder.is_waiting(), cut > 0);
            // Whatever was cut off, the next answer is found.
            decoder.clear();
            assert!(matches!(decoder.next(&mut bytes.as_slice()), Some(Found::Frame(_))));
        }
    }
}

#[test]
fn a_stale_answer_fits_no_other_request() {
    let answer = |name: &str| match decode(&vector(name), 4096).0.remove(0) {
        Found::Frame(frame) => frame,
        Found::Damaged => panic!("{name} is sound"),
    };
    assert!(Request::ReadBase.fits(&answer("base_A")));
    assert!(!Request::Find.fits(&answer("base_A")));
    assert!(!Request::Select.fits(&answer("base_A")));
    assert!(!Request::ReadAppendedAddress.fits(&answer("base_A")));
    assert!(Request::ReadAppendedAddress.fits(&answer("newaddr")));
    assert!(!Request::Select.fits(&answer("samid")));
}

/// Makes differ in what they send beside a status.
#[test]
fn an_answer_without_the_numbers_of_a_chip_is_an_answer() {
    let frame = |status: u8, length: usize| {
        let data = zeroize::Zeroizing::new(vec![7; length]);
        Frame { card_status: [0; 2], status: Status(status), data }
    };
    for length in [0, 1, 4, 8] {
        assert!(Request::Find.fits(&frame(0x9F, length)), "{length}");
        assert!(Request::Select.fits(&frame(0x90, length)), "{length}");
        assert!(Request::Find.fits(&frame(0x80, length)), "{length}");
        assert!(Request::ReadBase.fits(&frame(0x41, length)), "{length}");
        assert!(!Request::Select.fits(&frame(0x9F, length)), "{length}");
        assert!(!Request::Find.fits(&frame(0x90, length)), "{length}");
    }
    // The newest address, all four, one behind its length.
    for length in [0, 70, 72, 280] {
        assert!(Request::ReadAppendedAddress.fits(&frame(0x90, length)), "{length}");
    }
    assert!(Request::ReadAppendedAddress.fits(&frame(0x91, 2)));
    // A module's number and a text belong to their own requests.
    assert!(!Request::Select.fits(&frame(0x90, 16)));
    assert!(!Request::SamId.fits(&frame(0x90, 8)));
    assert!(!Request::ReadBase.fits(&frame(0x90, 16)));
    // Whatever a module says along with being well, and whatever its number looks like.
    for length in [0, 1, 4, 8] {
        assert!(Request::Status.fits(&frame(0x90, length)), "{length}");
    }
    for length in [12, 16, 20] {
        assert!(Request::SamId.fits(&frame(0x90, length)), "{length}");
    }
}

#[test]
fn debug_output_shows_no_data() {
    let (found, _) = decode(&vector("base_A"), 4096);
    assert_eq!(format!("{found:?}"), "[Frame(Frame(90, 1284 bytes))]");
}

proptest! {
    #[test]
    fn pieces_do_not_matter(
        parts in prop::collection::vec(part(), 0..8),
        sizes in prop::collection::vec(1_usize..400, 1..40),
    ) {
        let bytes = parts.concat();
        let mut decoder = Decoder::default();
        let mut found = Vec::new();
        let (mut rest, mut sizes) = (bytes.as_slice(), sizes.iter().cycle());
        while !rest.is_empty() {
            let size = *sizes.next().expect("a cycle has no end");
            let (mut piece, left) = rest.split_at(size.min(rest.len()));
            while let Some(item) = decoder.next(&mut piece) {
                found.push(item);
                prop_assert!(decoder.buffer.len() <= MAX_FRAME);
            }
            rest = left;
        }
        prop_assert_eq!((found, decoder.noise()), decode(&bytes, bytes.len().max(1)));
        prop_assert_eq!(decoder.buffer.capacity(), MAX_FRAME);
    }

    #[test]
    fn every_byte_is_in_a_frame_or_counted(bytes in prop::collection::vec(part(), 0..8)) {
        let bytes = bytes.concat();
        let mut decoder = Decoder::default();
        let mut input = bytes.as_slice();
        let mut in_frames = 0;
        while let Some(item) = decoder.next(&mut input) {
            if let Found::Frame(frame) = item {
                in_frames += frame.data.len() as u64 + 11;
            }
        }
        decoder.clear();
        prop_assert_eq!(in_frames + decoder.noise().skipped, bytes.len() as u64);
    }
}

/// Something that may come over the line: noise, parts of frames, whole and damaged frames.
fn part() -> impl Strategy<Value = Vec<u8>> {
    let payload = || prop::collection::vec(any::<u8>(), 0..600);
    let whole = payload().prop_map(|data| encode(0, 0, &[&[0x90], data.as_slice()].concat()));
    let damaged = (payload(), any::<prop::sample::Index>(), 1_u8..).prop_map(|(data, at, flip)| {
        let mut frame = encode(0, 0, &[&[0x90], data.as_slice()].concat());
        let at = at.index(frame.len());
        frame[at] ^= flip;
        frame
    });
    let preambles = prop::collection::vec(prop::sample::select(PREAMBLE.to_vec()), 0..12);
    prop_oneof![prop::collection::vec(any::<u8>(), 0..60), preambles, whole, damaged]
}
