// How numbers are shown.

const compact = new Intl.NumberFormat("en", {
  notation: "compact",
  maximumFractionDigits: 1,
});

export const count = (value) => compact.format(value);

const BYTES = ["B", "kB", "MB", "GB", "TB"];

/** In the largest unit of which there is one. */
export function bytes(value) {
  const unit = Math.min(
    Math.floor(Math.log10(Math.max(value, 1) / 0.99995) / 3),
    BYTES.length - 1,
  );
  return `${Number((value / 1000 ** unit).toFixed(1))} ${BYTES[unit]}`;
}

export const perSecond = (value) => `${count(value)}/s`;
export const bytesPerSecond = (value) => `${bytes(value)}/s`;

export function milliseconds(value) {
  if (value === undefined) return "–";
  if (value < 1) return `${Math.round(value * 1000)} µs`;
  if (value < 1000) return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
  return duration(value);
}

const UNITS = [["d", 86_400], ["h", 3600], ["min", 60], ["s", 1]];

/** The two largest units. */
export function duration(ms) {
  let seconds = Math.floor(ms / 1000);
  const parts = [];
  for (const [unit, size] of UNITS) {
    const whole = Math.floor(seconds / size);
    seconds -= whole * size;
    if (whole > 0 || parts.length > 0) parts.push(`${whole} ${unit}`);
  }
  return parts.slice(0, 2).join(" ") || "0 s";
}
