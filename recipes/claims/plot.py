#!/usr/bin/env python3
"""Draws lines as SVG from what runs have written; needs nothing but Python.

    recipes/claims/plot.py gradient OUT.svg NAME=RUN...
    recipes/claims/plot.py validation OUT.svg NAME=RUN...
    recipes/claims/plot.py table OUT.svg X_TITLE Y_TITLE NAME=X:Y,X:Y,...

gradient: a line of kind gradient_by_time in RUN/metrics.jsonl (log.gradient_by_time), the last one whose batch has a
sequence about as long as any: the norm of the gradient at the state of the first layer, by its distance to the end of
the sequence, relative to distance 0; for an LSTM that of the state's two parts together. validation: rmse squared (or the loss, where there is none) of the validations, by step.
table: the figures given. The vertical axis of the first two is logarithmic.
"""

import json
import math
import pathlib
import sys

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 640, 360, 70, 50, 16, 130
COLOURS = ["#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"]  # Okabe and Ito (2008)
FLOOR = 1e-12  # what is less is drawn here


def lines_of(run, kind):
    with open(pathlib.Path(run) / "metrics.jsonl") as file:
        found = [line for line in map(json.loads, file) if line["kind"] == kind]
    return found or sys.exit(f"{run}: metrics.jsonl has no line of kind {kind}")


def gradient(run):
    lines = lines_of(run, "gradient_by_time")
    longest = max(line["distance"][-1] for line in lines)
    line = [line for line in lines if line["distance"][-1] >= 0.8 * longest][-1]
    layer = line["layers"][0]
    norms = [math.hypot(a, b) for a, b in zip(layer["hidden"], layer.get("memory", [0] * len(layer["hidden"])))]
    return [(x, max(FLOOR, y / norms[0])) for x, y in zip(line["distance"], norms)]


def validation(run):
    return [(line["step"], max(FLOOR, line["rmse"] ** 2 if "rmse" in line else line["loss"]))
            for line in lines_of(run, "validation")]  # fmt: skip


def ticks(low, high, logarithmic):
    if logarithmic:
        first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
        return [10.0**e for e in range(first, last + 1, max(1, (last - first) // 6))]
    step = 10 ** math.floor(math.log10((high - low) / 4 or 1))
    step *= next(f for f in (1, 2, 5, 10) if (high - low) / (f * step) <= 6)
    return [i * step for i in range(math.ceil(low / step), math.floor(high / step + 1e-9) + 1)]


def draw(path, series, x_title, y_title, logarithmic):
    """`series`: (name, [(x, y)]) each."""
    points = [point for _, line in series for point in line]
    x_low, x_high = min(x for x, _ in points), max(x for x, _ in points)
    y_ticks = ticks(min(y for _, y in points), max(y for _, y in points), logarithmic)
    scale = math.log10 if logarithmic else float
    y_low = min(scale(y) for y in [*y_ticks, *(y for _, y in points)])
    y_high = max(scale(y) for y in [*y_ticks, *(y for _, y in points)])

    def at_x(x):
        return LEFT + (x - x_low) / ((x_high - x_low) or 1) * (WIDTH - LEFT - RIGHT)

    def at_y(y):
        return HEIGHT - BOTTOM - (scale(y) - y_low) / ((y_high - y_low) or 1) * (HEIGHT - BOTTOM - TOP)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
           'font-size="12">', f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>']  # fmt: skip
    for y in y_ticks:
        out.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at_y(y):.1f}" y2="{at_y(y):.1f}" stroke="#ddd"/>')
        out.append(f'<text x="{LEFT - 6}" y="{at_y(y) + 4:.1f}" text-anchor="end">{y:.3g}</text>')
    for x in ticks(x_low, x_high, False):
        out.append(f'<text x="{at_x(x):.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{x:g}</text>')
    for number, (name, line) in enumerate(series):
        colour = COLOURS[number % len(COLOURS)]
        path_text = " ".join(f"{at_x(x):.1f},{at_y(y):.1f}" for x, y in line)
        out.append(f'<polyline points="{path_text}" fill="none" stroke="{colour}" stroke-width="1.8"/>')
        out.append(f'<text x="{WIDTH - RIGHT + 8}" y="{TOP + 14 + 18 * number}" fill="{colour}">{name}</text>')
    middle = (HEIGHT - BOTTOM + TOP) / 2
    out.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 12}" text-anchor="middle">{x_title}</text>')
    out.append(f'<text transform="translate(16 {middle}) rotate(-90)" text-anchor="middle">{y_title}</text>')
    pathlib.Path(path).write_text("\n".join([*out, "</svg>"]) + "\n")


def main():
    words = sys.argv[1:]
    if len(words) < 3 or words[0] not in ("gradient", "validation", "table"):
        sys.exit(__doc__)
    kind, path, *rest = words
    if kind == "table":
        x_title, y_title, *rest = rest
        pairs = [word.split("=", 1) for word in rest]
        draw(path, [(name, [tuple(map(float, p.split(":"))) for p in text.split(",")]) for name, text in pairs],
             x_title, y_title, False)  # fmt: skip
        return
    read, x_title, y_title = {"gradient": (gradient, "steps from the end", "gradient at the state, relative"),
                              "validation": (validation, "training step", "mean squared error")}[kind]  # fmt: skip
    draw(path, [(name, read(run)) for name, run in (word.split("=", 1) for word in rest)], x_title, y_title, True)


if __name__ == "__main__":
    main()
