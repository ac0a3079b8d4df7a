"""Takes the figures, prints them beside their goals, and writes summary.json and the samples.

    bench.py SUMMARY.json [ONLY]     ONLY names one module of figures/; WINDLASS is the program
"""
import importlib
import json
import pathlib
import signal
import sys
import tempfile
import time
import traceback

from figure import passes

FIGURES = ("start", "onboarding", "identifiers", "listing", "lifecycles", "crowd", "recovery", "machines")
VERDICTS = {True: "pass", False: "MISS", None: ""}


def measure(name, folder):
    """The entries of one module; nothing when it failed, which is told."""
    began = time.monotonic()
    print(f"{name} …", file=sys.stderr, flush=True)
    try:
        figures = importlib.import_module(f"figures.{name}").measure(folder)
    except Exception:
        traceback.print_exc()
        print(f"{name} FAILED after {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
        return None
    print(table(figures), file=sys.stderr)
    print(f"{name} took {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    return figures


def table(figures):
    lines = [f"{'figure':42} {'value':>10} {'p95':>10} {'goal':>12} {'peer':>8} {'runs':>5}"]
    for one in figures:
        bound = "<=" if one["better"] == "lower" else ">="
        goal = "" if one["goal"] is None else f"{bound} {one['goal']:g} {one['unit']}"
        peer = "" if one["baseline"] is None else f"{one['baseline']:g}"
        value = f"{one['value']:g} {one['unit']}"
        lines.append(f"{one['name']:42} {value:>10} {one['p95']:>10g} {goal:>12} {peer:>8} {one['runs']:>5}"
                     f"  {VERDICTS[passes(one)]}")
    return "\n".join(lines)


def write(summary, figures):
    """One module alone leaves the figures of the others as they were."""
    summary.parent.mkdir(parents=True, exist_ok=True)
    known = json.loads(summary.read_text()) if summary.exists() else []
    new = [{key: value for key, value in one.items() if key != "samples"} for one in figures]
    names = {one["name"] for one in new}
    summary.write_text(json.dumps([one for one in known if one["name"] not in names] + new, indent=2) + "\n")
    for one in figures:
        samples = {"name": one["name"], "unit": one["unit"], "samples": one["samples"]}
        (summary.parent / f"{one['name']}.json").write_text(json.dumps(samples) + "\n")


def end(*_):
    """Whoever ends the measurement ends its servers and hosts as well."""
    raise SystemExit("ended")


def main():
    signal.signal(signal.SIGTERM, end)
    summary, only = pathlib.Path(sys.argv[1]), sys.argv[2:]
    unknown = set(only) - set(FIGURES)
    if unknown:
        raise SystemExit(f"there is no figure {', '.join(unknown)}; there are {', '.join(FIGURES)}")
    if not only:
        summary.unlink(missing_ok=True)
    figures, failed = [], []
    for name in only or FIGURES:
        with tempfile.TemporaryDirectory(prefix="windlass-bench.") as folder:
            found = measure(name, pathlib.Path(folder))
        if found is None:
            failed.append(name)
        else:
            figures += found
            write(summary, found)
    print(table(figures))
    print(f"written to {summary}")
    if failed:
        raise SystemExit(f"could not be measured: {', '.join(failed)}")


main()
