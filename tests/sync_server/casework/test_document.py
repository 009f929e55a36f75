"""docs/cases.md says what the program does: its table of steps is that of the code."""

from pathlib import Path

from sync_server.casework import people, record, steps

DOCUMENT = (Path(__file__).resolve().parents[3] / "docs" / "cases.md").read_text(encoding="utf-8")


def test_the_documents_table_of_steps_is_that_of_the_code() -> None:
    lines = [line for line in DOCUMENT.splitlines() if line.startswith("| ")]
    rows = [tuple(cell.strip() for cell in line.strip("|").split("|"))[:3] for line in lines][1:]
    written = {(state, act, tuple(sorted(who.split(", ")))) for state, act, who in rows}
    real = {
        (state.value, record.name_of(kind), tuple(sorted(people.MAY[kind])))
        for state, kinds in steps.POSSIBLE.items()
        for kind in kinds
    }
    assert written == real
