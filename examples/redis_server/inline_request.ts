// Inline requests, as people type them: a line of words, quoted or not.

/** White space before a word, and after a quoted one: that of C. */
const SPACE = /[ \t\n\v\f\r\0]/;
/** White space that ends a word; Redis takes less for that. */
const END = /[ \t\n\r\0]/;
const HEX = /^[\da-f]{2}$/i;
const ESCAPED = new Map([
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["b", "\b"],
  ["a", "\x07"],
]);

/** The words of `line`; undefined if a quote is not closed, or not followed by a space. */
export function splitWords(line: string): string[] | undefined {
  const words: string[] = [];
  for (let at = 0; at < line.length;) {
    if (SPACE.test(line[at])) {
      at++;
      continue;
    }
    let word = "";
    while (at < line.length && !END.test(line[at])) {
      const quote = line[at];
      if (quote !== '"' && quote !== "'") {
        word += line[at++];
        continue;
      }
      const quoted = readQuoted(line, at + 1, quote);
      if (quoted === undefined) return undefined;
      word += quoted.text;
      at = quoted.end;
      if (at < line.length && !SPACE.test(line[at])) return undefined;
      break;
    }
    words.push(word);
  }
  return words;
}

/** What stands between `start` and the next `quote`; undefined if there is none. */
function readQuoted(
  line: string,
  start: number,
  quote: string,
): { text: string; end: number } | undefined {
  let text = "";
  for (let at = start; at < line.length; at++) {
    const char = line[at];
    if (char === quote) return { text, end: at + 1 };
    const next = line[at + 1];
    if (char !== "\\" || next === undefined) {
      text += char;
    } else if (quote === "'") {
      if (next === "'") at++;
      text += line[at];
    } else if (next === "x" && HEX.test(line.slice(at + 2, at + 4))) {
      text += String.fromCharCode(parseInt(line.slice(at + 2, at + 4), 16));
      at += 3;
    } else {
      text += ESCAPED.get(next) ?? next;
      at++;
    }
  }
  return undefined;
}
