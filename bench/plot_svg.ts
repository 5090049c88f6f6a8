/**
 * SVG elements of a plot, in colours that are legible on white and on black.
 */

export const COLORS: Readonly<Record<string, string>> = {
  text: "#7d8590",
  grid: "#7d859055",
  deno: "#2da44e",
  bun: "#d97706",
  node: "#3b82f6",
};

export interface TextOptions {
  readonly anchor?: "start" | "middle" | "end";
  readonly size?: number;
  readonly color?: string;
}

/** A drawing of a given size in pixels, to which elements are added. */
export class Drawing {
  readonly #width: number;
  readonly #height: number;
  readonly #elements: string[] = [];

  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
  }

  line(
    [x1, y1]: readonly [number, number],
    [x2, y2]: readonly [number, number],
    color: string,
    width = 1,
    dashes = "",
  ): void {
    this.#add("line", {
      ...{ x1, y1, x2, y2 },
      ...{ stroke: color, "stroke-width": width },
      ...(dashes === "" ? {} : { "stroke-dasharray": dashes }),
    });
  }

  path(
    points: readonly (readonly [number, number])[],
    color: string,
    dashes = "",
  ): void {
    this.#add("polyline", {
      points: points.map((it) => it.map(round).join(",")).join(" "),
      ...{ fill: "none", stroke: color, "stroke-width": 2 },
      ...(dashes === "" ? {} : { "stroke-dasharray": dashes }),
    });
  }

  dot([cx, cy]: readonly [number, number], color: string, r = 4): void {
    this.#add("circle", { cx, cy, r, fill: color });
  }

  text(
    [x, y]: readonly [number, number],
    content: string,
    options: TextOptions = {},
  ): void {
    const { anchor = "start", size = 12, color = COLORS.text } = options;
    this.#add(
      "text",
      { x, y, fill: color, "font-size": size, "text-anchor": anchor },
      content,
    );
  }

  toString(): string {
    return [
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${this.#width} ${this.#height}" width="${this.#width}" height="${this.#height}" font-family="system-ui, sans-serif">`,
      ...this.#elements,
      "</svg>",
      "",
    ].join("\n");
  }

  #add(
    name: string,
    attributes: Readonly<Record<string, string | number>>,
    content?: string,
  ): void {
    const text = Object.entries(attributes)
      .map(([key, value]) =>
        ` ${key}="${typeof value === "number" ? round(value) : value}"`
      ).join("");
    this.#elements.push(
      content === undefined
        ? `<${name}${text}/>`
        : `<${name}${text}>${escapeText(content)}</${name}>`,
    );
  }
}

/** Maps values from `min` to `max` onto pixels, by their logarithms. */
export function logScale(
  [min, max]: readonly [number, number],
  [from, to]: readonly [number, number],
): (value: number) => number {
  const low = Math.log(min);
  const width = Math.log(max) - low;
  return (value) =>
    from + (to - from) * (width === 0 ? 0.5 : (Math.log(value) - low) / width);
}

/** The powers of ten around `values`. */
export function decades(values: readonly number[]): number[] {
  const from = Math.floor(Math.log10(Math.min(...values)));
  const to = Math.ceil(Math.log10(Math.max(...values)));
  return Array.from(
    { length: Math.max(2, to - from + 1) },
    (_, i) => 10 ** (from + i),
  );
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
