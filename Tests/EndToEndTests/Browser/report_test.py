#!/usr/bin/env python3
"""The report of `analyze --report`, opened in a real browser.

    report_test.py SCALEMODEL ANALYZE

Makes runs, opens their reports in headless Chromium and uses them as people do. What the diagram
says it drew is held against the journals, read here with nothing but Python's csv module.
Needs playwright from PyPI and a `chromium` on the PATH.
"""

import bisect
import csv
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

from playwright.sync_api import sync_playwright

PAINT_LIMIT_MS = 1000


class Journals:
    """The events and messages of a run, from its CSV files alone."""

    def __init__(self, run):
        manifest = json.loads((run / "run.json").read_text())
        self.start = manifest["start_time_ns"] or 0
        self.lines = []
        for machine in range(manifest["plan"]["machines"]):
            with open(run / f"machine-{machine}.csv", newline="") as file:
                text = file.read()
            whole = text[: text.rfind("\n") + 1]
            self.lines.append(list(csv.DictReader(whole.splitlines())))
        self.places = {"time": [self.settled(lines, self.time) for lines in self.lines]}
        self.places["clock"] = [self.settled(lines, self.clock) for lines in self.lines]
        self.places["order"] = self.order()
        self.messages = list(self.find_messages())

    def time(self, line):
        return int(line["system_time_ns"]) - self.start

    def clock(self, line):
        return int(line["clock"])

    @staticmethod
    def settled(lines, quantity):
        """A value that goes back counts as the latest one before it."""
        values, latest = [], 0
        for line in lines:
            latest = max(latest, quantity(line))
            values.append(latest)
        return values

    def order(self):
        times = self.places["time"]
        events = sorted(
            (time, machine, place) for machine in range(len(times))
            for place, time in enumerate(times[machine]))
        order = [[0] * len(machine) for machine in times]
        for number, (_, machine, place) in enumerate(events):
            order[machine][place] = number
        return order

    def find_messages(self):
        sends = {}
        for source, lines in enumerate(self.lines):
            for place, line in enumerate(lines):
                if line["event"] == "send":
                    sends[source, line["message"]] = place
        for target, lines in enumerate(self.lines):
            for place, line in enumerate(lines):
                if line["event"] == "receive":
                    source = int(line["peer"])
                    yield source, sends[source, line["message"]], target, place

    def counted(self, drawn):
        """How many dots and arrows the diagram should have drawn in its window."""
        low, high = drawn["window"]
        places = self.places[drawn["axis"]]
        if drawn["axis"] == "clock":
            # The page counts readings from the smallest one there is.
            base = min(clock[0] for clock in places if clock)
            low, high = low + base, high + base
        machines = set(drawn["machines"])
        dots = sum(
            bisect.bisect_right(places[m], high) - bisect.bisect_left(places[m], low)
            for m in machines)
        arrows = sum(
            (source in machines or target in machines)
            and places[source][send] <= high and places[target][receipt] >= low
            for source, send, target, receipt in self.messages)
        return dots, arrows


class Report:
    """A report in a browser page, which must not complain or fetch anything."""

    def __init__(self, browser, path, **options):
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.complaints = []
        self.requests = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append("a dialog opened"))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(path.resolve().as_uri())
        self.page.wait_for_selector("#diagram[data-ready]", timeout=60_000)
        self.canvas = self.page.locator("#diagram canvas")

    def drawn(self):
        return self.page.evaluate("scalemodelDiagram.drawn()")

    def paint_ms(self):
        return self.page.evaluate(
            "performance.getEntriesByName('first-contentful-paint')[0].startTime")

    def span(self):
        low, high = self.drawn()["window"]
        return high - low

    def press(self, key):
        self.canvas.focus()
        self.page.keyboard.press(key)

    def button(self, action):
        self.page.locator(f"#diagram [data-action={action}]").click()

    def words(self):
        return self.page.locator("#diagram [aria-live]").text_content()

    def place_on_screen(self, machine, place):
        """Where an event is, in the page's pixels; the canvas must be in view."""
        self.canvas.scroll_into_view_if_needed()
        box = self.canvas.bounding_box()
        x, y = self.page.evaluate(
            """([m, place]) => {
              const { view, events } = scalemodelDiagram;
              return [view.x(view.place[events.first[m] + place]), view.y(view.rowOf[m])];
            }""", [machine, place])
        return box["x"] + x, box["y"] + y

    def close(self):
        assert not self.complaints, self.complaints
        assert all(url.startswith("file:") for url in self.requests), self.requests
        self.context.close()


def expect(holds, *evidence):
    if not holds:
        raise AssertionError(*evidence)


def expect_counts(report, journals, where):
    drawn = report.drawn()
    counted = journals.counted(drawn)
    expect((drawn["dots"], drawn["arrows"]) == counted, where, drawn, counted)
    return counted


def check_window(report, journals):
    """Whatever is in view is what the journals say: zoomed, panned, by each axis."""
    counts = {expect_counts(report, journals, "the first view")}
    for action in ["in", "in", "right", "out", "right", "all", "in", "left", "home"]:
        report.button(action)
        counts.add(expect_counts(report, journals, action))
    for axis in ["order", "clock", "time"]:
        report.page.check(f"#diagram input[value={axis}]")
        counts.add(expect_counts(report, journals, axis))
        report.button("in")
        counts.add(expect_counts(report, journals, axis + ", zoomed"))
        report.button("home")
    expect(len(counts) > 5, "every view was the same", counts)
    expect(all(dots > 0 for dots, _ in counts), counts)


def check_inputs(report, journals):
    """Wheel, drag, double click and keys change the view; the wheel only once it has the focus."""
    report.button("home")
    before = report.drawn()["window"]
    box = report.canvas.bounding_box()
    report.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
    report.page.evaluate("document.activeElement.blur()")
    report.page.mouse.wheel(0, -10)
    expect(report.drawn()["window"] == before, "the wheel zoomed without the focus")
    report.canvas.focus()
    box = report.canvas.bounding_box()
    (x, y) = (box["x"] + box["width"] / 2, box["y"] + 20)
    report.page.mouse.move(x, y)
    report.page.mouse.wheel(0, -200)
    report.page.wait_for_function(
        "([low, high]) => scalemodelDiagram.drawn().window[1] - scalemodelDiagram.drawn().window[0]"
        " < (high - low) * 0.8", arg=before)
    expect_counts(report, journals, "after the wheel")
    held = report.drawn()["window"]
    report.page.mouse.down()
    report.page.mouse.move(x - 120, y, steps=4)
    report.page.mouse.up()
    expect(report.drawn()["window"][0] > held[0], "dragging did not move the view")
    expect(abs(report.span() - (held[1] - held[0])) < 1e-6 * report.span(), "dragging zoomed")
    expect_counts(report, journals, "after dragging")
    report.press("Home")
    expect(report.drawn()["window"] == before, "Home is not the first view")
    report.press("+")
    expect(report.span() < before[1] - before[0], "+ does not zoom in")
    report.press("-")
    report.press("PageDown")
    expect(report.drawn()["window"][0] > before[0], "Page Down does not move on")
    report.press("Home")


def check_words(report, journals):
    """Hovering over an event says what it is, and so do the keys."""
    machine = report.drawn()["machines"][-1]
    low, high = report.drawn()["window"]
    inside = [
        place for place, time in enumerate(journals.places["time"][machine]) if low < time < high]
    place = inside[len(inside) // 2]
    line = journals.lines[machine][place]
    report.page.mouse.move(*report.place_on_screen(machine, place))
    tip = report.page.locator("#diagram .tip")
    tip.wait_for(state="visible")
    said = tip.inner_text()
    for words in [
        f"machine {machine}:", f"reading {line['clock']}", f"tick {line['tick']}",
        f"{line['queue_length']} in the queue",
    ]:
        expect(words in said, words, said)
    if line["event"] in ("send", "receive") and line["peer"] != "*":
        expect(f"machine {line['peer']}" in said, line, said)
    expect(" before" not in said, said)
    report.page.mouse.move(2, 2)
    tip.wait_for(state="hidden")

    report.press("Escape")
    report.press("ArrowRight")
    first = report.words()
    report.press("ArrowRight")
    second = report.words()
    report.press("ArrowDown")
    third = report.words()
    expect(first and len({first, second, third}) == 3, first, second, third)
    expect("reading" in second and "in the queue" in second, second)
    # The keys show what is said where the ring is.
    tip = report.page.locator("#diagram .tip")
    expect(tip.is_visible() and "reading" in tip.inner_text(), "no words beside the ring")
    expect(f"machine {report.drawn()['machines'][1]}:" in third, third)
    report.press("Home")


def check_cut(report, journals, snapshots):
    """A snapshot's own button brings its cut into view; what it caught is what its file says."""
    # A message that was not received before the run ended has no arrow.
    received = {
        (source, int(journals.lines[source][send]["message"]), target)
        for source, send, target, _ in journals.messages}
    report.page.evaluate(
        "document.querySelectorAll('details').forEach((details) => (details.open = true))")
    for path in sorted(snapshots.glob("*.json")):
        snapshot = json.loads(path.read_text())
        report.page.locator(f"button[data-cut='{snapshot['id']}']").click()
        expect(report.drawn()["cuts"] >= 1, "the cut is not in view", snapshot["id"])
        found = report.page.evaluate(
            """(id) => {
              const { view, events } = scalemodelDiagram;
              const cut = view.run.cuts.find((cut) => cut.id === id);
              const places = Array.from(events.received, (receipt) => view.crossing(cut, receipt));
              return ["channel", "inbox"].map((place) => places.filter((p) => p === place).length);
            }""", snapshot["id"])
        on_channels = [
            (channel["source"], message["message"], channel["target"])
            for channel in snapshot["channels"] for message in channel["messages"]]
        in_inboxes = [
            (message["source"], message["message"], machine["id"])
            for machine in snapshot["machines"] for message in machine["inbox"]]
        expected = [len(received.intersection(caught)) for caught in (on_channels, in_inboxes)]
        expect(found == expected, snapshot["id"], found, expected)
    report.button("home")


def past_of(journals, machine, place):
    """How many lines of each machine happened before an event, or are it, by a search."""
    senders = {
        (target, receipt): (source, send) for source, send, target, receipt in journals.messages}
    ends = [0] * len(journals.lines)
    waiting = [(machine, place)]
    while waiting:
        m, last = waiting.pop()
        for place in range(ends[m], last + 1):
            if (m, place) in senders:
                waiting.append(senders[m, place])
        ends[m] = max(ends[m], last + 1)
    return ends


def check_clocks(report, journals):
    """Of two chosen events the page says what is true, and the vector clock never errs."""
    said = report.page.locator("#clock-table [data-said]")
    seen = set()
    count = 0
    for step in range(1, 13):
        one, two = step % len(journals.lines), (step * 2 + 1) % len(journals.lines)
        (first, second) = [
            (m, min(len(journals.lines[m]) - 1, step * n)) for m, n in [(one, 3), (two, 4)]]
        kinds = {journals.lines[m][p]["event"] for m, p in (first, second)}
        if first == second or "snapshot" in kinds:
            continue
        for (m, place), keeps in [(first, True), (second, False)]:
            report.page.evaluate(
                "([m, p]) => scalemodelDiagram.select(scalemodelDiagram.events.first[m] + p)",
                [m, place])
            if keeps:
                report.page.locator("#clock-table [data-keep]").click()
        pasts = [past_of(journals, *event) for event in (first, second)]
        truth = (
            "before" if pasts[1][first[0]] > first[1]
            else "after" if pasts[0][second[0]] > second[1] else "concurrent")
        rows = report.page.eval_on_selector_all(
            "#clock-table tbody tr",
            "(rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent))")
        verdicts = {row[0]: row[3] for row in rows}
        expect(len(rows) == 5 and verdicts["vector"] == f"✓ {truth}", truth, rows)
        expect(truth in said.text_content() or truth != "concurrent", truth, said.text_content())
        readings = [journals.clock(journals.lines[m][p]) for m, p in (first, second)]
        lamport = [row[1:3] for row in rows if row[0] == "Lamport"]
        expect(lamport == [[str(reading) for reading in readings]], rows)
        if truth != "concurrent":
            expect(set(verdicts.values()) == {f"✓ {truth}"}, truth, rows)
        seen.add(truth)
        count += 1
    expect(count > 8 and len(seen) > 1, "too few pairs", count, seen)
    report.press("Escape")
    expect("Now choose another" in said.text_content(), said.text_content())


def check_figures(report):
    """A figure's text is as large as the page's, and a button makes a figure as large as the window."""
    heights = report.page.evaluate(
        """() => [...document.querySelectorAll("figure > svg")]
          .filter((image) => image.getBoundingClientRect().width > 0)
          .map((image) => image.getScreenCTM().a * 12)""")
    expect(len(heights) >= 5 and min(heights) > 10.5, "small text in figures", heights)
    report.page.locator("[data-enlarge=queue]").click()
    large = report.page.locator("dialog.large > svg")
    scale = large.evaluate("(image) => image.getScreenCTM().a")
    expect(scale > 1.5, "the figure is not large", scale)
    report.page.keyboard.press("Escape")
    large.wait_for(state="detached")


def check_chosen_cut(report, journals):
    """All cuts colour their messages, however many are in view; a chosen one alone its own."""
    report.button("all")
    drawn = report.drawn()
    expect(drawn["cuts"] >= 5 and drawn["isColoured"] and drawn["caught"] > 0, drawn)
    report.page.locator("#diagram select[name=cut]").select_option(index=1)
    report.button("all")
    chosen = report.drawn()
    expect(chosen["cuts"] == drawn["cuts"], drawn, chosen)
    expect(chosen["caught"] < drawn["caught"], drawn, chosen)
    times = report.page.evaluate(
        """() => scalemodelDiagram.view.run.cuts.map((cut) =>
          Math.min(...cut.places.map((_, m) => scalemodelDiagram.view.cutPlace(cut, m))))""")
    expect(times == sorted(times), "the cuts are not in the order of time", times)
    report.page.locator("#diagram select[name=cut]").select_option(index=0)
    report.button("home")


def check_touch(browser, path):
    """Two fingers that part zoom in, on a telephone, where nothing is wider than the screen."""
    report = Report(
        browser, path, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True,
        color_scheme="dark")
    expect(
        report.page.evaluate("document.documentElement.scrollWidth") <= 390,
        "the page is wider than the screen")
    report.canvas.scroll_into_view_if_needed()
    before = report.span()
    box = report.canvas.bounding_box()
    (x, y) = (box["x"] + box["width"] / 2, box["y"] + 60)
    session = report.context.new_cdp_session(report.page)
    for kind, distance in [("touchStart", 20), ("touchMove", 40), ("touchMove", 80)]:
        points = [
            {"x": x - distance, "y": y, "id": 0}, {"x": x + distance, "y": y, "id": 1}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    report.page.wait_for_function(
        "(before) => { const [low, high] = scalemodelDiagram.drawn().window;"
        " return high - low < before * 0.6; }", arg=before)
    first = report.page.locator("tbody th[scope=row]").first
    left = first.bounding_box()["x"]
    report.page.locator(".scroll[aria-label=Machines]").evaluate("(box) => (box.scrollLeft = 200)")
    expect(abs(first.bounding_box()["x"] - left) < 1, "the machine's column scrolls away")
    expect(report.page.locator(".scroll-hint").is_visible(), "nothing says that the table goes on")
    background = report.page.evaluate("getComputedStyle(document.body).backgroundColor")
    expect(background == "rgb(13, 17, 23)", "the page is not dark", background)
    report.close()


class Laboratory:
    """Makes runs and their reports in a directory of its own."""

    def __init__(self, scalemodel, analyze, directory):
        self.scalemodel, self.analyze = scalemodel, analyze
        self.directory = directory

    def run(self, name, *words):
        path = self.directory / name
        subprocess.run(
            [self.scalemodel, "run", "--runtime", "virtual", "--quiet", "--output", path, *words],
            check=True, stdout=subprocess.DEVNULL)
        return path

    def report(self, run, *words):
        subprocess.run(
            [self.analyze, run, "--report", *words], check=True, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        return run / "analysis" / "report.html"


def default_run(laboratory, browser):
    run = laboratory.run(
        "default", "--rates", "1,3,6", "--seed", "7", "--delay", "50ms...400ms",
        "--snapshot-at", "20s", "--snapshot-at", "40s@1")
    path = laboratory.report(run)
    expect(path.stat().st_size < 2_000_000, "the report is too large", path.stat().st_size)
    journals = Journals(run)
    report = Report(browser, path, viewport={"width": 1280, "height": 900})
    paint = report.paint_ms()
    check_window(report, journals)
    check_inputs(report, journals)
    check_words(report, journals)
    check_cut(report, journals, run / "snapshots")
    check_clocks(report, journals)
    check_figures(report)
    report.close()
    check_touch(browser, path)
    return f"{path.stat().st_size:,} bytes, first paint after {paint:.0f} ms", paint


def thousand_machines(laboratory, browser):
    run = laboratory.run(
        "thousand", "--machines", "1000", "--topology", "random:4", "--ticks", "1...33",
        "--duration", "60s", "--seed", "5", "--snapshot-at", "2s")
    path = laboratory.report(run)
    journals = Journals(run)
    report = Report(browser, path, viewport={"width": 1280, "height": 900})
    paint = report.paint_ms()
    ready = report.page.evaluate("performance.now()")
    check_window(report, journals)
    check_inputs(report, journals)
    check_words(report, journals)
    choice = report.page.locator("#diagram input[name=machines]")
    choice.fill("0-99, 500")
    choice.press("Enter")
    machines = report.drawn()["machines"]
    expect(machines == list(range(len(machines))) and len(machines) > 5, machines)
    expect_counts(report, journals, "other machines")
    choice.fill("")
    choice.press("Enter")
    for _ in range(8):
        report.button("lower")
    report.button("all")
    dots, _ = expect_counts(report, journals, "many machines")
    expect(dots > 10_000, "few events in view", dots)
    report.close()
    return (
        f"{sum(map(len, journals.lines)):,} lines, {path.stat().st_size:,} bytes, first paint after "
        f"{paint:.0f} ms, diagram within {ready:.0f} ms"), paint


def bank(laboratory, browser):
    run = laboratory.run(
        "bank", "--rates", "1,3,6", "--seed", "7", "--delay", "500ms", "--workload", "bank",
        "--snapshot-every", "10s")
    report = Report(browser, laboratory.report(run), viewport={"width": 1280, "height": 900})
    journals = Journals(run)
    expect_counts(report, journals, "a bank")
    check_cut(report, journals, run / "snapshots")
    check_chosen_cut(report, journals)
    text = report.page.inner_text("main")
    expect("3000 in all" in text and "in states" in text, "the sum is not there")
    expect("final balance" in text and "predicted" not in text, "the machine table of a bank")
    expect(report.page.locator("figure").filter(has_text="Field balance of each machine").count() == 1, "no balances")
    drawn = report.drawn()
    expect(0 < drawn["labels"] <= drawn["arrows"], "no amounts on arrows", drawn)
    report.close()
    return "money in every snapshot", 0


def witnesses(laboratory, browser):
    run = laboratory.run(
        "witnesses", "--rates", "5,6,7", "--seed", "3", "--delay", "300ms", "--duration", "20s",
        "--workload", "mutex-ricart-agrawala", "--want", "0.5")
    path = laboratory.report(
        run, "--possibly", "count(phase == waiting) > 1", "--possibly", "count(phase == inside) > 1")
    report = Report(browser, path, viewport={"width": 1280, "height": 900})
    expect_counts(report, Journals(run), "a run with questions")
    text = report.page.inner_text("main")
    expect("possibly count(phase == waiting) > 1 – yes" in text, "the answer is not there")
    expect("possibly count(phase == inside) > 1 – no" in text, "the other answer is not there")
    buttons = report.page.locator("button[data-cut]")
    expect(buttons.count() == 1, "there is one witness", buttons.count())
    buttons.first.click()
    expect(report.drawn()["cuts"] == 1, "the witness is not in view")
    waiting = report.page.evaluate(
        """() => { const { view, events } = scalemodelDiagram;
          const cut = view.run.cuts.find((cut) => cut.id === "possibly-1");
          return cut.places.map((place, m) => [place, view.cutPlace(cut, m)]); }""")
    journals = [
        [line.split(",") for line in (run / f"machine-{m}.csv").read_text().splitlines()]
        for m in range(3)]
    phase = journals[0][0].index("phase")
    phases = [journals[m][place][phase] for m, (place, _) in enumerate(waiting) if place > 0]
    expect(phases.count("waiting") > 1, "the drawn cut is not the answer's", phases, waiting)
    expect(all(x is not None for _, x in waiting), "a machine's line is not cut", waiting)
    report.close()
    return "drawn where they are", 0


def strange_name(laboratory, browser):
    name = "<script>alert(1)<script> & \"it's\" <b>a run"
    run = laboratory.run(name, "--seed", "1", "--duration", "5s")
    report = Report(browser, laboratory.report(run), viewport={"width": 1280, "height": 900})
    expect(report.page.inner_text("h1") == name, report.page.inner_text("h1"))
    expect(name in report.page.title(), report.page.title())
    expect(report.page.locator("script").count() == 3, "a script too many")
    expect_counts(report, Journals(run), "a strange name")
    report.close()
    return "stays text", 0


def unfinished_runs(laboratory, browser):
    """A run that is running, failed or interrupted, whose last line is cut; one with no event."""
    whole = laboratory.run("whole", "--rates", "2,3,5", "--seed", "3", "--duration", "10s")
    for status in ["running", "failed", "interrupted"]:
        run = laboratory.directory / status
        shutil.copytree(whole, run)
        manifest = json.loads((run / "run.json").read_text())
        manifest["status"] = status
        manifest["reason"] = "machine 1: <killed>"
        (run / "run.json").write_text(json.dumps(manifest))
        journal = run / "machine-1.csv"
        journal.write_text(journal.read_text()[:-9])
        subprocess.run(
            [laboratory.analyze, run, "--report"], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        report = Report(
            browser, run / "analysis" / "report.html", viewport={"width": 1280, "height": 900})
        said = report.page.inner_text("header")
        expect("running" in said or "machine 1: <killed>" in said, status, said)
        report.close()
    silent = laboratory.run("silent", "--rates", "1,1", "--duration", "500ms", "--seed", "1")
    report = Report(browser, laboratory.report(silent), viewport={"width": 1280, "height": 900})
    expect(report.drawn()["dots"] == 0, report.drawn())
    report.press("ArrowRight")
    report.press("ArrowDown")
    report.page.check("#diagram input[value=order]")
    report.button("all")
    report.close()
    return "say so", 0


def deaths(laboratory, browser):
    """A machine that died: its line ends there with a cross, and the page says so at its top."""
    run = laboratory.run(
        "killed", "--rates", "2,3,6", "--seed", "5", "--kill", "20s@1", "--on-failure", "continue")
    report = Report(browser, laboratory.report(run), viewport={"width": 1280, "height": 900})
    journals = Journals(run)
    header = report.page.inner_text("header")
    expect("machine 1 died at 20.0 s: killed by --kill 20s@1" in header, header)
    verdict = report.page.inner_text("#checks + p")
    expect("up to where they end: machine 1 died" in verdict, verdict)
    report.button("all")
    drawn = report.drawn()
    expect(drawn["deaths"] == [1], drawn)
    expect_counts(report, journals, "a death")
    report.canvas.scroll_into_view_if_needed()
    box = report.canvas.bounding_box()
    x, y = report.page.evaluate(
        """() => { const { view } = scalemodelDiagram;
          return [view.x(view.deathPlace(1)), view.y(view.rowOf[1])]; }""")
    # Its last event is beside the cross: from the other side only the death is within reach.
    report.page.mouse.move(box["x"] + x + 12, box["y"] + y)
    tip = report.page.locator("#diagram .tip")
    tip.wait_for(state="visible")
    expect("died" in tip.inner_text() and "--kill" in tip.inner_text(), tip.inner_text())
    for axis in ["order", "clock"]:
        report.page.check(f"#diagram input[value={axis}]")
        report.button("all")
        expect(report.drawn()["deaths"] == [1], axis)
    expect(report.page.locator("figure svg.wide .death").count() >= 3, "no cross in the figures")
    report.close()
    return "end their lines", 0


def restarts(laboratory, browser):
    """Machines that went back: all undone events are there, but for the axis of the order."""
    run = laboratory.run(
        "restarts", "--rates", "5,10,20", "--seed", "4", "--delay", "100ms", "--duration", "12s",
        "--snapshot-every", "3s", "--on-failure", "restore", "--kill", "2s@0", "--kill", "8s@1")
    report = Report(browser, laboratory.report(run), viewport={"width": 1280, "height": 900})
    manifest = json.loads((run / "run.json").read_text())
    undone = []
    for machine in range(3):
        lines = list(csv.DictReader((run / f"machine-{machine}.csv").open()))
        for restart in manifest["restarts"]:
            for number in range(restart["undone"][machine][0], restart["undone"][machine][1] + 1):
                undone.append(int(lines[number - 2]["system_time_ns"]))
    for action in ["all", "in", "in", "right", "left", "left"]:
        report.button(action)
        drawn = report.drawn()
        low, high = drawn["window"]
        expect(drawn["undone"] == sum(low <= time <= high for time in undone), action, drawn)
    report.button("all")
    for axis, count in [("order", 0), ("clock", len(undone)), ("time", len(undone))]:
        report.page.check(f"#diagram input[value={axis}]")
        report.button("all")
        expect(report.drawn()["undone"] == count, axis, report.drawn(), count)
    said = report.page.inner_text("[data-status]")
    expect(f"{len(undone)} undone events" in said, said)
    report.close()
    return f"{len(undone)} undone events", 0


def losses(laboratory, browser):
    """Channels that overtake, lose and double: an arrow for each copy, a cross for a lost message."""
    run = laboratory.run(
        "losses", "--rates", "3,4,5", "--die", "5", "--delay", "100ms...1500ms", "--order", "none",
        "--loss", "0.25", "--duplicate", "0.25", "--duration", "40s", "--seed", "5")
    report = Report(browser, laboratory.report(run), viewport={"width": 1280, "height": 900})
    journals = Journals(run)
    report.button("all")
    expect_counts(report, journals, "lost and doubled messages")
    received = {(source, send, target) for source, send, target, _ in journals.messages}
    expect(len(received) < len(journals.messages), "no message is received twice")
    unreceived = [
        journals.places["time"][source][place]
        for source, lines in enumerate(journals.lines) for place, line in enumerate(lines)
        if line["event"] == "send" for target in range(3)
        if target != source and line["peer"] in ("*", str(target))
        and (source, place, target) not in received]
    # What was sent in the last seconds may still be on its way, or wait in an inbox.
    least = sum(time < 25e9 for time in unreceived)
    for axis in ["time", "order", "clock"]:
        report.page.check(f"#diagram input[value={axis}]")
        report.button("all")
        lost = report.drawn()["lost"]
        expect(10 < least <= lost <= len(unreceived), axis, least, lost, len(unreceived))
    words = report.page.evaluate(
        "describe(scalemodelDiagram.view, scalemodelDiagram.view.losses.sends[0])")
    expect(words[-1].startswith("lost on the way to machine "), words)
    expect("ends in a cross" in report.page.inner_text("#space-time + p"), "no words about crosses")
    report.close()
    return "cross out what was lost", 0


def main():
    scalemodel, analyze = (str(pathlib.Path(path).resolve()) for path in sys.argv[1:3])
    scenarios = [
        default_run, thousand_machines, bank, witnesses, deaths, restarts, losses, strange_name,
        unfinished_runs]
    paints = []
    with tempfile.TemporaryDirectory(prefix="scalemodel-browser-") as directory:
        laboratory = Laboratory(scalemodel, analyze, pathlib.Path(directory))
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            for scenario in scenarios:
                words, paint = scenario(laboratory, browser)
                paints.append(paint)
                print(f"{scenario.__name__.replace('_', ' ')}: {words}", flush=True)
            browser.close()
    expect(max(paints) < PAINT_LIMIT_MS, "the first paint comes late", paints)


if __name__ == "__main__":
    main()
