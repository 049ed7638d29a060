//! Salaries of JSON-LD in the words that wages are read from: `8000-12000元/月`. Keeps no state.
//!
//! schema.org has a number, a text, MonetaryAmount (with a number, a text or a QuantitativeValue in
//! it), PriceSpecification and, for what is only estimated, MonetaryAmountDistribution; any of them
//! alone or in a list. A number without a currency says so with a `?`, since nobody may guess what
//! it is.

use serde_json::{Map, Value};

use crate::{
    domain::Wage,
    import::{
        json::scalar,
        wage::{self, Understood, WageRule},
    },
};

/// Most salaries of one posting.
const SALARIES_MAX: usize = 20;

/// What a posting says of its pay.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Salaries {
    /// The employer's word.
    pub(super) base: Option<String>,
    /// What somebody estimates, where the employer says nothing.
    pub(super) estimated: Option<String>,
    /// What else is said, one a line: another period, another currency, an estimate beside.
    pub(super) more: Option<String>,
}

/// The salaries of a posting.
pub(super) fn of(posting: &Map<String, Value>) -> Salaries {
    let outer = posting.get("salaryCurrency").and_then(scalar);
    let texts = |name: &str| match posting.get(name) {
        Some(value) => all(value, outer.as_deref()),
        None => Vec::new(),
    };
    let (base, mut more) = chosen(texts("baseSalary"));
    let estimates = texts("estimatedSalary").into_iter().map(|text| format!("{text}（估计）"));
    let (mut estimated, others) = chosen(estimates.collect());
    more.extend(others);
    if base.is_some() {
        more.extend(estimated.take());
    }
    Salaries { base, estimated, more: (!more.is_empty()).then(|| more.join("\n")) }
}

/// The one that says an amount in yuan, else the first; and the others.
fn chosen(mut texts: Vec<String>) -> (Option<String>, Vec<String>) {
    let is_amount = |text: &String| {
        let read = wage::parse(text, &WageRule::default());
        matches!(read, Ok(Some(Understood { wage: Wage::Range { .. }, .. })))
    };
    texts.dedup();
    if texts.is_empty() {
        return (None, texts);
    }
    let best = texts.iter().position(is_amount).unwrap_or(0);
    (Some(texts.remove(best)), texts)
}

fn all(value: &Value, currency: Option<&str>) -> Vec<String> {
    match value {
        Value::Array(values) => {
            values.iter().take(SALARIES_MAX).flat_map(|value| all(value, currency)).collect()
        }
        // A bare text is read as it stands.
        Value::String(text) => vec![composed(text.trim(), currency.unwrap_or(""), "", "")],
        Value::Object(salary) => {
            let inner = salary.get("value").or(salary.get("priceSpecification"));
            match inner {
                Some(Value::Object(within)) => {
                    amount(within, salary, currency).into_iter().collect()
                }
                Some(Value::Array(values)) => {
                    let objects = values.iter().take(SALARIES_MAX).filter_map(Value::as_object);
                    objects.filter_map(|within| amount(within, salary, currency)).collect()
                }
                _ => amount(salary, salary, currency).into_iter().collect(),
            }
        }
        _ => {
            let number = scalar(value);
            number.map(|n| composed(&n, currency.unwrap_or("?"), "", "")).into_iter().collect()
        }
    }
}

/// The amount of `within`, which lies in `salary` or is it.
fn amount(
    within: &Map<String, Value>,
    salary: &Map<String, Value>,
    currency: Option<&str>,
) -> Option<String> {
    let first = |object: &Map<String, Value>, names: &[&str]| {
        let texts = names.iter().filter_map(|name| object.get(*name).and_then(scalar));
        texts.map(|text| text.trim().to_owned()).find(|text| !text.is_empty())
    };
    let either = |names: &[&str]| first(within, names).or_else(|| first(salary, names));
    let per = |object: &Map<String, Value>| {
        first(object.get("referenceQuantity")?.as_object()?, &["unitText", "unitCode"])
    };
    let said = either(&["currency", "priceCurrency"]);
    let currency = said.as_deref().or(currency).unwrap_or("?");
    let unit = either(&["unitText", "unitCode", "duration"]);
    let unit = unit.or_else(|| per(within)).or_else(|| per(salary)).unwrap_or_default();
    let min = first(within, &["minValue", "minPrice", "percentile10", "percentile25"]);
    let max = first(within, &["maxValue", "maxPrice", "percentile90", "percentile75"]);
    let one = first(within, &["value", "price", "median"]);
    let in_figures = |text: &&String| text.contains(|c: char| c.is_ascii_digit());
    let figures = (min.as_ref(), max.as_ref(), one.as_ref());
    match (figures.0.filter(in_figures), figures.1.filter(in_figures), figures.2.filter(in_figures))
    {
        (Some(min), Some(max), _) => Some(composed(&format!("{min}-{max}"), currency, &unit, "")),
        (Some(min), None, _) => Some(composed(min, currency, &unit, "以上")),
        (None, Some(max), _) => Some(composed(max, currency, &unit, "以下")),
        (None, None, Some(one)) => Some(composed(one, currency, &unit, "")),
        // 面议.
        _ => [min, max, one].into_iter().flatten().next(),
    }
}

/// An amount with the currency and the unit that it does not say itself.
fn composed(amount: &str, currency: &str, unit: &str, behind: &str) -> String {
    if !amount.contains(|c: char| c.is_ascii_digit()) {
        return amount.to_owned();
    }
    const CURRENCIES: [&str; 10] = ["元", "块", "¥", "￥", "$", "€", "£", "rmb", "cny", "usd"];
    let lower = amount.to_lowercase();
    let currency = match currency.to_uppercase().as_str() {
        _ if CURRENCIES.iter().any(|word| lower.contains(word)) => String::new(),
        // 8k-12k is no bare number.
        "?" if amount.contains(char::is_alphabetic) => String::new(),
        "CNY" | "RMB" | "CNH" | "人民币" | "元" | "¥" | "￥" => "元".to_owned(),
        other => other.to_owned(),
    };
    let unit = match unit.to_uppercase().as_str() {
        _ if lower.contains(['/', '每', '月', '年', '天', '日', '时']) => String::new(),
        "" => String::new(),
        "HOUR" | "HOURLY" | "HUR" | "PT1H" | "PER HOUR" | "小时" => "/小时".to_owned(),
        "DAY" | "DAILY" | "P1D" | "PER DAY" | "天" | "日" => "/天".to_owned(),
        "WEEK" | "WEEKLY" | "WEE" | "P1W" | "PER WEEK" | "周" => "/周".to_owned(),
        "MONTH" | "MONTHLY" | "MON" | "P1M" | "PER MONTH" | "月" | "元/月" => "/月".to_owned(),
        "YEAR" | "YEARLY" | "ANNUAL" | "ANNUALLY" | "ANN" | "P1Y" | "PER YEAR" | "年" | "元/年" => {
            "/年".to_owned()
        }
        other => format!("/{other}"),
    };
    format!("{amount}{currency}{unit}{behind}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn salaries_say_currency_and_unit() {
        for (value, words) in [
            (
                json!({"currency": "CNY", "value": {"minValue": 4000, "maxValue": 6000, "unitText": "MONTH"}}),
                Some("4000-6000元/月"),
            ),
            (
                json!({"currency": "USD", "value": {"value": 40.5, "unitText": "HOUR"}}),
                Some("40.5USD/小时"),
            ),
            (json!({"currency": "CNY", "value": 5000, "unitText": "MONTH"}), Some("5000元/月")),
            (json!({"currency": "CNY", "value": "5000", "unitText": "MONTH"}), Some("5000元/月")),
            (
                json!({"currency": "CNY", "value": "4000-6000", "unitText": "MONTH"}),
                Some("4000-6000元/月"),
            ),
            (
                json!({"currency": "CNY", "value": "8k-12k", "unitText": "MONTH"}),
                Some("8k-12k元/月"),
            ),
            (json!({"currency": "CNY", "value": "4000-6000元/月"}), Some("4000-6000元/月")),
            (
                json!({"currency": "CNY", "value": {"minValue": 3000, "unitText": "MONTH"}}),
                Some("3000元/月以上"),
            ),
            (
                json!({"currency": "CNY", "value": {"minValue": "", "maxValue": 9000, "unitText": "MONTH"}}),
                Some("9000元/月以下"),
            ),
            (json!({"currency": "CNY", "value": {"value": "面议"}}), Some("面议")),
            (json!({"currency": "CNY", "value": "面议", "unitText": "MONTH"}), Some("面议")),
            (
                json!({"currency": "CNY", "minValue": 200, "maxValue": 260, "unitText": "DAY"}),
                Some("200-260元/天"),
            ),
            (
                json!([{"currency": "CNY", "value": {"value": 6000, "unitText": "MONTH"}}]),
                Some("6000元/月"),
            ),
            (
                json!({"@type": "PriceSpecification", "price": 5500, "priceCurrency": "CNY"}),
                Some("5500元"),
            ),
            (
                json!({"@type": "UnitPriceSpecification", "minPrice": 5500, "maxPrice": 7000,
                       "priceCurrency": "CNY", "unitCode": "MON"}),
                Some("5500-7000元/月"),
            ),
            (
                json!({"@type": "UnitPriceSpecification", "price": 25, "priceCurrency": "CNY",
                       "referenceQuantity": {"unitCode": "HUR"}}),
                Some("25元/小时"),
            ),
            (json!({"value": 5000}), Some("5000?")),
            (json!({"currency": "CNY"}), None),
            (json!("面议"), Some("面议")),
            (json!("8000-12000"), Some("8000-12000")),
            (json!(5000), Some("5000?")),
            (json!([]), None),
        ] {
            let posting = json!({ "baseSalary": value });
            let salaries = of(posting.as_object().expect("an object"));
            assert_eq!(salaries.base.as_deref(), words, "{value}");
            assert_eq!((salaries.estimated, salaries.more), (None, None), "{value}");
        }
    }

    #[test]
    fn of_several_the_one_in_yuan_counts_and_none_is_lost() {
        let of = |posting: serde_json::Value| of(posting.as_object().expect("an object"));
        let month = json!({"currency": "CNY", "value": {"value": 6000, "unitText": "MONTH"}});
        let dollars = json!({"currency": "USD", "value": {"value": 900, "unitText": "MONTH"}});
        let two = of(json!({ "baseSalary": [dollars, month] }));
        assert_eq!(
            (two.base.as_deref(), two.more.as_deref()),
            (Some("6000元/月"), Some("900USD/月"))
        );
        let estimate = json!([{
            "@type": "MonetaryAmountDistribution", "currency": "CNY", "duration": "P1M",
            "percentile10": 4000, "median": 5000, "percentile90": 7000,
        }]);
        let guessed = of(json!({ "estimatedSalary": estimate }));
        assert_eq!(guessed.estimated.as_deref(), Some("4000-7000元/月（估计）"));
        let both = of(json!({ "estimatedSalary": estimate, "baseSalary": month }));
        assert_eq!(both.base.as_deref(), Some("6000元/月"));
        assert_eq!((both.estimated, both.more.as_deref()), (None, Some("4000-7000元/月（估计）")));
        let bare = of(json!({ "baseSalary": 5000, "salaryCurrency": "CNY" }));
        assert_eq!(bare.base.as_deref(), Some("5000元"));
    }
}
