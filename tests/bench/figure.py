"""What a figure is: a name, samples, a goal."""
import statistics


def percentile(samples, share):
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, max(0, round(share * (len(ordered) - 1))))]


def entry(name, unit, samples, goal, better="lower", baseline=None, value=None):
    """A figure as summary.json keeps it.

    The value is the median of the samples unless it is said; `p95` is what 95 of 100 samples reach.
    """
    value = statistics.median(samples) if value is None else value
    p95 = percentile(samples, 0.95 if better == "lower" else 0.05)
    return {"name": name, "value": significant(value), "unit": unit, "goal": goal, "better": better,
            "baseline": baseline, "runs": len(samples), "p95": significant(p95), "samples": samples}


def significant(number):
    """Four digits are more than any measurement here is good for."""
    return float(f"{number:.4g}")


def passes(figure):
    """Whether the goal is reached; None when there is none."""
    if figure["goal"] is None:
        return None
    value, goal = figure["value"], figure["goal"]
    return value <= goal if figure["better"] == "lower" else value >= goal
