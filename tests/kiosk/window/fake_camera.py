"""A camera that looks at a picture file: what is put there stands before it from then on."""

from pathlib import Path

from PIL import Image

from kiosk.camera.frame import Frame
from kiosk.errors import CameraAway

PICTURE = "camera.png"


class FakeCamera:
    """folder: where the picture is; without one the camera sees nothing. scene: `camera` says whether it is there."""

    def __init__(self, scene: dict[str, object], folder: Path) -> None:
        self._scene = scene
        self._picture = folder / PICTURE

    @property
    def is_there(self) -> bool:
        return bool(self._scene.get("camera"))

    def open(self) -> "FakeCamera":
        if self._scene.get("camera") == "broken":
            raise CameraAway("the camera is broken (scene)")
        return self

    def newest(self) -> Frame | None:
        if not self._picture.exists():
            return None
        with Image.open(self._picture) as picture:
            grey = picture.convert("L")
        return Frame(width=grey.width, height=grey.height, luminance=grey.tobytes())

    def close(self) -> None:
        """Nothing is held."""
