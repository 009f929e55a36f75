#!/usr/bin/env bash
# Run every benchmark of benchmarks/, one after the other: on few cores two at once would spoil both.
# Usage: config/setup/bench.sh [NAME…]     (without names: all of them)
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

names=("$@")
if ((${#names[@]} == 0)); then
    mapfile -t names < <(grep -l '__main__' benchmarks/*.py | xargs -r -n1 basename -s .py | sort)
fi
if ((${#names[@]} == 0)); then
    echo "bench: there is no benchmark in benchmarks/" >&2
    exit 1
fi
failed=()
for name in "${names[@]}"; do
    printf '\n== %s\n' "$name"
    .venv/bin/python -m "benchmarks.$name" || failed+=("$name")
done
if ((${#failed[@]})); then
    printf '\nbench: did not finish or missed a goal: %s\n' "${failed[*]}" >&2
    exit 1
fi
