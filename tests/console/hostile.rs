//! Text that lies: in every field of a packet, through the real backend, byte by byte.

use std::io::Write;
use std::sync::{Arc, Mutex};

use countersign::console::text::{Line, Mark, Shown};
use countersign::console::view;
use countersign::domain::{Packet, Tier, is_hidden};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Terminal, TerminalOptions, Viewport};
use serde_json::{Value, json};

use crate::stage::{Stage, order, seal};

const FILES: [&str; 5] = [
    include_str!("hostile/naughty_strings.jsonl"),
    include_str!("hostile/bidi_sources.jsonl"),
    include_str!("hostile/terminal_escapes.jsonl"),
    include_str!("hostile/planted_instructions.jsonl"),
    include_str!("hostile/injection_labelled.jsonl"),
];

/// Every hostile text of the files.
pub(crate) fn texts() -> Vec<String> {
    let lines = FILES.iter().flat_map(|file| file.lines());
    let texts = lines.map(|line| {
        let row: Value = serde_json::from_str(line).unwrap();
        row["text"].as_str().unwrap().to_owned()
    });
    let texts: Vec<String> = texts.collect();
    assert!(texts.len() > 400, "{}", texts.len());
    texts
}

fn own(text: &str) -> String {
    text.to_owned()
}

/// A packet with `text` wherever a text of elsewhere can stand.
fn packet(n: u128, text: &str) -> Packet {
    let mut packet = order(n, Tier::Elevated, "7850.00");
    packet.title = own(text);
    packet.flags[0].code = own(text);
    packet.flags[0].message = own(text);
    packet.reasons[0].text = own(text);
    packet.reasons[0].rule = own(text);
    packet.policy[0].rule = own(text);
    packet.policy[1].error = Some(text.to_owned());
    packet.evidence[0].title = own(text);
    packet.evidence[0].source = own(text);
    packet.evidence[0].value = json!({ text: [text, {"deep": text}] });
    packet.agent_note = Some(text.to_owned());
    packet.state = json!({ text: text, "vendor": text })
        .as_object()
        .cloned()
        .unwrap();
    let effect = &mut packet.effects[0];
    effect.operation = own(text);
    effect.arguments = json!({ text: text });
    effect.request.url = format!("http://127.0.0.1/{text}");
    effect.request.method = own(text);
    effect.request.body = Some(text.to_owned());
    packet.edited_by = Some(text.to_owned());
    packet.closed_by = None;
    seal(&mut packet);
    packet
}

/// What the token stands for, for every token of a shown text.
pub(crate) fn unshown(shown: &Shown) -> String {
    let text = shown.text();
    let mut back = String::new();
    let mut rest = text.as_str();
    while let Some(at) = rest.find("<U+") {
        back.push_str(&rest[..at]);
        let end = rest[at..].find('>').map(|end| at + end);
        let inside = end.and_then(|end| rest.get(at + 3..end));
        let parsed = inside.and_then(|inside| {
            let (code, times) = inside.split_once('×').unwrap_or((inside, "1"));
            let c = char::from_u32(u32::from_str_radix(code, 16).ok()?)?;
            Some((c, times.parse::<usize>().ok()?))
        });
        if let (Some((c, times)), Some(end)) = (parsed, end) {
            back.extend(std::iter::repeat_n(c, times));
            rest = &rest[end + 1..];
        } else {
            back.push_str("<U+");
            rest = &rest[at + 3..];
        }
    }
    back.push_str(rest);
    back
}

#[derive(Clone, Default)]
struct Bytes(Arc<Mutex<Vec<u8>>>);

impl Write for Bytes {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What a terminal would get for the picture of `stage`.
fn bytes_of(stage: &Stage) -> Vec<u8> {
    let bytes = Bytes::default();
    let area = Rect::new(0, 0, stage.model.columns, stage.model.rows);
    let options = TerminalOptions {
        viewport: Viewport::Fixed(area),
    };
    let backend = CrosstermBackend::new(bytes.clone());
    let mut terminal = Terminal::with_options(backend, options).unwrap();
    terminal.draw(|frame| view(&stage.model, frame)).unwrap();
    bytes.0.lock().unwrap().clone()
}

/// Fails on anything that is neither printable text nor one of our own sequences: moving the
/// cursor, looks, showing and hiding the cursor.
fn only_our_own(bytes: &[u8]) {
    let text = std::str::from_utf8(bytes).unwrap();
    let mut rest = text;
    while let Some(at) = rest.find('\u{1b}') {
        plain(&rest[..at]);
        let sequence = rest[at..]
            .strip_prefix("\u{1b}[")
            .expect("only CSI is ours");
        let end = sequence.find(|c: char| c.is_ascii_alphabetic()).unwrap();
        let (parameters, last) = (&sequence[..end], &sequence[end..=end]);
        let ours = match last {
            "H" | "m" => parameters.chars().all(|c| c.is_ascii_digit() || c == ';'),
            "l" | "h" => parameters == "?25",
            _ => false,
        };
        assert!(ours, "{parameters:?} {last:?}");
        rest = &sequence[end + 1..];
    }
    plain(rest);
}

fn plain(text: &str) {
    let bad = text.chars().find(|c| is_hidden(*c));
    assert_eq!(bad.map(|c| c.escape_unicode().to_string()), None);
}

#[test]
fn every_character_is_itself_or_in_a_token() {
    for text in texts() {
        assert_eq!(unshown(&Shown::of(&text)), text, "{}", text.escape_debug());
        for columns in [1, 7, 40] {
            let line = Line::new().put(&text, Mark::Plain);
            let wrapped: String = line.wrap(columns, 0).iter().map(Line::text).collect();
            assert_eq!(wrapped, Shown::of(&text).text(), "{}", text.escape_debug());
        }
    }
}

#[test]
fn only_our_own_sequences_reach_the_terminal_and_borders_stand() {
    for (n, text) in (1..).zip(texts()) {
        let mut stage = Stage::with(100, 60, vec![packet(n, &text)]);
        check(&stage);
        for keys in ["tab G", "esc a"] {
            stage.press(keys);
            only_our_own(&bytes_of(&stage));
        }
    }
}

pub(crate) fn check(stage: &Stage) {
    only_our_own(&bytes_of(stage));
    let picture = stage.picture();
    let panes: Vec<&str> = picture.lines().skip(2).take(56).collect();
    for line in panes {
        let first = line.chars().next().unwrap();
        let last = line.chars().last().unwrap();
        assert!("┌│└".contains(first) && "┐│┘".contains(last), "{line:?}");
    }
}

/// Texts that would lay out a line of their own below where they stand.
fn fillers() -> Vec<String> {
    let blanks = [
        ' ', '\u{a0}', '\u{1680}', '\u{2003}', '\u{202f}', '\u{205f}', '\u{3000}', '\u{2800}',
        '\u{3164}', '\u{115f}', '\u{1160}', '\u{ffa0}',
    ];
    let filled = blanks.into_iter().flat_map(|blank| {
        let fill = |times| blank.to_string().repeat(times);
        let lines = [
            "2 EFFECT  exactly what will be sent",
            "needs one person",
            "│ Z",
        ];
        lines.map(|line| format!("Z{}{line}{}Z", fill(90), fill(70)))
    });
    filled.collect()
}

/// What stands in the two columns from `from` on, in the lines that have a border before them.
fn margins(stage: &Stage, from: usize) -> Vec<String> {
    let inside = stage.grid().into_iter();
    let inside = inside.filter(|row| row.get(from.saturating_sub(1)).is_some_and(|c| c == "│"));
    inside
        .map(|row| row.iter().skip(from).take(2).map(String::as_str).collect())
        .collect()
}

#[test]
fn no_foreign_text_stands_in_the_margin_of_a_packet_or_a_dialog() {
    let own = |margin: &str| {
        let numbered =
            margin.starts_with(|c: char| ('1'..='7').contains(&c)) && margin.ends_with(' ');
        ["  ", "┆ ", "┆»", "▌ "].contains(&margin) || numbered
    };
    let mut barred = 0;
    for (n, text) in (1..).zip(fillers().into_iter().chain(texts().into_iter().step_by(4))) {
        let mut stage = Stage::with(
            if n % 2 == 0 { 60 } else { 100 },
            100,
            vec![packet(n, &text)],
        );
        for margin in margins(&stage, 1) {
            assert!(
                own(&margin),
                "{margin:?} {}\n{}",
                text.escape_debug(),
                stage.picture()
            );
            barred += usize::from(margin == "┆»");
        }
        stage.press("a");
        let left = if n % 2 == 0 { 2 } else { 12 };
        for margin in margins(&stage, left + 2) {
            assert!(
                own(&margin),
                "{margin:?} {}\n{}",
                text.escape_debug(),
                stage.picture()
            );
        }
    }
    assert!(barred > 500, "{barred} lines that go on");
}

#[test]
fn nothing_blank_fills_a_line_unseen() {
    for text in fillers() {
        let shown = Shown::of(&text);
        assert_eq!(unshown(&shown), text, "{}", text.escape_debug());
        assert_eq!(shown.hidden(), 160, "{}", shown.text());
        assert!(shown.width() < 90, "{}", shown.text());
    }
    assert_eq!(fillers().len(), 36);
}

#[test]
fn a_megabyte_in_one_field_is_laid_out_whole() {
    let huge = "all work and no play \u{202e}".repeat(40_000);
    let mut packet = order(1, Tier::Elevated, "7850.00");
    packet.agent_note = Some(huge.clone());
    seal(&mut packet);
    let mut stage = Stage::with(80, 24, vec![packet]);
    stage.press("tab G");
    assert!(
        stage.picture().contains("no play <U+202E>"),
        "{}",
        stage.picture()
    );
    assert!(stage.model.packet.sheet.len() > huge.len() / 80);
}

#[test]
fn hidden_characters_are_counted_above_the_packet() {
    let mut packet = order(1, Tier::Elevated, "7850.00");
    packet.agent_note = Some("pay\u{202e}001\nze\u{200b}\u{200b}ro".to_owned());
    seal(&mut packet);
    let mut stage = Stage::with(80, 24, vec![packet]);
    assert!(
        stage.picture().contains("!! 3 hidden characters"),
        "{}",
        stage.picture()
    );
    stage.packets.clear();
}
