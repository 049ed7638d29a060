//! Places, villages and ü, found by what people type.

use kiosk_base::domain::{Division, Posting};
use pinyin::ToPinyin;

use super::{cache_of, ids, posting};

fn at(id: &str, place: &str) -> Posting {
    Posting { place: Some(place.to_owned()), ..posting(id, "普工") }
}

#[test]
fn a_place_is_found_in_every_reading_of_its_name() {
    let (_directory, cache) = cache_of(vec![
        at("junlian", "四川省宜宾市筠连县"),
        at("yanshan", "江西省上饶市铅山县河口镇"),
        at("laoting", "河北省唐山市乐亭县"),
        at("fuji", "泸县福集镇工业路12号"),
    ]);
    let mut reader = cache.reader().expect("a reader");
    for words in
        ["jl", "jlx", "ylx", "junlian", "yunlian", "junl", "yunlianxian", "筠连", "jun lian"]
    {
        assert_eq!(ids(&mut reader, words), ["junlian"], "{words}");
    }
    for words in ["yanshan", "qianshan", "yansh", "铅山", "rjl yanshan", "hekou"] {
        let expected: &[&str] = if words.starts_with('r') { &[] } else { &["yanshan"] };
        assert_eq!(ids(&mut reader, words), expected, "{words}");
    }
    for (words, id) in [("ys", "yanshan"), ("yl", "junlian")] {
        assert!(ids(&mut reader, words).contains(&id.to_owned()), "{words}");
    }
    for words in ["laoting", "leting", "lt", "laot"] {
        assert_eq!(ids(&mut reader, words), ["laoting"], "{words}");
    }
    for words in ["fjz", "fuji", "fujizhen", "luxian", "gyl", "gongyelu"] {
        assert_eq!(ids(&mut reader, words), ["fuji"], "{words}");
    }
}

#[test]
fn what_is_typed_for_u_umlaut_finds_it() {
    let (_directory, cache) = cache_of(vec![
        posting("woman", "女工"),
        posting("green", "绿化工"),
        posting("lawyer", "律师"),
        posting("plan", "战略策划"),
        posting("malaria", "疟疾防治员"),
        posting("aluminium", "铝材工"),
    ]);
    let mut reader = cache.reader().expect("a reader");
    for (id, all) in [
        (
            "woman",
            &["nvgong", "nugong", "nügong", "nyugong", "nüg", "nug", "ng", "nu\u{308}gong"][..],
        ),
        ("green", &["lvhua", "luhua", "lühua", "lyuhua", "lvh", "luh", "lhg"]),
        ("lawyer", &["lvshi", "lushi", "lüshi", "lyushi", "LÜSHI", "lǜshi"]),
        ("plan", &["zhanlve", "zhanlue", "zhanlüe", "zhanlyue", "lve", "lue", "lüe", "lyue", "zl"]),
        ("malaria", &["nveji", "nueji", "nüeji", "nyueji", "nve", "nue", "nüe", "yaoji"]),
        ("aluminium", &["lvcai", "lucai", "lücai"]),
    ] {
        for words in all {
            assert_eq!(ids(&mut reader, words), [id], "{words}");
        }
    }
    // The beginning of lüe and nüe, too.
    for (words, expected) in [
        ("lv", &["aluminium", "green", "lawyer", "plan"][..]),
        ("lü", &["aluminium", "green", "lawyer", "plan"]),
        ("lyu", &["aluminium", "green", "lawyer", "plan"]),
        ("lu", &["aluminium", "green", "lawyer", "plan"]),
        ("nü", &["malaria", "woman"]),
        ("nv", &["malaria", "woman"]),
        ("nu", &["malaria", "woman"]),
    ] {
        let mut found = ids(&mut reader, words);
        found.sort_unstable();
        assert_eq!(found, expected, "{words}");
    }
}

#[test]
fn people_and_firms_are_found_as_they_are_called() {
    let by =
        |id: &str, employer: &str| Posting { employer: employer.into(), ..posting(id, "普工") };
    let (_directory, cache) = cache_of(vec![
        by("qiu", "仇记餐馆"),
        by("shan", "单氏饭庄"),
        by("yuchi", "尉迟五金店"),
        by("he", "黑老五火锅"),
        by("lv", "吕师傅修理"),
        by("ji", "𠮷祥商行"),
    ]);
    let mut reader = cache.reader().expect("a reader");
    for (words, id) in [
        ("qiuji", "qiu"),
        ("shanshi", "shan"),
        ("yuchi", "yuchi"),
        ("yuchiwujin", "yuchi"),
        ("helaowu", "he"),
        ("heilaowu", "he"),
        ("hlw", "he"),
        ("lvshifu", "lv"),
        ("lushifu", "lv"),
        ("jixiang", "ji"),
        ("jxsh", "ji"),
        ("𠮷祥", "ji"),
    ] {
        assert_eq!(ids(&mut reader, words), [id], "{words}");
    }
}

#[test]
fn every_town_and_village_of_the_county_is_found_by_its_pinyin() {
    #[derive(serde::Deserialize)]
    struct File {
        division: Vec<Division>,
    }
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/kiosk-config/divisions");
    let mut names: Vec<String> = Vec::new();
    for file in std::fs::read_dir(folder).expect("a folder") {
        let text = std::fs::read_to_string(file.expect("a file").path()).expect("text");
        let file: File = toml::from_str(&text).expect("divisions");
        names.extend(file.division.into_iter().map(|division| division.name));
    }
    names.sort_unstable();
    names.dedup();
    assert!(names.len() > 340, "{}", names.len());
    let postings = names.iter().enumerate();
    let postings = postings.map(|(number, name)| at(&format!("n{number}"), &format!("{name}1号")));
    let (_directory, cache) = cache_of(postings.collect());
    let mut reader = cache.reader().expect("a reader");
    for (number, name) in names.iter().enumerate() {
        let short = name.trim_end_matches("居民委员会").trim_end_matches("村民委员会");
        let spoken: Vec<_> = short.to_pinyin().flatten().map(|p| p.plain()).collect();
        let initials: String = spoken.iter().map(|syllable| &syllable[..1]).collect();
        for words in [initials, spoken.concat(), spoken.join(" ")] {
            let found = ids(&mut reader, &words);
            assert!(found.contains(&format!("n{number}")), "{name} by {words}");
        }
    }
}
