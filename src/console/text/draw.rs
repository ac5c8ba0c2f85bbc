//! Puts lines into a terminal's buffer. Nothing else does.

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::shown::{Kind, Piece};
use super::{Line, Mark, ascii};
use crate::console::theme::Theme;

/// Draws `line` at the top of `area`, at most as wide as it. `over` lies over every part.
pub fn line(buffer: &mut Buffer, area: Rect, line: &Line, theme: &Theme, over: Style) {
    if area.is_empty() {
        return;
    }
    let mut x = area.x;
    for part in line.parts() {
        for piece in part.text.pieces() {
            let room = area.right().saturating_sub(x);
            let mark = match piece.kind {
                Kind::Token => theme.token(),
                Kind::Escape => theme.style(part.mark).add_modifier(Modifier::UNDERLINED),
                Kind::Words => theme.style(part.mark),
            };
            let text = drawn(piece, *theme);
            let (end, _) = buffer.set_stringn(x, area.y, &text, room.into(), mark.patch(over));
            x = end;
        }
    }
}

fn drawn(piece: &Piece, theme: Theme) -> Cow<'_, str> {
    if theme.ascii {
        ascii::drawn(piece)
    } else {
        Cow::Borrowed(&piece.text)
    }
}

/// Draws lines one below the other, as many as `area` is high.
pub fn lines<'l>(
    buffer: &mut Buffer,
    area: Rect,
    lines: impl IntoIterator<Item = &'l Line>,
    theme: &Theme,
) {
    for (row, each) in area.rows().zip(lines) {
        line(buffer, row, each, theme, Style::default());
    }
}

/// Draws a box around `area` with a title in its upper border and answers what is inside.
pub fn frame(buffer: &mut Buffer, area: Rect, title: &Line, theme: &Theme, focused: bool) -> Rect {
    use ratatui::widgets::{Block, Borders, Widget as _};

    let style = theme.style(if focused { Mark::Strong } else { Mark::Faint });
    let block = Block::new()
        .borders(Borders::ALL)
        .border_set(theme.border())
        .border_style(style);
    let inner = block.inner(area);
    block.render(area, buffer);
    let place = Rect {
        x: area.x.saturating_add(2),
        width: area.width.saturating_sub(4),
        height: 1.min(area.height),
        ..area
    };
    line(
        buffer,
        place,
        &title.clone().cut(place.width.into()),
        theme,
        Style::default(),
    );
    inner
}
