/**
 * The TLS options of servers and clients.
 *
 * @module
 */

import type {
  ClientCertificate,
  TlsClientSettings,
  TlsCredential,
  TlsMaterial,
  TlsServerSettings,
} from "../../contract/tls.ts";
import type { TlsVersion } from "../../contract/tls_info.ts";
import { MAX_INT32 } from "../../util/limits.ts";
import { asciiName } from "../address.ts";
import {
  choice,
  custom,
  flag,
  integer,
  OptionTable,
  readOption,
} from "./rules.ts";
import {
  authoritiesOf,
  checkCredential,
  readCredential,
  refuseCredential,
} from "./tls_material.ts";

/**
 * TLS options of both ends.
 *
 * @category TLS
 */
export interface TlsOptions {
  /**
   * The certificates of the only authorities to trust. Default: a client trusts
   * those of its runtime, a server none.
   */
  readonly ca?: TlsMaterial | readonly TlsMaterial[] | undefined;
  /**
   * The application protocols to offer (ALPN); the server's order of preference
   * decides. A server refuses a client that offers only others. It accepts a
   * client that offers none, and a client accepts a server that selects none:
   * then `alpn` of {@linkcode TlsInfo} is undefined at both ends. Default:
   * none.
   */
  readonly alpn?: readonly string[] | undefined;
  /** The oldest version to accept. Default `"TLSv1.2"`. */
  readonly minVersion?: TlsVersion | undefined;
  /** How many milliseconds the handshake may take, counted from when the TCP connection is open. 1 to 2^31 - 1, default 10000. */
  readonly handshakeTimeoutMs?: number | undefined;
  /**
   * When TLS begins: as soon as the connection is open, or with
   * {@linkcode DispatchContext.startTls}, in plaintext until then. Default `"now"`.
   */
  readonly start?: "now" | "later" | undefined;
}

/**
 * The argument of {@linkcode DispatchContext.startTls}: the TLS options of a
 * listener or of a connect.
 *
 * @category TLS
 */
export type StartTlsOptions = TlsListenOptions | TlsConnectOptions | true;

/**
 * The TLS options of a listener.
 *
 * @category TLS
 */
export interface TlsListenOptions extends TlsOptions, TlsCredential {
  /**
   * Which certificates clients must present: none; one that may be missing or
   * invalid, as `ctx.socket.tls` then reports; or one signed by an authority in
   * `ca`, without which the handshake fails. Default: `"require"` if `ca` is
   * given, else `"none"`.
   */
  readonly clientCert?: ClientCertificate | undefined;
  /**
   * Other certificates, for clients that request these names (SNI).
   * `*.example.com` matches all names with one more label. Default: none.
   */
  readonly sni?: Readonly<Record<string, TlsCredential>> | undefined;
}

/**
 * The TLS options of a connect.
 *
 * @category TLS
 */
export interface TlsConnectOptions extends TlsOptions {
  /** The name, or literal address, that the server's certificate must be valid for. Default: the host of the address, or `localhost` for a Unix socket. */
  readonly serverName?: string | undefined;
  /** The certificate for a server that requests one. Default: none. */
  readonly cert?: TlsMaterial | undefined;
  /** Its private key. */
  readonly key?: TlsMaterial | undefined;
  /**
   * The passphrase of the key; ignored if the key is not encrypted. An encrypted
   * key without one is refused with `InvalidCredentialError`. Default: none.
   */
  readonly passphrase?: string | undefined;
  /**
   * False accepts any certificate of the server; `ctx.socket.tls` reports
   * whether it is valid. Then anyone on the path can read everything, and
   * impersonate the server. Default true.
   */
  readonly verify?: boolean | undefined;
}

/** The checked TLS settings of a listener. */
export interface TlsListenSettings extends TlsServerSettings {
  readonly handshakeTimeoutMs: number;
  readonly start: "now" | "later";
}

/** The checked TLS settings of a connect. */
export interface TlsConnectSettings extends TlsClientSettings {
  readonly handshakeTimeoutMs: number;
  readonly start: "now" | "later";
}

/** The longest protocol name, in bytes: one byte holds the length. */
const LONGEST_PROTOCOL = 255;

/** Options of both ends, without certificates and keys. */
export const TLS_OPTIONS: OptionTable<Omit<TlsOptions, "ca">> = new OptionTable<
  Omit<TlsOptions, "ca">
>({
  alpn: custom<readonly string[]>(
    `a list of names, each of 1 to ${LONGEST_PROTOCOL} bytes`,
    (value) => Array.isArray(value) && value.every(isProtocol),
  ),
  minVersion: choice<TlsVersion>(["TLSv1.2", "TLSv1.3"], "TLSv1.2"),
  handshakeTimeoutMs: integer(1, MAX_INT32, 10_000),
  start: choice<"now" | "later">(["now", "later"], "now"),
});

/** Further options of a listener, without certificates and keys. */
export const TLS_LISTEN_OPTIONS: OptionTable<
  Pick<TlsListenOptions, "clientCert">
> = new OptionTable<Pick<TlsListenOptions, "clientCert">>({
  clientCert: choice<ClientCertificate>(["none", "request", "require"]),
});

/** Further options of a connect, without certificates and keys. */
export const TLS_CONNECT_OPTIONS: OptionTable<
  Pick<TlsConnectOptions, "serverName" | "verify">
> = new OptionTable<Pick<TlsConnectOptions, "serverName" | "verify">>({
  serverName: custom<string>(
    "a name or a literal address",
    (value) => typeof value === "string" && value.length > 0,
  ),
  verify: flag(true),
});

/**
 * Reads the TLS of a listener, each option once. Throws
 * {@linkcode InvalidCredentialError} or `InvalidOptionError`.
 */
export function tlsListenSettings(
  options: TlsListenOptions,
): TlsListenSettings {
  const given = asObject(options, "tls");
  const settings = TLS_OPTIONS.fill(given);
  const { clientCert } = TLS_LISTEN_OPTIONS.fill(given);
  const credential = checkCredential(readCredential(given), "tls");
  const ca = authoritiesOf(readOption(given, "ca"), "tls");
  const asks = clientCert ?? (ca === undefined ? "none" : "require");
  if (asks === "require" && ca === undefined) {
    refuseCredential(
      'tls with clientCert "require"',
      "it needs a ca to verify client certificates",
    );
  }
  return {
    ...settings,
    alpn: [...settings.alpn ?? []],
    credential,
    ca,
    clientCert: asks,
    sni: namesOf(readOption(given, "sni")),
  };
}

/**
 * A checked copy of `options`, as plain data. Throws as
 * {@linkcode tlsListenSettings} does.
 */
export function plainTls(options: TlsListenOptions): TlsListenOptions {
  const { credential, sni, ...settings } = tlsListenSettings(options);
  return { ...settings, ...credential, sni: Object.fromEntries(sni) };
}

/**
 * Reads the TLS of a connect to `hostname`, each option once. Throws
 * {@linkcode InvalidCredentialError} or `InvalidOptionError`.
 */
export function tlsConnectSettings(
  options: TlsConnectOptions | true,
  hostname: string,
): TlsConnectSettings {
  const given = options === true ? {} : asObject(options, "tls");
  const settings = TLS_OPTIONS.fill(given);
  const { serverName = hostname.replace(/\.$/, ""), verify } =
    TLS_CONNECT_OPTIONS.fill(given);
  const own = readCredential(given);
  const hasNone = Object.values(own).every((part) => part === undefined);
  return {
    ...settings,
    alpn: [...settings.alpn ?? []],
    serverName: asciiName(serverName),
    verify,
    credential: hasNone ? undefined : checkCredential(own, "tls"),
    ca: authoritiesOf(readOption(given, "ca"), "tls"),
  };
}

function asObject<T extends object>(options: T, name: string): T {
  if (typeof options === "object" && options !== null) return options;
  const what = options === null ? "null" : `a ${typeof options}`;
  refuseCredential(name, `it is ${what}, and must be an object`);
}

const NAME = /^(?:\*\.)?(?:[\w-]{1,63}\.)*[\w-]{1,63}$/;

function namesOf(sni: TlsListenOptions["sni"]): Map<string, TlsCredential> {
  const found = new Map<string, TlsCredential>();
  if (sni === undefined) return found;
  for (const [name, credential] of Object.entries(asObject(sni, "sni"))) {
    if (!NAME.test(name)) {
      refuseCredential(
        `the name ${JSON.stringify(name)} of sni`,
        'it must be a host name, or "*." followed by one',
      );
    }
    const where = `sni for ${name}`;
    const given = readCredential(asObject(credential, where));
    found.set(name.toLowerCase(), checkCredential(given, where));
  }
  return found;
}

const ENCODER = new TextEncoder();

function isProtocol(value: unknown): boolean {
  if (typeof value !== "string") return false;
  const { length } = ENCODER.encode(value);
  return length >= 1 && length <= LONGEST_PROTOCOL;
}
