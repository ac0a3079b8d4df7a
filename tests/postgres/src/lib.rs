//! A PostgreSQL server for the time of a test.
//!
//! ```no_run
//! let Some(server) = windlass_test_postgres::Server::start() else { return };
//! let url = server.database();
//! ```
//! It listens on a socket in its own folder and nowhere else, and makes writes durable as any
//! server does. It ends with the value that stands for it, and with the test's process, however
//! that ends: a shell that waits for either is its parent.

use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

/// Starts the server, says so when it answers, and ends it when it reads a signal, or when nobody
/// holds the other end of its input any more.
const PARENT: &str = r#"
"$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c max_connections=300 > "$2/log" 2>&1 &
server=$!
for _ in $(seq 600); do
    if "$1/pg_isready" -q -h "$2"; then echo ready; break; fi
    kill -0 $server 2> /dev/null || break
    sleep 0.05
done
exec >&-
read -r signal
kill -"${signal:-INT}" $server
wait $server
"#;

/// A server that runs until this is dropped.
#[derive(Debug)]
pub struct Server {
    programs: PathBuf,
    folder: TempDir,
    user: Option<User>,
    parent: Option<(Child, ChildStdin)>,
    databases: AtomicU32,
}

/// Who the server runs as where the test runs as root, which it refuses to.
#[derive(Debug, Clone, Copy)]
struct User {
    id: u32,
    group: u32,
}

impl Server {
    /// Starts a server; without an installed PostgreSQL it says so and gives none.
    ///
    /// # Panics
    /// When an installed PostgreSQL does not start: that is a failure of the test.
    #[must_use]
    pub fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            eprintln!("not run: PostgreSQL is not installed");
            return None;
        };
        match Self::launch(programs) {
            Ok(server) => Some(server),
            Err(error) => panic!("PostgreSQL does not start: {error}"),
        }
    }

    fn launch(programs: PathBuf) -> io::Result<Self> {
        // A path to a socket must be short, so the folder is not where TMPDIR says.
        let folder = tempfile::Builder::new().prefix("windlass-pg").tempdir_in("/tmp")?;
        let user = other_user()?;
        if let Some(user) = user {
            chown(folder.path(), Some(user.id), Some(user.group))?;
        }
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700))?;
        let mut server = Self { programs, folder, user, parent: None, databases: 0.into() };
        let data = server.path().join("data");
        // What initdb leaves need not survive anything; what the server writes later has to.
        server.run(
            "initdb",
            &["--no-sync", "-A", "trust", "-U", "windlass", "-E", "UTF8"],
            &data,
        )?;
        server.resume()?;
        Ok(server)
    }

    /// A new database, as a URL.
    ///
    /// # Panics
    /// When the server does not make it.
    #[must_use]
    pub fn database(&self) -> String {
        let name = format!("test{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let sql = format!("CREATE DATABASE {name}");
        if let Err(error) = self.sql(&self.url("postgres"), &sql) {
            panic!("no database {name}: {error}");
        }
        self.url(&name)
    }

    /// Runs SQL in the database of a URL that [`Server::database`] gave.
    ///
    /// # Panics
    /// When the server refuses it.
    pub fn execute(&self, url: &str, sql: &str) {
        if let Err(error) = self.sql(url, sql) {
            panic!("{error}");
        }
    }

    /// Ends the server in good order.
    ///
    /// # Panics
    /// When it does not end.
    pub fn stop(&mut self) {
        if let Err(error) = self.end("INT") {
            panic!("the server does not end: {error}");
        }
    }

    /// Ends the server without a farewell to anybody, as a crash would.
    ///
    /// # Panics
    /// When it does not end.
    pub fn crash(&mut self) {
        if let Err(error) = self.end("QUIT") {
            panic!("the server does not end: {error}");
        }
    }

    fn end(&mut self, signal: &str) -> io::Result<()> {
        if let Some((mut parent, mut input)) = self.parent.take() {
            writeln!(input, "{signal}")?;
            drop(input);
            parent.wait()?;
        }
        Ok(())
    }

    /// Starts the server again over what it had.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn resume(&mut self) -> io::Result<()> {
        let mut parent = self
            .command("sh")
            .args(["-c", PARENT, "sh"])
            .arg(&self.programs)
            .arg(self.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let input = parent.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
        let mut said = String::new();
        parent.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?.read_to_string(&mut said)?;
        self.parent = Some((parent, input));
        if said == "ready\n" {
            return Ok(());
        }
        Err(io::Error::other(fs::read_to_string(self.path().join("log"))?))
    }

    fn url(&self, database: &str) -> String {
        format!("postgresql://windlass@/{database}?host={}", self.path().display())
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir("/");
        if let Some(user) = self.user {
            command.uid(user.id).gid(user.group);
        }
        command
    }

    fn run(&self, program: &str, arguments: &[&str], data: &Path) -> io::Result<()> {
        let output =
            self.command(self.programs.join(program)).args(arguments).arg("-D").arg(data).output();
        succeeded(&output?)
    }

    fn sql(&self, url: &str, sql: &str) -> io::Result<()> {
        let mut psql = self
            .command(self.programs.join("psql"))
            .args(["-qX", "-v", "ON_ERROR_STOP=1", "-d", url])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        if let Some(mut input) = psql.stdin.take() {
            input.write_all(sql.as_bytes())?;
        }
        succeeded(&psql.wait_with_output()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nothing can be done about a server that cannot be waited for. Nothing of it is kept, so
        // it need not write down what it knows.
        let _ended = self.end("QUIT");
    }
}

fn succeeded(output: &std::process::Output) -> io::Result<()> {
    if output.status.success() {
        return Ok(());
    }
    Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()))
}

/// The programs of the newest installed version, in Debian's folders.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    let folders = versions.map(|version| version.path().join("bin"));
    let complete = |folder: &PathBuf| {
        ["initdb", "postgres", "psql", "pg_isready"].iter().all(|name| folder.join(name).exists())
    };
    folders.filter(complete).max()
}

fn other_user() -> io::Result<Option<User>> {
    if fs::metadata("/proc/self")?.uid() != 0 {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd")?;
    let line = users.lines().find_map(|line| line.strip_prefix("postgres:"));
    let mut numbers = line.into_iter().flat_map(|line| line.split(':')).skip(1).map(str::parse);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(id)), Some(Ok(group))) => Ok(Some(User { id, group })),
        _ => Err(io::Error::other("there is no user `postgres`")),
    }
}
