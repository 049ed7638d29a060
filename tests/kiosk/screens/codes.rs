//! QR codes, read off the glass and off the paper by a decoder that is not ours: what is read is
//! exactly what was written.
//!
//! `CODE_PICTURES=DIR` writes what the decoder sees, and the texts, for other decoders.

use std::{env, fs, path::PathBuf, thread, time::Duration};

use kiosk_base::{
    domain::{
        Fen, Posting, Wage,
        posting::{PostingId, WagePeriod},
    },
    qr::{BYTES_MAX, Code},
};
use kiosk_devices::printer::{Item, Paper, PrinterSettings, Slip, print_once};
use kiosk_stage::simulator::{PrinterOptions, SimulatedPrinter};
use renshe_kiosk::visit::{
    Comfort, Palette,
    fit::{Size, TextSize},
};

use super::{LANDSCAPE, PORTRAIT, SMALL_LANDSCAPE, SMALL_PORTRAIT, Scene, Stage, on_screen};
use crate::support::{Dice, GUARD};

const GENERATED: usize = 2_000;

/// Grey dots, row by row.
struct Grey {
    width: usize,
    dots: Vec<u8>,
}

impl Grey {
    /// What the one code says that is in the picture.
    fn read(&self) -> Result<String, String> {
        let height = self.dots.len() / self.width;
        let dot = |x: usize, y: usize| self.dots[y * self.width + x];
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(self.width, height, dot);
        let grids = image.detect_grids();
        let [grid] = grids.as_slice() else { return Err(format!("{} codes", grids.len())) };
        grid.decode().map(|(_, text)| text).map_err(|error| error.to_string())
    }

    /// Writes it with its text where `CODE_PICTURES` says, if it does.
    fn keep(&self, name: &str, text: &str) {
        let Some(directory) = env::var_os("CODE_PICTURES").filter(|path| !path.is_empty()) else {
            return;
        };
        let path = PathBuf::from(directory).join(name);
        let file = fs::File::create(path.with_extension("png")).expect("a file");
        let height = self.dots.len() / self.width;
        let mut encoder = png::Encoder::new(file, self.width as u32, height as u32);
        encoder.set_color(png::ColorType::Grayscale);
        let mut writer = encoder.write_header().expect("a header");
        writer.write_image_data(&self.dots).expect("written");
        fs::write(path.with_extension("txt"), text).expect("written");
    }
}

/// The part of the window that a telephone is held to: the code with what is around it.
fn glass(stage: &Stage) -> Grey {
    let elements = stage.screen.elements();
    let code = elements.iter().find(|element| element.label == "二维码，用手机扫").expect("a code");
    assert_eq!(code.width, code.height);
    let (left, top) = ((code.x - 10.0) as usize, (code.y - 10.0) as usize);
    let side = code.width as usize + 20;
    stage.picture(|picture| {
        let row =
            |y: usize| (left..left + side).map(move |x| picture.bytes[(y * picture.width + x) * 4]);
        Grey { width: side, dots: (top..top + side).flat_map(row).collect() }
    })
}

/// Shows each posting's page and fails with all that is read wrong.
fn off_the_glass(stage: &mut Stage, name: &str, size: Size, text: TextSize, postings: &[Posting]) {
    let mut wrong = Vec::new();
    stage.screen.show_headless(size.width, size.height).expect("shown");
    for (i, posting) in postings.iter().enumerate() {
        let comfort = Comfort { size: text, palette: Palette::ALL[i % 4], ..Comfort::default() };
        stage.set(size, comfort, &Scene::take_away(posting.clone()));
        let text = stage.screen.card(posting);
        assert!(text.len() <= BYTES_MAX, "{text}");
        let seen = glass(stage);
        seen.keep(&format!("{name}-{i:04}"), &text);
        let read = seen.read();
        if read.as_ref() != Ok(&text) {
            wrong.push(format!("{}: {read:?}, not {text:?}", posting.id.as_str()));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), postings.len(), wrong.join("\n"));
}

/// Prints each text on a roll of 58 mm and fails with all that is read wrong. Several printers print at
/// once: most of the time is waiting for one.
fn off_the_paper(name: &str, texts: &[String]) {
    const PRINTERS: usize = 4;
    // Few enough that each slip is there in time while other tests run.
    const TOGETHER: usize = 20;
    let wrong = thread::scope(|scope| {
        let parts = texts.chunks(texts.len().div_ceil(PRINTERS)).enumerate();
        let printed: Vec<_> = parts
            .map(|(part, texts)| {
                scope.spawn(move || {
                    let slips = texts.chunks(TOGETHER).enumerate();
                    let name = |slip: usize| format!("{name}-{part}-{slip:02}");
                    slips.flat_map(|(at, texts)| off_a_slip(&name(at), texts)).collect::<Vec<_>>()
                })
            })
            .collect();
        printed.into_iter().flat_map(|part| part.join().expect("printed")).collect::<Vec<String>>()
    });
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), texts.len(), wrong.join("\n"));
}

/// Prints texts on one slip and says which are read wrong.
fn off_a_slip(name: &str, texts: &[String]) -> Vec<String> {
    let options = PrinterOptions { line_time: Duration::ZERO, ..PrinterOptions::default() };
    let printer = SimulatedPrinter::start(options).expect("a pseudo-terminal");
    let mut slip = Slip::new();
    for text in texts {
        slip.push(Item::Code(Code::of(text).expect("short enough")));
        slip.push(Item::Note("测试".to_owned()));
    }
    let settings = PrinterSettings::simulated(printer.port(), Paper::Mm58);
    print_once(settings, slip, GUARD).expect("printed");
    assert_eq!(printer.unknown(), 0);
    let slips = printer.slips();
    let codes = slips[0].lines.split(|line| line.raster.is_none()).filter(|c| !c.is_empty());
    let codes: Vec<_> = codes.collect();
    assert_eq!(codes.len(), texts.len());
    let mut wrong = Vec::new();
    for (i, (lines, text)) in codes.iter().zip(texts).enumerate() {
        let piece = kiosk_stage::simulator::paper::Slip { lines: lines.to_vec() };
        let picture = piece.picture(Paper::Mm58.columns());
        let seen = Grey { width: picture.width, dots: picture.dots };
        seen.keep(&format!("{name}-{i:02}"), text);
        let read = seen.read();
        if read.as_ref() != Ok(text) {
            wrong.push(format!("{name}-{i:02}: {read:?}, not {text:?}"));
        }
    }
    wrong
}

#[test]
fn the_demonstrations_postings_are_read_off_the_glass() {
    let mut cards = Vec::new();
    on_screen(|stage| {
        let postings = stage.props.postings().to_vec();
        off_the_glass(stage, "demo-glass", PORTRAIT, TextSize::Standard, &postings);
        for (name, size, text) in [
            ("large", PORTRAIT, TextSize::Larger),
            ("landscape", LANDSCAPE, TextSize::Standard),
            ("landscape-larger", LANDSCAPE, TextSize::Larger),
            ("small", SMALL_PORTRAIT, TextSize::Standard),
            ("small-landscape", SMALL_LANDSCAPE, TextSize::Standard),
        ] {
            let some: Vec<_> = postings.iter().step_by(30).cloned().collect();
            off_the_glass(stage, &format!("demo-glass-{name}"), size, text, &some);
        }
        cards = postings.iter().map(|posting| stage.screen.card(posting)).collect();
    });
    assert!(cards.len() > 300);
    off_the_paper("demo-paper", &cards);
}

#[test]
fn generated_postings_are_read_off_the_glass() {
    let mut dice = Dice::new(0x2026_1128);
    let postings: Vec<_> = (0..GENERATED).map(|n| posting(&mut dice, n)).collect();
    on_screen(|stage| {
        off_the_glass(stage, "glass", SMALL_LANDSCAPE, TextSize::Standard, &postings)
    });
}

#[test]
fn generated_texts_are_read_off_the_paper() {
    let mut dice = Dice::new(0x1128_2026);
    let texts: Vec<_> = (0..GENERATED)
        .map(|n| {
            let most = 1 + n * (BYTES_MAX - 1) / (GENERATED - 1);
            text(&mut dice, most)
        })
        .collect();
    assert_eq!(texts.iter().map(String::len).max(), Some(BYTES_MAX));
    off_the_paper("paper", &texts);
}

/// What a posting says in its code, line by line.
#[test]
fn a_card_holds_what_one_calls_about() {
    on_screen(|stage| {
        let mut dice = Dice::new(7);
        let posting = Posting {
            title: "电焊工".into(),
            employer: "测试机械厂, 一分厂".into(),
            contact: Some("测试甲".into()),
            phone: Some("0830-8999100转12".into()),
            place: Some("福集镇; 测试路1号".into()),
            wage: Some(Wage::Range {
                min: Fen::from_yuan(5_000),
                max: Fen::from_yuan(7_000),
                per: WagePeriod::Month,
            }),
            meals: Some(true),
            lodging: Some(true),
            benefits: vec!["日结".into()],
            closes: Some(jiff::civil::date(2026, 12, 1)),
            link: Some("https://jobs.example/1?a=1,2".into()),
            ..posting(&mut dice, 0)
        };
        let card = stage.screen.card(&posting);
        let lines: Vec<_> = card.split("\r\n").collect();
        assert_eq!(
            lines,
            [
                "BEGIN:VCARD",
                "VERSION:3.0",
                "N:电焊工 测试甲;;;;",
                "FN:电焊工 测试甲",
                "ORG:测试机械厂\\, 一分厂",
                "TEL;TYPE=WORK:0830-8999100",
                "ADR;TYPE=WORK:;;福集镇\\; 测试路1号;;;;",
                "NOTE:5\\,000–7\\,000 元/月\\n包吃包住\\n日结\\n截止日期 2026年12月1日\\n0830-8999100转12",
                "URL:https://jobs.example/1?a=1,2",
                "END:VCARD",
                "",
            ]
        );
        // What is too long for the largest code is cut at a mark, and never the number.
        let long =
            Posting { place: Some("测".repeat(400)), employer: "试".repeat(400), ..posting };
        let card = stage.screen.card(&long);
        assert!(card.len() <= BYTES_MAX && card.contains("测…") && card.contains("试…"), "{card}");
        assert!(card.contains("TEL;TYPE=WORK:0830-8999100\r\n"));
    });
}

/// Characters of every kind that a posting may have: common and rare Han, beyond the BMP, Latin
/// with accents, digits, punctuation, an emoji, and those of a card's own marks.
const KINDS: [&str; 8] = [
    "的一是了不在有人这上个国我到说们为子和你地出会也时要就可以对生能而那得于着下自之年",
    "泸州纳溪合江叙永古蔺福集嘉明喻寺得胜牛滩兆雅玄滩太伏云锦石桥毗卢奇峰潮河海潮百和",
    "岷沱濑玚翀赟頔喆犇骉焱淼垚㙍㛃䶮鿏龘靐齉爨癵麤鱻灪厵",
    "𠮷𬭛𬬻𬭊𬭳𫟼𫓧𪩘𠅤𨱇",
    "0123456789",
    "ABCXYZabcxyzéüñßЖж",
    "，。；：、！？“”（）《》—…·,.;:!?\"'()-–/\\ \u{3000}",
    "㎡℃①②㈱→★🔧👷",
];

/// A text of at most `most` bytes, nearly or wholly as long.
fn text(dice: &mut Dice, most: usize) -> String {
    let mut text = String::new();
    while text.len() < most {
        let kind: Vec<char> = KINDS[dice.roll(KINDS.len() as u64) as usize].chars().collect();
        for _ in 0..=dice.roll(12) {
            let c = kind[dice.roll(kind.len() as u64) as usize];
            let c = if text.len() + c.len_utf8() > most { 'x' } else { c };
            if text.len() < most {
                text.push(c);
            }
        }
    }
    text
}

fn posting(dice: &mut Dice, n: usize) -> Posting {
    let mut line = |most: u64| {
        let most = 3 + dice.roll(most) as usize;
        text(dice, most)
    };
    let (title, employer, place, contact) = (line(60), line(90), line(120), line(24));
    let link = format!("https://jobs.example/{n}");
    let benefits = vec![line(20), line(60)];
    Posting {
        id: PostingId::parse(&format!("t-{n}")).expect("good"),
        title,
        occupation: None,
        occupation_code: None,
        class: None,
        employer,
        openings: None,
        conditions: None,
        education: None,
        experience: None,
        form: None,
        meals: [None, Some(true), Some(false)][dice.roll(3) as usize],
        lodging: [None, Some(true), Some(false)][dice.roll(3) as usize],
        duties: None,
        place: Some(place).filter(|_| dice.roll(5) > 0),
        division: None,
        wage: (dice.roll(3) > 0).then_some(Wage::Negotiable),
        benefits,
        hours: None,
        contact: Some(contact).filter(|_| dice.roll(4) > 0),
        phone: Some(format!("0830-8999{:03}", n % 1_000)).filter(|_| dice.roll(6) > 0),
        published: jiff::civil::date(2026, 11, 20),
        closes: (dice.roll(3) > 0).then_some(jiff::civil::date(2026, 12, 1 + (n % 28) as i8)),
        source: "测试".into(),
        link: Some(link).filter(|_| dice.roll(3) == 0),
    }
}
