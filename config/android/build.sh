#!/usr/bin/env bash
# Collect what belongs into the Android app, and build it with buildozer (which fetches Android's SDK and NDK).
#   config/android/build.sh --collect DIR    only collect, into DIR
#   config/android/build.sh                  collect into build/android, then `buildozer android debug`
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

collect() { # $1: the folder
    local folder=$1
    rm -rf "$folder/kiosk" "$folder/survey" "$folder/assets" "$folder/config"
    mkdir -p "$folder"
    # screenshots, what the sounds say in writing, and the server's own settings are of no use on a tablet
    tar -c --exclude=__pycache__ --exclude=assets/screenshots --exclude=sentences.json --exclude='server.*' \
        kiosk survey assets config/*.toml config/__init__.py config/surveys pyproject.toml | tar -x -C "$folder"
    cp config/android/main.py "$folder/"
}

case ${1:-} in
    --collect) collect "${2:?build: --collect wants a folder}" ;;
    '')
        command -v buildozer >/dev/null || {
            echo "build: buildozer is not installed: pip install buildozer (and see its own list of Debian packages)" >&2
            exit 1
        }
        collect build/android
        cd config/android
        buildozer android debug
        ;;
    *)
        echo "build: '$1' is no option; choose --collect DIR or nothing" >&2
        exit 2
        ;;
esac
