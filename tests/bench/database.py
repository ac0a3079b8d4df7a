"""A PostgreSQL of Debian's package, for one measurement."""
import contextlib
import os
import pathlib
import shutil
import subprocess

import server

BINARIES = pathlib.Path("/usr/lib/postgresql")


def obstacle():
    """Why there is none; nothing when there can be one."""
    if not server.knows_option("--database"):
        return "this windlass has no --database"
    if not any(BINARIES.glob("*/bin/postgres")):
        return f"no PostgreSQL under {BINARIES}"
    if os.geteuid() == 0 and shutil.which("runuser") is None:
        return "PostgreSQL refuses to run as root, and there is no runuser"
    return None


@contextlib.contextmanager
def postgresql(folder, name):
    """The URL of a database of this name; None, and a line that says why, when there cannot be one."""
    why = obstacle()
    if why:
        print(f"not run: PostgreSQL ({why})")
        yield None
        return
    binaries = max(BINARIES.glob("*/bin"), key=lambda path: float(path.parent.name))
    folder.mkdir(parents=True)
    data, port = folder / "data", server.free_port()
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        for parent in folder.parents[: len(folder.parents) - 2]:
            parent.chmod(parent.stat().st_mode | 0o011)

    def run(tool, *arguments):
        user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        done = subprocess.run([*user, binaries / tool, *arguments], cwd="/", capture_output=True, text=True)
        if done.returncode:
            raise server.Broken(f"{tool}: {done.stderr or done.stdout}")

    run("initdb", "--pgdata", data, "--username", "windlass", "--auth", "trust", "--encoding", "UTF8")
    # fsync stays on, as it is by default: what is answered must be on disk.
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder}"
    run("pg_ctl", "--pgdata", data, "--options", options, "--log", folder / "log", "--wait", "start")
    try:
        run("createdb", "--host", "127.0.0.1", "--port", str(port), "--username", "windlass", name)
        yield f"postgres://windlass@127.0.0.1:{port}/{name}"
    finally:
        run("pg_ctl", "--pgdata", data, "--mode", "fast", "--wait", "stop")
