"use strict";

/*
 * Starts the report's diagram, and the table of two events beside it.
 */

/** Builds the diagram once the page has been shown, so that nobody waits for it. */
function startDiagram() {
  const root = document.getElementById("diagram");
  if (!root) return;
  const run = JSON.parse(document.getElementById("run-data").textContent);
  const base64 = document.getElementById("event-data").textContent;
  try {
    window.scalemodelDiagram = new Diagram(root, run, readEvents(run, base64));
    const clocks = document.getElementById("clock-table");
    const { count } = window.scalemodelDiagram.events;
    const offsets = readOffsets(count, run.offsets);
    if (clocks) new ClockTable(clocks, window.scalemodelDiagram, offsets);
    root.dataset.ready = "";
  } catch (error) {
    const words = `The diagram cannot be drawn: ${error.message}`;
    root.querySelector("[data-status]").textContent = words;
    throw error;
  }
}

requestAnimationFrame(() => setTimeout(startDiagram));
