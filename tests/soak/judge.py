"""What a soak has to say: a table by minute, and whether the goals are reached."""
import dataclasses
import statistics

SUCCESS = 0.999
# Memory settles while caches and the allocator's arenas fill; from then on it may grow by so much.
SETTLED, GROWTH = 0.3, 1.10
# Resamples for the interval of "no slower", and how much slower is told apart from noise at all.
RESAMPLES, SLOWER = 2000, 1.05


@dataclasses.dataclass
class Verdict:
    passed: bool
    what: str

    def __str__(self):
        return f"{'pass' if self.passed else 'MISS'}  {self.what}"


def percentile(samples, share):
    ordered = sorted(samples)
    return ordered[round(share * (len(ordered) - 1))]


def by_minute(operations, memory, width_s):
    """For each minute: its end, operations, successes, median and p95 in ms, memory in MB."""
    rows = []
    for number in range(1 + int(max(at for at, *_ in operations) / width_s)):
        begin, end = number * width_s, (number + 1) * width_s
        inside = [one for one in operations if begin <= one[0] < end]
        took = [1000 * seconds for _, _, seconds, succeeded in inside if succeeded]
        resident = [mb for at, mb in memory if begin <= at < end]
        rows.append({
            "end_s": end, "operations": len(inside), "succeeded": len(took),
            "median_ms": statistics.median(took) if took else None,
            "p95_ms": percentile(took, 0.95) if took else None,
            "memory_mb": statistics.median(resident) if resident else None,
        })
    return rows


def table(rows, width_s):
    lines = [f"{'until':>8} {'operations':>11} {'success':>9} {'median':>10} {'p95':>10} {'memory':>10}"]
    for row in rows:
        share = f"{100 * row['succeeded'] / row['operations']:.2f} %" if row["operations"] else "-"
        cells = [f"{row[key]:.0f} {unit}" if row[key] is not None else "-"
                 for key, unit in (("median_ms", "ms"), ("p95_ms", "ms"), ("memory_mb", "MB"))]
        lines.append(f"{row['end_s']:>6.0f} s {row['operations']:>11} {share:>9} "
                     f"{cells[0]:>10} {cells[1]:>10} {cells[2]:>10}")
    return "\n".join(lines)


def verdicts(soak, left, dice):
    succeeded = sum(ok for *_, ok in soak.operations)
    share = succeeded / len(soak.operations)
    return [
        Verdict(share >= SUCCESS, f"{succeeded} of {len(soak.operations)} operations succeeded: {100 * share:.3f} %"),
        no_slower(soak.operations, dice),
        flat(soak.memory),
        nothing_left(left),
    ]


def no_slower(operations, dice):
    """The last tenth against the first, kind by kind so that the mix does not matter.

    The first operations of all find empty caches; they are left in, since that favours nobody but the last tenth's
    opponent. Noise is told apart by resampling: slower is what is slower in 95 of 100 resamples.
    """
    done = sorted((at, task, seconds) for at, task, seconds, ok in operations if ok)
    tenth = max(1, len(done) // 10)
    first, last = relative(done, done[:tenth]), relative(done, done[-tenth:])
    ratio = percentile(last, 0.95) / percentile(first, 0.95)
    draws = sorted(percentile(dice.choices(last, k=tenth), 0.95) / percentile(dice.choices(first, k=tenth), 0.95)
                   for _ in range(RESAMPLES))
    low, high = draws[RESAMPLES // 20], draws[-RESAMPLES // 20]
    told = f"p95 of the last tenth over the first: {ratio:.2f} (90 % of resamples: {low:.2f} to {high:.2f})"
    return Verdict(low <= SLOWER, told)


def relative(every, some):
    """Durations over the median of their kind."""
    kinds = {task for _, task, _ in every}
    usual = {kind: statistics.median(s for _, task, s in every if task == kind) for kind in kinds}
    return [seconds / usual[task] for _, task, seconds in some]


def flat(memory):
    tenth = max(1, len(memory) // 10)
    begin = int(SETTLED * len(memory))
    settled = statistics.median(mb for _, mb in memory[begin:begin + tenth])
    last = statistics.median(mb for _, mb in memory[-tenth:])
    told = f"memory: {settled:.0f} MB once settled, {last:.0f} MB at the end"
    return Verdict(last <= GROWTH * settled, told)


def nothing_left(audit):
    """What belongs to nobody, and what is missing; what a failed operation left behind still belongs to its service."""
    found = [thing for things in audit.values() if isinstance(things, list) for thing in things]
    return Verdict(not found, f"audit: {found or 'nothing is left over, and nothing is missing'}")
