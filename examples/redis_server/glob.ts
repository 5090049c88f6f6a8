/** True if `text` matches `pattern`, by the rules of Redis: `*`, `?`, `[a-z]`, `[^a]`, and a backslash before a character that stands for itself. The time is at most proportional to the product of both lengths. */
export function matches(pattern: string, text: string): boolean {
  let at = 0;
  let inPattern = 0;
  /** Behind the last star, and how much of the text it stands for ends here. */
  let afterStar = -1;
  let starEnd = 0;
  while (at < text.length || inPattern < pattern.length) {
    if (pattern[inPattern] === "*") {
      afterStar = ++inPattern;
      starEnd = at;
      continue;
    }
    const next = at < text.length && inPattern < pattern.length
      ? matchOne(pattern, inPattern, text[at])
      : -1;
    if (next > 0) {
      at++;
      inPattern = next;
    } else if (afterStar >= 0 && starEnd < text.length) {
      at = ++starEnd;
      inPattern = afterStar;
    } else {
      return false;
    }
  }
  return true;
}

/** Where the pattern goes on if what stands there, no star, is `char`; else -1. */
function matchOne(pattern: string, at: number, char: string): number {
  const first = pattern[at];
  if (first === "?") return at + 1;
  if (first === "[") return matchClass(pattern, at + 1, char);
  const isEscape = first === "\\" && at + 1 < pattern.length;
  const from = isEscape ? at + 1 : at;
  return pattern[from] === char ? from + 1 : -1;
}

/** The same for what stands behind a bracket. One that is not closed ends with the pattern. */
function matchClass(pattern: string, start: number, char: string): number {
  let at = start;
  const isNegated = pattern[at] === "^";
  if (isNegated) at++;
  let isIn = false;
  while (at < pattern.length && pattern[at] !== "]") {
    if (pattern[at] === "\\" && at + 1 < pattern.length) {
      isIn ||= pattern[at + 1] === char;
      at += 2;
    } else if (pattern[at + 1] === "-" && at + 2 < pattern.length) {
      const [low, high] = [pattern[at], pattern[at + 2]].sort();
      isIn ||= low <= char && char <= high;
      at += 3;
    } else {
      isIn ||= pattern[at] === char;
      at++;
    }
  }
  return isIn === isNegated ? -1 : Math.min(at + 1, pattern.length);
}
