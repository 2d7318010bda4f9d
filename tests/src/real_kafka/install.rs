//! The jars of Apache Kafka and an empty, formatted data directory, fetched and made once for all test processes.

use std::env;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::process;

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
            let mut hasher = DefaultHasher::new();
            POM.hash(&mut hasher);
            let dir = home().join(format!("install-{:016x}", hasher.finish()));
            fs::create_dir_all(&dir).expect("the target directory can be written");
            let lock = File::create(dir.join("lock")).expect("the target directory can be written");
            lock.lock().expect("a file can be locked");
            let install = Self { libs: dir.join("libs"), formatted: dir.join("formatted") };
            let complete = dir.join("complete");
            if !complete.exists() {
                install.fetch();
                install.make_formatted(&dir);
                File::create(complete).expect("the target directory can be written");
            }
            install
        })
    }

    /// A Java virtual machine with this heap; the class and its arguments are to be added.
    pub(super) fn java(&self, heap: &str) -> Command {
        let mut java = Command::new("java");
        java.arg(format!("-Xmx{heap}")).arg("-XX:+UseSerialGC").arg("-cp").arg(self.libs.join("*"));
        // Whoever tests starts many and waits for each: the quick compiler alone halves the work of a start. Whoever
        // measures, in a release build, wants the fast code that the slow one makes.
        if cfg!(debug_assertions) {
            java.arg("-XX:TieredStopAtLevel=1");
        }
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
        let pom = Path::new(env!("CARGO_MANIFEST_DIR")).join("kafka/pom.xml");
        let mut maven = Command::new("mvn");
        maven.args(["-q", "-B", "-f"]).arg(pom).args(["dependency:copy-dependencies", "-DincludeScope=runtime"]);
        maven.arg(format!("-DoutputDirectory={}", self.libs.display()));
        process::output(&maven);
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

/// Where everything is kept: in the target directory of the running test, so that `cargo clean` removes it.
pub(super) fn home() -> PathBuf {
    let exe = env::current_exe().expect("a process knows its program");
    let target = exe.ancestors().find(|dir| dir.join("CACHEDIR.TAG").exists());
    target.map_or_else(env::temp_dir, Path::to_path_buf).join("kafka")
}
