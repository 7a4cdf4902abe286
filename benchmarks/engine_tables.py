"""The figures of the engine's benchmark as Markdown and as a picture."""

import math
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

KINDS = {
    "plain": "Questions of 3 to 8 terms",
    "frequent": "The same with 2 to 4 very frequent terms mixed in",
}
NONE = "–"


def markdown(result: dict[str, Any]) -> str:
    """All tables, one blank line between two."""
    parts = [_machine(result["machine"]), _corpora(result)]
    for kind, title in KINDS.items():
        parts += [f"### {title}", _speed(result, kind), _ratios(result, kind)]
        parts += [_exactness(result, kind)]
    for size in result["sizes"]:
        parts += [f"### Building and opening, {size['sentences']:,} sentences"]
        parts += [_building(size), _opening(result, size)]
    if "filters" in result:
        parts += ["### Filters", _filters(result)]
    if "update" in result:
        parts += ["### One more article", _update(result)]
    return "\n\n".join(part for part in parts if part)


def _machine(machine: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    return (
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB,"
        f" {machine['system']}; Python {machine['python']}; {versions}."
    )


def _corpora(result: dict[str, Any]) -> str:
    rows = [
        [
            f"{size['sentences']:,}",
            f"{size['articles']:,}",
            f"{size['words']:,}",
            f"{size['terms']:,}",
            f"{size['sentences'] / size['analysis']:,.0f}",
        ]
        for size in result["sizes"]
    ]
    columns = ["sentences", "articles", "terms in all", "different ones", "analysed a second"]
    seed = "" if result["questions"] == "reported" else "\n\nThese are the questions for tuning."
    return f"Articles: {result['articles']}.{seed}\n\n{_table(columns, rows, text=0)}"


def _speed(result: dict[str, Any], kind: str) -> str:
    """p50 and p99 of every engine at every size, and how p50 grows over the last step."""
    sizes = result["sizes"]
    columns = ["ms (p50 / p99)", *(f"{size['sentences']:,}" for size in sizes)]
    columns += ["a second", "growth", "same 10", "asked"]
    rows = []
    for name, engine in result["engines"].items():
        figures = [size["races"][kind]["engines"][name] for size in sizes]
        last = figures[-1]
        row = [engine["label"], *(f"{_short(x['p50'])} / {_short(x['p99'])}" for x in figures)]
        row += [_short(last["rate"]), _growth(sizes, figures)]
        row += [f"{last['overlap']:.3f}" if "overlap" in last else NONE, f"{last['asked']:,}"]
        rows.append(row)
    return _table(columns, rows)


def _growth(sizes: Sequence[dict[str, Any]], figures: Sequence[dict[str, float]]) -> str:
    """The exponent with which p50 grew from the last size but one to the last."""
    if len(sizes) < 2:
        return NONE
    larger = math.log(sizes[-1]["sentences"] / sizes[-2]["sentences"])
    return f"{math.log(figures[-1]['p50'] / figures[-2]['p50']) / larger:.2f}"


def _ratios(result: dict[str, Any], kind: str) -> str:
    """p50 of our sentences and our whole ranking as a share of each other engine's."""
    sizes = result["sizes"]
    names = [one for one in ("ours", "ours-ranking") if one in result["engines"]]
    columns = ["our p50 / its p50"]
    columns += [
        f"{'ranking' if name == 'ours-ranking' else 'sentences'}, {size['sentences']:,}"
        for name in names
        for size in sizes
    ]
    rows = []
    for name, engine in result["engines"].items():
        ratios = [size["races"][kind]["engines"][name]["ratio"] for size in sizes]
        if any(ratios):
            shares = (_short(ratio[ours]) for ours in names for ratio in ratios)
            rows.append([engine["label"], *shares])
    return _table(columns, rows) if names and rows else ""


def _exactness(result: dict[str, Any], kind: str) -> str:
    lines = []
    for size in result["sizes"]:
        race = size["races"][kind]
        line = (
            f"{size['sentences']:,} sentences: {100 * race['waited']:.1f} % of the time went to others"
            " on the machine"
        )
        if judged := race.get("judged"):
            same, total = judged["same"], judged["judged"]
            line += (
                f"; compiled and pure form agree to the last bit for"
                f" {same['sentences']} of {total} questions (sentences) and {same['ranking']} of {total}"
                " (whole ranking)"
            )
            if judged["apart"] is not None:
                line += f"; scores differ from rank-bm25's by {judged['apart']:.1g} of them at most"
        lines.append(f"- {line}.")
    return "\n".join(lines)


def _building(size: dict[str, Any]) -> str:
    rows = [
        [
            name,
            f"{one['rate']:,.0f}",
            f"{one['seconds']:.1f}",
            f"{one['bytes'] / 1e6:,.1f}",
            f"{one['peak_mb']:,.0f}" if one["peak_mb"] else NONE,
        ]
        for name, one in size["indexes"].items()
    ]
    columns = ["index", "sentences a second", "seconds", "MB on disk", "MB of memory at most"]
    return _table(columns, rows)


def _opening(result: dict[str, Any], size: dict[str, Any]) -> str:
    rows = []
    for name, one in size["opened"].items():
        row = [result["engines"][name]["label"]]
        row += [_short(1000 * one["import"]), _short(1000 * one["first"])]
        for held in (one["memory_first"], one["memory_all"]):
            row.append(f"{held['anonymous']:,.0f} + {held['files']:,.0f}" if held else NONE)
        rows.append(row)
    columns = ["engine", "import, ms", "open to first answer, ms", "MB then", "MB after 200"]
    return _table(columns, rows)


def _filters(result: dict[str, Any]) -> str:
    rows = [
        [one["label"], f"{100 * one['share']:.3g} %", _short(one["p50"]), _short(one["p99"])]
        for one in result["filters"]
    ]
    return _table(["filter", "of the articles", "p50, ms", "p99, ms"], rows)


def _update(result: dict[str, Any]) -> str:
    figures, sentences = result["update"], result["sizes"][-1]["sentences"]
    return (
        f"In {sentences:,} sentences one more article is found {figures['p50']:.2f} s after it was"
        f" handed over (median; the first of a process {figures['first']:.2f} s, at most"
        f" {figures['most']:.2f} s)."
    )


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]], text: int = 1) -> str:
    """A Markdown table whose first *text* columns are text, the others numbers."""
    lines = [columns, ["---"] * text + ["---:"] * (len(columns) - text), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _short(value: float) -> str:
    """Three digits that count."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.{max(2 - math.floor(math.log10(value)), 0)}f}" if value > 0 else "0"


def draw(result: dict[str, Any], path: Path) -> None:
    """p50 of every engine against the number of sentences, both logarithmic; a line's name stands
    at its end. Greys and colours are such that light and dark pages show them alike."""
    import matplotlib as mpl

    mpl.use("svg" if path.suffix == ".svg" else "agg")
    from matplotlib import pyplot as plt
    from matplotlib.ticker import FuncFormatter, NullFormatter

    grey = "#7d8590"
    sizes = [size["sentences"] for size in result["sizes"]]
    settings = {
        "svg.fonttype": "none",
        "svg.hashsalt": "byline",
        "font.family": "sans-serif",
        "font.size": 11,
        "text.color": grey,
        "axes.edgecolor": grey,
        "axes.labelcolor": grey,
        "xtick.color": grey,
        "ytick.color": grey,
    }
    with mpl.rc_context(settings):
        figure, axes = plt.subplots(figsize=(8.4, 4.8))
        ends = {}
        for name, engine in result["engines"].items():
            line = [size["races"]["plain"]["engines"][name]["p50"] for size in result["sizes"]]
            style = LOOKS.get(name, (grey, "-", 1.6))
            axes.plot(
                sizes, line, color=style[0], linestyle=style[1], linewidth=style[2], marker="o",
                markersize=4,
            )  # fmt: skip
            ends[engine["label"]] = (line[-1], style[0])
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlabel("sentences")
        axes.set_ylabel("ms for a question (p50)")
        axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.grid(visible=True, which="major", color=grey, alpha=0.25, linewidth=0.6)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        low, high = axes.get_ylim()
        step = (math.log(high) - math.log(low)) / 17
        for label, (at, place) in _apart(ends, step).items():
            axes.annotate(
                label, (1, place), xycoords=axes.get_yaxis_transform(), xytext=(6, 0),
                textcoords="offset points", va="center", color=ends[label][1],
                annotation_clip=False,
            )  # fmt: skip
            axes.set_ylim(low, max(high, at))
        figure.tight_layout()
        figure.savefig(
            path, transparent=True, metadata={"Date": None} if path.suffix == ".svg" else {}
        )
        plt.close(figure)


LOOKS = {
    "ours": ("#2f81f7", "-", 2.6),
    "ours-ranking": ("#9a6ef0", "-", 2.6),
    "ours-plain": ("#2f81f7", ":", 1.6),
    "ours-ranking-plain": ("#9a6ef0", ":", 1.6),
    "bm25s": ("#d29922", "-", 1.6),
    "tantivy": ("#e5534b", "-", 1.6),
    "fts5": ("#2da44e", "-", 1.6),
    "rank-bm25": ("#7d8590", "-", 1.6),
}


def _apart(ends: dict[str, tuple[float, str]], step: float) -> dict[str, tuple[float, float]]:
    """Where each line ends and where its name stands: there, or so far off that no two names meet
    (natural logarithms are at least *step* apart)."""
    names = sorted(ends, key=lambda name: ends[name][0])
    places = [math.log(ends[name][0]) for name in names]
    for _ in range(200):
        for number, (one, other) in enumerate(pairwise(list(places))):
            if (missing := step - (other - one)) > 1e-6:
                places[number] -= missing / 2
                places[number + 1] += missing / 2
    return {
        name: (ends[name][0], math.exp(place)) for name, place in zip(names, places, strict=True)
    }
