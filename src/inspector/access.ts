import { encoder } from "../util/utf8.ts";
import {
  type HttpRequest,
  type HttpResponse,
  refusal,
} from "./http/http_message.ts";

/** The fewest characters of a token: nobody can guess one of 16. */
export const SHORTEST_TOKEN = 16;

/** The names by which a machine calls itself, and no other. */
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

/** True if only this machine can reach what listens at `hostname`. */
export function isLoopback(hostname: string): boolean {
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  return LOOPBACK.test(host);
}

/**
 * Decides whose requests are answered.
 *
 * With a token: whoever knows it. Without one: whoever is on this machine. But
 * any web page in a browser here is on this machine, too. So a request must
 * name the machine itself (another name that points here does not), no browser
 * may say that it comes from another page (Fetch Metadata), and a request that
 * changes something must come from our own page.
 */
export class Access {
  readonly #token: Uint8Array | undefined;

  constructor(token: string | undefined) {
    this.#token = token === undefined ? undefined : encoder.encode(token);
  }

  /** The answer that refuses `request`; undefined if it may be answered. */
  refuse(request: HttpRequest): HttpResponse | undefined {
    const { headers, method } = request;
    if (this.#token !== undefined) {
      const [, given = ""] =
        /^Bearer (\S+)$/i.exec(headers.get("authorization") ?? "") ?? [];
      if (areEqual(encoder.encode(given), this.#token)) return undefined;
      return refusal(
        401,
        "the token is missing, or another one",
        "WWW-Authenticate: Bearer",
      );
    }
    const host = headers.get("host") ?? "";
    if (!LOOPBACK.test(host)) {
      return refusal(403, "without a token, only this machine may ask");
    }
    const origin = headers.get("origin");
    const isOurs = origin === undefined
      ? isReading(method) && !isOfOtherPage(headers.get("sec-fetch-site"))
      : origin === `http://${host}` || origin === `https://${host}`;
    return isOurs ? undefined : refusal(403, "another page may not ask");
  }
}

/** True if a request changes nothing. */
function isReading(method: string): boolean {
  return method === "GET" || method === "HEAD";
}

/** True if a browser says so, by `Sec-Fetch-Site`: for images and the like it sends no origin. */
function isOfOtherPage(site: string | undefined): boolean {
  return site === "cross-site" || site === "same-site";
}

/** Compares in constant time, so that timing does not betray the token. */
function areEqual(given: Uint8Array, expected: Uint8Array): boolean {
  let difference = given.length ^ expected.length;
  for (let i = 0; i < expected.length; i++) {
    difference |= expected[i] ^ (given[i] ?? 0);
  }
  return difference === 0;
}
