//! A child process that cannot outlive this one.
//!
//! A shell starts a watcher beside the program and then becomes the program. The watcher reads from a pipe that only
//! this process holds: when the pipe closes without a word, by a panic, an `exit` or a SIGKILL, the watcher kills
//! the program. Asking the kernel for a parent-death signal would not do: it is sent when the *thread* that started
//! the program ends, and tests run on threads of their own.

use std::io::{self, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

const WATCHED: &str = r#"exec 3<&0; { read -r _ <&3 || kill -KILL $$; } >/dev/null 2>&1 & exec "$@" 3<&- </dev/null"#;

/// A running program. Dropping it kills it.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    lifeline: ChildStdin,
}

impl Process {
    /// Starts a program; `stdout` and `stderr` are where it writes.
    pub(crate) fn spawn(program: &Command, stdout: impl Into<Stdio>, stderr: impl Into<Stdio>) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", WATCHED, "watched"]).arg(program.get_program()).args(program.get_args());
        let shell = shell.stdin(Stdio::piped()).stdout(stdout).stderr(stderr);
        let mut child = shell.spawn().expect("sh can be started");
        let lifeline = child.stdin.take().expect("stdin is a pipe");
        Self { child, lifeline }
    }

    /// Sends it a signal, by its name without `SIG`.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([format!("-{name}"), self.child.id().to_string()]).status();
        assert!(sent.expect("kill can be started").success(), "no process took SIG{name}");
    }

    /// Whether it has ended.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.child.try_wait().expect("a child can be waited for").is_some()
    }

    /// Waits for its end, but no longer than this.
    pub(crate) fn ends_within(&mut self, time: Duration) -> bool {
        let deadline = Instant::now() + time;
        while !self.has_ended() {
            if Instant::now() > deadline {
                return false;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        true
    }
}

/// Runs a program to its end and returns what it printed.
pub(crate) fn output(program: &Command) -> String {
    let mut process = Process::spawn(program, Stdio::piped(), Stdio::piped());
    let (stdout, stderr) = (process.child.stdout.take(), process.child.stderr.take());
    // Read side by side, or a full pipe of the one stalls the other.
    let said = std::thread::spawn(move || stderr.map(io::read_to_string));
    let printed = stdout.map(io::read_to_string).expect("stdout is a pipe").expect("it prints text");
    let status = process.child.wait().expect("a child can be waited for");
    let said = said.join().ok().flatten();
    assert!(status.success(), "{program:?} failed ({status}):\n{printed}\n{said:?}");
    printed
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only if it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        // Only now, with a word: the watcher must neither outlive the program nor kill whoever has its id next.
        let _ = self.lifeline.write_all(b"done\n");
    }
}
