//! The table that is printed: Markdown, so that it can be kept in `benches/RESULTS.md` as it is.

/// Widths of the columns.
const WIDTHS: [usize; 5] = [62, 16, 16, 22, 40];

/// What is known of a figure beside its goal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No goal, or nothing that can be judged here.
    Noted,
    Met,
    /// Missed; the machine may be to blame.
    Missed,
    /// Missed, and no machine excuses it.
    Failed,
}

impl Verdict {
    /// Of a figure that depends on the machine.
    pub fn wish(met: bool) -> Self {
        if met { Self::Met } else { Self::Missed }
    }

    /// Of one that does not.
    pub fn gate(met: bool) -> Self {
        if met { Self::Met } else { Self::Failed }
    }
}

/// One line of the table.
#[derive(Debug, Default)]
pub struct Row {
    pub what: String,
    pub direct: String,
    pub nginx: String,
    pub parlance: String,
    pub goal: String,
}

/// Prints rows as they come and remembers what failed.
#[derive(Debug, Default)]
pub struct Report {
    begun: bool,
    failed: Vec<String>,
}

impl Report {
    /// Prints a line.
    pub fn row(&mut self, row: Row, verdict: Verdict) {
        if !std::mem::replace(&mut self.begun, true) {
            line(["", "direct", "nginx", "parlance", "goal"].map(str::to_owned));
            println!(
                "|{}",
                WIDTHS.map(|width| "-".repeat(width + 2) + "|").concat()
            );
        }
        let mark = match verdict {
            Verdict::Noted | Verdict::Met => "",
            Verdict::Missed => " · missed",
            Verdict::Failed => " · **FAILED**",
        };
        if verdict == Verdict::Failed {
            self.failed
                .push(format!("{}: {}, {}", row.what, row.parlance, row.goal));
        }
        line([
            row.what,
            row.direct,
            row.nginx,
            row.parlance,
            row.goal + mark,
        ]);
    }

    /// Prints what ought to be known about the rows above.
    pub fn note(&mut self, text: &str) {
        eprintln!("  note: {text}");
    }

    /// `false` when a gate was missed, which is said again.
    pub fn close(self) -> bool {
        for failed in &self.failed {
            eprintln!("FAILED: {failed}");
        }
        self.failed.is_empty()
    }
}

fn line(cells: [String; 5]) {
    let cells = cells.iter().zip(WIDTHS);
    let cells: Vec<String> = cells
        .map(|(cell, width)| format!("{cell:<width$}"))
        .collect();
    println!("| {} |", cells.join(" | "));
}
