//! What the office publishes about itself: guides (办事指南) and boards (公示栏). Their files name the
//! office, its windows and telephones by [stand-ins](stand_ins), so that every town shows its own.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// One procedure in the words of the person who comes: what it is, what to bring, what happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guide {
    /// Short id, also the file name: `unemployment-registration`.
    pub id: String,
    /// Title, `失业登记`.
    pub title: String,
    /// Which of the three windows it belongs to.
    pub window: Window,
    /// Whether it stands on the list of guides; else only what is asked leads to it.
    #[serde(default = "is_listed")]
    pub listed: bool,
    /// Who it is for, one sentence.
    pub for_whom: String,
    /// What to bring.
    pub bring: Vec<String>,
    /// What to do, in order.
    pub steps: Vec<String>,
    /// How long it takes, one sentence.
    pub time_limit: String,
    /// What it costs, `不收费`.
    pub fee: String,
    /// Where to go, one sentence; the guide's window unless the file says otherwise.
    #[serde(default = "own_window")]
    pub place: String,
    /// Whom to call; the office unless the file says otherwise.
    #[serde(default = "own_phone")]
    pub phone: String,
    /// The rule it rests on, when it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<String>,
    /// Where it can be done on a telephone, when the county has named a page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub online: Option<Online>,
}

/// A page on the network on which something can be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Online {
    /// Its address, `https://…`.
    pub url: String,
    /// The day on which somebody last saw that it is the right one.
    pub checked: Date,
    /// Who said that it is: a notice, an office.
    pub source: String,
}

/// The three windows of the town hall.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Window {
    /// 就业.
    Jobs,
    /// 社保.
    Insurance,
    /// 维权.
    Rights,
}

/// Duties and procedures on public view (职责制度、经办流程), so that people can supervise the office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    /// Short id, also the file name.
    pub id: String,
    /// Title, `服务中心工作职责`.
    pub title: String,
    /// Paragraphs or numbered points.
    pub paragraphs: Vec<String>,
    /// The office's telephone unless the file says otherwise.
    #[serde(default = "own_phone")]
    pub phone: String,
    /// The supervision line unless the file says otherwise.
    #[serde(default = "own_supervision")]
    pub supervision: String,
}

fn is_listed() -> bool {
    true
}

fn own_window() -> String {
    "{town}{office}，{window}".to_owned()
}

fn own_phone() -> String {
    "{phone}".to_owned()
}

fn own_supervision() -> String {
    "{supervision}".to_owned()
}

impl Guide {
    /// Every text of it, with the name of its field.
    pub fn texts_mut(&mut self) -> impl Iterator<Item = (&'static str, &mut String)> {
        let Self { title, for_whom, bring, steps, time_limit, fee, place, phone, basis, .. } = self;
        [("title", title), ("for_whom", for_whom)]
            .into_iter()
            .chain(bring.iter_mut().map(|text| ("bring", text)))
            .chain(steps.iter_mut().map(|text| ("steps", text)))
            .chain([("time_limit", time_limit), ("fee", fee), ("place", place), ("phone", phone)])
            .chain(basis.iter_mut().map(|text| ("basis", text)))
    }
}

impl Board {
    /// Every text of it, with the name of its field.
    pub fn texts_mut(&mut self) -> impl Iterator<Item = (&'static str, &mut String)> {
        let Self { id: _, title, paragraphs, phone, supervision } = self;
        [("title", title)]
            .into_iter()
            .chain(paragraphs.iter_mut().map(|text| ("paragraphs", text)))
            .chain([("phone", phone), ("supervision", supervision)])
    }
}

/// The stand-ins in `text`: what stands between `{` and `}`, in order.
pub fn stand_ins(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap_or(rest))
}

/// `text` with its stand-ins replaced by what `value` says; one that it does not know stays. A space
/// before a stand-in goes where Han characters follow: they have one between them and figures only.
pub fn fill<'a>(text: &str, value: impl Fn(&str) -> Option<&'a str>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut parts = text.split('{');
    filled.push_str(parts.next().unwrap_or_default());
    for part in parts {
        match part.split_once('}').and_then(|(name, rest)| Some((value(name)?, rest))) {
            Some((value, rest)) => {
                if filled.ends_with(' ') && !value.starts_with(|first: char| first.is_ascii()) {
                    filled.pop();
                }
                filled.extend([value, rest]);
            }
            None => filled.extend(["{", part]),
        }
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stand_ins_are_replaced_and_unknown_ones_stay() {
        let value = |name: &str| (name == "phone").then_some("0830-1");
        assert_eq!(fill("打 {phone} 或 {phone}。", value), "打 0830-1 或 0830-1。");
        assert_eq!(fill("{fone}，{", value), "{fone}，{");
        assert_eq!(fill("到 {window}问", |_| Some("大厅")), "到大厅问");
        assert_eq!(stand_ins("到 {window}，打 {phone}").collect::<Vec<_>>(), ["window", "phone"]);
        assert_eq!(stand_ins("没有").count(), 0);
    }
}
