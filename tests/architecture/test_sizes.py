"""Functions and files stay small enough to be read at once."""

from __future__ import annotations

import statistics
from pathlib import Path

from tests.architecture.source import ROOT, Function, Source, ours

FUNCTION_CAP, FUNCTION_MEDIAN, FUNCTION_P90 = 40, 8, 25
FILE_CAP, FILE_P90 = 400, 200


def length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def ninetieth(sizes: list[int]) -> float:
    return statistics.quantiles(sizes, n=10)[8]


def long_functions(source: Source) -> list[str]:
    return [
        f"{source.at(function)} {function.name} has {length(function)} lines"
        for function in source.functions()
        if length(function) > FUNCTION_CAP
    ]


def scripts() -> list[Source]:
    return [Source(str(file.relative_to(ROOT)), file.read_text()) for file in sorted(Path(ROOT / "bin").glob("*.py"))]


def test_no_function_is_long() -> None:
    assert [place for source in [*ours(), *scripts()] for place in long_functions(source)] == []


def test_most_functions_are_short() -> None:
    sizes = [length(function) for source in ours() for function in source.functions()]
    assert statistics.median(sizes) <= FUNCTION_MEDIAN
    assert ninetieth(sizes) <= FUNCTION_P90


def test_no_file_is_long() -> None:
    assert [f"{source.path} has {source.lines} lines" for source in ours() if source.lines > FILE_CAP] == []


def test_most_files_are_short() -> None:
    assert ninetieth([source.lines for source in ours() if source.lines]) <= FILE_P90


def test_a_long_function_is_seen() -> None:
    body = "    x = 1\n" * FUNCTION_CAP
    assert long_functions(Source("x.py", f"def grow():\n{body}")) != []
    assert long_functions(Source("x.py", f"def fit():\n{body[: -len('    x = 1' + chr(10))]}")) == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        source.path
        for source in [*ours(), *scripts()]
        if source.text.strip() and not source.text.lstrip("#!/ \n").startswith(('"""', "'''"))
    ]
    assert silent == []
