// A plot of two lines over time.

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 300;
const HEIGHT = 100;

export class Plot {
  #first = [];
  #second = [];
  #caption;
  #svg;
  #lines;
  #options;

  /** `options`: `title`, `first` and `second` name the lines, `show` formats a value, `length` is how many values are shown. */
  constructor(parent, options) {
    this.#options = options;
    const figure = document.createElement("figure");
    this.#caption = document.createElement("figcaption");
    this.#svg = make("svg", {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: "none",
      role: "img",
    });
    const grid = [0.5, HEIGHT / 2, HEIGHT - 0.5].map((y) =>
      make("line", { x1: 0, x2: WIDTH, y1: y, y2: y })
    );
    this.#lines = ["first", "second"].map((name) =>
      make("polyline", { class: name })
    );
    this.#svg.append(...grid, ...this.#lines);
    figure.append(this.#caption, this.#svg);
    parent.append(figure);
  }

  /** Leaves room for `count` values that nobody has looked at. */
  skip(count) {
    const { length } = this.#options;
    for (let i = Math.min(count, length); i > 0; i--) {
      keep(this.#first, undefined, length);
      keep(this.#second, undefined, length);
    }
  }

  /** Undefined leaves a gap. */
  add(first, second) {
    const { title, first: a, second: b, show, length } = this.#options;
    keep(this.#first, first, length);
    keep(this.#second, second, length);
    const known = [...this.#first, ...this.#second].filter((it) => it >= 0);
    const top = niceAbove(Math.max(0, ...known));
    draw(this.#lines[0], this.#first, top, length);
    draw(this.#lines[1], this.#second, top, length);
    const said = (value) => value === undefined ? "–" : show(value);
    this.#caption.replaceChildren(
      element("strong", title),
      element("span", `${a} ${said(first)}`, "first"),
      element("span", `${b} ${said(second)}`, "second"),
      element("span", `scale to ${show(top)}`),
    );
    this.#svg.setAttribute(
      "aria-label",
      `${title}: ${a} ${said(first)}, ${b} ${said(second)}, at most ${
        show(Math.max(0, ...known))
      }`,
    );
  }
}

function keep(values, value, length) {
  values.push(value);
  if (values.length > length) values.shift();
}

function draw(line, values, top, length) {
  const step = WIDTH / (length - 1);
  const from = length - values.length;
  const points = values
    .map((value, i) =>
      value === undefined
        ? ""
        : `${((from + i) * step).toFixed(1)},${
          (HEIGHT - value / top * HEIGHT).toFixed(1)
        }`
    )
    .filter((point) => point !== "");
  line.setAttribute("points", points.join(" "));
}

/** The next of 1, 2, 5, 10, 20, … from `value` up. */
function niceAbove(value) {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 5, 10].find((it) => it * power >= value);
  return factor * power;
}

function make(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) {
    made.setAttribute(key, value);
  }
  return made;
}

function element(name, text, className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  made.className = className;
  return made;
}
