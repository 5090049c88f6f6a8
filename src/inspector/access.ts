import { encoder } from "../util/utf8.ts";
import {
  type HttpRequest,
  type HttpResponse,
  refusal,
} from "./http/http_message.ts";

/** The fewest characters of a token: to guess one of 16 takes longer than there is. */
export const SHORTEST_TOKEN = 16;

/** The names that this machine has for itself, which no other can have. */
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

/** True if nobody but this machine can reach what listens at `hostname`. */
export function isLoopback(hostname: string): boolean {
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  return LOOPBACK.test(host);
}

/**
 * Who may ask.
 *
 * With a token, who knows it. Without one, who is on this machine: and since a
 * page of anybody in a browser of this machine is, too, a request has to name
 * the machine itself, which a name that somebody points here does not, no browser
 * may say that it is of another page (Fetch Metadata), and what changes something
 * has to come from our own page.
 */
export class Access {
  readonly #token: Uint8Array | undefined;

  constructor(token: string | undefined) {
    this.#token = token === undefined ? undefined : encoder.encode(token);
  }

  /** Why `request` is not answered; undefined if it is. */
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

/** True if a browser says so, by `Sec-Fetch-Site`: of an image, for instance, it tells no origin. */
function isOfOtherPage(site: string | undefined): boolean {
  return site === "cross-site" || site === "same-site";
}

/** Takes as long for a wrong token as for the right one. */
function areEqual(given: Uint8Array, expected: Uint8Array): boolean {
  let difference = given.length ^ expected.length;
  for (let i = 0; i < expected.length; i++) {
    difference |= expected[i] ^ (given[i] ?? 0);
  }
  return difference === 0;
}
