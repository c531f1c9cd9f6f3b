"use strict";

/*
 * What the page's reader can do, by button, form and key, as far as the run and the server allow.
 */

/** What can be done to one machine, each with its label. */
const MACHINE_ACTIONS = { snapshot: "Snapshot", kill: "Kill", pause: "Pause", resume: "Go on" };
/** Actions that are allowed with another one. */
const ALLOWED_WITH = { stop: "play", join: "cut", resume: "pause" };
/** How much larger everything is for a projector. */
const PROJECTOR_SCALE = 1.6;

class Controls {
  constructor(page) {
    this.page = page;
    this.allowed = [];
    this.find = page.head.find;
    document.addEventListener("click", (event) => this.onClick(event));
    document.addEventListener("keydown", (event) => this.onKey(event));
    document.addEventListener("submit", (event) => this.onSubmit(event));
    this.find("[name=speed]").addEventListener("change", (event) => {
      const { value } = event.target;
      this.act({ do: "speed", factor: value === "fastest" ? null : Number(value) });
    });
  }

  can(action) {
    return this.allowed.includes(ALLOWED_WITH[action] || action);
  }

  get machineActions() {
    return Object.entries(MACHINE_ACTIONS).filter(([action]) => this.can(action));
  }

  /** Shows what these actions need. */
  allow(actions) {
    this.allowed = actions || [];
    for (const element of document.querySelectorAll("[data-do]")) {
      element.hidden = !this.can(element.dataset.do);
    }
    this.find("[data-tool=channel]").hidden = !this.can("cut") && !this.can("lose");
    this.find("[data-tool=tell]").hidden = !this.can("tell");
    this.find("[data-needs=cut]").hidden = !this.can("cut");
  }

  showState(state) {
    const states = { start: "waiting", play: "paused", stop: "running" };
    const focused = document.activeElement;
    for (const [action, needed] of Object.entries(states)) {
      this.find(`[data-do=${action}]`).hidden = state !== needed || !this.can(action);
    }
    const isAlive = state === "running" || state === "paused";
    for (const button of document.querySelectorAll("button[data-do]")) {
      const { do: action } = button.dataset;
      button.disabled = !isAlive && states[action] !== state
        && !(action === "back" && state === "ended");
    }
    // The button that has taken another's place takes its focus.
    if (!states[focused?.dataset.do] || !focused.hidden) return;
    const shown = Object.keys(states).map((action) => `[data-do=${action}]:not([hidden])`);
    this.find(shown.join(", "))?.focus({ preventScroll: true });
  }

  /** Shows the speed that the run has, whoever chose it; none of the choices for another. */
  showSpeed(speed) {
    this.find("[name=speed]").value = speed ?? "fastest";
  }

  async act(action) {
    try {
      const text = await this.page.server.act(action);
      if (text) this.page.log(text, "answer");
    } catch (error) {
      this.page.log(error.message, "answer");
      this.showSpeed(this.page.status.speed);
    }
  }

  doAction(action) {
    const form = this.find("[data-tool=channel]");
    if (["cut", "join", "lose"].includes(action) && !form.reportValidity()) return;
    const { from, to, both } = form.elements;
    const channel = { from: Number(from.value), to: Number(to.value) };
    const contents = {
      snapshot: { machine: this.page.chosenMachine }, back: { events: 1 }, lose: channel,
      cut: { ...channel, both: both.checked }, join: { ...channel, both: both.checked },
    };
    this.act({ do: action, ...contents[action] });
  }

  onClick(event) {
    const button = event.target.closest("button");
    if (!button || button.disabled) return;
    const { act, machine, do: action, page } = button.dataset;
    if (act) this.act({ do: act, machine: Number(machine) });
    if (action) this.doAction(action);
    if (page === "help") this.find("#help").showModal();
    if (page === "projector") this.toggleProjector();
    if (page === "follow") this.page.diagram.follow(!this.page.diagram.isFollowing);
  }

  onSubmit(event) {
    const { tool } = event.target.dataset;
    if (tool === undefined) return;
    event.preventDefault();
    if (tool !== "tell") return;
    const { machine, words } = event.target.elements;
    const list = words.value.trim().split(/\s+/);
    this.act({ do: "tell", machine: Number(machine.value), words: list });
    words.value = "";
  }

  onKey(event) {
    const { target, key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || this.find("dialog[open]")) return;
    if (target.closest("input, select, textarea")) return;
    // Where time does not stand still by key, the key scrolls the page.
    if (key === " " && (target.closest("button") || !this.can("play"))) return;
    const press = (action) => this.can(action) && this.doAction(action);
    const actions = {
      "?": () => this.find("#help").showModal(),
      p: () => this.toggleProjector(),
      f: () => this.page.diagram?.follow(),
      Escape: () => this.page.diagram?.dismiss(),
      s: () => press("snapshot"),
      n: () => press("step"),
      b: () => press("back"),
      d: () => this.find("#diagram canvas").focus(),
      " ": () => press(this.page.status.state === "running" ? "stop" : "play"),
    };
    if (!actions[key]) return;
    event.preventDefault();
    actions[key]();
  }

  toggleProjector() {
    const isLarge = document.body.classList.toggle("projector");
    this.find("[data-page=projector]").setAttribute("aria-pressed", String(isLarge));
    this.page.resize(isLarge ? PROJECTOR_SCALE : 1);
  }
}
