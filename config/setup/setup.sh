#!/usr/bin/env bash
# Make .venv ready: install the Debian packages that are missing, then the Python packages. Safe to run again.
# Usage: config/setup/setup.sh [all|kiosk|server]     (`all` is for developers and for the demo)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

part=${1:-all}
case $part in
    all) extras=kiosk,server,camera,postgres,dev wanted=" all kiosk server dev " ;;
    kiosk) extras=kiosk,camera wanted=" all kiosk " ;;
    server) extras=server,postgres wanted=" all server " ;;
    *)
        echo "setup: '$part' is no part; choose all, kiosk or server (make setup PART=kiosk)" >&2
        exit 2
        ;;
esac

say() { printf 'setup: %s\n' "$*"; }

find_python() { # the first interpreter that pyproject.toml allows
    local name
    for name in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        if "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    echo "setup: no Python 3.11 to 3.13 was found; install one (apt install python3), or name it: make setup PYTHON=…" >&2
    exit 1
}

is_there() { # $1: command:NAME, library:NAME, file:PATTERN or python:MODULE
    local how=${1%%:*} what=${1#*:}
    case $how in
        command) command -v "$what" >/dev/null ;;
        library) PATH=$PATH:/sbin:/usr/sbin ldconfig -p | grep -qF "$what " ;;
        file) compgen -G "$what" >/dev/null ;;
        python) "$python" -c "import $what" 2>/dev/null ;;
    esac
}

missing_packages() {
    local package seen_by for_part
    while read -r package seen_by for_part; do
        if [[ $package != \#* && $wanted == *" $for_part "* ]] && ! is_there "$seen_by"; then
            echo "$package"
        fi
    done <config/setup/packages.txt
}

as_root=()
install_packages() {
    if [[ $EUID -ne 0 ]]; then
        as_root=(sudo)
        command -v sudo >/dev/null || {
            echo "setup: these Debian packages are missing: $*. Become root and run: apt-get install $*" >&2
            exit 1
        }
    fi
    command -v apt-get >/dev/null || {
        echo "setup: this is no Debian, so install what these Debian packages hold yourself: $*" >&2
        exit 1
    }
    say "installing Debian packages that are missing: $*"
    "${as_root[@]}" apt-get update -qq
    local daemons=() package
    for package in "$@"; do
        [[ " ${!units[*]} " == *" $package "* ]] && daemons+=("${units[$package]}")
    done
    ((${#daemons[@]} == 0)) || forbid_daemons
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
    if ((${#daemons[@]})) && command -v systemctl >/dev/null; then
        "${as_root[@]}" systemctl disable -q "${daemons[@]}" 2>/dev/null || true # nor at the next start
    fi
}

# Of these the tests want the programs alone. Debian would start their daemons at once, with nothing to serve.
declare -A units=([etcd-server]=etcd [haproxy]=haproxy [patroni]=patroni)
policy=${NUCUOI_POLICY:-/usr/sbin/policy-rc.d} # what Debian's packages ask before they start a daemon

forbid_daemons() {
    [[ -e $policy ]] && return # a container's, or the owner's own: it stays in force
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    trap '"${as_root[@]}" rm -f "$policy"' EXIT
    "${as_root[@]}" chmod 755 "$policy"
}

python=$(find_python)
mapfile -t missing < <(missing_packages)
if ((${#missing[@]})); then
    install_packages "${missing[@]}"
fi
if ! .venv/bin/python -c '' 2>/dev/null; then
    say "making .venv with $("$python" --version)"
    rm -rf .venv
    "$python" -m venv .venv
fi
say "installing Python packages into .venv ($extras); the first time takes some minutes"
.venv/bin/python -m pip install -qq --disable-pip-version-check -e ".[$extras]"
say "done"
