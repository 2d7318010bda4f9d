//! A configuration file of a test's own, and what start-up says of it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use kafka_listen::App;

/// A file of a test's own, removed in the end.
pub struct ConfigFile(PathBuf);

impl ConfigFile {
    pub fn new(text: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("kafka-listen-{}-{}.toml", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, text).unwrap();
        Self(path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The text without this file's path, which is another one each time.
    pub fn cut_from(&self, text: &str) -> String {
        text.replace(&*self.0.to_string_lossy(), "FILE")
    }
}

impl Drop for ConfigFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// All that start-up says is wrong.
pub async fn refused(app: App, file: &ConfigFile) -> Vec<String> {
    let error = app.config_file(file.path()).start().await.expect_err("it must not start").to_string();
    let lines = error.lines().skip(1).map(|line| line.trim_start_matches("  - "));
    lines.map(|line| without_place(&file.cut_from(line))).collect()
}

/// Without the attributes' places, whose lines move whenever a file is edited.
pub fn without_place(line: &str) -> String {
    let mut parts = line.split(" (tests/tests/listening/");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |line, part| line + part.split_once(')').unwrap().1)
}
