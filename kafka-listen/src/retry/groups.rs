//! Which consumer group reads a topic of a chain.

/// How the groups are called that read retry topics and dead-letter topics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GroupNaming {
    /// One for all retry topics, `<group>-retry`, and one for all dead-letter topics, `<group>-dlt`.
    #[default]
    Role,
    /// One for each suffix, `<group><suffix>`, as Spring has it.
    PerTopic,
}

impl GroupNaming {
    /// The group that reads the retry topics with this suffix.
    pub fn of_retries(self, group: &str, suffix: &str) -> String {
        self.name(group, "-retry", suffix)
    }

    /// The group that reads the dead-letter topics with this suffix.
    pub fn of_dead_letters(self, group: &str, suffix: &str) -> String {
        self.name(group, "-dlt", suffix)
    }

    fn name(self, group: &str, role: &str, suffix: &str) -> String {
        let end = match self {
            Self::Role => role,
            Self::PerTopic => suffix,
        };
        format!("{group}{end}")
    }
}
