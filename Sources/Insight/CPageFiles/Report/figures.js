"use strict";

/*
 * A figure as large as the window, for a projector or for tired eyes: its button opens it, and the
 * button there, Escape or a click beside it close it.
 */

class LargeFigure {
  constructor(dialog) {
    this.dialog = dialog;
    document.addEventListener("click", (event) => {
      const button = event.target.closest("[data-enlarge]");
      if (button) this.open(button.closest("figure"));
    });
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog || event.target.tagName === "BUTTON") dialog.close();
    });
    dialog.addEventListener("close", () => dialog.replaceChildren());
  }

  open(figure) {
    const image = figure.querySelector("svg.wide").cloneNode(true);
    // The names of its title and description are taken.
    image.removeAttribute("aria-labelledby");
    for (const part of image.querySelectorAll("[id]")) part.removeAttribute("id");
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "Close";
    this.dialog.replaceChildren(image, close);
    this.dialog.showModal();
  }
}

new LargeFigure(document.querySelector("dialog.large"));
