"""Where Android starts the kiosk: ratings lie in the app's own folder, which no other app may read."""

import os
import sys
from pathlib import Path

from kiosk.__main__ import main

if __name__ == "__main__":
    private = Path(os.environ["ANDROID_PRIVATE"])  # set by python-for-android before Python starts
    sys.exit(main(["--data-dir", str(private / "nucuoi"), *(sys.argv[1:] or ["run"])]))
