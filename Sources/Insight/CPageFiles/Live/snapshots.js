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
    for (const id of begun) this.model.snapshotNamed(id, now);
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
    const card = { element, said: make("p"), list: make("ul"), file: null };
    const show = make("button", "Show its cut", { type: "button" });
    show.addEventListener("click", () => this.diagram.showCutNamed(snapshot.id));
    element.append(make("h3", `Snapshot ${snapshot.id}`), card.said, card.list, show);
    this.cards.set(snapshot.id, card);
    return card;
  }

  updateCard(card, snapshot, now, begun) {
    if (snapshot.file === null) {
      const caught = this.diagram.caughtBy(snapshot.id) || {};
      say(card.said, this.progress(snapshot, now, begun));
      this.showContents(card, caught);
    } else if (card.file !== snapshot.file) {
      card.file = snapshot.file;
      say(card.said, this.verdict(snapshot.file));
      this.showContents(card, snapshot.file);
    }
  }

  progress(snapshot, now, begun) {
    const count = snapshot.cut.filter((number) => number !== null).length;
    const latest = Math.max(...snapshot.times.map((time) => time ?? -Infinity));
    const recorded = this.model.run.journals
      ? `${count} of ${snapshot.cut.length} machines have recorded their states. ` : "";
    if (begun.includes(snapshot.id) || now - latest < PATIENCE) {
      return `under way: ${recorded}${count > 0 ? "Caught so far, computed:" : ""}`;
    }
    return `${recorded}Its file is not here: it is too large for a page, was not written, or was `
      + `not among the latest ${SNAPSHOT_COUNT} when this page joined the run.`;
  }

  verdict(file) {
    const took = Number(sumOf(file.completed_time_ns, -file.requested_time_ns));
    const time = took >= 0 ? ` in ${lengthOfTime(took)}` : "";
    const reason = file.reason ? `: ${file.reason}` : "";
    return `${file.status}${time}${reason}. ${this.sums(file)}`.trim();
  }

  /** What the cut holds: numbers of messages, or a conserved quantity in its three parts. */
  sums(file) {
    const { run } = this.model;
    const inInboxes = (file.machines || []).flatMap((machine) => machine.inbox || []);
    const onChannels = (file.channels || []).flatMap((channel) => channel.messages || []);
    const add = (list, name) => list.reduce((sum, item) => sumOf(sum, item[name] ?? 0), 0);
    if (!run.conserved) {
      return `${onChannels.length} on channels, ${inInboxes.length} in inboxes.`;
    }
    const parts = [
      add(file.machines || [], run.conserved), add(inInboxes, run.conserved_message),
      add(onChannels, run.conserved_message),
    ];
    const total = parts.reduce(sumOf);
    const text = parts.map(numberText);
    return `${text[0]} in states + ${text[1]} in inboxes + ${text[2]} on channels = `
      + `${numberText(total)}.`;
  }

  /** Shows what each channel and each inbox held. */
  showContents(card, file) {
    const name = this.model.run.conserved_message || this.model.fields[0]?.name;
    const text = (message) => (message[name] === undefined || this.model.stateFirst === 0
      ? `${message.message}` : `${message.message} (${message[name]})`);
    const lines = [
      ...(file.channels || []).filter((channel) => channel.messages?.length > 0).map((channel) => (
        `on ${channel.source} → ${channel.target}: ${channel.messages.map(text).join(", ")}`)),
      ...(file.machines || []).filter((machine) => machine.inbox?.length > 0).map((machine) => (
        `in the inbox of ${machine.id}: ${machine.inbox.map(text).join(", ")}`)),
    ];
    const more = lines.length - LISTED_CHANNELS;
    if (more > 0) lines.splice(LISTED_CHANNELS, more, `and ${numberText(more)} more`);
    const { list } = card;
    lines.forEach((line, n) => say(list.children[n] || list.appendChild(make("li")), line));
    while (list.childElementCount > lines.length) list.lastElementChild.remove();
  }
}
