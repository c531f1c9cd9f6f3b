"use strict";

/*
 * What the page says above its pictures: which run it is, where it stands, the sum of what is
 * conserved, and what cannot be shown. Below them: what has happened, line by line.
 */

const LOG_LINES = 100;
/** Milliseconds within which the same words from two sides are one. */
const SAME_WORDS = 3000;

class RunHead {
  constructor() {
    this.find = (selector) => document.querySelector(selector);
    /** What was said of late and has no twin from another side yet. */
    this.said = [];
  }

  showRun(run) {
    document.title = `${run.name} – scalemodel`;
    say(this.find("h1"), run.name);
    const about = [
      run.workload, `${numberText(run.machines)} machine${run.machines === 1 ? "" : "s"}`,
      run.runtime === "virtual" ? "virtual time" : run.runtime, run.topology,
      `delay ${run.delay?.text || "none"}`, `seed ${run.seed}`,
    ];
    say(this.find(".about"), about.filter(Boolean).join(" · "));
    for (const name of ["deposit", "withdraw"]) {
      const key = this.find(`#diagram .keys .${name}`)?.closest("li");
      if (key) key.hidden = !run.conserved;
    }
  }

  showState(state) {
    const badge = this.find(".badge");
    badge.dataset.state = state;
    say(badge, state === "away" ? "connection lost" : state);
  }

  showTime(now, duration) {
    const seconds = (time) => `${(time / 1e9).toFixed(1)} s`;
    say(this.find(".time"), seconds(now) + (duration ? ` of ${seconds(duration)}` : ""));
  }

  /** What the page cannot show, and why; the model is missing while machines are to be chosen. */
  showLimits(run, model) {
    const words = [];
    if (!run.journals) {
      words.push("This run writes no journals (--journal off): its events, clocks, inboxes and "
        + "messages cannot be shown, only snapshots and deaths.");
    }
    if (model?.skippedBytes > 0) {
      words.push(`${numberText(model.skippedBytes)} bytes of journals were left out, so that the `
        + "page keeps up: earlier events, and sums of them, are not shown.");
    }
    if (model?.hasForgotten) {
      words.push(`The diagram shows the latest ${numberText(EVENT_COUNT)} to `
        + `${numberText(EVENT_COUNT * 1.5)} events: the page keeps no more.`);
    }
    this.warn("#limits", words.join(" "));
  }

  showProblem(words) {
    this.warn("#problem", words);
  }

  warn(selector, words) {
    const element = this.find(selector);
    element.hidden = words === "";
    say(element, words);
  }

  // MARK: What is conserved

  showSum(model, now) {
    const root = this.find("#sum");
    const { conserved } = model.run;
    root.hidden = !conserved;
    if (!conserved) return;
    const parts = model.parts(now);
    const words = root.querySelector(".words-of-sum");
    const bar = root.querySelector(".bar");
    bar.hidden = parts === null;
    if (parts === null) {
      say(words, `The total of ${conserved} cannot be told: ${this.whyUntold(model)}.`);
      return;
    }
    if (words.querySelector("span") === null) this.makeSum(words);
    const amounts = [parts.states, parts.inboxes, parts.channels];
    amounts.forEach((amount, n) => {
      say(words.querySelectorAll("b")[n], numberText(amount));
      const share = parts.total > 0 ? Number(amount) / Number(parts.total) : 0;
      bar.children[n].style.width = `${100 * share}%`;
    });
    const expected = model.expectedTotal;
    const isRight = expected === null || expected === parts.total;
    words.classList.toggle("failed", !isRight);
    const changes = model.added === 0 ? "it never changes" : "changed by hand alone";
    say(words.querySelector("span"), `= ${numberText(parts.total)} in all (${conserved})`
      + (isRight ? `: ${changes}` : `, but it should be ${numberText(expected)}`));
  }

  makeSum(words) {
    const names = ["in states", "in inboxes", "on channels"];
    words.replaceChildren(...names.flatMap((name) => [make("b"), ` ${name} `]), make("span"));
  }

  whyUntold(model) {
    if (model.lanes.length < model.run.machines) return "only some machines are shown";
    return model.lanes.some((lane) => lane.isPart) ? "the page has not read every event"
      : "not every machine has an event yet";
  }

  // MARK: What has happened

  /**
   * Adds a line. The same words from two sides, such as an answer and a status, are one; from the
   * same side they are said once more, and a line that repeats the latest is counted with it.
   */
  log(words, now, side) {
    const time = performance.now();
    this.said = this.said.filter((said) => time - said.time <= SAME_WORDS);
    const twin = this.said.findIndex((said) => said.words === words && said.side !== side);
    if (twin >= 0) {
      this.said.splice(twin, 1);
      return;
    }
    this.said.push({ words, side, time });
    const list = this.find("#log ol");
    const latest = list.firstElementChild;
    const line = `${(now / 1e9).toFixed(1)} s: ${words}`;
    if (latest?.dataset.words === words) {
      latest.dataset.count = Number(latest.dataset.count) + 1;
      say(latest, `${line} ×${latest.dataset.count}`);
      return;
    }
    list.prepend(make("li", line, { "data-words": words, "data-count": 1 }));
    while (list.childElementCount > LOG_LINES) list.lastElementChild.remove();
  }
}
