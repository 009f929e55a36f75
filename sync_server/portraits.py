"""Photos of officers as they are kept: small, upright, and nothing in the file but the picture."""

import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

from sync_server.errors import Refused

SIZE = (480, 640)
UPLOAD_BYTES_MAX = 10 * 1024 * 1024
_PIXELS_MAX = 60_000_000
_FORMATS = ("JPEG", "PNG", "WEBP")


def portrait(upload: bytes) -> bytes:
    """A JPEG of 480 × 640 made anew from the pixels, so that no metadata (place, device) and nothing hidden behind the
    picture comes along. Raises `Refused` for what is no JPEG, PNG or WebP, or is too large."""
    if len(upload) > UPLOAD_BYTES_MAX:
        raise Refused(f"the photo has {len(upload) // 1024} KiB, at most {UPLOAD_BYTES_MAX // 1024} are taken")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(upload), formats=_FORMATS) as picture:
                width, height = picture.size
                if width * height > _PIXELS_MAX:
                    raise Refused(f"the photo has {width} × {height} pixels; shrink it first")
                picture.draft("RGB", SIZE)
                upright = ImageOps.exif_transpose(picture)
                plain = Image.new("RGB", upright.size, "white")
                rgba = upright.convert("RGBA")
                plain.paste(rgba, mask=rgba.getchannel("A"))
    except Refused:
        raise
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused("the photo is no JPEG, PNG or WebP of a usual size") from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:  # what Pillow raises for damaged files
        raise Refused("the photo is damaged; save it again and try once more") from error
    # the head is in the upper part of most portraits
    fitted = ImageOps.fit(plain, SIZE, method=Image.Resampling.LANCZOS, centering=(0.5, 0.3))
    made = io.BytesIO()
    fitted.save(made, "JPEG", quality=85, optimize=True)
    return made.getvalue()
