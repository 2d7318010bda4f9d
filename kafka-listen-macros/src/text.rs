//! Texts with placeholders, `${NAME}` or `${NAME:default}`: what stands there for certain, and what will if nobody sets
//! the names. Knows nothing of what a text is for.

/// A text as it is written, taken apart.
#[derive(Debug, PartialEq)]
pub(crate) struct Template {
    /// The text with every placeholder's default in its place; `None` if one has none.
    pub(crate) filled: Option<String>,
    /// What stands outside of placeholders.
    pub(crate) literal: String,
    /// Whether there is a placeholder at all.
    pub(crate) open: bool,
    /// Whether it is another text at each start.
    pub(crate) random: bool,
}

impl Template {
    /// Takes `text` apart; otherwise says what is wrong with a placeholder.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut template = Self { filled: Some(String::new()), literal: String::new(), open: false, random: false };
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            template.add_literal(before);
            let Some((inside, after)) = after.split_once('}') else {
                return Err(format!("the placeholder `${{{after}` has no `}}`"));
            };
            template.add_placeholder(inside)?;
            rest = after;
        }
        template.add_literal(rest);
        Ok(template)
    }

    fn add_literal(&mut self, text: &str) {
        self.literal.push_str(text);
        if let Some(filled) = &mut self.filled {
            filled.push_str(text);
        }
    }

    fn add_placeholder(&mut self, inside: &str) -> Result<(), String> {
        self.open = true;
        let (name, default) = match inside.split_once(':') {
            Some((name, default)) => (name, Some(default)),
            None => (inside, None),
        };
        if name == "random.uuid" {
            self.random = true;
            self.filled = None;
            return Ok(());
        }
        if name.starts_with("random.") {
            return Err(format!("`${{{name}}}` is no random value that there is: write `${{random.uuid}}`"));
        }
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')) {
            return Err(format!(
                "`${{{inside}}}` names no variable: write `${{NAME}}` or `${{NAME:default}}`, with letters, digits, `_`, `.` and `-`"
            ));
        }
        if default.is_some_and(|default| default.contains("${")) {
            return Err(format!("the default of `${{{name}}}` cannot hold another placeholder"));
        }
        self.filled = self.filled.take().zip(default).map(|(filled, default)| filled + default);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(filled: Option<&str>, literal: &str, open: bool) -> Result<Template, String> {
        Ok(Template { filled: filled.map(str::to_owned), literal: literal.to_owned(), open, random: false })
    }

    #[test]
    fn a_text_is_filled_only_if_every_placeholder_has_a_default() {
        assert_eq!(Template::parse("email"), template(Some("email"), "email", false));
        assert_eq!(Template::parse("${A:x}-${B:}.y"), template(Some("x-.y"), "-.y", true));
        assert_eq!(Template::parse("${A}-${B:z}"), template(None, "-", true));
        assert_eq!(Template::parse("$A {x}"), template(Some("$A {x}"), "$A {x}", false));
        assert_eq!(Template::parse("${A:http://x}"), template(Some("http://x"), "", true));
    }

    #[test]
    fn a_random_text_is_known_at_start_up_only() {
        for text in ["${random.uuid}", "a-${random.uuid}", "a-${random.uuid:x}"] {
            let template = Template::parse(text).unwrap();
            assert!(template.random && template.open && template.filled.is_none(), "{text}");
        }
    }

    #[test]
    fn a_placeholder_that_could_never_be_filled_is_refused() {
        for (text, why) in [
            ("${A", "has no `}`"),
            ("${}", "names no variable"),
            ("${:x}", "names no variable"),
            ("${A B}", "names no variable"),
            ("${A:${B}}", "cannot hold another placeholder"),
            ("${random.int}", "no random value that there is"),
        ] {
            let message = Template::parse(text).expect_err(text);
            assert!(message.contains(why), "{text}: {message}");
        }
    }
}
