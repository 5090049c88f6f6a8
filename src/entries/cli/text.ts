const compact = new Intl.NumberFormat("en", {
  notation: "compact",
  maximumFractionDigits: 1,
});

/**
 * Control characters, which could move the cursor: names and reasons may come
 * from peers.
 */
const CONTROL = /\p{C}/gu;

/** Returns `text`, made safe to print on a terminal. */
export function forTerminal(text: string): string {
  return text.replace(CONTROL, "?");
}

/** Formats a number in a few characters. */
export function count(value: number): string {
  return compact.format(value);
}

const BYTES = ["B", "kB", "MB", "GB", "TB"];

/** Formats a number of bytes in a suitable unit. */
export function bytes(value: number): string {
  const unit = Math.min(
    Math.floor(Math.log10(Math.max(value, 1) / 0.99995) / 3),
    BYTES.length - 1,
  );
  return `${Number((value / 1000 ** unit).toFixed(1))} ${BYTES[unit]}`;
}

/** Formats a rate. */
export function perSecond(value: number): string {
  return `${count(value)}/s`;
}

/** Formats a duration as hours, minutes and seconds. */
export function duration(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (value: number) => String(value).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${
    two(seconds % 60)
  }`;
}

/**
 * Renders lines whose columns are as wide as their widest cell. The first
 * column is aligned left, the others right.
 */
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
