//! A visit for each further kind of document, and the slot for social-security cards.

use std::fs;

use kiosk_base::domain::{Document, Stop};
use kiosk_devices::card::ReaderStatus;
use kiosk_stage::simulator::{ContactCard, contact_card::Habits};
use renshe_kiosk::visit::Place;

use crate::support::kiosk::{Hall, Kiosk, copy, shipped};

/// The holder of a foreigner's card of 2017, and an account.
const OLDER_CARD: &str = r#"
label = "38 岁外国人"
as_of = "2026-11-23"
[card]
kind = "foreigner_permit_2017"
english_name = "TEST, SYNTHETIC PERSON"
chinese_name = "测试丁"
sex = "female"
birth_date = "1988-08-08"
number = "XXA000000000001"
nationality = "XXA"
valid_from = "2018-01-01"
valid_until = "2028-01-01"
version = "01"
accepting_authority = "5100"
[[account.participations]]
kind = 110
insured = 1
paying = 1
balance = 765432
contributions = []
"#;

/// Lays the card of `resident`, sees the `figure` of their account, shows `name` and `number`,
/// lifts the card; then nothing of it can be read.
fn visit(kiosk: &mut Kiosk, resident: &str, figure: &str, name: &str, number: &str) {
    let own = [figure, name, number];
    let shown = |kiosk: &Kiosk| own.map(|words| kiosk.says(words));
    assert_eq!(shown(kiosk), [false; 3]);
    kiosk.lay(resident);
    kiosk.see(figure);
    assert_eq!(shown(kiosk), [true, false, false], "masked: {:?}", kiosk.labels());
    kiosk.press("显示");
    kiosk.see(name);
    assert_eq!(shown(kiosk), [true; 3]);
    kiosk.lift();
    assert_eq!(shown(kiosk), [false; 3]);
}

#[test]
fn every_kind_of_document_opens_its_account_and_leaves_nothing() {
    let content = tempfile::tempdir().expect("a directory");
    copy(&shipped().join("demo"), content.path());
    fs::write(content.path().join("residents/i.toml"), OLDER_CARD).expect("written");
    let mut kiosk = Kiosk::open(Hall::with_content(content.path().to_owned()).with_slot());
    visit(&mut kiosk, "f", "个人账户余额", "測試志明", "830599198504120015");
    visit(&mut kiosk, "g", "9,822.40", "MARGUERITE", "951999198809260027");
    visit(&mut kiosk, "i", "7,654.32", "测试丁", "XXA000000000001");
    visit(&mut kiosk, "h", "243.00", "测试国", "510599195908160015");
    // And the same account with the other card of the same person.
    visit(&mut kiosk, "a", "243.00", "测试国", "510599195908160015");
}

#[test]
fn the_page_says_where_to_put_which_card_only_where_there_is_a_slot() {
    let mut kiosk = Kiosk::open(Hall::new().with_slot());
    kiosk.begin();
    kiosk.press("社保");
    kiosk.see("请放身份证，或插社保卡");
    assert!(kiosk.says("身份证平放在读卡区") && kiosk.says("社保卡插入卡槽"));
    // A slot that is out of service is not offered; the ID card works.
    kiosk.hall.slot.fail(Stop::ReaderAbsent);
    kiosk.see("把身份证平放在读卡区");
    assert!(!kiosk.says("社保卡"), "{:?}", kiosk.labels());
    kiosk.lay("a");
    kiosk.see("243.00");
    kiosk.lift();
    // It comes back without anybody's help.
    kiosk.hall.slot.recover();
    kiosk.until("the slot is back", |kiosk| {
        kiosk.app.state().machine.slot == Some(ReaderStatus::Ready)
    });
    kiosk.lay("h");
    kiosk.see("243.00");
}

#[test]
fn a_card_of_the_third_generation_leads_to_the_id_card() {
    let mut kiosk = Kiosk::open(Hall::new().with_slot());
    let Document::SocialSecurityCard(card) = kiosk.hall.document("h") else { panic!("h's card") };
    let habits = Habits { protected: true, ..Habits::default() };
    let card = ContactCard::of(&card).expect("it fits").with_habits(habits);
    kiosk.hall.slot.insert(card);
    kiosk.see("请改用居民身份证");
    assert!(kiosk.says("编号 D06"));
    // It need not even be taken out of the slot first, once the visit is over.
    kiosk.press("结束");
    kiosk.see("请拔出您的社保卡");
    kiosk.lay("a");
    kiosk.see("243.00");
    kiosk.lift();
}

#[test]
fn two_cards_at_once_never_mix() {
    let mut kiosk = Kiosk::open(Hall::new().with_slot());
    kiosk.lay("e");
    kiosk.see("资格认证过期");
    kiosk.lay("h");
    kiosk.until("the slot sees its card", |kiosk| {
        kiosk.hall.slot.powered() == 1 && kiosk.app.state().machine.cards.lies(Place::Slot)
    });
    kiosk.press("显示");
    kiosk.see("测试·阿依古丽");
    assert!(!kiosk.says("243.00") && !kiosk.says("测试国"));
    kiosk.hall.reader.lift();
    kiosk.see("请拔出您的社保卡");
    assert!(!kiosk.says("资格认证过期") && kiosk.app.state().visit.is_none());
    kiosk.begin();
    kiosk.press("社保");
    kiosk.see("请拔出卡槽里的社保卡");
    kiosk.hall.slot.pull();
    kiosk.see("请放身份证，或插社保卡");
    kiosk.lay("h");
    kiosk.see("243.00");
    kiosk.lift();
}
