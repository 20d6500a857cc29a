#!/usr/bin/env python3
"""Kills runs of `plan` and `backtest`, and lets them run short of everything.

Held after each: the folder is the old one or the new one, whole (every file that its run.json lists, with its hash, and
nothing half written); what others put into it is where it was, the same file; what somebody edited is there once, under
its own name or as `.kept-<time>`. Held after the next run that is let be: nothing is left beside the folder.

  kills      --random N kills (SIGKILL) at random, half of them in the moment of the exchange; then one before every call
             that renames, links, makes or deletes a name (`strace --inject`)
  shortages  a full disk, at every fill from none to enough; a file system and a folder that are read-only; 16 descriptors;
             150 MB of address space; streams that are closed, full or left by their reader. A run then ends with 0 and the
             new plan, or with 1, a message and the old one; never by a signal, never with a panic. Where memory is refused
             the allocator may end the run (SIGABRT): with the old plan.

Needs Linux and Python 3.9. The kills at every call need `strace` 4.17 or later; the full disk and read-only trials need root,
or `unshare -r`, to mount a small file system of their own; what cannot be tried is named at the end, and fails the check.

  cargo build --release && .ci/more/kills_and_shortages.py
"""

import argparse
import collections
import hashlib
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

LAST = date(2026, 8, 31)
CALLS = "rename,renameat,renameat2,link,linkat,unlink,unlinkat,rmdir,mkdir,mkdirat,symlink,symlinkat"
LEFTOVER = ".restock-tmp-"


def make_shop(folder, days=400):
    """A small shop: four items in two channels, with stockouts; the same on every machine."""
    dice = random.Random(7)
    folder.mkdir()
    sales, stock = ["date,sku,channel,units"], ["date,sku,location,on_hand"]
    for item in range(4):
        sku = f"S{item}"
        for channel in ("own", "market"):
            on_hand = 60
            for back in range(days, -1, -1):
                day = LAST - timedelta(days=back)
                sold = min(on_hand, int(dice.expovariate(1 / (1.5 + item))))
                on_hand -= sold
                if sold:
                    sales.append(f"{day},{sku},{channel},{sold}")
                stock.append(f"{day},{sku},{channel},{on_hand}")
                if day.weekday() == 0 and on_hand < 15:
                    on_hand += 50
    (folder / "sales.csv").write_text("\n".join(sales) + "\n")
    (folder / "stock.csv").write_text("\n".join(stock) + "\n")
    (folder / "items.csv").write_text(
        "sku,unit_cost,lead_time_days\n" + "".join(f"S{i},{100 + i},10\n" for i in range(4))
    )


class Broken(Exception):
    """Something that was promised did not hold."""


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Trial:
    """One folder that runs write again and again, with the files of others in it."""

    charts = True

    def __init__(self, program, data, home, command):
        self.program, self.data, self.home, self.command = program, data, home, command
        self.out = home / "2026-08-31"
        self.folder = self.out if command == "plan" else self.out / "backtest"
        self.edited_file = "forecast.csv" if command == "plan" else "replay.csv"
        self.round = 0
        home.mkdir()
        self.run(self.args("en")).check_returncode()
        self.strangers = {}
        for name, text in {
            "holiday.jpg": "sea",
            "purchase_orders_approved.xlsx": "approved",
            "charts/mine.png": "mine",
            "notes/2026/letter.txt": "letter",
        }.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (self.folder / "empty").mkdir()
        (self.folder / "link").symlink_to("../elsewhere")
        (home / "neighbour.txt").write_text("neighbour")
        for path in sorted(self.folder.rglob("*")):
            name = str(path.relative_to(self.folder))
            if name in ("holiday.jpg", "purchase_orders_approved.xlsx", "charts/mine.png", "link", "empty") or (
                name.startswith("notes")
            ):
                self.strangers[name] = self.look(path)
        self.lang = "en"

    @staticmethod
    def look(path):
        """What of a stranger's file must not change. Of a folder only that it is there: a run that is killed may have left
        a stand-in, with the same files, in its place."""
        if path.is_symlink():
            return ("link", os.readlink(path), path.lstat().st_ino)
        if path.is_dir():
            return ("folder",)
        return ("file", path.read_text(), path.stat().st_ino)

    def args(self, lang):
        flags = ["--lang", lang, "--jobs", "2"]
        if self.command == "plan":
            flags += ["--top", "1"] if Trial.charts else ["--no-charts"]
        else:
            flags += ["--origins", "1", "--places", "3", "--replayed", "2"]
        return [str(self.program), self.command, "--data", str(self.data), "--out", str(self.out), *flags]

    def run(self, args, **how):
        how.setdefault("stdout", subprocess.PIPE)
        how.setdefault("stderr", subprocess.PIPE)
        return subprocess.run(args, **how)

    def next(self):
        """Somebody edits a file; returns the language of the next run, by which the new folder is known."""
        self.round += 1
        # What somebody deletes while a killed run's workspace still has it comes back from there.
        if not self.leftovers():
            for kept in self.folder.rglob("*.kept-*"):
                kept.unlink()
        self.edit = f"edited {self.round}"
        (self.folder / self.edited_file).write_text(self.edit)
        return "ja" if self.lang == "en" else "en"

    def check(self, lang):
        """Whether all holds after a run that should have written `lang`; returns whether the folder is the new one."""
        try:
            run = json.loads((self.folder / "run.json").read_text())
        except FileNotFoundError as e:
            raise Broken(f"neither the old folder nor the new one: {e}") from e
        if run["lang"] not in (lang, self.lang):
            raise Broken(f"a folder of another run: {run['lang']}")
        new = run["lang"] == lang
        listed = {entry["file"]: entry["sha256"] for entry in run["written"]}
        there = {
            str(path.relative_to(self.folder))
            for path in self.folder.rglob("*")
            if path.is_symlink() or not path.is_dir()
        }
        for name, digest in listed.items():
            if name == self.edited_file and not new:
                continue
            if name not in there or sha256(self.folder / name) != digest:
                raise Broken(f"{name} is not as run.json says")
        for name, was in self.strangers.items():
            path = self.folder / name
            if not (path.is_symlink() or path.exists()) or self.look(path) != was:
                raise Broken(f"somebody's {name} is gone or changed")
        edited = [n for n in there if n == self.edited_file or n.startswith(self.edited_file + ".kept-")]
        texts = {n: (self.folder / n).read_text() for n in edited}
        found = [n for n, text in texts.items() if text == self.edit]
        earlier = [n for n, text in texts.items() if re.fullmatch(r"edited \d+", text) and text != self.edit]
        if len({texts[n] for n in earlier}) < len(earlier):
            raise Broken(f"kept more than once: {sorted(earlier)}")
        if len(found) != 1 or (found[0] == self.edited_file) == new:
            raise Broken(f"the edited file is at {found or 'no place'}")
        beside = there - set(listed) - set(self.strangers) - set(found) - set(earlier) - {"run.json"}
        if self.command == "plan":
            beside = {n for n in beside if not n.startswith("backtest/")}
        if beside:
            raise Broken(f"left in the folder: {sorted(beside)[:5]}")
        if (self.home / "neighbour.txt").read_text() != "neighbour":
            raise Broken("the neighbour's file is changed")
        self.lang = run["lang"]
        return new

    def leftovers(self):
        around = list(self.home.iterdir()) + (list(self.out.iterdir()) if self.out.is_dir() else [])
        return [path for path in around if path.name.startswith(LEFTOVER)]

    def settle(self):
        """A run that is let be: it succeeds and clears up."""
        lang = self.next()
        done = self.run(self.args(lang))
        if done.returncode != 0:
            raise Broken(f"the next run fails: {done.stderr.decode()[-400:]}")
        if not self.check(lang):
            raise Broken("the next run wrote nothing")
        if self.leftovers():
            raise Broken(f"the next run left {[p.name for p in self.leftovers()]}")


def kill_at_random(trial, count, dice):
    lang = trial.next()
    begun = time.monotonic()
    trial.run(trial.args(lang)).check_returncode()
    whole = time.monotonic() - begun
    trial.check(lang)
    ends = collections.Counter()
    for k in range(count):
        lang = trial.next()
        child = subprocess.Popen(trial.args(lang), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if k % 2:
            # The exchange takes milliseconds: wait for it.
            while child.poll() is None and not any(trial.home.glob(f"{LEFTOVER}*/new/run.json")):
                time.sleep(0.0002)
            time.sleep(dice.random() * 0.05)
        else:
            time.sleep(dice.random() * whole * 1.05)
        child.kill()
        child.wait()
        new = trial.check(lang)
        ends["new" if new else "old", "killed" if child.returncode < 0 else "done"] += 1
        if trial.leftovers():
            ends["left a workspace"] += 1
        if k % 25 == 24:
            trial.settle()
    trial.settle()
    return whole, ends


def kill_at_every_call(trial):
    """One run killed before each call; the state before a call is the state after the one before it."""
    log = trial.home.parent / "calls"
    lang = trial.next()
    trial.run(["strace", "-f", "-qq", "-e", f"trace={CALLS}", "-o", str(log), *trial.args(lang)]).check_returncode()
    trial.check(lang)
    calls = [line.split()[1].split("(")[0] for line in log.read_text().splitlines() if "(" in line]
    killed = collections.Counter()
    ends = collections.Counter()
    # strace counts the invocations of each call by itself.
    for call, count in sorted(collections.Counter(calls).items()):
        for n in range(1, count + 1):
            lang = trial.next()
            inject = f"inject={call}:signal=KILL:when={n}"
            done = trial.run(["strace", "-f", "-qq", "-e", f"trace={call}", "-e", inject, "-o", str(log), *trial.args(lang)])
            new = trial.check(lang)
            if done.returncode == 0:
                # One call fewer than in the run that was counted: there was less to clear away.
                continue
            killed[call] += 1
            ends["new" if new else "old"] += 1
            trial.settle()
    trial.settle()
    return collections.Counter(calls), killed, ends


def first_words(stderr):
    """The message of a failure: the line that begins with its sign."""
    lines = stderr.decode(errors="replace").splitlines()
    told = [line.strip(" \u00d7") for line in lines if line.strip().startswith("\u00d7")]
    return (told or lines or [""])[-1][:150]


def shortage(trial, name, table, may_abort=False, lang=None, **how):
    """One run that lacks something; where the edit before it is made already, `lang` is what it said."""
    lang = lang or trial.next()
    done = trial.run(trial.args(lang), **how)
    stderr = done.stderr or b""
    new = trial.check(lang)
    aborted = may_abort and done.returncode in (-signal.SIGABRT, 128 + signal.SIGABRT)
    if b"panicked" in stderr:
        raise Broken(f"{name}: a panic: {stderr.decode()[-400:]}")
    if done.returncode not in (0, 1) and not aborted:
        raise Broken(f"{name}: ended with {done.returncode}: {stderr.decode()[-400:]}")
    if (done.returncode == 0) != new:
        raise Broken(f"{name}: exit code {done.returncode} with the {'new' if new else 'old'} folder")
    if done.returncode == 1 and how.get("stderr", subprocess.PIPE) is subprocess.PIPE and not stderr:
        raise Broken(f"{name}: ended with 1 and without a word")
    if not aborted and trial.leftovers():
        raise Broken(f"{name}: left {[p.name for p in trial.leftovers()]}")
    words = first_words(stderr) if done.returncode else ""
    table.append((trial.command, name, done.returncode, "new" if new else "old", words))
    return done.returncode


def limited(kind, amount):
    return lambda: resource.setrlimit(kind, (amount, amount))


def streams(trial, table):
    full = open("/dev/full", "wb")

    def pipe_without_reader():
        reader, writer = os.pipe()
        os.close(reader)
        return writer

    def closing(*numbers):
        return lambda: [os.close(n) for n in numbers]

    cases = [
        ("stderr full", {"stderr": full}),
        ("stderr left by its reader", {"stderr": pipe_without_reader()}),
        ("stderr closed", {"preexec_fn": closing(2)}),
        ("stdout full", {"stdout": full}),
        ("stdout left by its reader", {"stdout": pipe_without_reader()}),
        ("stdout closed", {"preexec_fn": closing(1)}),
        ("stdin, stdout and stderr closed", {"preexec_fn": closing(0, 1, 2)}),
        ("stdout and stderr full", {"stdout": full, "stderr": full}),
    ]
    for name, how in cases:
        if shortage(trial, name, table, **how) != 0:
            raise Broken(f"{name}: ended the run")


def check_streams(program, data, table):
    check = [str(program), "check", "--data", str(data)]
    with open("/dev/full", "wb") as full:
        done = subprocess.run(check, stdout=full, stderr=subprocess.PIPE)
        table.append(("check", "stdout full", done.returncode, "", first_words(done.stderr)))
        if done.returncode != 1 or not done.stderr:
            raise Broken(f"check > /dev/full ended with {done.returncode}: {done.stderr!r}")
    head = subprocess.run(["sh", "-c", '"$@" | head -1', "sh", *check], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if head.returncode or head.stderr:
        raise Broken(f"check | head -1: {head.stderr!r}")


class Mounted:
    """A small file system of its own."""

    def __init__(self, place, size):
        place.mkdir()
        self.place = place
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "restock", str(place)], check=True)

    def __enter__(self):
        return self

    def again(self, how):
        subprocess.run(["mount", "-o", f"remount,{how}", str(self.place)], check=True)

    def __exit__(self, *_):
        subprocess.run(["umount", str(self.place)], check=False)


def full_disk(program, data, base, command, table):
    """The same run with less and less room, a page of it at least, until nothing is left."""
    with Mounted(base / f"full-{command}", "64m") as disk:
        trial = Trial(program, data, disk.place / "home", command)
        trial.settle()
        size = 512 * sum(p.stat().st_blocks for p in trial.folder.rglob("*") if p.is_file())
        ends = collections.Counter()
        steps = 40
        for k in range(steps + 1):
            room = int(size * 1.5 * k / steps)
            ballast = disk.place / "ballast"
            free = os.statvfs(disk.place)
            with open(ballast, "wb") as file:
                file.write(b"\0" * max(0, free.f_bavail * free.f_frsize - room - 8192))
            ends[shortage(trial, f"{room} bytes free", [])] += 1
            ballast.unlink()
        if set(ends) != {0, 1}:
            raise Broken(f"full disk: {dict(ends)}: not both ends were seen")
        trial.settle()
        table.append((command, f"disk with 0 to {size * 3 // 2} bytes free, {steps + 1} runs", dict(ends), "", ""))


def read_only(program, data, base, command, table):
    with Mounted(base / f"ro-{command}", "64m") as disk:
        trial = Trial(program, data, disk.place / "home", command)
        lang = trial.next()
        disk.again("ro")
        if shortage(trial, "read-only file system", table, lang=lang) != 1:
            raise Broken("a folder on a read-only file system was written")
        disk.again("rw")
        trial.settle()


def unprivileged(trial):
    """Runs as a user who owns nothing; only root can become one."""
    for path in [trial.home, *trial.home.rglob("*")]:
        os.chown(path, 65534, 65534, follow_symlinks=False)

    def drop():
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)

    return drop


def read_only_folder(program, data, base, command, table):
    trial = Trial(program, data, base / f"folder-{command}", command)
    drop = unprivileged(trial)
    for name, place in (("folder above read-only", trial.home), ("the folder itself read-only", trial.folder)):
        lang = trial.next()
        mode = place.stat().st_mode
        place.chmod(0o555)
        code = shortage(trial, name, table, lang=lang, preexec_fn=drop)
        place.chmod(mode)
        # A backtest needs the plan folder alone, where the folder above is read-only.
        expected = 0 if command == "backtest" and place == trial.home else 1
        if code != expected:
            raise Broken(f"{name}: ended with {code}")
    trial.settle()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = Path(__file__).resolve().parents[2]
    parser.add_argument("--program", type=Path, default=root / "target/release/restock")
    parser.add_argument("--random", type=int, default=300, metavar="N", help="kills at random, of each command")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=["kills", "shortages"])
    parser.add_argument("--command", choices=["plan", "backtest"], help="this one alone")
    parser.add_argument("--no-charts", action="store_true", help="plans without: for a build that draws slowly")
    asked = parser.parse_args()
    Trial.charts = not asked.no_charts
    commands = [asked.command] if asked.command else ["plan", "backtest"]
    if not asked.program.is_file():
        sys.exit(f"{asked.program} is not there: cargo build --release, or --program FILE")
    program = asked.program.resolve()
    untried = []
    base = Path(tempfile.mkdtemp(prefix="restock-trials-"))
    base.chmod(0o755)
    try:
        data = base / "data"
        make_shop(data)
        if asked.only != "shortages":
            kills(program, data, base, commands, asked, untried)
        if asked.only != "kills":
            shortages(program, data, base, commands, untried)
    except Broken as e:
        sys.exit(f"BROKEN: {e}\nThe folders are in {base}")
    shutil.rmtree(base)
    for what in untried:
        print(f"not tried: {what}")
    if untried:
        sys.exit(1)
    print("all held")


def kills(program, data, base, commands, asked, untried):
    for command in commands:
        trial = Trial(program, data, base / f"kills-{command}", command)
        whole, ends = kill_at_random(trial, asked.random, random.Random(asked.seed))
        print(f"{command}: {asked.random} kills at random within {whole:.2f} s: {counted(ends)}", flush=True)
        if shutil.which("strace") is None:
            untried.append(f"{command}: kills at every call (no strace)")
            continue
        calls, killed, ends = kill_at_every_call(trial)
        print(f"{command}: calls of a run: {counted(calls)}")
        print(f"{command}: killed before each: {counted(killed)}; folder {counted(ends)}", flush=True)


def counted(counter):
    words = lambda key: " ".join(key) if isinstance(key, tuple) else key
    return ", ".join(f"{n} {words(key)}" for key, n in sorted(counter.items(), key=lambda x: words(x[0])))


def shortages(program, data, base, commands, untried):
    table = []
    try:
        check_streams(program, data, table)
        for command in commands:
            trial = Trial(program, data, base / f"short-{command}", command)
            shortage(trial, "16 descriptors", table, preexec_fn=limited(resource.RLIMIT_NOFILE, 16))
            trial.settle()
            megabytes = 150 << 20
            shortage(trial, "150 MB of address space", table, True, preexec_fn=limited(resource.RLIMIT_AS, megabytes))
            trial.settle()
            streams(trial, table)
            trial.settle()
            if os.geteuid() == 0:
                full_disk(program, data, base, command, table)
                read_only(program, data, base, command, table)
            else:
                untried.append(f"{command}: full disk, read-only file system (not root; try unshare -r)")
            if os.geteuid() == 0 and Path("/proc/self/uid_map").read_text().split()[1] == "0":
                read_only_folder(program, data, base, command, table)
            else:
                untried.append(f"{command}: read-only folder (needs root of the machine)")
    finally:
        for command, name, code, folder, words in table:
            print(f"{command:9} {name:55} {code} {folder:4} {words}")


if __name__ == "__main__":
    main()
