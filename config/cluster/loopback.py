"""A whole cluster on one machine, for tests and for looking at: the files of `fill` with free ports on loopback."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from config.cluster.fill import SERVERS_PASSWORD, DatabaseMachine, Plan, ServerMachine, read_environment, write

LOOPBACK = "127.0.0.1"
USER = "postgres"
NEEDED = {"patroni": "patroni", "etcd": "etcd-server", "haproxy": "haproxy"}
"""Program → Debian's package."""
START_S, END_S = 120.0, 15.0
APPLICATION = "nucuoi"


class Broken(Exception):
    """The cluster does not come up; the message says what failed, with the end of its log."""


def missing() -> list[str]:
    """Debian packages that a cluster needs and this machine lacks."""
    packages = [package for program, package in NEEDED.items() if _program(program) is None]
    return packages if _postgres_bin() else [*packages, "postgresql"]


def loopback_plan(folder: Path, *, servers: int = 2, fsync: bool = True) -> Plan:
    """Three nodes and some servers in `folder`, with short times: a fail-over takes some 10 s."""
    ports = iter(_free_ports(3 * 4 + servers + 3))
    nodes = tuple(
        DatabaseMachine(
            name=f"db{number}",
            address=LOOPBACK,
            postgres_port=next(ports),
            patroni_port=next(ports),
            etcd_port=next(ports),
            etcd_peer_port=next(ports),
            data=str(folder / f"db{number}" / "data"),
            etcd_data=str(folder / f"db{number}" / "etcd"),
            pgpass=str(folder / f"db{number}" / "pgpass"),
            socket_folder=str(folder / f"db{number}"),
        )
        for number in range(1, 4)
    )
    machines = tuple(
        ServerMachine(name=f"web{number}", address=LOOPBACK, port=next(ports)) for number in range(1, servers + 1)
    )
    return Plan(
        name=APPLICATION,
        network=f"{LOOPBACK}/32",
        database=nodes,
        server=machines,
        postgres_bin=str(_postgres_bin()),
        ttl_s=7,
        loop_wait_s=1,
        retry_timeout_s=3,
        check_ms=500,
        primary_port=next(ports),
        standby_port=next(ports),
        web_port=next(ports),
        fsync=fsync,
        watchdog="off",
    )


class LoopbackCluster:
    """The running cluster. `start` it and in any case `stop` it; a node may be killed and started again between.

    folder: an empty one, which the user postgres may enter where we are root.
    """

    def __init__(self, folder: Path, plan: Plan, *, secret: str, python: Sequence[str]) -> None:
        self.folder, self.plan, self.logs = folder, plan, folder / "log"
        self._secret, self._nucuoi = secret, [*python, "-m", "sync_server.cli"]
        self._user = USER if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        write(plan, folder)
        self._passwords = read_environment(folder / "patroni.env")
        self.logs.mkdir(exist_ok=True)
        for node in plan.database:
            Path(node.socket_folder).chmod(0o700)
            if self._user:
                shutil.chown(node.socket_folder, self._user, pwd.getpwnam(self._user).pw_gid)

    @property
    def address(self) -> str:
        """Where kiosks and people come in: the balancer before the servers."""
        return f"http://{LOOPBACK}:{self.plan.web_port}"

    @property
    def url(self) -> str:
        """The database as the servers see it: whichever node is primary."""
        password = self._passwords[SERVERS_PASSWORD]
        return f"postgresql://{APPLICATION}:{password}@{LOOPBACK}:{self.plan.primary_port}/{APPLICATION}"

    def start_database(self) -> None:
        """etcd, Patroni with PostgreSQL and HAProxy; then the role and the database of the application, empty."""
        for node in self.plan.database:
            self._start_etcd(node)
        for node in self.plan.database:
            self._start_patroni(node)
        self._haproxy("haproxy-database", self.plan.server[0].name)
        self._wait("all nodes replicate", lambda: self.primary() is not None and len(self.standbys()) == self._others)
        self.wait_for_synchronous()
        primary = self.primary()
        assert primary is not None
        self._sql(primary, f"CREATE ROLE {APPLICATION} LOGIN PASSWORD '{self._passwords[SERVERS_PASSWORD]}'")
        self._sql(primary, f"CREATE DATABASE {APPLICATION} OWNER {APPLICATION}")

    def start_servers(self) -> None:
        """The servers over the database, and the balancer before them."""
        for machine in self.plan.server:
            words = ["run", "--host", machine.address, "--port", str(machine.port), "--workers", "1"]
            self._start(machine.name, [*self._nucuoi, *words], self.environment(), ours=True)
        self._haproxy("haproxy-web", "balancer")
        self._wait("the servers", lambda: _status(f"{self.address}/readyz") == 200)

    def stop_servers(self) -> None:
        """End the servers; the balancer and the database stay."""
        _end([self._running.pop(machine.name) for machine in self.plan.server])

    def environment(self) -> dict[str, str]:
        """The settings of `nucuoi-server` here."""
        return {"NUCUOI_DATABASE": self.url, "NUCUOI_SECRET": self._secret, "NUCUOI_PUBLIC_URL": self.address}

    def command(self, *words: str) -> str:
        """Run a command of `nucuoi-server` over the cluster's database; what it printed. Raises `Broken`."""
        done = subprocess.run(
            [*self._nucuoi, *words], env={**os.environ, **self.environment()}, capture_output=True, text=True,
            timeout=START_S, check=False,
        )  # fmt: skip
        if done.returncode:
            raise Broken(f"nucuoi-server {' '.join(words)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def ended(self) -> list[str]:
        """What has ended by itself, and should not have."""
        return [name for name, child in self._running.items() if child.poll() is not None]

    # --- who is what --------------------------------------------------------------------------------------------

    @property
    def _others(self) -> int:
        return len(self.plan.database) - 1

    def primary(self) -> DatabaseMachine | None:
        """The node that holds the lock, None while there is none."""
        return next((node for node in self.plan.database if self._is(node, "primary")), None)

    def standbys(self) -> list[DatabaseMachine]:
        """The nodes that follow a primary and may be read."""
        return [node for node in self.plan.database if self._is(node, "replica")]

    def synchronous(self) -> DatabaseMachine | None:
        """The standby without which no commit is acknowledged."""
        return next((node for node in self.plan.database if self._is(node, "sync")), None)

    def _is(self, node: DatabaseMachine, role: str) -> bool:
        return _status(f"http://{node.address}:{node.patroni_port}/{role}") == 200

    def pids(self, node: DatabaseMachine) -> tuple[int, int]:
        """The processes of a node's Patroni and PostgreSQL."""
        return self._running[f"{node.name}-patroni"].pid, self._postmaster(node)

    # --- losing and finding a node ----------------------------------------------------------------------------

    def cut_off(self, node: DatabaseMachine) -> None:
        """What a primary writes reaches no standby any more, as when its cable is pulled: its senders are stopped."""
        for pid in _children(self._postmaster(node)):
            with suppress(FileNotFoundError, ProcessLookupError):
                if b"walsender" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    os.kill(pid, signal.SIGSTOP)

    def kill(self, node: DatabaseMachine) -> None:
        """The machine is gone: `kill -9` of its Patroni, its PostgreSQL and its etcd, all at once."""
        postmaster = self._postmaster(node)
        victims = [self._running.pop(f"{node.name}-patroni"), self._running.pop(f"{node.name}-etcd")]
        for pid in (victims[0].pid, postmaster, *_children(postmaster), victims[1].pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for victim in victims:
            victim.wait()

    def _postmaster(self, node: DatabaseMachine) -> int:
        return int((Path(node.data) / "postmaster.pid").read_text(encoding="utf-8").split()[0])

    def start(self, node: DatabaseMachine) -> None:
        """The machine is there again, with what is on its disk."""
        etcd = self._running.get(f"{node.name}-etcd")
        if etcd is None or etcd.poll() is not None:
            self._start_etcd(node)
        self._start_patroni(node)

    def wait_for_primary(self) -> DatabaseMachine:
        """Wait until a node is primary and the servers have found it. Raises `Broken` after two minutes."""
        found: list[DatabaseMachine | None] = [None]

        def is_there() -> bool:
            found[0] = self.primary()
            return found[0] is not None and _status(f"{self.address}/readyz") == 200

        self._wait("a primary", is_there)
        assert found[0] is not None
        return found[0]

    def wait_for_standby(self, node: DatabaseMachine) -> None:
        """Wait until a node follows the primary again. Raises `Broken` after two minutes."""
        self._wait(f"{node.name} as a standby", lambda: self._is(node, "replica"))

    def wait_for_synchronous(self) -> None:
        """Wait until each commit is on two disks. Raises `Broken` after two minutes."""
        self._wait("a synchronous standby", lambda: self.synchronous() is not None)

    def stop(self, *, at_once: bool = False) -> None:
        """End everything that was started; Patroni ends its PostgreSQL. Safe to repeat.

        at_once: the data are not needed any more, so nodes are killed instead of shut down one after the other.
        """
        running, self._running = self._running, {}
        keepers = [child for name, child in running.items() if name.endswith("-etcd")]
        nodes = [child for name, child in running.items() if name.endswith("-patroni")]
        _end([child for child in running.values() if child not in (*nodes, *keepers)])  # they need the database to end
        _end(nodes, signal.SIGKILL if at_once else signal.SIGTERM)
        _end(keepers, signal.SIGKILL)  # it would look for a successor for seconds, and its log bears a kill
        for node in self.plan.database:
            self._end_postgres(node)

    def _end_postgres(self, node: DatabaseMachine) -> None:
        """Patroni that was killed, or was too slow, has left its PostgreSQL behind."""
        file = Path(node.data) / "postmaster.pid"
        with suppress(FileNotFoundError, ProcessLookupError, ValueError, IndexError):
            lines = file.read_text(encoding="utf-8").splitlines()
            pid = int(lines[0])
            if lines[1] == node.data and Path(f"/proc/{pid}/cwd").resolve() == Path(node.data):
                os.kill(pid, signal.SIGQUIT)
                end = time.monotonic() + END_S
                while file.exists() and time.monotonic() < end:
                    time.sleep(0.05)

    # --- processes --------------------------------------------------------------------------------------------

    def _start_etcd(self, node: DatabaseMachine) -> None:
        environment = read_environment(self.folder / node.name / "etcd.env")
        self._start(f"{node.name}-etcd", [_needed("etcd")], environment)

    def _start_patroni(self, node: DatabaseMachine) -> None:
        file = self.folder / node.name / "patroni.yml"
        self._start(f"{node.name}-patroni", [_needed("patroni"), str(file)], self._passwords)

    def _haproxy(self, name: str, machine: str) -> None:
        self._start(name, [_needed("haproxy"), "-db", "-f", str(self.folder / machine / f"{name}.cfg")], {})

    def _start(self, name: str, command: Sequence[str], env: Mapping[str, str], *, ours: bool = False) -> None:
        # Not what is set for our own Python: Patroni is Debian's, and has Debian's.
        inherited = {key: text for key, text in os.environ.items() if ours or not key.startswith(("PYTHON", "VIRTUAL"))}
        with (self.logs / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                command,
                cwd=Path.cwd() if ours else "/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**inherited, **env},
                user=None if ours else self._user,
                group=None if ours else self._user,
                extra_groups=None if ours or not self._user else [],
                start_new_session=True,
            )

    def _sql(self, node: DatabaseMachine, statement: str) -> None:
        """Run a statement as the superuser."""
        env = {**os.environ, "PGPASSWORD": self._passwords["PATRONI_SUPERUSER_PASSWORD"]}
        words = ["-h", node.address, "-p", str(node.postgres_port), "-U", "postgres", "-d", "postgres", "-qc"]
        done = subprocess.run(
            [f"{self.plan.postgres_bin}/psql", *words, statement], env=env, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise Broken(f"{statement.split('PASSWORD')[0]}: {done.stderr}")

    def _wait(self, what: str, is_there: "Callable[[], bool]", within_s: float = START_S) -> None:
        end = time.monotonic() + within_s
        while not is_there():
            ended = self.ended()
            if ended or time.monotonic() > end:
                raise Broken(f"{what} did not come within {within_s:.0f} s; ended: {ended}\n{self._said(ended)}")
            time.sleep(0.2)

    def _said(self, names: Sequence[str]) -> str:
        """The end of the logs."""
        files = [self.logs / f"{name}.log" for name in names or self._running]
        return "\n".join(f"--- {file.name}\n{file.read_text(errors='replace')[-1500:]}" for file in files)


def _end(children: Sequence[subprocess.Popen[bytes]], how: signal.Signals = signal.SIGTERM) -> None:
    """End processes, all at once; those that do not within `END_S` are killed."""
    for child in children:
        if child.poll() is None:
            child.send_signal(how)
    end = time.monotonic() + END_S
    for child in children:
        try:
            child.wait(timeout=max(0.1, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _children(pid: int) -> list[int]:
    with suppress(FileNotFoundError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _status(url: str) -> int:
    """The status of an answer, 0 when there is none."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def _free_ports(count: int) -> list[int]:
    """Ports that nobody uses now, all different."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind((LOOPBACK, 0))
        return [int(probe.getsockname()[1]) for probe in probes]


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin")


def _needed(name: str) -> str:
    program = _program(name)
    if program is None:
        raise Broken(f"{name} is not installed; run: apt-get install {NEEDED[name]}")
    return program


def _postgres_bin() -> Path | None:
    """The newest PostgreSQL that Debian installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda file: int(file.parts[-3]))
    return found[-1].parent if found else None
