//! `kiosk card read`: reads one document and prints it.

use std::{
    io::{self, Write},
    time::Duration,
};

use jiff::civil::Date;
use kiosk_base::domain::{
    Document, Sensitive, Stop,
    document::{EthnicGroup, PlainDate, Sex, Validity},
    mask,
};
use kiosk_devices::card::{self, Baud, ReadError, ReaderSettings};
use serde_json::Value;
use zeroize::{Zeroize, Zeroizing};

use crate::cli::Places;

/// Arguments of `kiosk card read`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// 读卡器的串口；本身就是 USB 设备的读卡器写 `usb:VVVV:PPPP`，即 `lsusb` 显示的厂商号和产品号
    #[arg(long, value_name = "端口")]
    #[cfg_attr(not(feature = "pcsc"), arg(required = true))]
    #[cfg_attr(feature = "pcsc", arg(required_unless_present = "pcsc"))]
    port: Option<card::Port>,
    /// 读卡槽里的社保卡：用这个名称的卡槽，不写名称则用找到的第一个
    #[cfg(feature = "pcsc")]
    #[arg(long, value_name = "名称", num_args = 0..=1, conflicts_with_all = ["port", "baud", "profile"])]
    pcsc: Option<Option<String>>,
    /// 读卡器的波特率，`probe` 为自动试探
    #[arg(long, value_name = "波特率", default_value = "115200", value_parser = super::rate())]
    baud: Baud,
    /// 读卡器的型号：设置目录下 `readers/` 里的一个文件，不带 `.toml`
    #[arg(long, value_name = "型号", default_value = "unknown")]
    profile: String,
    /// 输出一个 JSON 对象
    #[arg(long)]
    json: bool,
    /// 全部照原样显示，不打码
    #[arg(long)]
    unmasked: bool,
    /// 等放卡最多多少秒，1 至 3600
    #[arg(long, value_name = "秒数", default_value_t = 30)]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
}

pub(crate) fn run(places: &Places, args: Args) -> anyhow::Result<()> {
    let document = document(places, &args)?;
    let mut fields = fields(&document, args.unmasked);
    let text = Zeroizing::new(match args.json {
        true => format!("{fields}\n"),
        false => lines(&fields),
    });
    wipe(&mut fields);
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(())
}

fn document(places: &Places, args: &Args) -> anyhow::Result<Document> {
    let timeout = Duration::from_secs(args.timeout);
    #[cfg(feature = "pcsc")]
    if let Some(reader) = &args.pcsc {
        let slot = card::SlotSettings::over_pcsc(reader.as_deref());
        let slot = slot.expect("this is a build with the feature");
        let read = card::contact::read_social_security_card(&slot, timeout);
        return read.map_err(|error| told(error, args.timeout));
    }
    let port = args.port.clone().expect("the arguments demand a port");
    let profile = places.profile(&args.profile)?;
    let settings = ReaderSettings { port, baud: args.baud, profile, ..ReaderSettings::at("") };
    card::read_document(settings, timeout).map_err(|error| told(error, args.timeout))
}

/// One sentence for the person at the machine, with the stop code first.
pub(crate) fn told(error: ReadError, seconds: u64) -> anyhow::Error {
    match error {
        ReadError::Stop(stop) => {
            let entry = stop.entry();
            anyhow::anyhow!("{} {}：{}", entry.code, entry.staff, entry.remedy)
        }
        ReadError::NoCard => {
            let entry = Stop::CardUnsteady.entry();
            anyhow::anyhow!("{} {seconds} 秒内没有读到证件：{}", entry.code, entry.remedy)
        }
    }
}

/// The document as other programs get it. What it does not carry is left out.
fn fields(document: &Document, unmasked: bool) -> Value {
    let mut fields = Fields { unmasked, map: serde_json::Map::new() };
    match document {
        Document::ResidentIdCard(card) => {
            fields.kind("resident_id_card");
            fields.name("name", &card.name);
            fields.person(card.sex, &card.birth_date);
            fields.ethnic_group(card.ethnic_group);
            fields.addresses(&card.address, card.appended_address.as_ref());
            fields.plain("issuing_authority", card.issuing_authority.expose());
            fields.validity(card.valid_from, card.valid_until);
        }
        Document::ResidencePermit(permit) => {
            fields.kind("hk_macao_taiwan_permit");
            fields.name("name", &permit.name);
            fields.person(permit.sex, &permit.birth_date);
            fields.addresses(&permit.address, permit.appended_address.as_ref());
            fields.plain("issuing_authority", permit.issuing_authority.expose());
            fields.number("permit_number", permit.permit_number.expose());
            fields.count("issue_count", permit.issue_count);
            fields.validity(permit.valid_from, Validity::Until(permit.valid_until));
        }
        Document::ForeignerCard2017(card) => {
            fields.kind("foreigner_permit_2017");
            fields.names(&card.english_name, card.chinese_name.as_ref());
            fields.person(card.sex, &card.birth_date);
            fields.plain("nationality", card.nationality.expose());
            fields.validity(card.valid_from, Validity::Until(card.valid_until));
        }
        Document::ForeignerCard2023(card) => {
            fields.kind("foreigner_permit_2023");
            fields.names(&card.english_name, card.chinese_name.as_ref());
            fields.person(card.sex, &card.birth_date);
            fields.plain("nationality", card.nationality.expose());
            fields.validity(card.valid_from, Validity::Until(card.valid_until));
        }
        Document::SocialSecurityCard(card) => {
            fields.kind("social_security_card");
            fields.name("name", &card.name);
            fields.person(card.sex, &card.birth_date);
            fields.ethnic_group(card.ethnic_group);
            fields.number("card_number", card.card_number.expose());
            if let Some(from) = card.valid_from {
                fields.plain("valid_from", &from.to_string());
            }
            if let Some(until) = card.valid_until {
                fields.plain("valid_until", &until.to_string());
            }
        }
    }
    fields.number("number", document.number().expose());
    Value::Object(fields.map)
}

/// The fields of one document, as they are collected.
struct Fields {
    unmasked: bool,
    map: serde_json::Map<String, Value>,
}

impl Fields {
    fn plain(&mut self, field: &str, value: &str) {
        self.map.insert(field.to_owned(), value.into());
    }

    fn kind(&mut self, kind: &str) {
        self.plain("kind", kind);
    }

    fn count(&mut self, field: &str, count: u8) {
        self.map.insert(field.to_owned(), count.into());
    }

    /// `full`, or `masked` of it.
    fn shown(&mut self, field: &str, full: &str, masked: impl FnOnce(&str) -> String) {
        let value = if self.unmasked { full.to_owned() } else { masked(full) };
        self.map.insert(field.to_owned(), value.into());
    }

    fn name(&mut self, field: &str, name: &Sensitive<String>) {
        self.shown(field, name.expose(), mask::name);
    }

    /// A foreigner's: `name` is the Chinese one.
    fn names(&mut self, english: &Sensitive<String>, chinese: Option<&Sensitive<String>>) {
        self.name("english_name", english);
        if let Some(chinese) = chinese {
            self.name("name", chinese);
        }
    }

    fn number(&mut self, field: &str, number: &str) {
        self.shown(field, number, mask::number);
    }

    fn person(&mut self, sex: Sex, birth_date: &Sensitive<PlainDate>) {
        let sex = match sex {
            Sex::Unknown => "unknown",
            Sex::Male => "male",
            Sex::Female => "female",
            Sex::NotStated => "not_stated",
        };
        self.plain("sex", sex);
        let PlainDate { year, month, day } = *birth_date.expose();
        let full = Zeroizing::new(format!("{year:04}-{month:02}-{day:02}"));
        self.shown("birth_date", &full, |_| format!("{year:04}-＊＊-＊＊"));
    }

    fn ethnic_group(&mut self, group: EthnicGroup) {
        match group.name() {
            Some(name) => self.plain("ethnic_group", name),
            None => self.plain("ethnic_group", &format!("{:02}", group.0)),
        }
    }

    fn addresses(&mut self, printed: &Sensitive<String>, appended: Option<&Sensitive<String>>) {
        self.shown("address", printed.expose(), mask::address);
        if let Some(appended) = appended {
            self.shown("appended_address", appended.expose(), mask::address);
        }
    }

    fn validity(&mut self, from: Date, until: Validity) {
        self.plain("valid_from", &from.to_string());
        if let Validity::Until(date) = until {
            self.plain("valid_until", &date.to_string());
        }
        self.map.insert("long_term".to_owned(), (until == Validity::LongTerm).into());
    }
}

/// `fields` for a person: a line each.
fn lines(fields: &Value) -> String {
    const LABELS: [(&str, &str); 16] = [
        ("name", "姓名"),
        ("english_name", "英文姓名"),
        ("sex", "性别"),
        ("ethnic_group", "民族"),
        ("birth_date", "出生"),
        ("address", "住址"),
        ("appended_address", "最新住址"),
        ("nationality", "国籍"),
        ("number", "号码"),
        ("permit_number", "通行证号码"),
        ("issue_count", "签发次数"),
        ("card_number", "卡号"),
        ("issuing_authority", "签发机关"),
        ("valid_from", "有效期起"),
        ("valid_until", "有效期止"),
        ("long_term", "长期有效"),
    ];
    // Room for every line at once, so that growing leaves no copies.
    let mut text = String::with_capacity(2048);
    for (field, label) in LABELS {
        let value = match &fields[field] {
            Value::String(value) => match value.as_str() {
                "male" => "男",
                "female" => "女",
                "unknown" => "未知",
                "not_stated" => "未说明",
                value => value,
            },
            Value::Bool(true) => "是",
            Value::Number(count) => {
                text.extend([label, "：", &count.to_string(), "\n"]);
                continue;
            }
            _ => continue,
        };
        text.extend([label, "：", value, "\n"]);
    }
    text
}

fn wipe(fields: &mut Value) {
    for value in fields.as_object_mut().into_iter().flat_map(serde_json::Map::values_mut) {
        if let Value::String(text) = value {
            text.zeroize();
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use kiosk_base::domain::{
        CitizenId, ForeignerNumber2017, ForeignerNumber2023,
        document::{
            ForeignerCard2017, ForeignerCard2023, ResidencePermit, ResidentIdCard,
            SocialSecurityCard,
        },
    };
    use serde_json::json;

    use super::*;

    fn person(valid_until: Validity) -> Document {
        Document::ResidentIdCard(ResidentIdCard {
            name: "测试·阿依古丽".into(),
            sex: Sex::Female,
            ethnic_group: EthnicGroup(5),
            birth_date: Sensitive::new(date(1961, 3, 20).into()),
            address: "四川省泸县玉蟾街道测试社区第九村民小组".into(),
            appended_address: Some("四川省泸县嘉明镇测试新址9号".into()),
            number: CitizenId::parse("51059919610320058X").expect("valid"),
            issuing_authority: "泸县公安局".into(),
            valid_from: date(2012, 6, 1),
            valid_until,
        })
    }

    fn born() -> Sensitive<PlainDate> {
        Sensitive::new(date(1961, 3, 20).into())
    }

    /// One of each kind.
    fn documents() -> [Document; 5] {
        let (from, until) = (date(2021, 3, 1), date(2031, 3, 1));
        [
            person(Validity::LongTerm),
            Document::ResidencePermit(ResidencePermit {
                name: "測試阿依古丽".into(),
                sex: Sex::Female,
                birth_date: born(),
                address: "四川省泸县玉蟾街道测试社区第九村民小组".into(),
                appended_address: Some("四川省泸县嘉明镇测试新址9号".into()),
                number: CitizenId::parse("810000189202290038").expect("valid"),
                issuing_authority: "泸县公安局".into(),
                valid_from: from,
                valid_until: until,
                permit_number: "H12345678".into(),
                issue_count: 1,
            }),
            Document::ForeignerCard2017(ForeignerCard2017 {
                english_name: "TEST, SYNTHETIC PERSON".into(),
                chinese_name: None,
                sex: Sex::Female,
                number: ForeignerNumber2017::parse("XXA000000000001").expect("valid"),
                nationality: "XXA".into(),
                birth_date: born(),
                valid_from: from,
                valid_until: until,
                version: "01".into(),
                accepting_authority: "5100".into(),
            }),
            Document::ForeignerCard2023(ForeignerCard2023 {
                english_name: "TEST, SYNTHETIC PERSON".into(),
                chinese_name: Some("测试阿依古丽".into()),
                sex: Sex::Female,
                renewal_count: 1,
                number: ForeignerNumber2023::parse("951999198808080024").expect("valid"),
                nationality: "XXA".into(),
                birth_date: born(),
                valid_from: from,
                valid_until: until,
                earlier_number: "001".into(),
            }),
            Document::SocialSecurityCard(SocialSecurityCard {
                name: "测试阿依古丽".into(),
                sex: Sex::Female,
                ethnic_group: EthnicGroup(5),
                birth_date: born(),
                number: CitizenId::parse("51059919610320058X").expect("valid"),
                card_number: "TEST00001".into(),
                version: "2.00".into(),
                valid_from: Some(from),
                valid_until: Some(until),
            }),
        ]
    }

    #[test]
    fn the_masked_form_of_every_kind_hides_who_it_is() {
        const MARKS: [&str; 11] = [
            "阿依古丽",
            "SYNTHETIC",
            "PERSON",
            "-03-20",
            "玉蟾",
            "嘉明",
            "51059919",
            "81000018",
            "XXA000000",
            "95199919",
            "H12345",
        ];
        for document in documents() {
            let (masked, full) = (fields(&document, false), fields(&document, true));
            let mut found = 0;
            for mark in MARKS {
                found += usize::from(full.to_string().contains(mark));
                assert!(!masked.to_string().contains(mark), "{mark}");
                assert!(!lines(&masked).contains(mark), "{mark}");
            }
            assert!(found >= 3, "{found} marks in {}", full["kind"]);
            assert!(!masked.to_string().contains("TEST00001"));
            let (mut one, mut other): (Vec<_>, Vec<_>) = (
                full.as_object().expect("an object").keys().collect(),
                masked.as_object().expect("an object").keys().collect(),
            );
            one.sort();
            other.sort();
            assert_eq!(one, other, "masking leaves no field out");
        }
    }

    #[test]
    fn what_the_card_does_not_carry_is_left_out() {
        let long = fields(&person(Validity::LongTerm), true);
        assert_eq!((&long["long_term"], long.get("valid_until")), (&json!(true), None));
        let dated = fields(&person(Validity::Until(date(2032, 6, 1))), true);
        assert_eq!(dated["long_term"], json!(false));
        assert_eq!(dated["valid_until"], json!("2032-06-01"));
        assert!(lines(&dated).contains("最新住址：四川省泸县嘉明镇测试新址9号\n"));
    }
}
