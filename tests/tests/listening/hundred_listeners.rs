//! A hundred listeners of one group, each with four retry topics, a dead-letter topic and a handler of it.

use kafka_listen::prelude::*;

/// What each was given.
pub type Seen = std::sync::Arc<std::sync::Mutex<Vec<String>>>;

/// Listeners by their names and topics: an attribute takes a topic as a literal, and a macro cannot make one.
macro_rules! listeners {
    ($($name:ident $topic:tt,)*) => {
        /// The source topics.
        pub const TOPICS: &[&str] = &[$($topic),*];

        $(
            #[kafka_listener(topic = $topic, group = "hundred", attempts = 5, backoff(delay = 10, multiplier = 2))]
            async fn $name(text: &str, attempt: Attempt, topic: Topic, State(seen): State<Seen>) -> Result<(), &'static str> {
                seen.lock().unwrap().push(format!("{topic} {}", attempt.number));
                if text == "fail" { Err("never") } else { Ok(()) }
            }

            const _: () = {
                #[dlt_handler($name)]
                async fn dead(topic: Topic, State(seen): State<Seen>) {
                    seen.lock().unwrap().push(format!("{topic} dead"));
                }
            };
        )*

        /// The application with all of them.
        pub fn all(app: App) -> App {
            app$(.listener($name))*
        }
    };
}

#[rustfmt::skip]
listeners! {
    l00 "idle-00", l01 "idle-01", l02 "idle-02", l03 "idle-03", l04 "idle-04", l05 "idle-05", l06 "idle-06", l07 "idle-07", l08 "idle-08", l09 "idle-09",
    l10 "idle-10", l11 "idle-11", l12 "idle-12", l13 "idle-13", l14 "idle-14", l15 "idle-15", l16 "idle-16", l17 "idle-17", l18 "idle-18", l19 "idle-19",
    l20 "idle-20", l21 "idle-21", l22 "idle-22", l23 "idle-23", l24 "idle-24", l25 "idle-25", l26 "idle-26", l27 "idle-27", l28 "idle-28", l29 "idle-29",
    l30 "idle-30", l31 "idle-31", l32 "idle-32", l33 "idle-33", l34 "idle-34", l35 "idle-35", l36 "idle-36", l37 "idle-37", l38 "idle-38", l39 "idle-39",
    l40 "idle-40", l41 "idle-41", l42 "idle-42", l43 "idle-43", l44 "idle-44", l45 "idle-45", l46 "idle-46", l47 "idle-47", l48 "idle-48", l49 "idle-49",
    l50 "idle-50", l51 "idle-51", l52 "idle-52", l53 "idle-53", l54 "idle-54", l55 "idle-55", l56 "idle-56", l57 "idle-57", l58 "idle-58", l59 "idle-59",
    l60 "idle-60", l61 "idle-61", l62 "idle-62", l63 "idle-63", l64 "idle-64", l65 "idle-65", l66 "idle-66", l67 "idle-67", l68 "idle-68", l69 "idle-69",
    l70 "idle-70", l71 "idle-71", l72 "idle-72", l73 "idle-73", l74 "idle-74", l75 "idle-75", l76 "idle-76", l77 "idle-77", l78 "idle-78", l79 "idle-79",
    l80 "idle-80", l81 "idle-81", l82 "idle-82", l83 "idle-83", l84 "idle-84", l85 "idle-85", l86 "idle-86", l87 "idle-87", l88 "idle-88", l89 "idle-89",
    l90 "idle-90", l91 "idle-91", l92 "idle-92", l93 "idle-93", l94 "idle-94", l95 "idle-95", l96 "idle-96", l97 "idle-97", l98 "idle-98", l99 "idle-99",
}
