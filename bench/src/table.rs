//! The table: a row for each thing measured, printed as soon as it is known.

use serde_json::Value;

/// One thing that was measured.
pub struct Row {
    /// What.
    pub what: String,
    /// What came out: one figure, or several of one unit.
    pub ours: Vec<f64>,
    /// Their unit.
    pub unit: Unit,
    /// What it is compared with, in the same unit, and what that is.
    pub beside: Option<(f64, &'static str)>,
    /// What should come out.
    pub goal: Goal,
    /// What the rounds yielded, for the file of results.
    pub rounds: Value,
}

/// What is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Records, or whatever is counted, in a second.
    PerSecond,
    /// Microseconds.
    Micros,
    /// Milliseconds.
    Millis,
    /// Seconds.
    Seconds,
    /// Bytes.
    Bytes,
    /// MiB, from bytes.
    Mebibytes,
    /// Percent of one core.
    Percent,
    /// How many.
    Count,
}

/// What should come out.
#[derive(Clone, Debug)]
pub enum Goal {
    /// There is none.
    None,
    /// Of the figure divided by what it is compared with.
    Ratio(Bound),
    /// Of each figure.
    Each(Vec<Option<Bound>>),
}

/// A bound of a figure.
#[derive(Clone, Copy, Debug)]
pub enum Bound {
    /// No less.
    AtLeast(f64),
    /// No more.
    AtMost(f64),
}

impl Row {
    /// One figure, or several.
    pub fn new(what: impl Into<String>, unit: Unit, ours: impl Into<Vec<f64>>, rounds: Value) -> Self {
        Self { what: what.into(), ours: ours.into(), unit, beside: None, goal: Goal::None, rounds }
    }

    /// Compared with this.
    pub fn beside(self, figure: f64, what: &'static str) -> Self {
        Self { beside: Some((figure, what)), ..self }
    }

    /// What the ratio should be.
    pub fn ratio_goal(self, bound: Bound) -> Self {
        Self { goal: Goal::Ratio(bound), ..self }
    }

    /// What each figure should be.
    pub fn goal(self, bounds: impl Into<Vec<Option<Bound>>>) -> Self {
        Self { goal: Goal::Each(bounds.into()), ..self }
    }

    /// The first figure divided by what it is compared with.
    pub fn ratio(&self) -> Option<f64> {
        Some(self.ours.first()? / self.beside?.0)
    }

    /// Whether the goal is reached, if there is one.
    pub fn is_reached(&self) -> Option<bool> {
        match &self.goal {
            Goal::None => None,
            Goal::Ratio(bound) => Some(bound.holds(self.ratio()?)),
            Goal::Each(bounds) => {
                Some(self.ours.iter().zip(bounds).all(|(&figure, bound)| bound.is_none_or(|it| it.holds(figure))))
            }
        }
    }

    fn goal_text(&self) -> String {
        match &self.goal {
            Goal::None => String::new(),
            Goal::Ratio(bound) => bound.text(|figure| format!("{figure:.2}")),
            Goal::Each(bounds) => {
                let short = |figure| self.unit.figure(figure).trim_end_matches(".00").trim_end_matches(".0").to_owned();
                let text = |bound: &Option<Bound>| bound.map_or("–".to_owned(), |it| it.text(short));
                bounds.iter().map(text).collect::<Vec<_>>().join(" / ")
            }
        }
    }
}

impl Bound {
    fn holds(self, figure: f64) -> bool {
        match self {
            Self::AtLeast(least) => figure >= least,
            Self::AtMost(most) => figure <= most,
        }
    }

    fn text(self, text: impl Fn(f64) -> String) -> String {
        match self {
            Self::AtLeast(least) => format!("≥ {}", text(least)),
            Self::AtMost(most) => format!("≤ {}", text(most)),
        }
    }
}

impl Unit {
    /// The figure alone.
    fn figure(self, figure: f64) -> String {
        match self {
            Self::PerSecond | Self::Count | Self::Bytes => thousands(figure),
            Self::Mebibytes => format!("{:.0}", figure / f64::from(1 << 20)),
            Self::Micros | Self::Seconds => format!("{figure:.2}"),
            Self::Millis | Self::Percent => format!("{figure:.1}"),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::PerSecond => "/s",
            Self::Micros => "µs",
            Self::Millis => "ms",
            Self::Seconds => "s",
            Self::Bytes => "B",
            Self::Mebibytes => "MiB",
            Self::Percent => "%",
            Self::Count => "",
        }
    }

    fn text(self, figures: &[f64]) -> String {
        let figures: Vec<_> = figures.iter().map(|&figure| self.figure(figure)).collect();
        format!("{} {}", figures.join(" / "), self.name()).trim_end().to_owned()
    }
}

/// Of the widest row.
const WIDTH: usize = 155;

/// The line above all rows.
pub fn head() {
    print("measured", "kafka-listen", "beside it", "ratio", "goal", "");
    println!("{}", "─".repeat(WIDTH));
}

/// A row.
pub fn line(row: &Row) {
    let beside = row.beside.map(|(figure, what)| format!("{} {what}", row.unit.text(&[figure]))).unwrap_or_default();
    let ratio = row.ratio().map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
    let mark = match row.is_reached() {
        Some(true) => "reached",
        Some(false) => "missed",
        None => "",
    };
    print(&row.what, &row.unit.text(&row.ours), &beside, &ratio, &row.goal_text(), mark);
}

fn print(what: &str, ours: &str, beside: &str, ratio: &str, goal: &str, mark: &str) {
    let line = format!("{what:<42}  {ours:>34}  {beside:<29}  {ratio:>5}  {goal:<26}  {mark}");
    println!("{}", line.trim_end());
}

fn thousands(figure: f64) -> String {
    let digits = format!("{:.0}", figure.abs());
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if figure <= -0.5 { format!("-{text}") } else { text }
}
