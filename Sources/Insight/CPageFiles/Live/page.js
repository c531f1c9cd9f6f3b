"use strict";

/*
 * The live page: joins the run's server, and joins it again when the stream breaks; shows the run
 * as it is, and sends what its reader does.
 */

const CHOICE_MOST = 1000;
/** Milliseconds between two pictures, and between two texts, at least. */
const FRAME_GAP = 30;
const TEXT_GAP = 150;
const STILL_GAP = 1000;
const RETRY_GAP = 1000;
/** Milliseconds between two statuses at most, and from an event to its picture. */
const STATUS_GAP = 1500;
const SHOWN_LATER = 100;

const STATE_WORDS = {
  waiting: "the run waits to be started", running: "the run goes on",
  paused: "the run is paused", ended: "the run has ended",
};

const IS_OVER = "The run is over, and its server has gone. What is shown here stays.";

class LivePage {
  constructor() {
    this.head = new RunHead();
    this.find = this.head.find;
    this.server = new Server(location.hash.slice(1));
    this.status = { state: "connecting", now_ns: 0, speed: 1 };
    this.statusTime = 0;
    this.shownNow = 0;
    this.frames = 0;
    this.toldSnapshots = new Set();
    this.scale = 1;
    this.stillness = matchMedia("(prefers-reduced-motion: reduce)");
    this.controls = new Controls(this);
    window.addEventListener("resize", () => this.resize(this.scale));
    window.addEventListener("hashchange", () => location.reload());
    this.live();
    this.schedule();
  }

  // MARK: The run

  async live() {
    for (;;) {
      try {
        await this.join();
        const isOver = this.status.state === "ended";
        this.head.showProblem(isOver ? IS_OVER : "The stream has ended. The page tries again.");
      } catch (error) {
        this.head.showProblem(this.problemWords(error));
        if (!(error instanceof Refusal)) throw error;
      }
      const state = this.status.state === "ended" ? "ended" : "away";
      this.takeStatus({ ...this.status, now_ns: this.shownNow, state, text: undefined });
      await new Promise((resolve) => setTimeout(resolve, RETRY_GAP));
    }
  }

  problemWords(error) {
    if (!(error instanceof Refusal)) return `The page has failed: ${error.message}`;
    if (this.status.state === "ended") return IS_OVER;
    if (error.status !== 401 && error.status !== 403) return error.message;
    return this.server.token === ""
      ? "This address lacks its token: open the whole line that the run has printed."
      : "The token in this address is of another run: open the line that this run has printed.";
  }

  async join() {
    const run = await this.server.run();
    if (this.run && (this.run.name !== run.name || this.run.seed !== run.seed)) {
      location.reload();
      await new Promise(() => {});
    }
    this.run = run;
    this.showRun();
    if (this.machines === undefined) await this.chooseMachines();
    const isAll = this.machines === null;
    const ids = isAll ? Array.from({ length: run.machines }, (_, m) => m) : this.machines;
    this.begin(ids);
    const range = isAll ? "" : `${ids[0]}-${ids[ids.length - 1]}`;
    await this.server.follow(range, ids.length, (frame, body) => {
      this.head.showProblem("");
      this.takeFrame(frame, body);
    });
  }

  /** The machines to show: all, unless there are more than a page can. */
  async chooseMachines() {
    if (this.run.machines <= CHOICE_MOST) {
      this.machines = null;
      return;
    }
    const form = this.find("#choice");
    const warning = form.querySelector(".warning");
    say(form.querySelector("p"), `This run has ${numberText(this.run.machines)} machines. The page `
      + `shows at most ${numberText(CHOICE_MOST)} of them. Which?`);
    form.hidden = false;
    this.machines = await new Promise((resolve) => {
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        const ids = parseMachines(form.elements.machines.value, this.run.machines);
        const isRange = ids && ids[ids.length - 1] - ids[0] === ids.length - 1;
        const isRight = isRange && ids.length <= CHOICE_MOST;
        warning.hidden = isRight;
        say(warning, "Name one range of at most 1,000 machines, such as 100-199.");
        if (isRight) resolve(ids);
      });
    });
    form.hidden = true;
  }

  /** Begins to show the run, from the first frame. */
  begin(ids) {
    const { run } = this;
    this.ids = ids;
    this.model = new Model(run, ids);
    this.find("#run").hidden = false;
    this.find("#diagram").hidden = !run.journals;
    this.find("#map").hidden = !run.journals || ids.length > MAP_MACHINES;
    this.find("#now").classList.toggle("without-map", this.find("#map").hidden);
    if (this.diagram) this.diagram.reset(this.model);
    else this.makeParts();
    const { machineActions } = this.controls;
    const { act, machine } = document.activeElement?.dataset ?? {};
    this.table = new MachineTable(this.find("#machines"), this.model, machineActions);
    // A new table has new buttons: the one that had the focus keeps it.
    const button = act && this.find(`[data-act=${act}][data-machine="${machine}"]`);
    button?.focus({ preventScroll: true });
    this.list = new SnapshotList(this.find("#snapshots ol"), this.model, this.diagram);
    this.find("#snapshots ol").replaceChildren();
    this.map.model = this.model;
    this.shownNow = 0;
    this.resize(this.scale);
  }

  makeParts() {
    this.diagram = new LiveDiagram(this.find("#diagram"), this.model, this.firstSpan);
    this.map = new RunMap(this.find("#map canvas"), this.model);
    this.diagram.onFollow = () => {
      const { isFollowing } = this.diagram;
      this.find("[data-page=follow]").setAttribute("aria-pressed", String(isFollowing));
    };
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => (
      this.map.readColours()));
    window.scalemodelDiagram = this.diagram;
  }

  /** So much time that single events can be told apart: at most 15 s, and less on a telephone. */
  get firstSpan() {
    const { rates } = this.run;
    const fastest = rates ? Math.max(1, ...this.ids.map((id) => rates[id])) : 10;
    const share = Math.min(1, window.innerWidth / 1000);
    return share * Math.min(15e9, Math.max(2e8, 120e9 / fastest));
  }

  /** Shows which run it is, and what can be done. */
  showRun() {
    const { run } = this;
    this.head.showRun(run);
    this.head.showLimits(run);
    this.controls.allow(run.controls);
    this.controls.showState(this.status.state);
  }

  resize(scale) {
    this.scale = scale;
    if (!this.map) return;
    this.map.scale = this.diagram.painter.scale = scale;
    this.map.resize();
    this.diagram.resize();
  }

  /** The machine of the chosen event, else the first that lives; 0 before any is shown. */
  get chosenMachine() {
    if (!this.diagram) return 0;
    const { selected, events } = this.diagram;
    const m = selected === NONE
      ? this.ids.findIndex((_, m) => !this.model.deaths.has(m)) : events.machine[selected];
    return this.ids[Math.max(0, m)];
  }

  // MARK: Frames

  takeFrame(frame, body) {
    switch (frame.type) {
      case "journal": return this.model.takeJournal(frame, body);
      case "skip":
        this.model.takeSkip(frame);
        return this.head.showLimits(this.run, this.model);
      case "snapshot": return this.takeSnapshot(frame.id, exactJSON(body));
      case "manifest": return this.takeManifest(body);
      case "restart": return this.begin(this.ids);
      case "status":
        this.model.takeStatus(frame);
        return this.takeStatus(frame);
      default: return undefined;
    }
  }

  takeManifest(body) {
    const manifest = JSON.parse(body);
    this.model.takeManifest(manifest);
    const ending = manifest.status === "running" ? "" : manifest.status;
    const words = ["the run is over", ending, manifest.reason].filter(Boolean).join(": ");
    if (ending && ending !== this.ending) this.log(words, "manifest");
    this.ending = ending;
  }

  takeStatus(status) {
    const before = this.status;
    this.status = status;
    this.statusTime = performance.now();
    if (status.text) this.log(status.text, "sentence");
    const isFirst = before.state === "connecting";
    if (isFirst || status.speed !== before.speed) this.controls.showSpeed(status.speed);
    if (status.state === before.state) return;
    const words = STATE_WORDS[status.state];
    if (words && !status.text) this.log(words, "state");
    this.head.showState(status.state);
    this.controls.showState(status.state);
  }

  takeSnapshot(id, file) {
    this.model.takeSnapshot(id, file);
    const told = `${id} ${file.completed_time_ns}`;
    if (this.toldSnapshots.has(told)) return;
    this.toldSnapshots.add(told);
    const [oldest] = this.toldSnapshots;
    if (this.toldSnapshots.size > SNAPSHOT_COUNT) this.toldSnapshots.delete(oldest);
    this.log(`snapshot ${id}: ${this.list.verdict(file)}`, "snapshot");
  }

  /** Adds a line to what has happened; `side` is where its words come from. */
  log(words, side) {
    this.head.log(words, this.model ? this.now : 0, side);
  }

  /**
   * The time since the run's start that is shown: a little behind the present, so that the events
   * until then are known. The browser's clock has no part in it, only its pace.
   */
  get now() {
    const { status } = this;
    const passed = performance.now() - this.statusTime;
    const isMoving = status.state === "running" && typeof status.speed === "number";
    // Never further ahead than statuses come: a stream that stands still shows a run that does.
    const ahead = isMoving ? (Math.min(passed, STATUS_GAP) - SHOWN_LATER) * status.speed * 1e6 : 0;
    const now = Math.max((status.now_ns || 0) + ahead, this.model.latest, 0);
    this.shownNow = status.state === "running" ? Math.max(now, this.shownNow) : now;
    return this.shownNow;
  }

  // MARK: Pictures

  /** Draws as often as the machine has time for, and no more often than eyes do. */
  schedule() {
    requestAnimationFrame((time) => {
      // Before the picture: one that cannot be drawn is not the last.
      this.schedule();
      const gap = this.stillness.matches ? STILL_GAP : Math.max(FRAME_GAP, 2 * (this.drawing || 0));
      const isDue = time - (this.drawnTime ?? -Infinity) >= gap;
      if (isDue && this.model) {
        this.drawnTime = time;
        const start = performance.now();
        this.draw(start);
        this.drawing = performance.now() - start;
      }
    });
  }

  draw(time) {
    const { now, status } = this;
    const goesOn = this.run.goes_on && status.state !== "ended";
    if (this.run.journals) this.diagram.advance(now, goesOn);
    this.map.isStill = this.stillness.matches;
    if (!this.find("#map").hidden) this.map.draw(now, status, time);
    this.frames++;
    if (time - (this.textTime ?? -Infinity) < TEXT_GAP) return;
    this.textTime = time;
    this.table.update(now, status);
    this.list.update(now, status.begun || []);
    this.find("[data-none]").hidden = this.model.snapshots.size > 0;
    this.head.showTime(now, this.run.duration_ns);
    this.head.showSum(this.model, now);
    this.head.showLimits(this.run, this.model);
  }
}

window.scalemodelLive = new LivePage();
