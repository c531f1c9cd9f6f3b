"use strict";

/*
 * Draws what restarts have undone: its events and messages, faint, and the cuts that all machines
 * went back to.
 */

class UndonePainter {
  constructor(painter) {
    this.view = painter.view;
    this.context = painter.context;
    this.colours = painter.colours;
  }

  /** Draws what is in view, under the run's own events; returns how many events. */
  draw(rows) {
    // In the order in which events happened, those that are undone have no place.
    if (this.view.axis === "order") return 0;
    let count = 0;
    for (const restart of this.view.run.undone || []) {
      this.drawLine(restart, rows);
      this.context.globalAlpha = UNDONE;
      this.drawMessages(restart);
      count += this.drawEvents(restart, rows);
      this.context.globalAlpha = 1;
      if (this.view.axis === "time") this.drawDeaths(restart);
    }
    return count;
  }

  /** The cut that the machines went back to, as a broad line behind everything. */
  drawLine(restart, rows) {
    const { view, context, colours } = this;
    const cut = view.run.cuts.find((cut) => cut.id === restart.cut);
    const { line } = cutLine(view, rows, (m) => (
      restart.cut === undefined ? view.extent[0] : cut ? view.cutPlace(cut, m) : NaN));
    context.globalAlpha = FAINT;
    context.strokeStyle = colours.death;
    context.lineWidth = 7;
    context.stroke(line);
    context.globalAlpha = 1;
  }

  drawMessages(restart) {
    const { view, context, colours } = this;
    const ways = new Path2D();
    const places = restart[view.axis];
    for (const [source, send, target, receipt] of restart.messages) {
      if (view.rowOf[source] === NONE || view.rowOf[target] === NONE) continue;
      const [start, end] = [places[source][send], places[target][receipt]];
      if (end < view.from || start > view.to) continue;
      const [startY, endY] = [view.y(view.rowOf[source]), view.y(view.rowOf[target])];
      const gap = endY > startY ? 4 : -4;
      ways.moveTo(view.x(start), startY + gap);
      ways.lineTo(view.x(end), endY - gap);
      addArrowhead(ways, view.x(start), startY + gap, view.x(end), endY - gap);
    }
    context.strokeStyle = colours.message;
    context.lineWidth = 1;
    context.stroke(ways);
  }

  drawEvents(restart, rows) {
    const { view, context, colours } = this;
    const paths = KINDS.map(() => new Path2D());
    let count = 0;
    for (const row of rows) {
      const m = view.machines[row];
      restart[view.axis][m].forEach((place, n) => {
        if (place < view.from || place > view.to) return;
        addShape(paths[restart.kinds[m][n]], restart.kinds[m][n], view.x(place), view.y(row), 4);
        count++;
      });
    }
    paths.forEach((path, kind) => {
      context.fillStyle = colours.kinds[kind];
      context.fill(path);
    });
    return count;
  }

  /** A cross where a machine died, and the time at which all went back. */
  drawDeaths(restart) {
    const { view, context, colours } = this;
    if (restart.at < view.from || restart.at > view.to) return;
    const crosses = new Path2D();
    for (const m of restart.machines) {
      if (view.rowOf[m] !== NONE) {
        addCross(crosses, view.x(restart.at), view.y(view.rowOf[m]), 5.5);
      }
    }
    context.strokeStyle = colours.death;
    context.lineWidth = 2.8;
    context.stroke(crosses);
  }
}
