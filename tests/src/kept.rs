//! What Maven fetches and builds, kept in the target directory for all test processes.

use std::env;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process;

/// Where everything is kept: in the target directory of the running test, so that `cargo clean` removes it.
pub(crate) fn home() -> PathBuf {
    let exe = env::current_exe().expect("a process knows its program");
    let target = exe.ancestors().find(|dir| dir.join("CACHEDIR.TAG").exists());
    target.map_or_else(env::temp_dir, Path::to_path_buf).join("kafka")
}

/// The directory of this name, filled by the first process that asks for it while the others wait. Another one is made when
/// the texts that it is `made_of` change.
pub(crate) fn once(name: &str, made_of: &[&str], fill: impl FnOnce(&Path)) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    made_of.hash(&mut hasher);
    let dir = home().join(format!("{name}-{:016x}", hasher.finish()));
    fs::create_dir_all(&dir).expect("the target directory can be written");
    let lock = File::create(dir.join("lock")).expect("the target directory can be written");
    lock.lock().expect("a file can be locked");
    let complete = dir.join("complete");
    if !complete.exists() {
        fill(&dir);
        File::create(complete).expect("the target directory can be written");
    }
    dir
}

/// Runs Maven on the `pom.xml` of a folder of this crate.
pub(crate) fn maven(folder: &str, args: &[&str]) {
    let pom = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder).join("pom.xml");
    let mut maven = Command::new("mvn");
    maven.args(["-q", "-B", "-f"]).arg(pom).args(args);
    process::output(&maven);
}

/// A Java virtual machine with this heap and these jars; the class and its arguments are to be added.
pub(crate) fn java(heap: &str, classpath: &[&Path]) -> Command {
    let classpath = env::join_paths(classpath).expect("no path of ours has a separator");
    let mut java = Command::new("java");
    java.arg(format!("-Xmx{heap}")).arg("-XX:+UseSerialGC").arg("-cp").arg(classpath);
    // Whoever tests starts many and waits for each: the quick compiler alone halves the work of a start. Whoever
    // measures, in a release build, wants the fast code that the slow one makes.
    if cfg!(debug_assertions) {
        java.arg("-XX:TieredStopAtLevel=1");
    }
    java
}
