//! Occupations as people look for them: a dozen classes, each a tile on the page where job finding
//! begins, and the words by which a posting finds its class.
//!
//! The national classification (职业分类大典) sorts by kind of work in eight majors, which put a
//! welder, a tailor and a bus driver into one. Residents look by the place where one works. So the
//! classes are the project's own, and which words belong to which is data
//! (`kiosk-config/codes/occupations.toml`).

use std::collections::HashMap;

use serde::Deserialize;

use super::code::{self, codes};

codes! {
    /// A class of occupations. Those that this version knows are in the order of the tiles.
    pub enum OccupationClass {
        /// 工厂做工: on the line, packing, sewing, making things.
        Factory = "factory",
        /// 焊工、电工、机修: trades that are learnt.
        Trades = "trades",
        /// 建筑装修.
        Construction = "construction",
        /// 餐饮.
        Catering = "catering",
        /// 家政保洁, and caring for people at home.
        Domestic = "domestic",
        /// 司机、快递、仓库.
        Transport = "transport",
        /// 销售、商场.
        Sales = "sales",
        /// 办公、财务.
        Office = "office",
        /// 保安、物业.
        Security = "security",
        /// 医护、教育.
        Care = "care",
        /// 种植、养殖.
        Farming = "farming",
        /// 技术、设计、电脑.
        Technical = "technical",
    }
}

/// Which words and codes belong to which class.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OccupationTable {
    /// (word, class), longest words first.
    words: Vec<(String, OccupationClass)>,
    /// Places in `words`, rising, by how the word begins.
    beginnings: HashMap<char, Vec<usize>>,
    /// (beginning of a code, class), longest first.
    codes: Vec<(String, OccupationClass)>,
}

/// The words and codes of one class.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassWords {
    /// The class.
    #[serde(deserialize_with = "code::known")]
    pub class: OccupationClass,
    /// Words that stand in titles and names of occupations.
    pub words: Vec<String>,
    /// How codes of the national classification begin, `6-18`.
    #[serde(default)]
    pub codes: Vec<String>,
}

impl OccupationTable {
    /// A table of these classes.
    pub fn new(classes: &[ClassWords]) -> Self {
        fn by_length(
            classes: &[ClassWords],
            of: impl Fn(&ClassWords) -> &Vec<String>,
        ) -> Vec<(String, OccupationClass)> {
            let pairs =
                classes.iter().flat_map(|c| of(c).iter().map(|text| (text.clone(), c.class)));
            let mut pairs: Vec<_> = pairs.filter(|(text, _)| !text.is_empty()).collect();
            pairs.sort_by_key(|(text, _)| std::cmp::Reverse(text.chars().count()));
            pairs
        }
        let words = by_length(classes, |c| &c.words);
        let mut beginnings: HashMap<char, Vec<usize>> = HashMap::new();
        for (at, (word, _)) in words.iter().enumerate() {
            word.chars().take(1).for_each(|first| beginnings.entry(first).or_default().push(at));
        }
        Self { words, beginnings, codes: by_length(classes, |c| &c.codes) }
    }

    /// The longest word in `text`, of equals the first of the table.
    fn word_in(&self, text: &str) -> Option<&(String, OccupationClass)> {
        let begins_at = |(at, first): (usize, char)| {
            let here = |word: &&usize| text[at..].starts_with(self.words[**word].0.as_str());
            self.beginnings.get(&first)?.iter().find(here).copied()
        };
        text.char_indices().filter_map(begins_at).min().map(|word| &self.words[word])
    }

    /// The class of a posting: by its code, else by the longest word in the name of its occupation,
    /// else by the longest in its title.
    pub fn class_of(
        &self,
        title: &str,
        occupation: Option<&str>,
        code: Option<&str>,
    ) -> Option<OccupationClass> {
        let by_code = code
            .and_then(|code| self.codes.iter().find(|(start, _)| code.starts_with(start.as_str())));
        let by_word = || occupation.and_then(|text| self.word_in(text));
        by_code.or_else(by_word).or_else(|| self.word_in(title)).map(|(_, class)| *class)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_word_decides() {
        let class = |class, words: &[&str], codes: &[&str]| ClassWords {
            class,
            words: words.iter().map(|w| (*w).to_owned()).collect(),
            codes: codes.iter().map(|c| (*c).to_owned()).collect(),
        };
        let table = OccupationTable::new(&[
            class(OccupationClass::Factory, &["普工", "工"], &["6-"]),
            class(OccupationClass::Trades, &["电焊工", "焊"], &["6-18"]),
            class(OccupationClass::Sales, &["销售"], &[]),
        ]);
        assert_eq!(table.class_of("电焊工", None, None), Some(OccupationClass::Trades));
        assert_eq!(table.class_of("搬运工", None, None), Some(OccupationClass::Factory));
        assert_eq!(table.class_of("招聘", Some("销售员"), None), Some(OccupationClass::Sales));
        assert_eq!(table.class_of("销售", None, Some("6-18-02")), Some(OccupationClass::Trades));
        assert_eq!(table.class_of("经理", None, Some("9")), None);
        // Wherever it stands, and of two as long the one that the table has first.
        assert_eq!(table.class_of("工厂的电焊工", None, None), Some(OccupationClass::Trades));
        assert_eq!(table.class_of("焊工", None, None), Some(OccupationClass::Factory));
        assert_eq!(table.class_of("普工、销售", None, None), Some(OccupationClass::Factory));
        assert_eq!(table.class_of("销售、普工", None, None), Some(OccupationClass::Factory));
    }
}
