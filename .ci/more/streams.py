#!/usr/bin/env python3
"""How far orders rest on chance: plans of the same data with other random streams, order line by order line.

    .ci/more/streams.py target/release/restock            the example, and a made-up shop of 300 items
    .ci/more/streams.py target/release/restock DIR ...    these data folders

A line is apart where its orders differ by more than half a pack or 2 %, whichever is larger. Exit code 1 if more than 5 of 100 are.
"""

import csv
import datetime
import itertools
import math
import pathlib
import random
import subprocess
import sys
import tempfile
import time

STREAMS = range(4)
AS_OF = datetime.date(2026, 8, 30)
DAYS = 300


def made_up(folder, items=300):
    """Items of .05 to 20 a day, plain or in lots, one warehouse, weekly orders that come 10 to 18 days later."""
    dice = random.Random(5)

    def poisson(mean):
        if mean > 30:
            return max(round(dice.gauss(mean, math.sqrt(mean))), 0)
        n, left = 0, dice.random()
        while left > math.exp(-mean):
            left *= dice.random()
            n += 1
        return n

    tables = {
        "sales": [["date", "sku", "channel", "units"]],
        "stock": [["date", "sku", "location", "on_hand"]],
        "inbound": [["po_id", "sku", "location", "ordered_date", "units", "expected_date", "received_date", "received_units"]],
        "items": [["sku", "unit_cost", "price", "lead_time_days", "lead_time_sd", "order_multiple"]],
        "channels": [["channel", "location"], ["web", "shed"]],
    }
    for i in range(items):
        sku = f"M{i:03}"
        rate = 0.05 * 400 ** dice.random()
        lots = dice.choice([1, 1, 3])
        pack = dice.choice([1, 1, 6, 12, 24]) if rate > 0.3 else 1
        tables["items"].append([sku, 10, 20, 14, dice.choice([0, 3]), pack])
        # Between well stocked and nearly empty on the last day.
        cover = 20 + 15 * dice.random()
        on_hand, coming = round(rate * cover), []
        for t in range(DAYS):
            day = AS_OF - datetime.timedelta(DAYS - 1 - t)
            asked = sum(dice.randint(1, 2 * lots - 1) for _ in range(poisson(rate / lots)))
            sold = min(asked, on_hand)
            on_hand += sum(units for at, units in coming if at == t) - sold
            if sold:
                tables["sales"].append([day, sku, "web", sold])
            tables["stock"].append([day, sku, "shed", on_hand])
            position = on_hand + sum(units for at, units in coming if at > t)
            if t % 7 == 0 and position < rate * cover * 0.8:
                units = max(math.ceil((rate * cover - position) / pack), 1) * pack
                at = t + dice.randint(10, 18)
                coming.append((at, units))
                late = AS_OF - datetime.timedelta(DAYS - 1 - at)
                came = [late, units] if at < DAYS else ["", ""]
                tables["inbound"].append([f"{sku}-{t}", sku, "shed", day, units, day + datetime.timedelta(14), *came])
    for name, rows in tables.items():
        with open(folder / f"{name}.csv", "w", newline="") as file:
            csv.writer(file).writerows(rows)


def orders(program, data, stream, home):
    """{(sku, location): (units, pack)} and the seconds that the plan took."""
    out = home / str(stream)
    begun = time.monotonic()
    command = [program, "plan", "--data", data, "--out", out, "--no-charts", "--quiet", "--streams", str(stream)]
    subprocess.run(command, check=True)
    seconds = time.monotonic() - begun
    lines = {}
    with open(out / "recommendations.csv", newline="") as file:
        for row in csv.DictReader(file):
            key = row["sku"], row["location"]
            units, _ = lines.get(key, (0.0, 0.0))
            lines[key] = units + float(row["order_qty"] or 0), float(row["order_multiple"] or 0)
    return lines, seconds


def apart(program, data):
    """Share of order lines that differ between two streams, over all pairs of them."""
    with tempfile.TemporaryDirectory() as home:
        plans = [orders(program, data, stream, pathlib.Path(home)) for stream in STREAMS]
    differ = lines = other = 0
    for (a, _), (b, _) in itertools.combinations(plans, 2):
        for key, (units, pack) in a.items():
            twin = b[key][0]
            if units or twin:
                lines += 1
                other += units != twin
                differ += abs(units - twin) > max(0.5 * pack, 0.02 * max(units, twin))
    share = differ / max(lines, 1)
    seconds = sum(s for _, s in plans) / len(plans)
    print(f"{data}: {len(STREAMS)} streams, {lines // 6} order lines; apart {share:.1%}, not the same {other / max(lines, 1):.1%}; {seconds:.2f} s a plan")
    return share


def main():
    program, *folders = sys.argv[1:]
    if folders:
        shares = [apart(program, folder) for folder in folders]
    else:
        with tempfile.TemporaryDirectory() as home:
            made_up(pathlib.Path(home))
            shares = [apart(program, "data"), apart(program, home)]
    sys.exit(max(shares) > 0.05)


if __name__ == "__main__":
    main()
