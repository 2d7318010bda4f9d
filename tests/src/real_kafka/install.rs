//! The jars of Apache Kafka and an empty, formatted data directory, fetched and made once for all test processes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::{kept, process};

const POM: &str = include_str!("../../kafka/pom.xml");

/// What it takes to run Kafka.
#[derive(Debug)]
pub(super) struct Install {
    libs: PathBuf,
    formatted: PathBuf,
}

impl Install {
    /// The installation; fetched by the first process that asks for it, while the others wait.
    pub(super) fn get() -> &'static Self {
        static INSTALL: OnceLock<Install> = OnceLock::new();
        INSTALL.get_or_init(|| {
            let dir = kept::once("install", &[POM], |dir| {
                let install = Self::at(dir);
                install.fetch();
                install.make_formatted(dir);
            });
            Self::at(&dir)
        })
    }

    fn at(dir: &Path) -> Self {
        Self { libs: dir.join("libs"), formatted: dir.join("formatted") }
    }

    /// A Java virtual machine with this heap; the class and its arguments are to be added.
    pub(super) fn java(&self, heap: &str) -> Command {
        let mut java = kept::java(heap, &[&self.libs.join("*")]);
        let logging = Path::new(env!("CARGO_MANIFEST_DIR")).join("kafka/log4j2.yaml");
        java.arg(format!("-Dlog4j2.configurationFile={}", logging.display())).arg("-Dlog4j2.disable.jmx=true");
        java
    }

    /// Makes `data` the directory of a broker that has never run.
    pub(super) fn format(&self, data: &Path) {
        fs::create_dir(data).expect("the target directory can be written");
        for file in fs::read_dir(&self.formatted).expect("it was made") {
            let file = file.expect("a directory can be read");
            fs::copy(file.path(), data.join(file.file_name())).expect("the target directory can be written");
        }
    }

    fn fetch(&self) {
        let into = format!("-DoutputDirectory={}", self.libs.display());
        kept::maven("kafka", &["dependency:copy-dependencies", "-DincludeScope=runtime", &into]);
    }

    /// Formatting takes a JVM of its own, as long as the start of the broker: done once and copied.
    fn make_formatted(&self, dir: &Path) {
        let properties = dir.join("format.properties");
        let settings = format!(
            "process.roles=broker,controller\nnode.id=1\ncontroller.quorum.voters=1@127.0.0.1:1\n\
             controller.listener.names=CONTROLLER\nlisteners=PLAINTEXT://127.0.0.1:2,CONTROLLER://127.0.0.1:1\n\
             log.dirs={}\n",
            self.formatted.display()
        );
        fs::write(&properties, settings).expect("the target directory can be written");
        let mut tool = self.java("128m");
        tool.args(["kafka.tools.StorageTool", "format", "--ignore-formatted", "-t", "AAAAAAAAAAAAAAAAAAAAAA", "-c"]);
        process::output(tool.arg(properties));
    }
}
