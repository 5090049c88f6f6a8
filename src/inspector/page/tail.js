// What one connection receives and sends, as it comes.

import { get } from "./api.js";

const MOST_LINES = 500;
const BYTES_PER_LINE = 16;

export class Tail {
  #dialog;
  #caption;
  #lines;
  #row;
  #after = 0;

  constructor(dialog, caption, lines) {
    this.#dialog = dialog;
    this.#caption = caption;
    this.#lines = lines;
    dialog.addEventListener("close", () => this.#row = undefined);
  }

  open(row) {
    this.#row = row;
    this.#after = 0;
    this.#lines.replaceChildren();
    this.#caption.textContent = `${row.peer}, from now on`;
    this.#dialog.showModal();
  }

  /** Asks for what is new, if it is open: who does not ask is not told. */
  async refresh() {
    const row = this.#row;
    if (row === undefined) return;
    const { thread, id } = row;
    const answer = await get("tail", { thread, id, after: this.#after });
    if (row !== this.#row) return;
    this.#after = answer.last;
    if (!answer.isOpen) this.#caption.textContent = `${row.peer} is closed`;
    const isAtEnd = this.#lines.scrollTop + this.#lines.clientHeight >=
      this.#lines.scrollHeight - 40;
    if (answer.missed > 0) this.#add("", `… ${answer.missed} not shown`);
    for (const { direction, size, bytes } of answer.pieces) {
      const arrow = direction === "in" ? "←" : "→";
      const kind = direction === "in" ? "received" : "sent";
      this.#add(kind, `${arrow} ${kind} ${size} bytes`);
      for (const line of dump(bytes)) this.#add(kind, line);
      if (size > bytes.length / 2) this.#add(kind, "  …");
    }
    while (this.#lines.childElementCount > MOST_LINES) {
      this.#lines.firstElementChild.remove();
    }
    if (isAtEnd) this.#lines.scrollTop = this.#lines.scrollHeight;
  }

  #add(kind, text) {
    const line = document.createElement("div");
    line.className = kind;
    line.textContent = text;
    this.#lines.append(line);
  }
}

/** Bytes, written in hexadecimal, as lines of numbers and of text. */
function* dump(hex) {
  const step = 2 * BYTES_PER_LINE;
  for (let at = 0; at < hex.length; at += step) {
    const pairs = hex.slice(at, at + step).match(/../g);
    const text = pairs.map((pair) => {
      const code = parseInt(pair, 16);
      return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : "·";
    });
    const numbers = pairs.join(" ").padEnd(3 * BYTES_PER_LINE);
    yield `  ${(at / 2).toString(16).padStart(4, "0")}  ${numbers} ${
      text.join("")
    }`;
  }
}
