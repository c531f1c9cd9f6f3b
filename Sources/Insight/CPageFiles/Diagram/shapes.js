"use strict";

/*
 * The shapes of events, arrows and cuts as paths.
 */

/** The receipts of what an event sent. */
function receiptsOf(events, send) {
  const found = [];
  const m = events.machine[send];
  for (let n = events.sentFirst[m]; n < events.sentFirst[m + 1]; n++) {
    if (events.sendOf[events.sent[n]] === send) found.push(events.sent[n]);
  }
  return found;
}

/** A message to a machine that is not shown: only the direction it leaves in. */
function addStub(path, x, y, isDown) {
  const [startY, endY] = isDown ? [y + 4, y + 16] : [y - 4, y - 16];
  path.moveTo(x, startY);
  path.lineTo(x, endY);
  addArrowhead(path, x, startY, x, endY);
}

/** The mark of a death or a loss. */
function addCross(path, x, y, radius) {
  for (const side of [-radius, radius]) {
    path.moveTo(x - radius, y - side);
    path.lineTo(x + radius, y + side);
  }
}

function addArrowhead(path, startX, startY, endX, endY) {
  const [runX, runY] = [endX - startX, endY - startY];
  const length = Math.hypot(runX, runY);
  if (length < 9) return;
  const [unitX, unitY] = [runX / length, runY / length];
  for (const side of [-1, 1]) {
    path.moveTo(endX, endY);
    path.lineTo(
      endX - 6 * unitX - side * 2.6 * unitY, endY - 6 * unitY + side * 2.6 * unitX);
  }
}

/**
 * The line of a cut from row to row, from above the first that it crosses, and where it begins; it
 * is broken at a machine where it has no place.
 */
function cutLine(view, rows, placeOf) {
  const line = new Path2D();
  let [start, isBroken] = [NaN, true];
  for (const row of rows) {
    const place = placeOf(view.machines[row]);
    if (Number.isNaN(place)) {
      isBroken = true;
      continue;
    }
    const [x, y] = [view.x(place), view.y(row)];
    const top = Number.isNaN(start) ? 18 : y - view.rowHeight * 0.5;
    if (isBroken) line.moveTo(x, top);
    else line.lineTo(x, top);
    line.lineTo(x, y + view.rowHeight * 0.26);
    if (Number.isNaN(start)) start = x;
    isBroken = false;
  }
  return { line, start };
}

/** The corners of each kind's shape, as shares of its size; a kind without corners is a circle. */
const SHAPES = [
  null,
  [[0, -1.15], [1.1, 0.85], [-1.1, 0.85]],
  [[-0.95, -0.95], [0.95, -0.95], [0.95, 0.95], [-0.95, 0.95]],
  [[0, -1.35], [1.35, 0], [0, 1.35], [-1.35, 0]],
  [[-0.4, -1.2], [0.4, -1.2], [0.4, -0.4], [1.2, -0.4], [1.2, 0.4], [0.4, 0.4], [0.4, 1.2],
    [-0.4, 1.2], [-0.4, 0.4], [-1.2, 0.4], [-1.2, -0.4], [-0.4, -0.4]],
  [[-1.2, -0.5], [1.2, -0.5], [1.2, 0.5], [-1.2, 0.5]],
];

function addShape(path, kind, x, y, size) {
  if (size <= 2) {
    path.rect(x - size / 2, y - size / 2 - (kind === INTERNAL ? 0 : 1), size, size);
    return;
  }
  const corners = SHAPES[kind];
  if (!corners) {
    path.moveTo(x + 3, y);
    path.arc(x, y, 3, 0, 2 * Math.PI);
    return;
  }
  corners.forEach(([cornerX, cornerY], n) => {
    if (n === 0) path.moveTo(x + cornerX * size, y + cornerY * size);
    else path.lineTo(x + cornerX * size, y + cornerY * size);
  });
  path.closePath();
}
