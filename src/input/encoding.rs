//! The first look at a text file: its hash, its encoding, whether cells are quoted.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use encoding_rs::{CoderResult, Decoder, DecoderResult, SHIFT_JIS};
use sha2::{Digest, Sha256};

use crate::config::Encoding;

/// Bytes read at once.
const BUFFER: usize = 4 << 20;

/// How a file's bytes become text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Charset {
    Utf8,
    Cp932,
    Utf16Le,
    Utf16Be,
}

/// What the first look found.
#[derive(Debug)]
pub(super) struct Survey {
    pub sha256: String,
    pub bytes: u64,
    pub charset: Charset,
    /// Bytes of a byte order mark at the start.
    pub mark: usize,
    pub quotes: u64,
    /// Lines end with a carriage return alone.
    pub bare_returns: bool,
}

/// A byte that is no text in the file's encoding.
#[derive(Debug, PartialEq)]
pub(super) struct Undecodable {
    pub line: u64,
    pub tried: &'static str,
}

/// Lower-case hexadecimal of a hash.
pub(super) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut out, b| {
        let _ = write!(out, "{b:02x}");
        out
    })
}

/// Looks a file over once (twice when it is not UTF-8).
///
/// # Errors
/// The outer error: the file cannot be read. The inner: its encoding fails at a line.
pub(super) fn survey(
    path: &Path,
    wanted: Encoding,
) -> std::io::Result<Result<Survey, Undecodable>> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut bytes = 0u64;
    let (mut quotes, mut newlines, mut returns) = (0u64, 0u64, false);
    let mut utf8 = Utf8Check::default();
    let mut first = [0u8; 3];
    let mut buffer = vec![0u8; BUFFER];
    loop {
        let n = read_some(&mut file, &mut buffer)?;
        if n == 0 {
            break;
        }
        let chunk = &buffer[..n];
        if bytes == 0 {
            let k = n.min(3);
            first[..k].copy_from_slice(&chunk[..k]);
        }
        rayon::join(
            || hash.update(chunk),
            || {
                quotes += count(chunk, b'"');
                utf8.feed(chunk, newlines);
                newlines += count(chunk, b'\n');
                returns |= newlines == 0 && chunk.contains(&b'\r');
            },
        );
        bytes += n as u64;
    }
    utf8.finish(newlines);
    let (charset, mark) = match first {
        [0xEF, 0xBB, 0xBF] => (Charset::Utf8, 3),
        [0xFF, 0xFE, _] => (Charset::Utf16Le, 2),
        [0xFE, 0xFF, _] => (Charset::Utf16Be, 2),
        _ => match (wanted, utf8.bad_line) {
            (Encoding::Cp932, _) | (Encoding::Auto, Some(_)) => (Charset::Cp932, 0),
            _ => (Charset::Utf8, 0),
        },
    };
    match charset {
        Charset::Utf8 => {
            if let Some(line) = utf8.bad_line {
                return Ok(Err(Undecodable {
                    line,
                    tried: "UTF-8",
                }));
            }
        }
        Charset::Cp932 => {
            if let Some(line) = bad_cp932_line(path)? {
                let (line, tried) = match (wanted, utf8.bad_line) {
                    (Encoding::Cp932, _) | (_, None) => (line, "CP932"),
                    (_, Some(utf8_line)) => (line.max(utf8_line), "UTF-8, CP932"),
                };
                return Ok(Err(Undecodable { line, tried }));
            }
        }
        Charset::Utf16Le | Charset::Utf16Be => {}
    }
    Ok(Ok(Survey {
        sha256: hex(hash.finalize().as_slice()),
        bytes,
        charset,
        mark,
        quotes,
        bare_returns: returns && newlines == 0,
    }))
}

/// Fills as much of `buffer` as one or more reads give; 0 at the end.
pub(super) fn read_some(source: &mut dyn Read, buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match source.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(filled)
}

/// How often a byte occurs.
pub(super) fn count(bytes: &[u8], wanted: u8) -> u64 {
    bytes.iter().filter(|&&b| b == wanted).count() as u64
}

/// Validates UTF-8 that comes in chunks.
#[derive(Default)]
struct Utf8Check {
    /// An unfinished sequence at the end of the last chunk.
    open: Vec<u8>,
    bad_line: Option<u64>,
}

impl Utf8Check {
    fn feed(&mut self, mut chunk: &[u8], newlines_before: u64) {
        if self.bad_line.is_some() {
            return;
        }
        // Finish the sequence that the last chunk began; it has at most four bytes.
        while !self.open.is_empty() {
            let Some((&next, rest)) = chunk.split_first() else {
                return;
            };
            self.open.push(next);
            chunk = rest;
            match std::str::from_utf8(&self.open) {
                Ok(_) => self.open.clear(),
                Err(e) if e.error_len().is_none() => {}
                Err(_) => {
                    self.bad_line = Some(newlines_before + 1);
                    return;
                }
            }
        }
        if let Err(e) = std::str::from_utf8(chunk) {
            let good = e.valid_up_to();
            if e.error_len().is_none() {
                self.open.extend_from_slice(&chunk[good..]);
            } else {
                self.bad_line = Some(newlines_before + 1 + count(&chunk[..good], b'\n'));
            }
        }
    }

    fn finish(&mut self, newlines: u64) {
        if self.bad_line.is_none() && !self.open.is_empty() {
            self.bad_line = Some(newlines + 1);
        }
    }
}

/// The line of the first byte sequence that CP932 does not know.
fn bad_cp932_line(path: &Path) -> std::io::Result<Option<u64>> {
    let mut file = File::open(path)?;
    let mut decoder = SHIFT_JIS.new_decoder_without_bom_handling();
    let mut buffer = vec![0u8; BUFFER];
    let mut text = String::with_capacity(BUFFER * 3);
    let mut line = 1u64;
    loop {
        let n = read_some(&mut file, &mut buffer)?;
        if let Some(bad) = first_bad(&mut decoder, &buffer[..n], n == 0, &mut text) {
            return Ok(Some(line + count(&buffer[..bad], b'\n')));
        }
        if n == 0 {
            return Ok(None);
        }
        line += count(&buffer[..n], b'\n');
    }
}

/// Position up to which `chunk` was read when a sequence was refused.
fn first_bad(decoder: &mut Decoder, chunk: &[u8], last: bool, text: &mut String) -> Option<usize> {
    let mut at = 0;
    loop {
        text.clear();
        let (result, read) = decoder.decode_to_string_without_replacement(&chunk[at..], text, last);
        at += read;
        match result {
            DecoderResult::InputEmpty => return None,
            DecoderResult::OutputFull => {}
            // The refused bytes may end at a line break that was read already; the line is that of the byte before.
            DecoderResult::Malformed(bad, after) => {
                return Some(at.saturating_sub(usize::from(bad) + usize::from(after)));
            }
        }
    }
}

/// The whole of a UTF-16 file as UTF-8; `None` where it is not UTF-16.
pub(super) fn utf16_to_utf8(bytes: &[u8], charset: Charset) -> Option<Vec<u8>> {
    let encoding = match charset {
        Charset::Utf16Be => encoding_rs::UTF_16BE,
        _ => encoding_rs::UTF_16LE,
    };
    let mut decoder = encoding.new_decoder_with_bom_removal();
    let mut out = String::with_capacity(bytes.len() / 2 * 3 + 16);
    let (result, _, wrong) = decoder.decode_to_string(bytes, &mut out, true);
    (result == CoderResult::InputEmpty && !wrong).then(|| out.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(bytes: &[u8], wanted: Encoding) -> Result<Survey, Undecodable> {
        let dir = tempfile::tempdir().expect("temp dir");
        let path = dir.path().join("f");
        std::fs::write(&path, bytes).expect("write");
        survey(&path, wanted).expect("readable")
    }

    #[test]
    fn encodings_are_told_apart() {
        let japanese = "注文日,個数\n";
        let (cp932, _, _) = SHIFT_JIS.encode(japanese);
        let auto = |b: &[u8]| look(b, Encoding::Auto).expect("text").charset;
        assert_eq!(auto(japanese.as_bytes()), Charset::Utf8);
        assert_eq!(auto(&cp932), Charset::Cp932);
        assert_eq!(auto(b"plain"), Charset::Utf8);
        assert_eq!(auto(b"\xFF\xFEa\0"), Charset::Utf16Le);
        assert_eq!(
            look(b"\xEF\xBB\xBFa", Encoding::Auto).expect("text").mark,
            3
        );
    }

    #[test]
    fn a_byte_that_is_no_text_names_its_line() {
        let bad = look(b"a\nb\n\xFF\xFF\n", Encoding::Utf8).expect_err("bad");
        assert_eq!((bad.line, bad.tried), (3, "UTF-8"));
        let bad = look(b"a\nb\n\xFF\n", Encoding::Cp932).expect_err("bad");
        assert_eq!((bad.line, bad.tried), (3, "CP932"));
        let bad = look(b"a\n\x81\n", Encoding::Auto).expect_err("bad");
        assert_eq!(bad.line, 2);
    }

    #[test]
    fn sequences_across_chunks_are_whole() {
        let mut check = Utf8Check::default();
        for byte in "aあ😀b".as_bytes() {
            check.feed(&[*byte], 0);
        }
        check.finish(0);
        assert_eq!(check.bad_line, None);
    }
}
