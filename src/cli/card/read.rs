//! `kiosk card read`: reads one document and prints it.

use std::{
    io::{self, Write},
    time::Duration,
};

use serde_json::{Value, json};
use zeroize::{Zeroize, Zeroizing};

use crate::{
    card::{self, Baud, ReadError, ReaderSettings},
    cli::Places,
    domain::{
        Document, ResidentIdCard, Stop,
        document::{Sex, Validity},
        sensitive::mask_name,
    },
};

/// Arguments of `kiosk card read`.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The serial port of the reader.
    #[arg(long)]
    port: std::path::PathBuf,
    /// Line rate of the reader, or `probe` to find it out.
    #[arg(long, default_value = "115200", value_parser = super::rate())]
    baud: Baud,
    /// The reader's make: a file of the settings' directory `readers/`, without `.toml`.
    #[arg(long, default_value = "unknown")]
    profile: String,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// Print everything in full.
    #[arg(long)]
    unmasked: bool,
    /// How long to wait for a card.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
}

pub(crate) fn run(places: &Places, args: Args) -> anyhow::Result<()> {
    let mut settings = ReaderSettings { baud: args.baud, ..ReaderSettings::at(args.port) };
    settings.profile = places.profile(&args.profile)?;
    let document = card::read_document(settings, Duration::from_secs(args.timeout))
        .map_err(|error| told(error, args.timeout))?;
    let mut fields = fields(&document, args.unmasked);
    let text = Zeroizing::new(match args.json {
        true => format!("{fields}\n"),
        false => lines(&fields),
    });
    wipe(&mut fields);
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(())
}

/// One sentence for the person at the machine, with the stop code first.
fn told(error: ReadError, seconds: u64) -> anyhow::Error {
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
    let Document::ResidentIdCard(card) = document;
    let shown = |masked: fn(&ResidentIdCard) -> String, full: fn(&ResidentIdCard) -> String| {
        if unmasked { full(card) } else { masked(card) }
    };
    let mut fields = json!({
        "kind": "resident_id_card",
        "name": shown(|c| mask_name(c.name.expose()), |c| c.name.expose().clone()),
        "number": shown(|c| c.number.masked(), |c| c.number.expose().to_owned()),
        "sex": match card.sex {
            Sex::Unknown => "unknown",
            Sex::Male => "male",
            Sex::Female => "female",
            Sex::NotStated => "not_stated",
        },
        "ethnic_group": match card.ethnic_group.name() {
            Some(name) => name.to_owned(),
            None => format!("{:02}", card.ethnic_group.0),
        },
        "birth_date": shown(
            |c| format!("{:04}-＊＊-＊＊", c.birth_date.expose().year),
            |c| {
                let date = c.birth_date.expose();
                format!("{:04}-{:02}-{:02}", date.year, date.month, date.day)
            },
        ),
        "address": shown(|c| mask_address(c.address.expose()), |c| c.address.expose().clone()),
        "issuing_authority": card.issuing_authority.expose(),
        "valid_from": card.valid_from.to_string(),
        "long_term": card.valid_until == Validity::LongTerm,
    });
    if let Some(address) = &card.appended_address {
        let address = address.expose();
        fields["appended_address"] =
            if unmasked { address.clone() } else { mask_address(address) }.into();
    }
    if let Validity::Until(date) = card.valid_until {
        fields["valid_until"] = date.to_string().into();
    }
    fields
}

/// The address up to the county or district, as far as it names one.
fn mask_address(address: &str) -> String {
    let known = address.find(['县', '区']).map_or("", |at| &address[..at + '县'.len_utf8()]);
    format!("{known}＊＊＊＊")
}

/// `fields` for a person: a line each.
fn lines(fields: &Value) -> String {
    const LABELS: [(&str, &str); 11] = [
        ("name", "姓名"),
        ("sex", "性别"),
        ("ethnic_group", "民族"),
        ("birth_date", "出生"),
        ("address", "住址"),
        ("appended_address", "最新住址"),
        ("number", "公民身份号码"),
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

    use super::*;
    use crate::domain::{CitizenId, Sensitive, document::EthnicGroup};

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

    #[test]
    fn the_masked_form_hides_who_it_is() {
        let document = person(Validity::LongTerm);
        let (masked, full) = (fields(&document, false), fields(&document, true));
        for mark in ["阿依古丽", "-03-20", "玉蟾", "嘉明", "51059919"] {
            assert!(full.to_string().contains(mark), "{mark}");
            assert!(!masked.to_string().contains(mark), "{mark}");
            assert!(!lines(&masked).contains(mark), "{mark}");
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
