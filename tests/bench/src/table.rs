//! What was measured, as a table.

use std::fmt::Write as _;

use crate::Options;

/// Figures of one thing, one for each round.
#[derive(Clone, Debug, Default)]
pub(crate) struct Figures(pub(crate) Vec<f64>);

impl Figures {
    /// The middle one.
    pub(crate) fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
    }

    /// Half of what lies between the smallest and the largest, in percent of the middle one.
    pub(crate) fn noise(&self) -> f64 {
        let (least, most) = self
            .0
            .iter()
            .fold((f64::MAX, f64::MIN), |(least, most), figure| (least.min(*figure), most.max(*figure)));
        if self.0.len() < 2 { 0.0 } else { (most - least) / 2.0 / self.median() * 100.0 }
    }
}

/// What a figure should be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    /// At least so much.
    AtLeast(f64),
    /// At most so much.
    AtMost(f64),
    /// Shown for comparison.
    None,
}

impl Target {
    fn judge(self, figure: f64) -> (String, &'static str) {
        match self {
            Self::AtLeast(least) => (format!(">= {least}"), if figure >= least { "yes" } else { "**no**" }),
            Self::AtMost(most) => (format!("<= {most}"), if figure <= most { "yes" } else { "**no**" }),
            Self::None => (String::new(), ""),
        }
    }
}

/// Rows of the table.
#[derive(Debug, Default)]
pub(crate) struct Table(Vec<String>);

impl Table {
    /// A figure beside a reference that was measured in turn with it; the target is of the ratio.
    pub(crate) fn ratio(
        &mut self,
        size: usize,
        what: &str,
        ours: &Figures,
        reference: (&str, &Figures),
        target: Target,
    ) {
        let (name, theirs) = reference;
        let ratio = ours.median() / theirs.median();
        let (target, reached) = target.judge(ratio);
        self.put(format!(
            "| {size} | {what} | {:.0} /s ± {:.0} % | {name}: {:.0} /s ± {:.0} % | **{ratio:.2}** | {target} | {reached} |",
            ours.median(),
            ours.noise(),
            theirs.median(),
            theirs.noise(),
        ));
    }

    /// A figure by itself; the target is its own.
    pub(crate) fn plain(&mut self, size: usize, what: &str, figures: &Figures, unit: &str, target: Target) {
        let (target, reached) = target.judge(figures.median());
        let noise = if figures.0.len() > 1 { format!(" ± {:.0} %", figures.noise()) } else { String::new() };
        self.put(format!(
            "| {size} | {what} | {:.*} {unit}{noise} | | | {target}{} | {reached} |",
            if figures.median() < 100.0 { 2 } else { 0 },
            figures.median(),
            if target.is_empty() { String::new() } else { format!(" {unit}") },
        ));
    }

    /// Something that could not be measured.
    pub(crate) fn missing(&mut self, size: usize, what: &str, why: &str) {
        self.put(format!("| {size} | {what} | {why} | | | | |"));
    }

    fn put(&mut self, row: String) {
        println!("{row}");
        self.0.push(row);
    }

    /// The whole table.
    pub(crate) fn markdown(&self, options: &Options) -> String {
        let mut text = format!(
            "{} rounds of {} s, {} connections, {} cores\n\n",
            options.rounds,
            options.seconds,
            options.connections,
            std::thread::available_parallelism().map_or(0, usize::from)
        );
        text.push_str("| people | what | measured | reference | ratio | target | reached |\n");
        text.push_str("| ---: | --- | ---: | ---: | ---: | ---: | --- |\n");
        for row in &self.0 {
            let _ = writeln!(text, "{row}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_and_the_noise_are_of_all_rounds() {
        let figures = Figures(vec![100.0, 90.0, 110.0]);
        assert!((figures.median() - 100.0).abs() < 1e-9 && (figures.noise() - 10.0).abs() < 1e-9);
        assert!(Figures(vec![5.0]).noise().abs() < 1e-9);
    }

    #[test]
    fn a_target_is_reached_or_not() {
        assert_eq!(Target::AtLeast(0.8).judge(0.8).1, "yes");
        assert_eq!(Target::AtLeast(0.8).judge(0.79).1, "**no**");
        assert_eq!(Target::AtMost(5.0).judge(5.1).1, "**no**");
    }
}
