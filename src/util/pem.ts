/**
 * Parses PEM (RFC 7468) as editors and other programs leave it.
 *
 * @module
 */

export interface PemBlock {
  /** The label, such as `CERTIFICATE`. */
  readonly label: string;
  /**
   * The block alone, in a form that every runtime accepts; undefined if it is
   * unterminated, or not base64.
   */
  readonly text: string | undefined;
}

const BEGIN = /-----BEGIN ([A-Z\d ]+)-----/g;
const BASE64 = /^[A-Za-z\d+/]+={0,2}$/;
const LINE = /.{1,64}/g;

/** The blocks in `text`, in order. Text around them is ignored. */
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

/** Headers of an encrypted key in the older format. */
const HEADER = /^(?:Proc-Type|DEK-Info):/;

/**
 * The content of a block: its headers, then base64 in lines of 64 characters.
 */
function bodyOf(written: string): string | undefined {
  const lines = written.split(/[\r\n]+/).map((line) => line.trim());
  const headers = lines.filter((line) => HEADER.test(line));
  const base64 = lines.filter((line) => !line.includes(":")).join("")
    .replace(/\s/g, "");
  if (!BASE64.test(base64) || base64.length % 4 !== 0) return undefined;
  const folded = base64.match(LINE) as string[];
  return [...headers, ...headers.length > 0 ? [""] : [], ...folded].join("\n");
}
