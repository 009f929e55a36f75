"""`make cluster`: a cluster on this machine, to look at and to break. Ctrl-C ends it; nothing of it stays.

python -m config.cluster.up [--home FOLDER]
"""

import argparse
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from config.cluster.loopback import Broken, LoopbackCluster, loopback_plan, missing

SECRET = "of a cluster that lives until Ctrl-C, on loopback only"
BACK_S = 15
"""How long a node that was killed stays away."""
TOLD = """
  The servers, behind their balancer:   {address}
  The database, whoever is primary:     127.0.0.1:{primary}    (a standby, to read: {standby})
  Who is what:   patronictl -c {folder}/db1/patroni.yml list
  The first account:
      NUCUOI_SECRET='{secret}' .venv/bin/nucuoi-server create-staff \\
      --username quantri --role administrator --database '{url}'
  Lose a machine:  kill -9 the processes of its Patroni and PostgreSQL; after {back_s} s it comes back.
{nodes}
  Logs: {logs}. Ctrl-C ends it all.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Bring a cluster up and keep it until Ctrl-C."""
    parser = argparse.ArgumentParser(description="Three database nodes, two servers and HAProxy, on loopback.")
    parser.add_argument("--home", type=Path, help="where to keep it; empty; else one under /tmp, removed at the end")
    given = parser.parse_args(arguments)
    if missing():
        print(f"cluster: not installed: {' '.join(missing())}; run: make setup", file=sys.stderr)
        return 1
    for end in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(end, _interrupt)
    folder = given.home or Path(tempfile.mkdtemp(prefix="nucuoi-cluster-"))
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        print(f"cluster: {folder} is not empty; name a new folder, or none", file=sys.stderr)
        return 1
    folder.chmod(0o755)  # PostgreSQL runs as another user where we are root
    cluster = LoopbackCluster(folder.resolve(), loopback_plan(folder.resolve()), secret=SECRET, python=[sys.executable])
    try:
        return _show(cluster)
    except Broken as error:
        print(f"cluster: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nEnding the cluster.")
        return 0
    finally:
        for end in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # a second Ctrl-C must not leave a child behind
            signal.signal(end, signal.SIG_IGN)
        cluster.stop()
        if given.home is None:
            shutil.rmtree(folder, ignore_errors=True)


def _show(cluster: LoopbackCluster) -> int:
    print("Three database nodes make themselves; this takes half a minute …", flush=True)
    cluster.start_database()
    cluster.command("init")
    cluster.start_servers()
    plan = cluster.plan
    nodes = "\n".join(f"      {node.name}: {', '.join(map(str, cluster.pids(node)))}" for node in plan.database)
    print(
        TOLD.format(
            address=cluster.address,
            primary=plan.primary_port,
            standby=plan.standby_port,
            folder=cluster.folder,
            secret=SECRET,
            url=cluster.url,
            nodes=nodes,
            logs=cluster.logs,
            back_s=BACK_S,
        ),
        flush=True,
    )
    told = ""
    away_until: dict[str, float] = {}
    while True:
        _bring_back(cluster, away_until)
        primary, synchronous = cluster.primary(), cluster.synchronous()
        now = f"primary {primary.name if primary else '—'} · synchronous {synchronous.name if synchronous else '—'}"
        if now != told:
            _say(now)
            told = now
        time.sleep(0.5)


def _bring_back(cluster: LoopbackCluster, away_until: dict[str, float]) -> None:
    """Start the nodes again whose Patroni was killed long enough ago."""
    now = time.monotonic()
    for node in cluster.plan.database:
        if f"{node.name}-patroni" in cluster.ended() and now > away_until.setdefault(node.name, now + BACK_S):
            del away_until[node.name]
            cluster.start(node)
            _say(f"{node.name} comes back")


def _say(what: str) -> None:
    print(f"  {time.strftime('%H:%M:%S')}  {what}", flush=True)


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
