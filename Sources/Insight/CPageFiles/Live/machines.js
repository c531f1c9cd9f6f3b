"use strict";

/*
 * The table of machines: clock, tick, inbox beside its prediction, the workload's fields, and what
 * can be done to each.
 */

const TABLE_ROWS = 100;
const LISTED_MESSAGES = 6;

function make(name, text = "", attributes = {}) {
  const element = document.createElement(name);
  if (text !== "") element.textContent = text;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function numberText(number) {
  return Number.isInteger(number) || typeof number !== "number"
    ? number.toLocaleString("en") : number.toFixed(1);
}

/** What is written beside a message: its first field, or the reading that it carries. */
function messageText(message) {
  return numberText(message.fields?.[0] ?? message.reading);
}

class MachineTable {
  /** `actions` are what can be done to a machine, each with its label. */
  constructor(root, model, actions) {
    this.model = model;
    this.actions = actions;
    this.growth = model.run.queue_growth || null;
    const states = model.fields.slice(model.stateFirst);
    const inbox = "messages in the inbox";
    const heads = ["machine", "clock", "tick", "inbox"];
    if (this.growth) heads.push("predicted");
    heads.push(inbox, ...states.map((field) => field.name));
    if (actions.length > 0) heads.push("");
    this.states = states.length;
    /** Where the columns of states begin, the machine's own being the first. */
    this.stateColumn = heads.indexOf(inbox) + 1;
    const head = make("tr");
    for (const name of heads) {
      const style = name === inbox ? "words messages" : "";
      head.append(make("th", name, { scope: "col", class: style }));
    }
    root.querySelector("thead").replaceChildren(head);
    this.head = head;
    this.rows = model.lanes.slice(0, TABLE_ROWS).map((lane, m) => this.row(lane, m, heads.length));
    root.querySelector("tbody").replaceChildren(...this.rows.map((row) => row.element));
    root.querySelector("[data-more]").hidden = model.lanes.length <= TABLE_ROWS;
  }

  row(lane, m, columns) {
    const element = make("tr");
    const name = make("th", `${lane.id}`, { scope: "row" });
    const rate = this.model.run.rates?.[lane.id];
    if (rate !== undefined) name.append(make("span", ` ${numberText(rate)}/s`, { class: "quiet" }));
    element.append(name);
    const count = columns - 1 - (this.actions.length > 0 ? 1 : 0);
    const cells = Array.from({ length: count }, () => make("td"));
    cells[this.growth ? 4 : 3].className = "words messages";
    element.append(...cells);
    const buttons = {};
    if (this.actions.length > 0) {
      const cell = make("td", "", { class: "actions" });
      for (const [action, label] of this.actions) {
        buttons[action] = make("button", label, {
          type: "button", "data-act": action, "data-machine": lane.id,
          "aria-label": `${label} machine ${lane.id}`,
        });
        cell.append(buttons[action]);
      }
      element.append(cell);
    }
    return { element, cells, buttons, m };
  }

  update(now, status) {
    for (let n = 0; n < this.states; n++) {
      // Some fields are in snapshots only.
      const isTold = this.model.lanes.some((lane) => lane.state[n] !== undefined);
      for (const element of [this.head, ...this.rows.map((row) => row.element)]) {
        element.children[this.stateColumn + n].hidden = !isTold;
      }
    }
    for (const row of this.rows) this.updateRow(row, now, status);
  }

  updateRow({ element, cells, buttons, m }, now, status) {
    const lane = this.model.lanes[m];
    const inInbox = lane.inboxCount(now);
    // Queue lengths tell more where the page does not follow every message.
    const count = Math.max(inInbox, lane.isPart ? lane.queue : 0);
    const texts = [lane.clock, lane.tick, count].map(numberText);
    if (this.growth) {
      const growth = this.growth[lane.id];
      texts.push(growth > 0 ? numberText(Math.round((growth * now) / 1e9)) : "bounded");
    }
    texts.push(this.inboxText(lane, inInbox, count));
    for (let n = 0; n < this.states; n++) texts.push(numberText(lane.state[n] ?? ""));
    texts.forEach((text, n) => say(cells[n], this.model.run.journals ? text : ""));
    const isDead = this.model.deaths.has(m);
    const isHeld = (status.held || []).includes(lane.id);
    element.classList.toggle("dead", isDead);
    element.classList.toggle("held", isHeld);
    const isOver = isDead || status.state === "ended" || status.state === "waiting";
    for (const button of Object.values(buttons)) button.disabled = isOver;
    if (!buttons.pause) return;
    const [shown, hidden] = isHeld
      ? [buttons.resume, buttons.pause] : [buttons.pause, buttons.resume];
    const hasFocus = document.activeElement === hidden;
    [shown.hidden, hidden.hidden] = [false, true];
    if (hasFocus) shown.focus({ preventScroll: true });
  }

  inboxText(lane, inInbox, count) {
    const shownCount = Math.min(inInbox, LISTED_MESSAGES);
    const shown = lane.underWay.slice(lane.received, lane.received + shownCount);
    const words = shown.map((message) => (
      `${messageText(message)} from ${this.model.machines[message.source]}`));
    const more = count - shownCount;
    if (more > 0) words.push(`${numberText(more)} ${shownCount > 0 ? "more" : "messages"}`);
    return words.join(", ");
  }
}
