/**
 * The options of an inspector.
 *
 * @module
 */

import type { AddressLike } from "../api/address.ts";
import { custom, flag, OptionTable } from "../api/options/rules.ts";
import type { TlsListenOptions } from "../api/options/tls.ts";
import { SHORTEST_TOKEN } from "./access.ts";

/**
 * Options of {@linkcode inspect}.
 *
 * @category Statistics
 */
export interface InspectOptions {
  /**
   * Where the inspector listens. Default `"127.0.0.1:0"`: a port that the
   * system chooses. An address that other machines can reach needs a `token`, and
   * so does a socket that was handed over; a Unix socket is protected by its mode.
   */
  readonly address?: AddressLike | undefined;
  /**
   * A secret that gives access: at least 16 visible ASCII characters. Without a
   * token, every program on this machine has access, but no other web page.
   */
  readonly token?: string | undefined;
  /** Serves the page over TLS. */
  readonly tls?: TlsListenOptions | undefined;
  /** True if the page may close connections. Default false. */
  readonly allowClose?: boolean | undefined;
  /** True if the page may have listeners stop accepting, and their connections finish. Default false. */
  readonly allowDrain?: boolean | undefined;
  /**
   * True if the page may show what single connections receive and send: it may be
   * secret. Default false. Of each read and write the first 256 bytes are shown,
   * and nothing is kept of connections that nobody looks at.
   */
  readonly allowTail?: boolean | undefined;
}

const TOKEN = /^[\x21-\x7e]+$/;

/** The options of {@linkcode inspect}, except for those that are checked elsewhere. */
export const INSPECT_OPTIONS: OptionTable<
  Omit<InspectOptions, "address" | "tls">
> = new OptionTable<Omit<InspectOptions, "address" | "tls">>({
  token: custom<string>(
    `at least ${SHORTEST_TOKEN} visible ASCII characters`,
    (value) =>
      typeof value === "string" && value.length >= SHORTEST_TOKEN &&
      TOKEN.test(value),
  ),
  allowClose: flag(false),
  allowDrain: flag(false),
  allowTail: flag(false),
});
