"use strict";

/*
 * The live page: joins the run's server, and joins it again when the stream breaks; shows the run
 * as it is, and sends what its reader does.
 */

const CHOICE_MOST = 1000;
const LOG_LINES = 100;
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

class LivePage {
  constructor() {
    this.find = (selector) => document.querySelector(selector);
    this.server = new Server(location.hash.slice(1));
    this.status = { state: "connecting", now_ns: 0, speed: 1 };
    this.statusTime = 0;
    this.shownNow = 0;
    this.frames = 0;
    this.stillness = matchMedia("(prefers-reduced-motion: reduce)");
    this.listen();
    this.live();
    this.schedule();
  }

  // MARK: The run

  async live() {
    for (;;) {
      try {
        await this.join();
        this.problem("The stream has ended. The page tries again every second.");
      } catch (error) {
        this.problem(this.problemWords(error));
        if (!(error instanceof Refusal)) throw error;
      }
      this.takeStatus({ ...this.status, state: this.status.state === "ended" ? "ended" : "away" });
      await new Promise((resolve) => setTimeout(resolve, RETRY_GAP));
    }
  }

  problemWords(error) {
    if (!(error instanceof Refusal)) return `The page has failed: ${error.message}`;
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
      this.problem("");
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
    const fastest = run.rates ? Math.max(...ids.map((id) => run.rates[id] || 0)) : 10;
    const span = Math.min(15e9, Math.max(2e8, 120e9 / Math.max(1, fastest)));
    if (this.diagram) this.diagram.reset(this.model);
    else this.makeParts(span);
    this.table = new MachineTable(this.find("#machines"), this.model, this.machineActions());
    this.list = new SnapshotList(this.find("#snapshots ol"), this.model, this.diagram);
    this.find("#snapshots ol").replaceChildren();
    this.map.model = this.model;
    this.shownNow = 0;
    this.toldSnapshots = new Set();
    this.resize();
  }

  makeParts(span) {
    this.diagram = new LiveDiagram(this.find("#diagram"), this.model, span);
    this.map = new RunMap(this.find("#map canvas"), this.model);
    this.diagram.onFollow = () => {
      this.find("[data-follow]").setAttribute("aria-pressed", String(this.diagram.isFollowing));
    };
    window.scalemodelDiagram = this.diagram;
  }

  machineActions() {
    const labels = { snapshot: "Snapshot", kill: "Kill", pause: "Pause", resume: "Go on" };
    const can = (action) => this.can(action === "resume" ? "pause" : action);
    return Object.entries(labels).filter(([action]) => can(action));
  }

  can(action) {
    return (this.run?.controls || []).includes(action);
  }

  takeFrame(frame, body) {
    switch (frame.type) {
      case "journal": return this.model.takeJournal(frame, body);
      case "skip":
        this.model.takeSkip(frame);
        return this.showLimits();
      case "snapshot":
        this.model.takeSnapshot(frame, body);
        return this.tellSnapshot(frame.id);
      case "manifest": return this.takeManifest(body);
      case "lost": return this.model.takeLoss(frame);
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
    const words = ["the run", ending, manifest.reason].filter(Boolean).join(": ");
    if (ending && ending !== this.ending) this.log(words);
    this.ending = ending;
  }

  takeStatus(status) {
    const before = this.status;
    this.status = status;
    this.statusTime = performance.now();
    if (status.text) this.log(status.text);
    if (status.state === before.state) return;
    const words = STATE_WORDS[status.state];
    if (words && !status.text) this.log(words);
    this.showState();
  }

  tellSnapshot(id) {
    if (this.toldSnapshots.has(id)) return;
    this.toldSnapshots.add(id);
    this.log(`snapshot ${id}: ${this.list.verdict(this.model.snapshots.get(id).file)}`);
  }

  /**
   * The time since the run's start that is shown: a little behind the present, so that the events
   * until then are known. The browser's clock has no part in it, only its pace.
   */
  get now() {
    const { status } = this;
    const passed = performance.now() - this.statusTime;
    const isMoving = status.state === "running" && status.speed !== null;
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
      const gap = this.stillness.matches ? STILL_GAP : Math.max(FRAME_GAP, 2 * (this.drawing || 0));
      const isDue = time - (this.drawnTime ?? -Infinity) >= gap;
      if (isDue && this.model) {
        this.drawnTime = time;
        const start = performance.now();
        this.draw(start);
        this.drawing = performance.now() - start;
      }
      this.schedule();
    });
  }

  draw(time) {
    const { now, status } = this;
    const goesOn = this.run.goes_on && status.state !== "ended";
    if (this.run.journals) this.diagram.advance(now, goesOn);
    if (!this.find("#map").hidden) this.map.draw(now, status, time);
    this.frames++;
    if (time - (this.textTime ?? -Infinity) < TEXT_GAP) return;
    this.textTime = time;
    this.table.update(now, status);
    this.list.update(now, status.begun || []);
    this.find("[data-none]").hidden = this.model.snapshots.size > 0;
    this.showTime(now);
    this.showSum(now);
  }

  showTime(now) {
    const { duration_ns: duration } = this.run;
    const seconds = (time) => `${(time / 1e9).toFixed(1)} s`;
    say(this.find(".time"), seconds(now) + (duration ? ` of ${seconds(duration)}` : ""));
    document.documentElement.dataset.frames = this.frames;
  }

  showSum(now) {
    const root = this.find("#sum");
    root.hidden = !this.run.conserved;
    if (root.hidden) return;
    const parts = this.model.parts(now);
    const words = root.querySelector(".words-of-sum");
    this.sum = parts;
    if (!parts) {
      say(words, `The total of ${this.run.conserved} cannot be told: `
        + (this.machines ? "only some machines are shown." : this.model.skippedBytes > 0
          ? "the page has not read every event." : "not every machine has an event yet."));
      return;
    }
    const names = ["in states", "in inboxes", "on channels"];
    const amounts = [parts.states, parts.inboxes, parts.channels];
    if (words.childElementCount !== 3) {
      words.replaceChildren(...names.flatMap((name) => [make("b"), ` ${name}   `]), make("span"));
    }
    const bold = words.querySelectorAll("b");
    amounts.forEach((amount, n) => {
      say(bold[n], numberText(amount));
      const share = parts.total > 0 ? (100 * amount) / parts.total : 0;
      root.querySelectorAll(".bar span")[n].style.width = `${share}%`;
    });
    const { expectedTotal } = this.model;
    const isRight = expectedTotal === null || expectedTotal === parts.total;
    words.classList.toggle("failed", !isRight);
    const changed = this.model.added === 0 ? "it never changes" : "changed by hand alone";
    say(words.querySelector("span"), `= ${numberText(parts.total)} in all (${this.run.conserved})`
      + (isRight ? `: ${changed}` : `, but it should be ${numberText(expectedTotal)}`));
  }

  // MARK: Words

  showRun() {
    const { run } = this;
    document.title = `${run.name} – scalemodel`;
    say(this.find("h1"), run.name);
    const about = [
      run.workload, `${numberText(run.machines)} machine${run.machines === 1 ? "" : "s"}`,
      run.runtime === "virtual" ? "virtual time" : run.runtime, run.topology,
      `delay ${run.delay?.text || "none"}`, `seed ${run.seed}`,
    ];
    say(this.find(".about"), about.filter(Boolean).join(" · "));
    for (const element of document.querySelectorAll("[data-do]")) {
      const needed = { stop: "play", join: "cut" }[element.dataset.do] || element.dataset.do;
      element.hidden = !this.can(needed);
    }
    const tools = { channel: ["cut", "lose"], tell: ["tell"] };
    for (const form of document.querySelectorAll("[data-tool]")) {
      form.hidden = !tools[form.dataset.tool].some((action) => this.can(action));
    }
    this.find("[data-needs=cut]").hidden = !this.can("cut");
    this.find("#diagram").hidden = !run.journals;
    const count = Math.min(run.machines, this.machines?.length ?? Infinity);
    this.find("#map").hidden = !run.journals || count > MAP_MACHINES;
    this.find("#now").classList.toggle("without-map", this.find("#map").hidden);
    for (const name of ["deposit", "withdraw"]) {
      const key = this.find(`#diagram .keys .${name}`)?.closest("li");
      if (key) key.hidden = !run.conserved;
    }
    this.showLimits();
    this.showState();
  }

  showState() {
    const { state } = this.status;
    const badge = this.find(".badge");
    badge.dataset.state = state;
    say(badge, { away: "connection lost" }[state] || state);
    const shows = (action, isShown) => {
      this.find(`#controls [data-do=${action}]`).hidden = !isShown;
    };
    shows("start", state === "waiting" && this.can("start"));
    shows("play", state === "paused" && this.can("play"));
    shows("stop", state === "running" && this.can("play"));
    for (const button of document.querySelectorAll("#controls [data-do], #snapshots > [data-do]")) {
      button.disabled = state === "away" || state === "connecting"
        || (state === "ended" && button.dataset.do !== "back")
        || (state === "waiting" && button.dataset.do !== "start");
    }
  }

  /** What the page cannot show, and why. */
  showLimits() {
    const words = [];
    if (this.run && !this.run.journals) {
      words.push("This run writes no journals (--journal off): its events, clocks, inboxes and "
        + "messages cannot be shown, only snapshots and deaths.");
    }
    if (this.model?.skippedBytes > 0) {
      words.push(`${numberText(this.model.skippedBytes)} bytes of journals were left out, so that `
        + "the page keeps up: earlier events, and sums of them, are not shown.");
    }
    const limits = this.find("#limits");
    limits.hidden = words.length === 0;
    say(limits, words.join(" "));
  }

  problem(words) {
    const element = this.find("#problem");
    element.hidden = words === "";
    say(element, words);
  }

  log(words) {
    const list = this.find("#log ol");
    const now = this.model ? this.now : 0;
    list.prepend(make("li", `${(now / 1e9).toFixed(1)} s: ${words}`));
    while (list.childElementCount > LOG_LINES) list.lastElementChild.remove();
  }

  // MARK: What the reader does

  listen() {
    document.addEventListener("click", (event) => this.onClick(event));
    document.addEventListener("keydown", (event) => this.onKey(event));
    document.addEventListener("submit", (event) => this.onSubmit(event));
    this.find("[name=speed]").addEventListener("change", (event) => {
      const { value } = event.target;
      this.act({ do: "speed", factor: value === "fastest" ? null : Number(value) });
    });
    this.find("[data-follow]").addEventListener("click", () => (
      this.diagram.follow(!this.diagram.isFollowing)));
    window.addEventListener("resize", () => this.resize());
    window.addEventListener("hashchange", () => location.reload());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => (
      this.map?.readColours()));
  }

  resize() {
    const scale = document.body.classList.contains("projector") ? 1.6 : 1;
    if (!this.map) return;
    this.map.scale = this.diagram.painter.scale = scale;
    this.map.isStill = this.stillness.matches;
    this.map.resize();
    this.diagram.resize();
  }

  onClick(event) {
    const button = event.target.closest("button");
    if (!button || button.disabled) return;
    const { act, machine, do: action, page } = button.dataset;
    if (act) this.act({ do: act, machine: Number(machine) });
    if (page === "help") this.find("#help").showModal();
    if (page === "projector") this.toggleProjector();
    if (action) this.doAction(action);
  }

  doAction(action) {
    const { from, to, both } = this.find("[data-tool=channel]").elements;
    const channel = () => ({ from: Number(from.value), to: Number(to.value) });
    const actions = {
      snapshot: () => ({ do: action, machine: this.chosenMachine }),
      back: () => ({ do: action, events: 1 }),
      cut: () => ({ do: action, ...channel(), both: both.checked }),
      join: () => ({ do: action, ...channel(), both: both.checked }),
      lose: () => ({ do: action, ...channel() }),
    };
    this.act(actions[action] ? actions[action]() : { do: action });
  }

  /** The machine of the chosen event, else the first that lives. */
  get chosenMachine() {
    const { selected, events } = this.diagram;
    const m = selected === NONE
      ? this.ids.findIndex((_, m) => !this.model.deaths.has(m)) : events.machine[selected];
    return this.ids[Math.max(0, m)];
  }

  onSubmit(event) {
    if (event.target.dataset.tool === undefined) return;
    event.preventDefault();
    if (event.target.dataset.tool !== "tell") return;
    const { machine, words } = event.target.elements;
    const list = words.value.trim().split(/\s+/);
    this.act({ do: "tell", machine: Number(machine.value), words: list });
    words.value = "";
  }

  async act(action) {
    try {
      const text = await this.server.act(action);
      if (text) this.log(text);
    } catch (error) {
      this.log(error.message);
    }
  }

  toggleProjector() {
    const isLarge = document.body.classList.toggle("projector");
    this.find("[data-page=projector]").setAttribute("aria-pressed", String(isLarge));
    this.resize();
  }

  onKey(event) {
    const { target, key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || this.find("dialog[open]")) return;
    if (target.closest("input, select, textarea")) return;
    const isOnButton = target.closest("button") !== null;
    const press = (action, needed = action) => this.can(needed) && this.doAction(action);
    const actions = {
      "?": () => this.find("#help").showModal(),
      p: () => this.toggleProjector(),
      f: () => this.diagram?.follow(),
      s: () => press("snapshot"),
      n: () => press("step"),
      b: () => press("back"),
      d: () => this.find("#diagram canvas").focus(),
      " ": () => press(this.status.state === "running" ? "stop" : "play", "play"),
    };
    if (!actions[key] || (key === " " && isOnButton)) return;
    event.preventDefault();
    actions[key]();
  }
}

window.scalemodelLive = new LivePage();
