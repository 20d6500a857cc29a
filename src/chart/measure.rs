//! How wide a text is in the embedded font, and what to do when it is too wide.

use plotters::style::{FontDesc, FontFamily, FontStyle};

use super::theme::{FAMILY, use_embedded_font};

/// Width is measured once at this size and scaled: plotters rounds to whole pixels.
const MEASURED_AT: f64 = 2000.0;

/// Width of `text` in pixels at a font size of `size` pixels.
///
/// plotters' size is the font's ascent plus descent, which in the embedded font is exactly its em.
/// Layout features are not in the subset, so that advances simply add up.
pub(super) fn width(text: &str, size: f64) -> f64 {
    // A rough half em a letter would be used if the embedded font could not be read; drawing then fails anyway.
    let rough = || text.chars().count() as f64 * size;
    if use_embedded_font().is_err() {
        return rough();
    }
    FontDesc::new(FontFamily::Name(FAMILY), MEASURED_AT, FontStyle::Normal)
        .layout_box(text)
        .map_or_else(
            |_| rough(),
            |((left, _), (right, _))| f64::from(right - left) * size / MEASURED_AT,
        )
}

/// `text`, shortened with `…` so that it is at most `room` pixels wide.
pub(super) fn shortened(text: &str, size: f64, room: f64) -> String {
    if width(text, size) <= room {
        return text.to_owned();
    }
    let letters: Vec<char> = text.chars().collect();
    // The longest beginning that fits, by bisection: width grows with length.
    let (mut fits, mut too_long) = (0, letters.len());
    while too_long - fits > 1 {
        let middle = (fits + too_long) / 2;
        if width(&with_ellipsis(&letters[..middle]), size) <= room {
            fits = middle;
        } else {
            too_long = middle;
        }
    }
    with_ellipsis(&letters[..fits])
}

fn with_ellipsis(letters: &[char]) -> String {
    let mut out: String = letters.iter().collect();
    out.truncate(out.trim_end().len());
    out.push('…');
    out
}

/// `text` in lines of at most `room` pixels; what does not fit into `lines` lines is cut with `…`.
///
/// English breaks at spaces, Japanese between any two characters except before closing punctuation.
pub(super) fn wrapped(text: &str, size: f64, room: f64, lines: usize) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut line = String::new();
    let pieces = pieces(text, size, room);
    let mut next = 0;
    while next < pieces.len() {
        let piece = &pieces[next];
        let longer = format!("{line}{piece}");
        if line.is_empty() || width(longer.trim_end(), size) <= room {
            line = longer;
            next += 1;
            continue;
        }
        if out.len() + 1 >= lines {
            out.push(cut(&line, size, room));
            return out;
        }
        out.push(line.trim_end().to_owned());
        line = String::new();
    }
    let last = line.trim_end();
    if !last.is_empty() && out.len() < lines {
        out.push(last.to_owned());
    }
    out
}

/// The last line that fits, with `…` for what does not: after a whole word where there is one.
fn cut(line: &str, size: f64, room: f64) -> String {
    let mut kept: &str = line.trim_end();
    loop {
        let tried = format!(
            "{}…",
            kept.trim_end_matches([',', ';', ':', '、', '(', '（'])
        );
        if width(&tried, size) <= room {
            return tried;
        }
        match kept.rfind(' ') {
            Some(space) => kept = kept[..space].trim_end(),
            // One long word, or a script without spaces.
            None => return shortened(&tried, size, room),
        }
    }
}

/// Parts that are not broken: words with the space behind them, single Japanese characters with the punctuation behind them.
fn pieces(text: &str, size: f64, room: f64) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut previous: Option<char> = None;
    for letter in text
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
    {
        let breakable = match previous {
            None => true,
            Some(before) => {
                !closes(letter)
                    && letter != ' '
                    && !opens(before)
                    && (before == ' ' || is_wide(before) || is_wide(letter))
            }
        };
        match out.last_mut() {
            // A word longer than the whole line is broken where it must be.
            Some(word) if !breakable && width(word, size) < room - size => word.push(letter),
            _ => out.push(letter.to_string()),
        }
        previous = Some(letter);
    }
    out
}

fn is_wide(letter: char) -> bool {
    matches!(u32::from(letter), 0x2E80..=0x9FFF | 0xF900..=0xFAFF | 0xFF00..=0xFFEF)
}

fn closes(letter: char) -> bool {
    "、。，．」』）］｝】〉》！？・ーぁぃぅぇぉっゃゅょァィゥェォッャュョ%％,.)]}!?:;"
        .contains(letter)
}

fn opens(letter: char) -> bool {
    "「『（［｛【〈《([{".contains(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kanji_is_one_em_and_widths_add_up() {
        assert!((width("漢", 16.0) - 16.0).abs() < 0.05);
        let (a, b) = (
            width("在庫 stock", 20.0),
            width("在庫", 20.0) + width(" stock", 20.0),
        );
        assert!((a - b).abs() < 0.1, "{a} {b}");
        assert_eq!(width("", 20.0), 0.0);
    }

    #[test]
    fn a_missing_character_has_a_width_and_does_not_panic() {
        assert!(width("\u{1F9E6}\u{10FFFF}", 16.0) > 0.0);
    }

    #[test]
    fn shortened_keeps_what_fits() {
        assert_eq!(shortened("short", 16.0, 200.0), "short");
        let long = "オーガニックコットン長袖クルーネックTシャツ（ネイビー・Lサイズ）";
        let cut = shortened(long, 16.0, 200.0);
        assert!(cut.ends_with('…') && width(&cut, 16.0) <= 200.0, "{cut}");
        assert!(width(&cut, 16.0) > 170.0, "{cut} could be longer");
        assert_eq!(shortened(long, 16.0, 1.0), "…");
    }

    #[test]
    fn wrapped_breaks_english_at_spaces_and_fits() {
        let text = "Order 120 units by 2026-11-25: stock runs out on 2026-12-03, before the next order can arrive.";
        let lines = wrapped(text, 18.0, 300.0, 9);
        assert_eq!(lines.join(" "), text);
        assert!(lines.iter().all(|l| width(l, 18.0) <= 300.0), "{lines:?}");
        assert!(wrapped("", 18.0, 300.0, 2).is_empty());
    }

    #[test]
    fn what_does_not_fit_is_cut_after_a_word() {
        let text = "Order 120 units by 2026-11-25: stock runs out on 2026-12-03, before the next order can arrive.";
        let words: Vec<&str> = text.split(' ').collect();
        for room in [150.0, 200.0, 260.0, 300.0] {
            let lines = wrapped(text, 18.0, room, 2);
            assert_eq!(lines.len(), 2, "{lines:?}");
            let shown = lines.join(" ");
            let shown = shown.strip_suffix('…').unwrap();
            assert!(lines.iter().all(|l| width(l, 18.0) <= room), "{lines:?}");
            let last = shown.split(' ').next_back().unwrap();
            let is_word =
                |w: &&str| w.trim_end_matches([',', ':']) == last.trim_end_matches([',', ':']);
            assert!(words.iter().any(is_word), "{lines:?}");
        }
        assert!(wrapped(&"x".repeat(400), 18.0, 200.0, 1)[0].ends_with('…'));
    }

    #[test]
    fn wrapped_japanese_never_starts_a_line_with_a_full_stop() {
        let text = "在庫は12月3日に欠品する見込みです。今週中に120個を発注してください。".repeat(3);
        for room in [120.0, 150.0, 163.0, 200.0, 330.0] {
            let lines = wrapped(&text, 18.0, room, 99);
            assert_eq!(lines.concat(), text);
            assert!(
                lines
                    .iter()
                    .all(|l| !l.starts_with(['。', '、']) && width(l, 18.0) <= room + 18.0),
                "{lines:?}"
            );
        }
        let two = wrapped(&text, 18.0, 330.0, 2);
        assert_eq!(two.len(), 2);
        assert!(two[1].ends_with('…'));
    }
}
