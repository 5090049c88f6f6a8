/**
 * Text in the form of PEM (RFC 7468), as editors and other programs leave it.
 *
 * @module
 */

/** One of its blocks. */
export interface PemBlock {
  /** What it is: `CERTIFICATE`. */
  readonly label: string;
  /** It alone, in the form that every runtime reads; undefined if it has no end, or is no base64. */
  readonly text: string | undefined;
}

const BEGIN = /-----BEGIN ([A-Z\d ]+)-----/g;
const BASE64 = /^[A-Za-z\d+/]+={0,2}$/;
const LINE = /.{1,64}/g;

/** The blocks in `text`, in their order; whatever is around them does not matter. */
export function pemBlocks(text: string): PemBlock[] {
  return [...text.matchAll(BEGIN)].map(({ 0: begin, 1: label, index }) => {
    const start = index + begin.length;
    const end = text.indexOf(`-----END ${label}-----`, start);
    const body = end < 0 ? undefined : bodyOf(text.slice(start, end));
    return {
      label,
      text: body && `${begin}\n${body}\n-----END ${label}-----\n`,
    };
  });
}

/** How a key in the older form says that it is encrypted. */
const HEADER = /^(?:Proc-Type|DEK-Info):/;

/** What is between the two ends of a block: such headers, and base64 in lines of 64 characters. */
function bodyOf(written: string): string | undefined {
  const lines = written.split(/[\r\n]+/).map((line) => line.trim());
  const headers = lines.filter((line) => HEADER.test(line));
  const base64 = lines.filter((line) => !line.includes(":")).join("")
    .replace(/\s/g, "");
  if (!BASE64.test(base64) || base64.length % 4 !== 0) return undefined;
  const folded = base64.match(LINE) as string[];
  return [...headers, ...headers.length > 0 ? [""] : [], ...folded].join("\n");
}
