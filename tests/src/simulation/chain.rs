//! What the attribute promises of a chain, in a model of its own: it shares no code with the library, and follows
//! `docs/wire-format.md`.

/// One version of a listener's chain.
#[derive(Clone, Debug, PartialEq)]
pub struct Chain {
    pub attempts: u32,
    /// Milliseconds.
    pub delay: u64,
    pub multiplier: f64,
    /// Milliseconds.
    pub max_delay: u64,
    pub jitter: f64,
    pub index: bool,
}

/// The source topic of every listener.
pub const SOURCE: &str = "orders";
/// Where every chain ends.
pub const DLT: &str = "orders-dlt";
/// Where the dead letters of some errors go, if the listener says so.
pub const ROUTE: &str = "orders-fraud-dlt";

/// Whether it is a topic of dead letters.
pub fn is_dead(topic: &str) -> bool {
    topic == DLT || topic == ROUTE
}

impl Chain {
    /// The delays between the deliveries, in milliseconds.
    pub fn delays(&self) -> Vec<u64> {
        let mut delay = self.delay.min(self.max_delay);
        let mut delays = Vec::new();
        for _ in 1..self.attempts {
            delays.push(delay);
            delay = ((delay as f64 * self.multiplier) as u64).min(self.max_delay);
        }
        delays
    }

    /// The topic that delivery number `attempt` comes from; `None` beyond the last.
    pub fn topic(&self, attempt: u32) -> Option<String> {
        let delays = self.delays();
        let place = attempt.checked_sub(2)? as usize;
        let delay = *delays.get(place)?;
        if delays.iter().all(|other| *other == delay) {
            return Some(format!("{SOURCE}-retry"));
        }
        // Equal delays stand at the end of a chain only, and share the first one's topic.
        let first = delays.iter().position(|other| *other == delay)?;
        Some(if self.index { format!("{SOURCE}-retry-{first}") } else { format!("{SOURCE}-retry-{delay}") })
    }

    /// The shortest and the longest wait before delivery number `attempt`, in milliseconds.
    pub fn wait(&self, attempt: u32) -> Option<(u64, u64)> {
        let delay = *self.delays().get(attempt.checked_sub(2)? as usize)?;
        // Rounding may cost a millisecond.
        Some((delay, delay + (delay as f64 * self.jitter) as u64 + 1))
    }

    /// All of its retry topics.
    pub fn topics(&self) -> Vec<String> {
        let mut topics: Vec<_> = (2..=self.attempts).filter_map(|attempt| self.topic(attempt)).collect();
        topics.dedup();
        topics
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_names_topics_as_the_wire_format_does() {
        let chain = |attempts, multiplier, max_delay, index| {
            Chain { attempts, delay: 1000, multiplier, max_delay, jitter: 0.0, index }.topics()
        };
        let named = |suffixes: &[&str]| suffixes.iter().map(|it| format!("{SOURCE}-retry{it}")).collect::<Vec<_>>();
        assert_eq!(chain(5, 2.0, 60_000, false), named(&["-1000", "-2000", "-4000", "-8000"]));
        assert_eq!(chain(5, 2.0, 60_000, true), named(&["-0", "-1", "-2", "-3"]));
        assert_eq!(chain(5, 1.0, 60_000, true), named(&[""]));
        assert_eq!(chain(2, 2.0, 60_000, true), named(&[""]));
        assert_eq!(chain(5, 2.0, 3_000, false), named(&["-1000", "-2000", "-3000"]));
        assert_eq!(chain(5, 2.0, 3_000, true), named(&["-0", "-1", "-2"]));
        assert_eq!(chain(1, 2.0, 3_000, true), named(&[]));
    }
}
