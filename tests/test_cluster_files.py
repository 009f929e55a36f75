"""config/cluster: the files that each machine of a cluster gets (tests/together/test_failover.py runs them)."""

import os
import shutil
import stat
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from config.cluster.fill import SECRETS, BadPlan, filled, main, read_environment, read_plan

MACHINES = Path(__file__).resolve().parent.parent / "config" / "cluster" / "machines.toml"
HAPROXY = shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def test_every_machine_of_the_shipped_list_gets_its_files_with_nothing_left_to_fill_in() -> None:
    files = filled(read_plan(MACHINES))
    assert sorted(files) == sorted(
        [f"db{n}/{name}" for n in (1, 2, 3) for name in ("etcd.env", "patroni.yml")]
        + [f"web{n}/haproxy-database.cfg" for n in (1, 2)]
        + ["balancer/haproxy-web.cfg"]
    )
    assert [name for name, text in files.items() if "${" in text] == []
    assert "synchronous_mode: true" in files["db2/patroni.yml"]
    assert 'fsync: "on"' in files["db2/patroni.yml"]
    assert "10.0.0.12:5432" in files["db2/patroni.yml"]
    for node in ("10.0.0.11", "10.0.0.12", "10.0.0.13"):
        assert node in files["web1/haproxy-database.cfg"]
        assert node in files["db1/etcd.env"]


def test_passwords_are_made_once_for_our_eyes_only(tmp_path: Path) -> None:
    assert main([str(MACHINES), str(tmp_path)]) == 0
    file = tmp_path / "patroni.env"
    first = read_environment(file)
    assert sorted(first) == sorted(SECRETS)
    assert len(set(first.values())) == len(SECRETS)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert main([str(MACHINES), str(tmp_path)]) == 0
    assert read_environment(file) == first


@pytest.mark.skipif(HAPROXY is None, reason="not installed: apt install haproxy")
@pytest.mark.parametrize("name", ["web1/haproxy-database.cfg", "balancer/haproxy-web.cfg"])
def test_haproxy_takes_its_files(tmp_path: Path, name: str) -> None:
    main([str(MACHINES), str(tmp_path)])
    done = subprocess.run([str(HAPROXY), "-c", "-f", str(tmp_path / name)], capture_output=True, text=True, check=False)
    assert (done.returncode, "WARNING" in done.stderr) == (0, False), done.stderr


def test_two_nodes_cannot_vote_and_impossible_times_are_refused(tmp_path: Path) -> None:
    plan = read_plan(MACHINES)
    with pytest.raises(BadPlan, match="2 database machines: take three"):
        replace(plan, database=plan.database[:2])
    with pytest.raises(BadPlan, match="ttl_s is 10"):
        replace(plan, ttl_s=10)
    with pytest.raises(BadPlan, match="same name: db1, db2, db3, web1, web1"):
        replace(plan, server=(plan.server[0], plan.server[0]))
    wrong = tmp_path / "machines.toml"
    wrong.write_text('name = "x"\nnetwork = "10.0.0.0/24"\nports = 5\n', encoding="utf-8")
    with pytest.raises(BadPlan, match="ports"):
        read_plan(wrong)
    assert main([str(wrong), str(tmp_path)]) == 2
