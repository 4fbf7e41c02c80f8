"""From the results to what is read: Markdown tables, pictures, and the tables of README between their markers.

    .venv/bin/python -m benchmarks.tables

README holds ``<!-- stock -->`` … ``<!-- /stock -->``; what stands between is written here and nowhere else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from knowledge.index import SHAPES

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results"
README = ROOT / "README.md"
_BLUE, _ORANGE = "#1f6feb", "#d9730d"
Result = dict[str, Any]


def publish() -> None:
    """Write tables and pictures of all results there are, and put the tables into README."""
    readme = README.read_text(encoding="utf-8")
    for name, (table, draw) in _KINDS.items():
        path = RESULTS / f"{name}.json"
        if path.exists():
            result = json.loads(path.read_text(encoding="utf-8"))
            text = table(result)
            (RESULTS / f"{name}.md").write_text(text, encoding="utf-8")
            draw(result, RESULTS / f"{name}.png")
            readme = put_between(readme, name, text)
    README.write_text(readme, encoding="utf-8")


def put_between(readme: str, name: str, text: str) -> str:
    """README with this text between the markers of that name."""
    begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    before, _, rest = readme.partition(begin)
    _, marker, after = rest.partition(end)
    if not marker:
        raise SystemExit(f"README.md: no {begin.strip()} … {end}. Put both where the table is to stand.")
    return f"{before}{begin}{text}{end}{after}"


def tables() -> Iterator[tuple[str, str]]:
    """Name and text of each table whose results are there."""
    for name, (table, _) in _KINDS.items():
        path = RESULTS / f"{name}.json"
        if path.exists():
            yield name, table(json.loads(path.read_text(encoding="utf-8")))


def stock_table(result: Result) -> str:
    """Stock Rasa and yibao, and how many times better yibao is."""
    stock, yibao, machine = result["stock"], result["yibao"], result["machine"]
    lines = [
        f"{machine['processor']}, {machine['cores']} cores shared with other work (load {machine['load']}), "
        f"{machine['date']}; {result['examples_an_intent']} examples an intent, medians of {result['rounds']} "
        f"rounds of {result['turns']} turns for each number of clients.",
        "",
        "| | stock Rasa 3.6.21 | yibao | times better |",
        "|---|---|---|---|",
    ]

    def row(name: str, better: Callable[[float, float], float], unit: str, read: Callable[[Result], float]) -> None:
        theirs, ours = read(stock), read(yibao)
        ratio = better(theirs, ours)
        lines.append(
            f"| {name} | {theirs:,.{_digits(theirs)}f}{unit} | {ours:,.{_digits(ours)}f}{unit} | {ratio:.1f} |"
        )

    def smaller(theirs: float, ours: float) -> float:
        return theirs / ours

    def larger(theirs: float, ours: float) -> float:
        return ours / theirs

    row("installed environment", smaller, " MB", lambda side: side["installed_mb"])
    if result["stock_with_sentence_transformers_mb"]:
        theirs = result["stock_with_sentence_transformers_mb"]
        ours = yibao["installed_mb"]
        lines.append(
            f"| the same, stock with sentence-transformers | {theirs:,} MB | {ours:,} MB | {theirs / ours:.1f} |"
        )
    row("training from nothing", smaller, " s", lambda side: side["training_seconds"])
    row("the same, processor time", smaller, " s", lambda side: side["training_processor_seconds"])
    row("start to first answer", smaller, " s", lambda side: side["first_answer_seconds"])
    row("the same, processor time", smaller, " s", lambda side: side["first_answer_processor_seconds"])
    row("resident memory, all processes", smaller, " MB", lambda side: side["resident_mb"])
    row("built files on disk", smaller, " MB", lambda side: side["disk_mb"])
    row("processor time a turn", smaller, " ms", lambda side: side["processor_ms_a_turn"])
    for number, load in enumerate(stock["loads"]):
        clients = f"{load['clients']} client{'s' if load['clients'] > 1 else ''}"
        row(f"{clients}: turns a second", larger, "", lambda side, n=number: side["loads"][n]["turns_per_second"])  # type: ignore[misc]
        for percentile in ("p50", "p95", "p99"):
            row(
                f"{clients}: {percentile}",
                smaller,
                " ms",
                lambda side, n=number, p=percentile: side["loads"][n][p],  # type: ignore[misc]
            )
    return "\n".join(lines) + "\n"


def scale_table(result: Result) -> str:
    """The index by number of passages."""
    machine = result["machine"]
    lines = [
        f"{machine['processor']}, one thread, other work on the machine (load {machine['load']}), {machine['date']}; "
        f"{result['real_passages']:,} passages are encoded texts, the rest lie between and around them.",
        "",
        "| passages | index | built in | size | p50 | p95 | exact p95 | times faster | recall@10 |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for size in result["sizes"]:
        lines.append(
            f"| {size['passages']:,} | {size['shape']} | {size['build_seconds']:,.1f} s | {size['index_mb']:,.0f} MB | "
            f"{size['p50']:.2f} ms | {size['p95']:.2f} ms | {size['exact_p95']:.1f} ms | "
            f"{size['exact_p95'] / size['p95']:.1f} | {size['recall']:.3f} |"
        )
    lines += ["", "| from | index | lists looked through | why |", "|---|---|---|---|"]
    lines += [f"| {shape.entries:,} | {shape.factory} | {shape.probes or 'all'} | {shape.reason} |" for shape in SHAPES]
    return "\n".join(lines) + "\n"


def _digits(value: float) -> int:
    return 0 if value >= 100 else 1


def _draw_stock(result: Result, path: Path) -> None:
    figure, left, right = _figure()
    clients = [str(load["clients"]) for load in result["stock"]["loads"]]
    for shift, side, colour in ((-0.2, "stock", _ORANGE), (0.2, "yibao", _BLUE)):
        places = [number + shift for number in range(len(clients))]
        loads = result[side]["loads"]
        left.bar(places, [load["turns_per_second"] for load in loads], 0.4, color=colour, label=side)
        right.bar(places, [load["p95"] for load in loads], 0.4, color=colour, label=side)
    for axes, title in ((left, "turns a second"), (right, "p95 of a turn, ms")):
        axes.set_xticks(range(len(clients)), clients)
        axes.set_xlabel("clients")
        axes.set_title(title)
        axes.legend(frameon=False)
    right.set_yscale("log")
    figure.savefig(path, dpi=100)


def _draw_scale(result: Result, path: Path) -> None:
    figure, left, right = _figure()
    passages = [size["passages"] for size in result["sizes"]]
    left.plot(passages, [size["exact_p95"] for size in result["sizes"]], "o-", color=_ORANGE, label="exact")
    left.plot(passages, [size["p95"] for size in result["sizes"]], "o-", color=_BLUE, label="yibao")
    left.set_yscale("log")
    left.set_title("p95 of a query, ms")
    left.legend(frameon=False)
    right.plot(passages, [size["recall"] for size in result["sizes"]], "o-", color=_BLUE)
    right.set_ylim(0.9, 1.005)
    right.set_title("recall@10")
    for axes in (left, right):
        axes.set_xscale("log")
        axes.set_xlabel("passages")
    figure.savefig(path, dpi=100)


def _figure() -> tuple[Figure, Any, Any]:
    figure = Figure(figsize=(9, 3.6), tight_layout=True)
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    return figure, left, right


_KINDS = {"stock": (stock_table, _draw_stock), "scale": (scale_table, _draw_scale)}


if __name__ == "__main__":
    publish()
