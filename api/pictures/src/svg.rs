//! A picture as SVG: nothing but shapes and text, so nothing in it runs, loads or refers to anything else.

use std::fmt::Write as _;

use crate::lang::Lang;
use crate::scene::{Anchor, Fill, Picture, Point, Rgb, Shape, Stroke};

/// Fonts of the same widths on every system, then whatever there is.
const FONTS: &str = "Arial, Arimo, 'Liberation Sans', Helvetica, sans-serif";

/// The picture as a document.
pub(crate) fn write(picture: &Picture, lang: Lang) -> String {
    let Picture { width, height, title, description, scene } = picture;
    // Several pictures may stand in one page: names that they share would lead to the first.
    let id = digest(&format!("{title}\n{description}"));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" role=\"img\" \
         lang=\"{}\" aria-labelledby=\"t{id} d{id}\" font-family=\"{FONTS}\">\n<title id=\"t{id}\">{}</title>\n\
         <desc id=\"d{id}\">{}</desc>\n<rect width=\"{w}\" height=\"{h}\" fill=\"#ffffff\"/>\n",
        lang.tag(),
        escape(title),
        escape(description),
        w = number(*width),
        h = number(*height),
    );
    for shape in &scene.shapes {
        write_shape(&mut svg, shape);
        svg.push('\n');
    }
    svg.push_str("</svg>\n");
    svg
}

fn write_shape(svg: &mut String, shape: &Shape) {
    match shape {
        Shape::Path { lines, closed, fill, stroke } => {
            svg.push_str("<path d=\"");
            for line in lines {
                for (index, Point { x, y }) in line.iter().enumerate() {
                    let step = if index == 0 { 'M' } else { 'L' };
                    let _ = write!(svg, "{step}{} {}", number(*x), number(*y));
                }
                if *closed {
                    svg.push('Z');
                }
            }
            let _ = write!(svg, "\"{}/>", paint(*fill, *stroke));
        }
        Shape::Circle { at, r, fill, stroke } => {
            let (x, y, r) = (number(at.x), number(at.y), number(*r));
            let _ = write!(svg, "<circle cx=\"{x}\" cy=\"{y}\" r=\"{r}\"{}/>", paint(*fill, *stroke));
        }
        Shape::Rect { area, fill, stroke } => {
            let [x, y, w, h] = [area.x, area.y, area.w, area.h].map(number);
            let paint = paint(*fill, *stroke);
            let _ = write!(svg, "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\"{paint}/>");
        }
        Shape::Text(line) => {
            let place = if line.upright {
                format!(" transform=\"translate({} {}) rotate(-90)\"", number(line.at.x), number(line.at.y))
            } else {
                format!(" x=\"{}\" y=\"{}\"", number(line.at.x), number(line.at.y))
            };
            let anchor = match line.anchor {
                Anchor::Start => "",
                Anchor::Middle => " text-anchor=\"middle\"",
                Anchor::End => " text-anchor=\"end\"",
            };
            let weight = if line.kind.bold { " font-weight=\"bold\"" } else { "" };
            let _ = write!(
                svg,
                "<text{place}{anchor} font-size=\"{}\"{weight} fill=\"{}\" textLength=\"{}\" \
                 lengthAdjust=\"spacingAndGlyphs\">{}</text>",
                number(line.kind.size),
                hex(line.kind.ink),
                number(line.width()),
                escape(&line.text)
            );
        }
    }
}

fn paint(fill: Option<Fill>, stroke: Option<Stroke>) -> String {
    let mut paint = match fill {
        Some(Fill { colour, opacity }) if opacity < 1.0 => {
            format!(" fill=\"{}\" fill-opacity=\"{}\"", hex(colour), number(opacity))
        }
        Some(Fill { colour, .. }) => format!(" fill=\"{}\"", hex(colour)),
        None => " fill=\"none\"".to_owned(),
    };
    if let Some(Stroke { colour, width, dash }) = stroke {
        let _ = write!(paint, " stroke=\"{}\" stroke-width=\"{}\"", hex(colour), number(width));
        if !dash.is_empty() {
            let dash: Vec<_> = dash.iter().map(|length| number(*length)).collect();
            let _ = write!(paint, " stroke-dasharray=\"{}\"", dash.join(" "));
        }
    }
    paint
}

fn hex(Rgb(r, g, b): Rgb) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// A number with at most two decimals.
fn number(value: f32) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// Text between tags or in an attribute. What no file may hold was left out when it was cleaned.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// FNV-1a: enough to tell pictures of one page apart.
fn digest(text: &str) -> String {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    format!("{:016x}", text.bytes().fold(0xcbf2_9ce4_8422_2325, step))
}

#[cfg(test)]
pub(crate) mod tests {
    use quick_xml::Reader;
    use quick_xml::events::Event;

    /// The texts of a document, after checking that it is well-formed and holds nothing but shapes, text and how they look.
    #[track_caller]
    pub(crate) fn texts(svg: &str) -> Vec<String> {
        const ELEMENTS: [&str; 7] = ["svg", "title", "desc", "rect", "path", "circle", "text"];
        const ATTRIBUTES: [&str; 26] = [
            "xmlns",
            "width",
            "height",
            "viewBox",
            "role",
            "lang",
            "aria-labelledby",
            "font-family",
            "id",
            "x",
            "y",
            "d",
            "cx",
            "cy",
            "r",
            "fill",
            "fill-opacity",
            "stroke",
            "stroke-width",
            "stroke-dasharray",
            "text-anchor",
            "font-size",
            "font-weight",
            "textLength",
            "lengthAdjust",
            "transform",
        ];
        let mut reader = Reader::from_str(svg);
        let (mut texts, mut within) = (Vec::new(), String::new());
        loop {
            match reader.read_event().unwrap() {
                Event::Start(tag) | Event::Empty(tag) => {
                    let name = tag.name().as_ref().to_owned();
                    assert!(ELEMENTS.contains(&name.as_str()), "<{name}>");
                    for attribute in tag.attributes() {
                        let attribute = attribute.unwrap();
                        let key = attribute.key.as_ref().to_owned();
                        assert!(ATTRIBUTES.contains(&key.as_str()), "{name} {key}");
                        let value = attribute.value.into_owned();
                        assert!(key == "xmlns" || !value.contains(':'), "{name} {key}={value}");
                    }
                    within.clear();
                }
                Event::Text(text) => within.push_str(&text),
                Event::GeneralRef(entity) => {
                    let entity: &str = &entity;
                    let named = quick_xml::escape::unescape(&format!("&{entity};")).unwrap().into_owned();
                    within.push_str(&named);
                }
                Event::End(tag) => {
                    if tag.name().as_ref() == "text" {
                        texts.push(std::mem::take(&mut within));
                    }
                }
                Event::Eof => break,
                other => panic!("{other:?}"),
            }
        }
        texts
    }
}
