"""The files of each machine of a cluster, made from the templates beside this module. Standard library only.

python -m config.cluster.fill config/cluster/machines.toml FOLDER
"""

import argparse
import secrets
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

TEMPLATES = Path(__file__).resolve().parent
SERVERS_PASSWORD = "NUCUOI_DATABASE_PASSWORD"
SECRETS = (
    "PATRONI_SUPERUSER_PASSWORD",
    "PATRONI_REPLICATION_PASSWORD",
    "PATRONI_REWIND_PASSWORD",
    "PATRONI_RESTAPI_PASSWORD",
    SERVERS_PASSWORD,
)
"""What Patroni takes from its environment, the same on all machines; and with what the servers log in."""


class BadPlan(Exception):
    """The list of machines cannot be used; the message says why."""


@dataclass(frozen=True, kw_only=True)
class DatabaseMachine:
    """One node: PostgreSQL under Patroni, and etcd. Paths are the node's own."""

    name: str
    address: str
    postgres_port: int = 5432
    patroni_port: int = 8008
    etcd_port: int = 2379
    etcd_peer_port: int = 2380
    data: str = "/var/lib/postgresql/15/nucuoi"
    etcd_data: str = "/var/lib/etcd/nucuoi"
    pgpass: str = "/var/lib/postgresql/.pgpass-patroni"
    socket_folder: str = "/var/run/postgresql"


@dataclass(frozen=True, kw_only=True)
class ServerMachine:
    """One machine that runs `nucuoi-server`, and HAProxy beside it."""

    name: str
    address: str
    port: int = 8000


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A whole cluster, as in machines.toml. Times: seconds (…_s), milliseconds (…_ms)."""

    name: str
    network: str
    database: tuple[DatabaseMachine, ...]
    server: tuple[ServerMachine, ...]
    postgres_bin: str = "/usr/lib/postgresql/15/bin"
    ttl_s: int = 30
    loop_wait_s: int = 10
    retry_timeout_s: int = 10
    check_ms: int = 2000
    primary_port: int = 5000
    standby_port: int = 5001
    web_address: str = "127.0.0.1"
    web_port: int = 8080
    fsync: bool = True
    watchdog: str = "automatic"

    def __post_init__(self) -> None:
        if len(self.database) not in (1, 3, 5):
            raise BadPlan(f"{len(self.database)} database machines: take three (or five), so that a majority can vote")
        if self.loop_wait_s + 2 * self.retry_timeout_s > self.ttl_s:
            raise BadPlan(f"ttl_s is {self.ttl_s}; take at least loop_wait_s + 2 × retry_timeout_s")
        names = [*(node.name for node in self.database), *(machine.name for machine in self.server)]
        if len(set(names)) != len(names):
            raise BadPlan(f"two machines have the same name: {', '.join(sorted(names))}")


def read_plan(file: Path) -> Plan:
    """A plan from its file. Raises `BadPlan` for keys that are missing or unknown, and for impossible values."""
    try:
        plain: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))
        database = tuple(DatabaseMachine(**row) for row in plain.pop("database", []))
        server = tuple(ServerMachine(**row) for row in plain.pop("server", []))
        return Plan(database=database, server=server, **plain)
    except (OSError, TypeError, tomllib.TOMLDecodeError) as error:
        raise BadPlan(f"{file}: {error}") from error


def filled(plan: Plan) -> dict[str, str]:
    """Every file of the cluster: MACHINE/FILE → its text."""
    shared = {
        **{name: value for name, value in vars(plan).items() if isinstance(value, str | int)},
        "cluster": plan.name,
        "fsync": "on" if plan.fsync else "off",
        "etcd_members": ",".join(f"{node.name}=http://{node.address}:{node.etcd_peer_port}" for node in plan.database),
        "etcd_hosts": ", ".join(f"{node.address}:{node.etcd_port}" for node in plan.database),
        "database_servers": "\n".join(
            f"    server {node.name} {node.address}:{node.postgres_port} check port {node.patroni_port}"
            for node in plan.database
        ),
        "web_servers": "\n".join(
            f"    server {machine.name} {machine.address}:{machine.port} check" for machine in plan.server
        ),
    }
    files = {}
    for node in plan.database:
        for name in ("etcd.env", "patroni.yml"):
            files[f"{node.name}/{name}"] = _fill(name, {**shared, **vars(node)})
    for machine in plan.server:
        files[f"{machine.name}/haproxy-database.cfg"] = _fill("haproxy-database.cfg", shared)
    files["balancer/haproxy-web.cfg"] = _fill("haproxy-web.cfg", shared)
    return files


def write(plan: Plan, folder: Path) -> None:
    """Write the files, and the passwords where there are none yet (patroni.env, mode 600). Safe to repeat."""
    for name, text in filled(plan).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    passwords = folder / "patroni.env"
    if not passwords.exists():
        passwords.touch(mode=0o600)
        passwords.write_text("".join(f"{name}={secrets.token_urlsafe(24)}\n" for name in SECRETS), encoding="utf-8")


def read_environment(file: Path) -> dict[str, str]:
    """The variables of a file such as etcd.env or patroni.env."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the files of a list of machines; 2 when that list cannot be used."""
    parser = argparse.ArgumentParser(description="Write the configuration of each machine of a cluster.")
    parser.add_argument("machines", type=Path, help="the list of machines, as config/cluster/machines.toml")
    parser.add_argument("folder", type=Path, help="where to write: FOLDER/MACHINE/FILE, and FOLDER/patroni.env")
    given = parser.parse_args(arguments)
    try:
        plan = read_plan(given.machines)
    except BadPlan as error:
        print(f"cluster: {error}", file=sys.stderr)
        return 2
    write(plan, given.folder)
    print("\n".join(sorted(str(given.folder / name) for name in filled(plan))))
    print(f"{given.folder / 'patroni.env'}: the passwords; /etc/patroni_env.conf on each database machine, mode 600")
    return 0


def _fill(name: str, values: dict[str, Any]) -> str:
    return Template((TEMPLATES / name).read_text(encoding="utf-8")).substitute(values)


if __name__ == "__main__":
    sys.exit(main())
