"""The plot of a soak: success, p95 and memory over time, as SVG."""

WIDTH, PANEL, LEFT, TOP, GAP = 820, 150, 70, 50, 45
INNER = WIDTH - LEFT - 30


def draw(rows, memory, width_s, title):
    end_s = rows[-1]["end_s"]
    middle = lambda row: row["end_s"] - width_s / 2
    success = [(middle(row), 100 * row["succeeded"] / row["operations"]) for row in rows if row["operations"]]
    p95 = [(middle(row), row["p95_ms"]) for row in rows if row["p95_ms"] is not None]
    worst = min(99.0, *(share for _, share in success))
    panels = [
        ("operations that succeeded, %", success, worst, 100.0, "#2a7f3f"),
        ("p95 of an operation, ms", p95, 0.0, top_of(p95), "#1f5fa8"),
        ("memory, MB", memory, 0.0, top_of(memory), "#a8561f"),
    ]
    height = TOP + len(panels) * (PANEL + GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="sans-serif" '
        'font-size="12">', '<rect width="100%" height="100%" fill="white"/>',
        f'<text x="{LEFT}" y="24" font-size="15">Ten services at a time on the simulator with faults: {title}</text>']
    for number, panel in enumerate(panels):
        parts += panel_of(TOP + number * (PANEL + GAP), end_s, *panel)
    return "\n".join([*parts, "</svg>"]) + "\n"


def top_of(points):
    return 1.15 * max((value for _, value in points), default=1.0)


def panel_of(top, end_s, title, points, low, high, colour):
    def x(at):
        return LEFT + INNER * min(at, end_s) / end_s

    def y(value):
        return top + PANEL * (1 - (value - low) / (high - low or 1.0))

    yield f'<text x="{LEFT}" y="{top - 6}">{title}</text>'
    yield f'<rect x="{LEFT}" y="{top}" width="{INNER}" height="{PANEL}" fill="none" stroke="#999"/>'
    for share in (0, 0.5, 1):
        value = low + share * (high - low)
        yield f'<line x1="{LEFT}" x2="{LEFT + INNER}" y1="{y(value):.1f}" y2="{y(value):.1f}" stroke="#ddd"/>'
        yield f'<text x="{LEFT - 6}" y="{y(value) + 4:.1f}" text-anchor="end">{value:.4g}</text>'
        at = share * end_s
        yield f'<text x="{x(at):.1f}" y="{top + PANEL + 15}" text-anchor="middle">{at / 60:.3g} min</text>'
    path = " ".join(f"{x(at):.1f},{y(value):.1f}" for at, value in points)
    yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
    if len(points) <= 120:
        yield from (f'<circle cx="{x(at):.1f}" cy="{y(value):.1f}" r="2.5" fill="{colour}"/>' for at, value in points)
