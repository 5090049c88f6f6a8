const compact = new Intl.NumberFormat("en", {
  notation: "compact",
  maximumFractionDigits: 1,
});

/** What would move the cursor: names and reasons come from others. */
const CONTROL = /\p{C}/gu;

/** `text` as a terminal may be given it. */
export function printable(text: string): string {
  return text.replace(CONTROL, "?");
}

/** A number in few characters. */
export function count(value: number): string {
  return compact.format(value);
}

const BYTES = ["B", "kB", "MB", "GB", "TB"];

/** A number of bytes, in the largest unit of which there is one. */
export function bytes(value: number): string {
  const unit = Math.min(
    Math.floor(Math.log10(Math.max(value, 1) / 0.99995) / 3),
    BYTES.length - 1,
  );
  return `${Number((value / 1000 ** unit).toFixed(1))} ${BYTES[unit]}`;
}

/** How many a second. */
export function perSecond(value: number): string {
  return `${count(value)}/s`;
}

/** Hours, minutes and seconds, as far as there are any. */
export function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${
    two(seconds % 60)
  }`;
}

/** Columns as wide as their widest cell; the first one to the left, the others to the right. */
export function table(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): string[] {
  const all = [headings, ...rows];
  const widths = headings.map((_, i) =>
    Math.max(...all.map((row) => row[i].length))
  );
  return all.map((row) =>
    row.map((cell, i) =>
      i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])
    ).join("  ")
  );
}
