"""What a report says: Vietnamese sentences made of figures, as a careful official would write them.

Never a rank, never a person, never a share of few; a difference is called one only where its interval says so.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from sync_server.flagging.intervals import wilson
from sync_server.reporting.figures import Compared, Count, Figures, Named, ReasonCount
from sync_server.reporting.periods import day_words
from sync_server.reporting.shares import Change, change, difference, interval, number, percent, points

NAMES_MAX = 8
"""Names that one sentence lists; more are in the annex."""
REASONS_MAX = 3
"""Reasons of one procedure, the most frequent first."""
MODEL = "“Chính quyền thân thiện vì Nhân dân phục vụ”"
SOURCES = {
    "kiosk": "Máy đánh giá tại bộ phận một cửa",
    "phone": "Điện thoại, qua mã QR trên phiếu",
    "home": "Máy cầm tay khi phục vụ tại nhà",
    "paper": "Phiếu giấy",
    "box": "Hòm thư góp ý",
    "observer": "Khảo sát của Ủy ban Mặt trận Tổ quốc",
}
MEASURES = {
    "talk": "trao đổi, nhắc nhở",
    "training": "bồi dưỡng, hướng dẫn nghiệp vụ",
    "move": "bố trí lại vị trí công tác",
    "praise": "biểu dương",
    "other": "biện pháp khác",
    "none": "không cần biện pháp",
}


def title(figures: Figures) -> str:
    """What the report is about, under the word BÁO CÁO."""
    if figures.kind == "baseline":
        return f"Kết quả khảo sát mức độ hài lòng của người dân trước khi thực hiện mô hình {MODEL}"
    if figures.kind == "baseline_now":
        return f"So sánh mức độ hài lòng của người dân trước và sau khi thực hiện mô hình {MODEL}"
    if figures.kind == "first":
        return f"Kết quả bước đầu thực hiện mô hình {MODEL}"
    return f"Kết quả thực hiện mô hình {MODEL} {figures.name}"


def span(figures: Figures) -> str:
    """Which days the figures are of."""
    words = f"từ ngày {day_words(figures.first)} đến ngày {day_words(figures.last)}"
    if figures.counted_to < figures.last:
        words += f", số liệu tính đến hết ngày {day_words(figures.counted_to)}"
    return words


def coverage(figures: Figures) -> Iterator[str]:
    """How many rated, of how many that were served, and how."""
    whole = figures.whole
    if whole.n == 0:
        yield "Trong kỳ chưa ghi nhận lượt đánh giá nào của người dân, tổ chức trên thiết bị điện tử."
    else:
        yield (
            f"Trong kỳ đã ghi nhận {number(whole.n)} lượt đánh giá hợp lệ của người dân, tổ chức trên thiết bị điện "
            f"tử, trong đó {number(whole.with_dossier)} lượt ({percent(whole.with_dossier, whole.n)}) gắn với mã hồ sơ."
        )
    slips = whole.slips or 0
    if slips == 0:
        yield (
            "Trong kỳ không có số phiếu mời đánh giá đã phát trên hệ thống nên chưa tính được tỷ lệ người dân tham gia "
            "trên tổng số lượt giải quyết."
        )
    elif whole.with_dossier > slips:
        yield (
            f"Số phiếu mời đánh giá đã phát trên hệ thống là {number(slips)} phiếu, ít hơn số lượt đánh giá gắn với hồ "
            "sơ (có hồ sơ được quét trực tiếp), nên chưa tính được tỷ lệ tham gia."
        )
    else:
        yield (
            f"Đã phát {number(slips)} phiếu mời đánh giá; có {number(whole.with_dossier)} lượt đánh giá theo hồ sơ, "
            f"đạt độ phủ {percent(whole.with_dossier, slips)} so với số phiếu đã phát."
        )
    apart = [
        f"{SOURCES[source][:1].lower()}{SOURCES[source][1:]}: {number(figures.sources[source].n)} lượt"
        for source in ("paper", "box", "observer")
        if source in figures.sources and figures.sources[source].n
    ]
    if apart:
        yield f"Ngoài ra, được thống kê riêng, không cộng vào số liệu trên: {'; '.join(apart)}."
    yield (
        "Số liệu do người dân tự nguyện đánh giá ngay sau khi giải quyết công việc, không phải mẫu điều tra xác suất; "
        "mỗi tỷ lệ được nêu kèm khoảng tin cậy 95%."
    )


def satisfaction(figures: Figures) -> Iterator[str]:
    """What they said, with intervals; without shares where they are few."""
    whole = figures.whole
    if whole.n == 0:
        return
    if whole.n < figures.share_least:
        yield (
            f"Số lượt đánh giá trong kỳ còn ít ({number(whole.n)} lượt, dưới {figures.share_least} lượt) nên báo cáo "
            f"không nêu tỷ lệ: {number(whole.satisfied)} lượt hài lòng và rất hài lòng, {number(whole.neutral)} lượt "
            f"bình thường, {number(whole.dissatisfied)} lượt không hài lòng."
        )
        return
    yield (
        f"Có {number(whole.satisfied)} lượt hài lòng và rất hài lòng, đạt {percent(whole.satisfied, whole.n)} (khoảng "
        f"tin cậy 95%: {interval(whole.satisfied, whole.n)}); {number(whole.neutral)} lượt bình thường "
        f"({percent(whole.neutral, whole.n)}); {number(whole.dissatisfied)} lượt không hài lòng và rất không hài lòng, "
        f"chiếm {percent(whole.dissatisfied, whole.n)} ({interval(whole.dissatisfied, whole.n)})."
    )


def by_unit(figures: Figures) -> Iterator[str]:
    """What is to be known beside the table of units."""
    few = sum(0 < unit.count.n < figures.share_least for unit in figures.units)
    yield (
        f"Trong kỳ có {len(figures.units)} đơn vị có lượt đánh giá. Các đơn vị được xếp theo tên; cơ cấu thủ tục của "
        "mỗi đơn vị khác nhau nên bảng dưới đây không dùng để xếp hạng."
    )
    if few:
        yield f"Có {few} đơn vị có dưới {figures.share_least} lượt đánh giá nên không nêu tỷ lệ."
    if figures.silent_units:
        yield f"Chưa có lượt đánh giá nào: {_names(figures.silent_units, 'đơn vị')}."


def by_service(figures: Figures) -> Iterator[str]:
    """Procedures that stand out, as far as their intervals say so."""
    enough = [one for one in figures.services if one.name and one.count.n >= figures.share_least]
    if not figures.services:
        return
    yield (
        f"Người dân đã đánh giá {sum(bool(one.name) for one in figures.services)} thủ tục, trong đó {len(enough)} thủ "
        f"tục có từ {figures.share_least} lượt trở lên; số liệu từng thủ tục có tại Phụ lục."
    )
    worse, better = outstanding(figures)
    if worse:
        listed = "; ".join(_service_words(one) for one in worse[:NAMES_MAX])
        yield f"Thủ tục có tỷ lệ không hài lòng cao hơn rõ so với mức chung của kỳ: {listed}."
    if better:
        listed = _names([f"{one.name} ({percent(one.count.dissatisfied, one.count.n)})" for one in better], "thủ tục")
        yield f"Thủ tục có tỷ lệ không hài lòng thấp hơn rõ so với mức chung: {listed}."
    if enough and not worse and not better:
        yield "Chưa có thủ tục nào khác biệt rõ so với mức chung của kỳ."


def comparisons(figures: Figures) -> Iterator[str]:
    """This period beside others."""
    for other in figures.compared:
        yield _comparison(figures, other)


def good(figures: Figures) -> list[str]:
    """What went well, as far as figures say so."""
    whole, said = figures.whole, []
    content = whole.n - whole.dissatisfied
    if whole.n >= figures.share_least and wilson(content, whole.n)[0] >= figures.standard:
        said.append(
            f"Tỷ lệ lượt đánh giá không có ý kiến không hài lòng đạt {percent(content, whole.n)} "
            f"({interval(content, whole.n)}), đạt mức chuẩn {_standard(figures)} của đơn vị."
        )
    for other in figures.compared:
        if _changed(figures, other) is Change.UP:
            said.append(f"Tỷ lệ hài lòng tăng rõ so với {other.name}.")
    _, better = outstanding(figures)
    if better:
        said.append(
            f"Người dân đánh giá tốt hơn mức chung đối với: {_names([_lower(one.name) for one in better], 'thủ tục')}."
        )
    cases = figures.cases
    if cases.opened and not cases.overdue:
        said.append("Các vụ việc từ ý kiến chưa hài lòng đều được tiếp nhận, xử lý trong thời hạn.")
    if not said:
        said.append(_too_few(figures) or "Chưa có nội dung nổi bật được số liệu trong kỳ khẳng định.")
    return said


def not_good(figures: Figures) -> list[str]:
    """What did not go well, and what citizens gave as reasons."""
    whole, said = figures.whole, []
    content = whole.n - whole.dissatisfied
    if whole.n >= figures.share_least:
        low, high = wilson(content, whole.n)
        if high < figures.standard:
            said.append(
                f"Tỷ lệ lượt đánh giá không có ý kiến không hài lòng là {percent(content, whole.n)} "
                f"({interval(content, whole.n)}), chưa đạt mức chuẩn {_standard(figures)} của đơn vị."
            )
        elif low < figures.standard:
            said.append(
                f"Tỷ lệ lượt đánh giá không có ý kiến không hài lòng là {percent(content, whole.n)} "
                f"({interval(content, whole.n)}), sát mức chuẩn {_standard(figures)}: chưa đủ cơ sở khẳng định đạt."
            )
    said += [
        f"Tỷ lệ hài lòng giảm rõ so với {other.name}."
        for other in figures.compared
        if _changed(figures, other) is Change.DOWN
    ]
    said += list(reasons(figures))
    if figures.silent_units:
        said.append(f"Còn đơn vị chưa có lượt đánh giá nào trong kỳ: {_names(figures.silent_units, 'đơn vị')}.")
    if figures.whole.n and not figures.whole.slips:
        said.append("Chưa phát phiếu mời đánh giá trên hệ thống nên chưa xác định được độ phủ.")
    if figures.cases.overdue:
        said.append(f"Còn {number(figures.cases.overdue)} vụ việc quá thời hạn xử lý.")
    return said or ["Số liệu trong kỳ chưa cho thấy hạn chế nổi bật."]


def reasons(figures: Figures) -> Iterator[str]:
    """Why people were dissatisfied: all together, then for procedures that stand out; the annex has the others."""
    together = [one for one in figures.reasons if not one.service]
    if not together or figures.whole.dissatisfied < figures.reason_least:
        return
    yield f"Lý do người dân nêu khi chưa hài lòng: {_reason_words(together)}."
    for service in (one.name for one in outstanding(figures)[0]):
        own = [one for one in figures.reasons if one.service == service]
        if own:
            yield f"Đối với thủ tục {_lower(service)}: {_reason_words(own[:REASONS_MAX])}."


def reasons_by_service(figures: Figures) -> list[tuple[str, str]]:
    """Procedure and its most frequent reasons, by name; only those of which enough people said why."""
    services = sorted({one.service for one in figures.reasons if one.service}, key=str.casefold)
    return [
        (name, _reason_words([one for one in figures.reasons if one.service == name][:REASONS_MAX]))
        for name in services
    ]


def handled(figures: Figures) -> Iterator[str]:
    """What followed from what people said."""
    cases = figures.cases
    if cases.opened == 0:
        yield "Trong kỳ không phát sinh vụ việc phải xem xét, xác minh từ ý kiến của người dân."
        return
    waiting = "không còn vụ việc chờ xử lý"
    if cases.waiting:
        waiting = f"{number(cases.waiting)} vụ việc đang xử lý theo thời hạn"
    if cases.overdue:
        waiting = f"{number(cases.waiting)} vụ việc đang xử lý, trong đó {number(cases.overdue)} vụ việc quá hạn"
    yield (
        f"Đã tiếp nhận {number(cases.opened)} vụ việc từ ý kiến chưa hài lòng và phản ánh của người dân; "
        f"{number(cases.closed)} vụ việc đã kết thúc; {waiting}."
    )
    found = [
        f"{number(n)} vụ việc {words}"
        for n, words in (
            (cases.true, "có căn cứ"),
            (cases.partly, "có căn cứ một phần"),
            (cases.untrue, "không có căn cứ"),
        )
        if n
    ]
    if found:
        yield f"Kết quả xác minh: {', '.join(found)}. Đánh giá được xác minh là không đúng không tính vào số liệu."
    taken = [f"{words} ({number(cases.measures[key])})" for key, words in MEASURES.items() if cases.measures.get(key)]
    if taken:
        yield f"Biện pháp đã áp dụng: {', '.join(taken)}."
    if cases.told:
        yield f"Đã thông báo kết quả của {number(cases.told)} vụ việc cho người dân."
    yield "Phản ánh thuộc thẩm quyền riêng của cơ quan thanh tra không nêu trong báo cáo này."


def outstanding(figures: Figures) -> tuple[list[Named], list[Named]]:
    """Procedures whose interval of dissatisfied lies above, or below, the share of all; by name."""
    whole = figures.whole
    worse: list[Named] = []
    better: list[Named] = []
    if not whole.n:
        return worse, better
    for one in figures.services:
        if not one.name or one.count.n < figures.share_least or one.count.n == whole.n:
            continue
        low, high = wilson(one.count.dissatisfied, one.count.n)
        if low > whole.dissatisfied / whole.n:
            worse.append(one)
        elif high < whole.dissatisfied / whole.n:
            better.append(one)
    return worse, better


def step_words(step: str, first: int) -> str:
    """The day, week or month that begins on a day, short enough for a chart."""
    when = date.fromordinal(first)
    return f"{when.month}/{when.year % 100:02d}" if step == "month" else f"{when.day}/{when.month}"


def _comparison(figures: Figures, other: Compared) -> str:
    named = f"So với {other.name} ({day_words(other.first)}–{day_words(other.last)})"
    now, then = figures.whole, other.count
    if not then.n:
        return f"{named}: kỳ đó không có lượt đánh giá nên không so sánh được."
    rated = f"số lượt đánh giá {_more_or_less(now.n, then.n)}"
    if other.since is not None:
        rated = f"kỳ đó mới có số liệu từ ngày {day_words(other.since)} ({number(then.n)} lượt)"
    if now.n < figures.share_least or then.n < figures.share_least:
        return f"{named}: {rated}; có kỳ dưới {figures.share_least} lượt nên không so sánh tỷ lệ."
    moved, low, high = difference(now.satisfied, now.n, then.satisfied, then.n)
    shares = f"tỷ lệ hài lòng là {percent(now.satisfied, now.n)} so với {percent(then.satisfied, then.n)}"
    found = {
        Change.UP: f"tăng {points(moved)} điểm phần trăm",
        Change.DOWN: f"giảm {points(-moved)} điểm phần trăm",
        Change.UNCLEAR: f"chênh lệch {points(moved)} điểm phần trăm",
    }[change(low, high)]
    unclear = ", chưa đủ cơ sở kết luận là có thay đổi" if change(low, high) is Change.UNCLEAR else ""
    return f"{named}: {rated}; {shares}, {found} (khoảng tin cậy 95%: từ {points(low)} đến {points(high)}){unclear}."


def _changed(figures: Figures, other: Compared) -> Change:
    now, then = figures.whole, other.count
    if min(now.n, then.n) < figures.share_least:
        return Change.UNCLEAR
    _, low, high = difference(now.satisfied, now.n, then.satisfied, then.n)
    return change(low, high)


def _more_or_less(now: int, then: int) -> str:
    if now == then:
        return f"không đổi ({number(now)} lượt)"
    return f"{'tăng' if now > then else 'giảm'} từ {number(then)} {'lên' if now > then else 'xuống'} {number(now)} lượt"


def _service_words(one: Named) -> str:
    count: Count = one.count
    return (
        f"{one.name} ({number(count.dissatisfied)}/{number(count.n)} lượt, {percent(count.dissatisfied, count.n)}; "
        f"{interval(count.dissatisfied, count.n)})"
    )


def _reason_words(found: Sequence[ReasonCount]) -> str:
    return ", ".join(f"{_lower(one.words)} ({number(one.n)} lượt)" for one in found)


def _too_few(figures: Figures) -> str:
    if figures.whole.n >= figures.share_least:
        return ""
    return f"Số lượt đánh giá trong kỳ dưới {figures.share_least} lượt nên chưa đủ cơ sở nhận định qua số liệu."


def _standard(figures: Figures) -> str:
    return percent(round(figures.standard * 1000), 1000).replace(",0%", "%")


def _names(names: Sequence[str], kind: str) -> str:
    listed = ", ".join(names[:NAMES_MAX])
    return listed if len(names) <= NAMES_MAX else f"{listed} và {len(names) - NAMES_MAX} {kind} khác"


def _lower(words: str) -> str:
    """The words as they stand within a sentence; names of papers keep their capital."""
    return words[:1].lower() + words[1:]
