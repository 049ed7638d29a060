//! Who to ask for, and the number to call, which people write into one cell: 测试员 0830-1234567. Keeps no
//! state.

/// The number in `text`, and who stands beside it: only what is surely somebody's name is told from the
/// number, everything else stays as it is written.
pub(super) fn split(text: &str) -> Option<(String, String)> {
    let is_part = |c: char| c.is_ascii_digit() || "+()（）-－—– 、,，;；/".contains(c);
    let first = text.find(|c: char| c.is_ascii_digit() || c == '+')?;
    let last = text.rfind(|c: char| c.is_ascii_digit())?;
    let (before, number, behind) = (&text[..first], &text[first..=last], &text[last + 1..]);
    // An opening bracket belongs to the area code: (0830)1234567.
    let open = before.len() - before.trim_end_matches(['(', '（']).len();
    let opened = number.find([')', '）']) < number.find(['(', '（']).or(Some(usize::MAX));
    let (before, number) = match open > 0 && opened && number.contains([')', '）']) {
        true => text[..=last].split_at(first - open),
        false => (before, number),
    };
    if !number.chars().all(is_part) {
        return None;
    }
    let signs = |c: char| c.is_whitespace() || "，,、；;：:（）()【】/-".contains(c);
    let mut beside =
        [before, behind].map(|part| bare(part.trim_matches(signs)).trim_matches(signs));
    beside.sort_by_key(|part| part.is_empty());
    match beside {
        [name, ""] if is_name(name) => Some((name.to_owned(), number.trim().to_owned())),
        _ => None,
    }
}

/// Whether `text` holds a number that can be called: a mobile's, one with or without its area code, 400 and
/// 800, or a short one (12333, 95588). Only the shape is looked at: which numbers are given out changes.
pub(super) fn has_number(text: &str) -> bool {
    // (0830) 1234567, 138 0000 1111, +86-138…: blanks and signs within a number join its figures.
    let joins = |c: char| " -－—–()（）+.·".contains(c);
    text.split(|c: char| !c.is_ascii_digit() && !joins(c)).any(|group| {
        let runs: Vec<&str> = group.split(joins).filter(|run| !run.is_empty()).collect();
        (0..runs.len()).any(|from| {
            (from..runs.len()).any(|to| {
                let figures = runs[from..=to].concat();
                // 2026-12-31 has as many figures as a number without its area code.
                is_number(&figures) && (figures.len() > 8 || to - from < 2)
            })
        })
    })
}

fn is_number(figures: &str) -> bool {
    let begins = |start: &str| figures.starts_with(start);
    // +86 830 1234567, 0086 138….
    let home = figures.strip_prefix("0086").or_else(|| figures.strip_prefix("86"));
    if let Some(home) = home.filter(|home| home.len() >= 9) {
        return is_number(home) || is_number(&format!("0{home}"));
    }
    // 0830 96110: a hotline behind its area code.
    let hotline = |area: usize| {
        figures
            .get(area..)
            .is_some_and(|rest| rest.len() == 5 && ["9", "12"].iter().any(|s| rest.starts_with(s)))
    };
    match figures.len() {
        3 => ["110", "114", "119", "120", "122"].contains(&figures),
        5 => begins("1") || begins("9"),
        6 => begins("9") || begins("6") || begins("11"),
        8 if begins("0") => hotline(3),
        7 | 8 => !begins("0") && !begins("1") || begins("1010"),
        9 => begins("0") && hotline(4),
        10 => begins("400") || begins("800") || begins("0"),
        11 => begins("1") && !begins("10") || begins("0"),
        12 => begins("0"),
        _ => false,
    }
}

/// What stands around the words that say what is what: 联系人：测试员 电话.
fn bare(words: &str) -> &str {
    const LABELS: [&str; 10] = [
        "联系人姓名",
        "联系人",
        "姓名",
        "联系电话",
        "联系方式",
        "电话号码",
        "手机号码",
        "手机号",
        "手机",
        "电话",
    ];
    let signs = |c: char| c.is_whitespace() || "，,、；;：:（）()/".contains(c);
    let mut rest = words.trim_matches(signs);
    loop {
        let before = rest.len();
        for label in LABELS {
            rest = rest.strip_prefix(label).unwrap_or(rest).trim_matches(signs);
            rest = rest.strip_suffix(label).unwrap_or(rest).trim_matches(signs);
        }
        if rest.len() == before {
            return rest;
        }
    }
}

fn is_name(words: &str) -> bool {
    const TITLES: [&str; 16] = [
        "先生", "女士", "小姐", "老师", "经理", "主任", "主管", "厂长", "店长", "师傅", "老板",
        "科长", "部长", "站长", "校长", "总",
    ];
    // 工作日, 微信同号, 上午, 转8012: nobody's name.
    const OTHERS: &str =
        "日时点号同微信工作早晚午休节假前后转或及拨打联系手机座电话传真办公室部科分请";
    let count = words.chars().count();
    let is_han = words.chars().all(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c) || c == '·');
    let title = TITLES.iter().find(|title| words.ends_with(**title));
    let own = title.map_or(words, |title| words.strip_suffix(title).unwrap_or(words));
    let least = if title.is_some() { 1 } else { 2 };
    is_han
        && count <= 8
        && own.chars().count() >= least
        && own.chars().count() <= 4
        && !own.contains(|c| OTHERS.contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_beside_a_number_is_told_from_it() {
        for (text, name, number) in [
            ("测试员 0830-1234567", "测试员", "0830-1234567"),
            ("测试员0830-1234567", "测试员", "0830-1234567"),
            ("13800001111（测先生）", "测先生", "13800001111"),
            ("测经理：13800001111、0830-1234567", "测经理", "13800001111、0830-1234567"),
            ("联系人：测试员 电话：0830-1234567", "测试员", "0830-1234567"),
            ("测女士（0830）1234567", "测女士", "（0830）1234567"),
        ] {
            let right = Some((name.to_owned(), number.to_owned()));
            assert_eq!(split(text), right, "{text}");
        }
    }

    #[test]
    fn what_can_be_called_is_told_from_other_figures() {
        for text in [
            "13800001111",
            "138 0000 1111",
            "+86-13800001111",
            "0830-1234567",
            "（0830）1234567转801",
            "08301234567、13800001111",
            "8191234",
            "400-123-4567",
            "12333",
            "电话：0830-1234567-801（工作日9:00）",
            "138.0000.1111",
            "+868301234567",
            "+86 28 85001234",
            "008613800001111",
            "0830-96110",
            "083096110",
            "118114",
            "10105757",
            "110",
        ] {
            assert!(has_number(text), "{text}");
        }
        for text in [
            "1380000111",
            "138000011112",
            "0830",
            "见1号窗口",
            "2026年12月",
            "18",
            "00000000",
            "138****1111",
            "138 0000 111",
            "2026-12-31",
            "8301234567",
        ] {
            assert!(!has_number(text), "{text}");
        }
    }

    #[test]
    fn what_is_no_name_stays_beside_its_number() {
        for text in [
            "0830-1234567",
            "电话：0830-1234567",
            "0830-1234567（工作日）",
            "13800001111（微信同号）",
            "0830-1234567转8012",
            "测试一13800001111、测试二13800002222",
            "办公室 0830-1234567",
            "13800001111 上午打",
            "见公告",
            "",
        ] {
            assert_eq!(split(text), None, "{text}");
        }
    }
}
