"use strict";

/*
 * The snapshots: how far each has come, what its cut has caught so far, and what its file says once
 * it is there.
 */

const LISTED_SNAPSHOTS = 12;
const LISTED_CHANNELS = 40;
/** Nanoseconds from the last record of a state to the file. */
const PATIENCE = 5e9;

class SnapshotList {
  constructor(root, model, diagram) {
    this.root = root;
    this.model = model;
    this.diagram = diagram;
    this.cards = new Map();
  }

  update(now, begun) {
    for (const id of begun) this.model.snapshotNamed(id);
    const shown = [...this.model.snapshots.values()].slice(-LISTED_SNAPSHOTS).reverse();
    const ids = new Set(shown.map((snapshot) => snapshot.id));
    for (const [id, card] of this.cards) {
      if (ids.has(id)) continue;
      card.element.remove();
      this.cards.delete(id);
    }
    shown.forEach((snapshot, n) => {
      const card = this.cards.get(snapshot.id) || this.make(snapshot);
      const present = this.root.children[n];
      if (present !== card.element) this.root.insertBefore(card.element, present);
      this.updateCard(card, snapshot, now, begun);
    });
  }

  make(snapshot) {
    const element = make("li", "", { "data-snapshot": snapshot.id });
    const card = { element, said: make("p"), caught: make("p"), file: null };
    const show = make("button", "Show its cut", { type: "button" });
    show.addEventListener("click", () => this.diagram.showCutNamed(snapshot.id));
    element.append(make("h3", `Snapshot ${snapshot.id}`), card.said, card.caught, show);
    this.cards.set(snapshot.id, card);
    return card;
  }

  /** Whether its file may still come. */
  isUnderWay(snapshot, now, begun) {
    const latest = Math.max(...snapshot.times.map((time) => time ?? -Infinity));
    return begun.includes(snapshot.id) || now - latest < PATIENCE;
  }

  updateCard(card, snapshot, now, begun) {
    if (snapshot.file === null) {
      const count = snapshot.cut.filter((number) => number !== null).length;
      const recorded = this.model.run.journals
        ? `${count} of ${snapshot.cut.length} machines have recorded their states.` : "";
      say(card.said, this.isUnderWay(snapshot, now, begun) ? `Under way: ${recorded}`
        : `${recorded} Its file is not here: it is too large for a page, or was not written.`);
      say(card.caught, count > 0 ? this.caughtText(snapshot) : "");
      return;
    }
    if (card.file === snapshot.file) return;
    card.file = snapshot.file;
    card.element.querySelector("ul")?.remove();
    say(card.said, this.verdict(snapshot.file));
    say(card.caught, "");
    card.caught.remove();
    const list = this.contents(snapshot.file);
    if (list) card.said.after(list);
  }

  /** What a cut that forms has caught, by the events so far. */
  caughtText(snapshot) {
    const counts = this.diagram.caughtBy(snapshot.id);
    if (counts === null) return "";
    const many = (count) => `${count} message${count === 1 ? "" : "s"}`;
    return `Caught so far, computed: ${many(counts.channel)} on channels, `
      + `${many(counts.inbox)} in inboxes.`;
  }

  verdict(file) {
    const took = file.completed_time_ns - file.requested_time_ns;
    const time = took >= 0 ? ` in ${lengthOfTime(took)}` : "";
    const reason = file.reason ? `: ${file.reason}` : "";
    return `${file.status}${time}${reason}. ${this.sums(file)}`.trim();
  }

  /** What the cut holds: numbers of messages, or a conserved quantity in its three parts. */
  sums(file) {
    const { run } = this.model;
    const inInboxes = (file.machines || []).flatMap((machine) => machine.inbox || []);
    const onChannels = (file.channels || []).flatMap((channel) => channel.messages || []);
    const add = (list, name) => list.reduce((sum, item) => sum + (item[name] ?? 0), 0);
    if (!run.conserved) {
      return `${onChannels.length} on channels, ${inInboxes.length} in inboxes.`;
    }
    const parts = [
      add(file.machines || [], run.conserved), add(inInboxes, run.conserved_message),
      add(onChannels, run.conserved_message),
    ];
    const total = parts.reduce((sum, part) => sum + part, 0);
    const text = parts.map(numberText);
    return `${text[0]} in states + ${text[1]} in inboxes + ${text[2]} on channels = `
      + `${numberText(total)}.`;
  }

  /** What each inbox and each channel held. */
  contents(file) {
    const name = this.model.run.conserved_message || this.model.fields[0]?.name;
    const text = (message) => {
      const field = this.model.stateFirst > 0 ? message[name] : undefined;
      return field === undefined ? `${message.message}` : `${message.message} (${field})`;
    };
    const lines = [
      ...(file.channels || []).filter((channel) => channel.messages?.length > 0).map((channel) => (
        `on ${channel.source} → ${channel.target}: ${channel.messages.map(text).join(", ")}`)),
      ...(file.machines || []).filter((machine) => machine.inbox?.length > 0).map((machine) => (
        `in the inbox of ${machine.id}: ${machine.inbox.map(text).join(", ")}`)),
    ];
    if (lines.length === 0) return null;
    const list = make("ul");
    for (const line of lines.slice(0, LISTED_CHANNELS)) list.append(make("li", line));
    if (lines.length > LISTED_CHANNELS) {
      list.append(make("li", `and ${lines.length - LISTED_CHANNELS} more`));
    }
    return list;
  }
}
