//! What of an event's name says which event it is: its stem, without years, dates and running numbers. Percent, prices and counts are part of it.

use unicode_normalization::UnicodeNormalization;

use crate::domain::ENGLISH_MONTHS;

/// A name and what is left of it step by step, each comparable with `==`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Stems {
    /// Without regard to case, width, spaces and punctuation.
    pub whole: String,
    /// Without years and the dates of one: "BLACK FRIDAY 2026" is "blackfriday".
    pub undated: String,
    /// Without other dates and running numbers: "bigsale 7" is "bigsale".
    pub stem: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Number(String),
    /// Letters of an alphabet.
    Word(String),
    /// Any other sign: one of Japanese or Chinese script, punctuation.
    Sign(char),
    Space,
}

/// How far down a token is left out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Part {
    /// Of the name.
    Name,
    /// Not of its stem.
    Running,
    /// Not of the undated name either.
    Dated,
}

/// Words that are months only beside a number.
const ALSO_WORDS: [&str; 2] = ["march", "may"];
/// Behind a number: how much is taken off, given or paid, or how long it lasts.
const AMOUNTS: [&str; 23] = [
    "off", "percent", "pct", "x", "pt", "pts", "point", "points", "yen", "usd", "eur", "jpy",
    "gbp", "for", "pack", "packs", "pcs", "items", "days", "day", "hours", "hour", "h",
];
/// The same before a number.
const BEFORE_AMOUNTS: [&str; 8] = ["buy", "get", "save", "for", "over", "under", "x", "top"];
/// Those that make an amount of what could be a year.
const MONEY: [&str; 7] = ["off", "yen", "usd", "eur", "jpy", "points", "pt"];
/// Words that only introduce a running number.
const INTRODUCE: [&str; 5] = ["vol", "no", "nr", "fy", "q"];
const ORDINALS: [&str; 4] = ["st", "nd", "rd", "th"];
const ERAS: [(char, char); 3] = [('令', '和'), ('平', '成'), ('昭', '和')];
const ROMAN: [&str; 10] = [
    "ii", "iii", "iv", "vi", "vii", "viii", "ix", "xi", "xii", "xiii",
];

impl Stems {
    pub fn of(name: &str) -> Self {
        let tokens = tokens(name);
        let parts = parts(&tokens);
        let kept = |least: Part| {
            let mut out = String::new();
            for (token, part) in tokens.iter().zip(&parts) {
                if *part < least {
                    write(token, &mut out);
                }
            }
            out
        };
        let whole = {
            let mut out = String::new();
            tokens.iter().for_each(|t| write(t, &mut out));
            out
        };
        // A name that is nothing but a date is that date.
        let or = |left: String, before: &str| {
            if left.chars().any(char::is_alphabetic) {
                left
            } else {
                before.to_owned()
            }
        };
        let undated = or(kept(Part::Dated), &whole);
        let stem = or(kept(Part::Running), &undated);
        Self {
            whole,
            undated,
            stem,
        }
    }
}

/// Letters and digits, and the signs that say how much.
fn write(token: &Token, out: &mut String) {
    match token {
        Token::Number(text) | Token::Word(text) => out.push_str(text),
        Token::Sign(c) if c.is_alphanumeric() || "%¥$€£×".contains(*c) => out.push(*c),
        Token::Sign(_) | Token::Space => {}
    }
}

/// Letters that are written without spaces between words: Japanese, Chinese.
fn unspaced(c: char) -> bool {
    c.is_alphabetic() && c >= '\u{2e80}'
}

fn tokens(name: &str) -> Vec<Token> {
    let mut found: Vec<Token> = Vec::new();
    for c in name.nfkc().flat_map(char::to_lowercase) {
        match (c, found.last_mut()) {
            ('0'..='9', Some(Token::Number(text))) => text.push(c),
            ('0'..='9', _) => found.push(Token::Number(c.to_string())),
            (c, _) if c.is_whitespace() => found.push(Token::Space),
            (c, Some(Token::Word(text))) if c.is_alphabetic() && !unspaced(c) => text.push(c),
            (c, _) if c.is_alphabetic() && !unspaced(c) => found.push(Token::Word(c.to_string())),
            (c, _) => found.push(Token::Sign(c)),
        }
    }
    found
}

/// What each token is of the name.
fn parts(tokens: &[Token]) -> Vec<Part> {
    let mut parts = vec![Part::Name; tokens.len()];
    let mut i = 0;
    while i < tokens.len() {
        i = match &tokens[i] {
            Token::Number(_) => number(tokens, i, &mut parts),
            Token::Word(word) => {
                if month(word) {
                    let beside = [next(tokens, i + 1), before(tokens, i)];
                    let number = |at: &Option<usize>| {
                        at.and_then(|at| match &tokens[at] {
                            Token::Number(text) => Some(text),
                            _ => None,
                        })
                    };
                    let numbers = || beside.iter().filter_map(number);
                    let bare =
                        ENGLISH_MONTHS.contains(&word.as_str()) && !ALSO_WORDS.contains(&&**word);
                    if numbers().any(|n| is_year(n)) {
                        parts[i] = Part::Dated;
                    } else if bare || numbers().next().is_some() {
                        parts[i] = Part::Running;
                    }
                } else if ROMAN.contains(&word.as_str()) {
                    parts[i] = Part::Running;
                }
                i + 1
            }
            Token::Sign('第') => ordinal_in_kanji(tokens, i, &mut parts),
            _ => i + 1,
        };
    }
    parts
}

/// 第七回.
fn ordinal_in_kanji(tokens: &[Token], at: usize, parts: &mut [Part]) -> usize {
    let end = tokens[at + 1..]
        .iter()
        .position(|t| !matches!(t, Token::Sign(c) if "一二三四五六七八九十百".contains(*c)))
        .map_or(tokens.len(), |n| at + 1 + n);
    if end > at + 1
        && matches!(
            tokens.get(end),
            Some(Token::Sign('回' | '弾' | '期' | '号'))
        )
    {
        parts[at..=end].fill(Part::Running);
        return end + 1;
    }
    at + 1
}

fn month(word: &str) -> bool {
    ENGLISH_MONTHS
        .iter()
        .any(|m| *m == word || (word.len() == 3 && m.starts_with(word)))
        || word == "sept"
}

/// A year of four digits; one with its month, or month and day, behind it.
fn is_year(digits: &str) -> bool {
    let within = |text: &str, least: u32, most: u32| {
        text.parse::<u32>()
            .is_ok_and(|n| (least..=most).contains(&n))
    };
    match digits.len() {
        4 => within(digits, 1990, 2099),
        6 => within(&digits[..4], 1990, 2099) && within(&digits[4..], 1, 12),
        8 => {
            within(&digits[..4], 1990, 2099)
                && within(&digits[4..6], 1, 12)
                && within(&digits[6..], 1, 31)
        }
        _ => false,
    }
}

fn next(tokens: &[Token], from: usize) -> Option<usize> {
    (from..tokens.len()).find(|&at| tokens[at] != Token::Space)
}

fn before(tokens: &[Token], at: usize) -> Option<usize> {
    (0..at).rev().find(|&at| tokens[at] != Token::Space)
}

fn word(tokens: &[Token], at: Option<usize>, of: &[&str]) -> bool {
    at.is_some_and(|at| matches!(&tokens[at], Token::Word(w) if of.contains(&w.as_str())))
}

/// Numbers from `at` on that belong together (2026-09-04, 9/4〜9/11): what they are; returns where what follows begins.
fn number(tokens: &[Token], at: usize, parts: &mut [Part]) -> usize {
    let mut end = at + 1;
    while let (Some(Token::Sign(c)), Some(Token::Number(_))) =
        (tokens.get(end), tokens.get(end + 1))
        && "/-.~〜–,".contains(*c)
    {
        end += 2;
    }
    let behind = before(tokens, at);
    let sign = |at: Option<usize>| match at.map(|at| &tokens[at]) {
        Some(Token::Sign(c)) => Some(*c),
        _ => None,
    };
    let signs: String = tokens[end..]
        .iter()
        .take(3)
        .map_while(|t| match t {
            Token::Sign(c) => Some(*c),
            _ => None,
        })
        .collect();
    if amount(tokens, at, end) {
        return end;
    }
    let years = tokens[at..end]
        .iter()
        .any(|t| matches!(t, Token::Number(n) if is_year(n)));
    let era = at >= 2
        && matches!(tokens[at - 2..at], [Token::Sign(a), Token::Sign(b)] if ERAS.contains(&(a, b)));
    let short_year = matches!(sign(behind), Some('\'' | '’' | '‘'))
        && matches!(&tokens[at], Token::Number(n) if n.len() == 2);
    let (part, with) = match signs.chars().next() {
        Some('年') if years || era => (Part::Dated, 1 + usize::from(signs.starts_with("年度"))),
        Some('年') => (Part::Running, 1),
        Some('月') => (Part::Dated, 1),
        // The day of a month that was named before it.
        Some('日') if sign(behind) == Some('月') => (Part::Dated, 1),
        Some('日') => (Part::Running, 1),
        Some('回') => (Part::Running, 1 + usize::from(signs.starts_with("回目"))),
        Some('弾' | '期' | '号') => (Part::Running, 1),
        Some('周') => (Part::Running, 0),
        _ if years || short_year => (Part::Dated, 0),
        Some(c) if unspaced(c) => (Part::Name, 0),
        _ => (Part::Running, 0),
    };
    let ordinal = matches!(tokens.get(end), Some(Token::Word(w)) if ORDINALS.contains(&w.as_str()));
    if part == Part::Name || (matches!(tokens.get(end), Some(Token::Word(_))) && !ordinal && !years)
    {
        return end;
    }
    let end = end + with + usize::from(ordinal);
    parts[at..end].fill(part);
    if era {
        parts[at - 2..at].fill(part);
    }
    let introduced = (0..at)
        .rev()
        .find(|&b| !matches!(tokens[b], Token::Space | Token::Sign('.' | '#')));
    if let Some(b) = introduced
        && (tokens[b] == Token::Sign('第') || word(tokens, Some(b), &INTRODUCE))
    {
        parts[b] = part;
    }
    end
}

/// Whether the numbers say how much: 20 %, 3 for 2, ¥500, 5倍, 3日間.
fn amount(tokens: &[Token], at: usize, end: usize) -> bool {
    let (ahead, behind) = (next(tokens, end), before(tokens, at));
    let sign = |at: Option<usize>, of: &str| {
        at.is_some_and(|at| matches!(tokens[at], Token::Sign(c) if of.contains(c)))
    };
    let after: String = tokens[end..]
        .iter()
        .skip_while(|t| **t == Token::Space)
        .map_while(|t| match t {
            Token::Sign(c) => Some(*c),
            _ => None,
        })
        .take(4)
        .collect();
    let lasts = [
        "日間", "時間", "週間", "ヶ月", "か月", "カ月", "ケ月", "年間",
    ];
    let year = tokens[at..end]
        .iter()
        .any(|t| matches!(t, Token::Number(n) if is_year(n)));
    if year {
        // 2,000円 is a price, and "Summer 2025 for men" names a year.
        return sign(ahead, "%円点") || sign(behind, "¥$€£") || word(tokens, ahead, &MONEY);
    }
    sign(ahead, "%‰割倍円点個枚本つ人名引×")
        || sign(behind, "¥$€£×")
        || after.starts_with("オフ")
        || after.starts_with("ポイント")
        || lasts.iter().any(|l| after.starts_with(l))
        || word(tokens, ahead, &AMOUNTS)
        || word(tokens, behind, &BEFORE_AMOUNTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn same(names: &[&str]) {
        let stems: Vec<String> = names.iter().map(|n| Stems::of(n).stem).collect();
        assert!(stems.iter().all(|s| *s == stems[0]), "{names:?}: {stems:?}");
    }

    #[track_caller]
    fn apart(names: &[&str]) {
        let mut stems: Vec<String> = names.iter().map(|n| Stems::of(n).stem).collect();
        stems.sort();
        stems.dedup();
        assert_eq!(stems.len(), names.len(), "{names:?}: {stems:?}");
    }

    #[test]
    fn years_dates_and_running_numbers_are_no_part_of_a_name() {
        same(&[
            "bigsale",
            "bigsale 7",
            "BIGSALE7",
            "Big-Sale #12",
            "big sale no. 3",
            "bigsale vol.4",
            "bigsale III",
        ]);
        same(&[
            "楽天スーパーSALE",
            "楽天スーパーSALE 2026年9月",
            "楽天スーパーＳＡＬＥ（２０２５年１２月４日〜１１日）",
            "2026年度 楽天スーパーSALE",
            "令和8年9月 楽天スーパーSALE",
            "第7回 楽天スーパーSALE",
            "第七回 楽天スーパーSALE",
            "楽天スーパーSALE 2026-09",
            "楽天スーパーSALE 9/4-9/11",
            "楽天スーパーSALE 202609",
        ]);
        same(&[
            "Black Friday",
            "BLACK FRIDAY 2026",
            "Black Friday '26",
            "2025 black friday",
            "Black Friday Nov 2026",
            "3rd Black Friday",
        ]);
        same(&[
            "Prime Day 2026-07-10",
            "prime day 10.07.2026",
            "Prime Day July 10",
            "PRIME DAY FY26",
        ]);
        same(&["感謝祭 第12弾", "感謝祭", "感謝祭 3回目"]);
    }

    #[test]
    fn percent_price_count_and_length_are_part_of_a_name() {
        apart(&["20% off", "30 % OFF", "sale", "50 percent off"]);
        apart(&["ポイント5倍", "ポイント10倍", "ポイント"]);
        apart(&[
            "2割引セール",
            "3割引セール",
            "半額セール",
            "1,000円OFF",
            "2,000円OFF",
        ]);
        apart(&["3 for 2", "2 for 1", "buy 2 get 1", "buy 3 get 1"]);
        apart(&["3日間限定", "5日間限定"]);
        same(&["20% off 2026", "20%OFF 9月"]);
        apart(&["5のつく日", "0のつく日"]);
        same(&["Summer 2025 for men", "Summer 2026 for men"]);
        apart(&["2,000円OFF", "2,050円OFF", "2000 off", "2050 yen off"]);
    }

    #[test]
    fn a_name_that_is_only_a_date_is_that_date() {
        apart(&["11.11", "12.12", "2026"]);
        assert_eq!(Stems::of("11.11").stem, "1111");
        assert_eq!(Stems::of("").stem, "");
        assert_eq!(Stems::of("Sale 2026").undated, "sale");
        assert_eq!(Stems::of("11.11 Sale 2026").undated, "1111sale");
        assert_eq!(Stems::of("May Day").stem, "mayday");
    }
}
