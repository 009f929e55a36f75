#!/usr/bin/env bash
# Compile the catalogues of texts: each .po gets its .mo beside it. What is up to date is passed over.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

if [[ ! -x .venv/bin/pybabel ]]; then
    # A kiosk's .venv has no babel; its texts are Vietnamese without a catalogue.
    echo "catalogues: no pybabel in .venv (it comes with the server); left as they are"
    exit 0
fi
while IFS= read -r po; do
    mo=${po%.po}.mo
    if [[ ! $mo -nt $po ]]; then
        .venv/bin/pybabel --quiet compile --input-file "$po" --output-file "$mo"
    fi
done < <(find assets sync_server kiosk -name '*.po' | sort)
