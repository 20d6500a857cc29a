#!/usr/bin/env python3
"""What a plan makes of a stock record that is not kept every day, against shops whose truth is known.

    python3 .ci/more/stock_record.py [BINARY] [SEEDS]        target/release/restock, 3

Needs Python 3.9 alone. Each shop has 60 SKUs at two locations over 500 days, demand by a Poisson law with weekdays and a season, and
reorders late enough to lose 5 to 15 %. The same sales are planned with stock of every day, and with parts of the record withheld:
weekly and month-end counts, one snapshot, with receipts and without, units lost or found in between, codes that never sold. A last shop never runs out.
Ends with 0 when all holds."""
import csv, datetime as dt, json, math, os, random, shutil, subprocess, sys, tempfile

BINARY = sys.argv[1] if len(sys.argv) > 1 else "target/release/restock"
SEEDS = int(sys.argv[2]) if len(sys.argv) > 2 else 3
FIRST, DAYS, YEAR = dt.date(2025, 4, 20), 500, 365
PLACES = {"depot": 14, "shop": 4}
DAY = [(FIRST + dt.timedelta(t)).isoformat() for t in range(DAYS)]


def poisson(rng, mean):
    units, p, end = 0, rng.random(), math.exp(-mean)
    while p > end:
        units += 1
        p *= rng.random()
    return units


def world(seed, safe=False, lost=0.0, found=0.0):
    """(sku, place) → demand, sold, closing, received by day."""
    rng = random.Random(seed)
    out = {}
    for k in range(60):
        base = rng.choice([0.2, 0.4, 0.8, 1.3, 2, 3, 5])
        for place, lead in PLACES.items():
            rate = base * rng.uniform(0.4, 0.8)
            stock, due = math.ceil(rate * 30) + 2, {}
            d, s, c, r = [], [], [], []
            for t in range(DAYS):
                day = FIRST + dt.timedelta(t)
                index = (1 + 0.2 * math.sin(2 * math.pi * day.timetuple().tm_yday / 365)) * (1.3 if day.weekday() > 4 else 0.88)
                want = poisson(rng, rate * index)
                got = want if safe else min(want, stock)
                stock = max(stock - got, 5 if safe else 0)
                came = due.pop(t, 0)
                gone = sum(rng.random() < lost for _ in range(got))
                back = sum(rng.random() < found for _ in range(got))
                stock = max(stock + came - gone, 0) + back
                if day.weekday() == 0:
                    position = stock + sum(due.values())
                    if position < rate * (lead + 7) * 0.95:
                        units = max(3, math.ceil(rate * (lead + 28) - position))
                        at = t + lead + rng.choice([0, 0, 1, 3, 7])
                        due[at] = due.get(at, 0) + units
                d.append(want), s.append(got), c.append(stock), r.append(came)
            out[f"A{k:02d}", place] = (d, s, c, r)
    return out


def counted(kind, t):
    day = FIRST + dt.timedelta(t)
    return {
        "daily": True,
        "weekly": day.weekday() == 6 or t == DAYS - 1,
        "month": (day + dt.timedelta(1)).day == 1 or t == DAYS - 1,
        "snapshot": t == DAYS - 1,
    }[kind]


def plan(shop, kind, receipts):
    folder = tempfile.mkdtemp(prefix="stock-record-")
    table = lambda name: csv.writer(open(os.path.join(folder, name), "w", newline=""))
    sales, stock = table("sales.csv"), table("stock.csv")
    sales.writerow(["date", "sku", "channel", "units"])
    stock.writerow(["date", "sku", "location", "on_hand"])
    rows = [["po_id", "sku", "location", "ordered_date", "units", "received_date", "received_units"]]
    for (sku, place), (_, sold, closing, received) in shop.items():
        sales.writerows([DAY[t], sku, place, sold[t]] for t in range(DAYS) if sold[t])
        stock.writerows([DAY[t], sku, place, closing[t]] for t in range(DAYS) if counted(kind, t))
        for t in range(DAYS):
            if received[t]:
                rows.append([f"P{len(rows)}", sku, place, DAY[max(0, t - PLACES[place])], received[t], DAY[t], received[t]])
    stock.writerows([DAY[-1], f"NEVER{k}", "depot", k] for k in range(8))
    if receipts:
        table("inbound.csv").writerows(rows)
    del sales, stock
    out = os.path.join(folder, "plan")
    run = subprocess.run([BINARY, "plan", "--data", folder, "--out", out, "--as-of", DAY[-1], "--quiet", "--lang", "en"], capture_output=True, text=True)
    if run.returncode:
        sys.exit(f"the plan of {folder} failed: {run.stderr[-2000:]}")
    told = json.load(open(os.path.join(out, "summary.json")))
    plan = list(csv.DictReader(open(os.path.join(out, "recommendations.csv"), encoding="utf-8-sig")))
    episodes = list(csv.DictReader(open(os.path.join(out, "stockouts.csv"), encoding="utf-8-sig")))
    shutil.rmtree(folder)
    return plan, episodes, told


def days_out(episodes, shop):
    """Days closed or sold out by the record, days without stock in truth, and both, of the last year without the days that sold."""
    said = set()
    for e in episodes:
        if e["sku"].startswith("NEVER"):
            continue
        first = dt.date.fromisoformat(e["start"])
        last = dt.date.fromisoformat(e["end"]) if e["end"] else FIRST + dt.timedelta(DAYS - 1)
        for k in range((last - first).days + 1):
            said.add((e["sku"], e["channel"], (first - FIRST).days + k))
    quiet = lambda key, t: t >= DAYS - YEAR and shop[key][1][t] == 0
    said = {x for x in said if x[2] >= 0 and quiet(x[:2], x[2])}
    true = {(*key, t) for key, (_, _, closing, _) in shop.items() for t in range(1, DAYS) if closing[t - 1] <= 0 and quiet(key, t)}
    return len(said), len(true), len(said & true)


failed = 0


def holds(what, value, least, most):
    global failed
    good = least <= value <= most
    failed += not good
    print(f"  {'holds' if good else 'FAILS'}: {what} {value:.3f} ({least} to {most})", flush=True)


def units(plan, column, never=False):
    return sum(float(r[column] or 0) for r in plan if r["channel"] and r["sku"].startswith("NEVER") == never)


def trial(seed):
    shop = world(seed)
    recent = range(DAYS - YEAR, DAYS)
    demand = sum(d[t] for d, *_ in shop.values() for t in recent)
    lost = demand - sum(s[t] for _, s, *_ in shop.values() for t in recent)
    print(f"shop {seed}: {100 * lost / demand:.1f} % of {demand} units lost")
    daily, _, _ = plan(shop, "daily", False)
    rate, order = units(daily, "demand_per_day"), units(daily, "order_qty")
    least = {"weekly": (0.85, 1.1, 0.04), "month": (0.45, 1.1, 0.1), "snapshot": (0.3, 0.75, 0.12)}
    for kind, (low, high, off) in least.items():
        found, _, _ = plan(shop, kind, False)
        print(f" {kind}, no receipts")
        holds("hidden ÷ true", units(found, "hidden_units") / lost, low, high)
        holds("demand a day ÷ that of stock of every day", units(found, "demand_per_day") / rate, 1 - off, 1 + off)
        holds("units to order ÷ those of stock of every day", units(found, "order_qty") / order, 0, 1.2)
        holds("units for codes that never sold", units(found, "order_qty", never=True), 0, 0)
    for kind in ("snapshot", "month"):
        for gone in (0.0, 0.02):
            shop = world(seed, lost=gone)
            said, true, both = days_out(plan(shop, kind, True)[1], shop)
            print(f" {kind} with receipts, {100 * gone:.0f} % lost")
            holds("days out found", both / true, 0.95, 1)
            holds("of those said", both / said, 0.95, 1)


for seed in range(1, SEEDS + 1):
    trial(seed)
shop = world(99, safe=True)
demand = sum(sum(d[-YEAR:]) for d, *_ in shop.values())
found, _, _ = plan(shop, "snapshot", False)
print("a shop that never runs out")
holds("hidden, % of demand", 100 * units(found, "hidden_units") / demand, 0, 0.5)
sys.exit(1 if failed else 0)
