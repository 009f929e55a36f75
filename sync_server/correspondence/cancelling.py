"""Why a number is cancelled: chosen, never written, since a written reason would name somebody one day."""

REASONS = ("misprint", "twice", "wrong_kind", "not_sent")
"""In sai; lập trùng; chọn nhầm loại thư hoặc người nhận; không gửi nữa."""
