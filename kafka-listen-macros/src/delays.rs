//! The delays of `backoff(…)` and of `blocking(…)`, as far as literals tell them, and what is wrong with them.

use crate::errors::Errors;
use crate::model::Value;
use crate::settings::Settings;

/// Ten years, in milliseconds: further away, only a mistake can lie.
pub(crate) const LONGEST_DELAY: u64 = 10 * 365 * 24 * 60 * 60 * 1000;

/// A sequence of delays, each made of the one before.
#[derive(Clone, Debug)]
pub(crate) struct Delays {
    /// One more than there are delays.
    pub(crate) attempts: u64,
    /// The first delay, in milliseconds.
    pub(crate) delay: u64,
    /// What a delay is multiplied by to get the next.
    pub(crate) multiplier: f64,
    /// The longest delay, in milliseconds.
    pub(crate) max_delay: u64,
}

/// The keys that set a sequence of delays, and what holds where they are not given.
struct Keys {
    attempts: (&'static str, u64),
    delay: (&'static str, u64),
    multiplier: &'static str,
    max_delay: &'static str,
}

const BACKOFF: Keys =
    Keys { attempts: ("attempts", 1), delay: ("delay", 1000), multiplier: "multiplier", max_delay: "max_delay" };

const BLOCKING: Keys = Keys {
    attempts: ("blocking_attempts", 10),
    delay: ("blocking_delay", 0),
    multiplier: "blocking_multiplier",
    max_delay: "blocking_max_delay",
};

impl Delays {
    /// The delays between deliveries through topics, if they are known.
    pub(crate) fn of_backoff(settings: &Settings<'_>) -> Option<Self> {
        Self::of(settings, &BACKOFF)
    }

    fn of(settings: &Settings<'_>, keys: &Keys) -> Option<Self> {
        let multiplier = match (settings.key(keys.multiplier), settings.value(keys.multiplier)) {
            (None, _) if settings.open => return None,
            (None, _) => 1.0,
            (_, Some(Value::Decimal(number))) => number.known()?,
            _ => return None,
        };
        Some(Self {
            attempts: settings.whole(keys.attempts.0, keys.attempts.1)?,
            delay: settings.whole(keys.delay.0, keys.delay.1)?,
            multiplier,
            max_delay: settings.whole(keys.max_delay, u64::MAX)?,
        })
    }

    /// The delay before each attempt but the first.
    pub(crate) fn all(&self) -> Vec<u64> {
        let first = self.delay.min(self.max_delay);
        std::iter::successors(Some(first), |delay| Some(self.next(*delay).min(self.max_delay)))
            .take(usize::try_from(self.attempts.saturating_sub(1)).unwrap_or(usize::MAX))
            .collect()
    }

    /// The delay after `delay`, were there no longest: parts of a millisecond are cut off.
    fn next(&self, delay: u64) -> u64 {
        // Saturates, which is the longest delay there is.
        (delay as f64 * self.multiplier) as u64
    }
}

/// Judges the delays of `backoff(…)` and of `blocking(…)`.
pub(crate) fn check(settings: &Settings<'_>, errors: &mut Errors) {
    check_one(settings, &BACKOFF, errors);
    check_one(settings, &BLOCKING, errors);
    check_retention(settings, errors);
}

/// A record that waits must not be deleted before it is due.
fn check_retention(settings: &Settings<'_>, errors: &mut Errors) {
    let jitter = match settings.value("jitter") {
        Some(Value::Decimal(jitter)) => jitter.known().unwrap_or(0.0),
        _ => 0.0,
    };
    let longest = Delays::of_backoff(settings).and_then(|delays| delays.all().last().copied());
    let retention = settings.key("retention").and_then(|_| settings.whole("retention", u64::MAX));
    if let (Some(longest), Some(retention)) = (longest, retention) {
        let longest = longest.saturating_add((longest as f64 * jitter) as u64);
        if retention <= longest {
            let message = format!(
                "`retention` is {retention} ms, and records wait for up to {longest} ms in a retry topic: write a longer \
                 time, or leave it out for the broker's default"
            );
            errors.at(settings.expr("retention"), message);
        }
    }
}

fn check_one(settings: &Settings<'_>, keys: &Keys, errors: &mut Errors) {
    let Some(delays) = Delays::of(settings, keys) else { return };
    let Delays { delay, multiplier, max_delay, .. } = delays;
    if delay > max_delay {
        let at = settings.expr(keys.delay.0).or(settings.expr(keys.max_delay));
        let default = if settings.key(keys.delay.0).is_none() { " (the default)" } else { "" };
        errors.at(at, format_args!("`delay` is {delay} ms{default}, longer than `max_delay`, {max_delay} ms"));
    } else if multiplier > 1.0 && delays.next(delay) == delay {
        let why = match delay {
            0 => "",
            _ => ", since parts of a millisecond are cut off",
        };
        let message = format!("`multiplier` does nothing: {delay} ms × {multiplier} is {delay} ms again{why}");
        errors.at(settings.expr(keys.multiplier), message);
    } else if let Some(place) = delays.all().iter().position(|delay| *delay > LONGEST_DELAY) {
        let message = match place {
            0 => "`delay` is over ten years".to_owned(),
            _ => format!(
                "delay number {} would be over ten years: add `max_delay`, or write fewer `attempts`",
                place + 1
            ),
        };
        errors.at(settings.expr(keys.multiplier).filter(|_| place > 0).or(settings.expr(keys.delay.0)), message);
    }
}
