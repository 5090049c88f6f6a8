/**
 * Certificates and keys in options.
 *
 * @module
 */

import type { TlsCredential, TlsMaterial } from "../../contract/tls.ts";
import { InvalidCredentialError } from "../errors.ts";
import { pemBlocks } from "../../util/pem.ts";
import { readOption } from "./rules.ts";

const CERTIFICATE = "CERTIFICATE";

/**
 * Throws {@linkcode InvalidCredentialError}: `what` cannot be used, because
 * `why`.
 */
export function refuseCredential(what: string, why: string): never {
  throw new InvalidCredentialError(`Cannot use ${what}: ${why}`);
}

/** A credential that is not checked yet. */
export type GivenCredential = {
  readonly [part in keyof TlsCredential]-?: unknown;
};

/** The parts of a credential in `options`, each read once. */
export function readCredential(
  options: { readonly [part in keyof TlsCredential]?: unknown },
): GivenCredential {
  return {
    cert: readOption(options, "cert"),
    key: readOption(options, "key"),
    passphrase: readOption(options, "passphrase"),
  };
}

/**
 * Checks and copies a credential. `where` names the options in messages. Throws
 * {@linkcode InvalidCredentialError}.
 */
export function checkCredential(
  { cert, key, passphrase }: GivenCredential,
  where: string,
): TlsCredential {
  const whatKey = `the key of ${where}`;
  const pair = {
    cert: materialOf(cert, `the cert of ${where}`, CERTIFICATE),
    key: materialOf(key, whatKey, "PRIVATE KEY"),
  };
  if (typeof passphrase === "string") return { ...pair, passphrase };
  if (passphrase !== undefined) {
    refuseCredential(`the passphrase of ${where}`, "it must be a string");
  }
  if (ENCRYPTED.test(pemOf(pair.key))) {
    refuseCredential(whatKey, "it is encrypted, so it needs a passphrase");
  }
  return pair;
}

/**
 * Checks and copies the option `ca`. `where` names the options in messages.
 * Throws {@linkcode InvalidCredentialError}.
 */
export function authoritiesOf(
  ca: TlsMaterial | readonly TlsMaterial[] | undefined,
  where: string,
): string[] | undefined {
  if (ca === undefined) return undefined;
  const all: unknown[] = Array.isArray(ca) ? [...ca] : [ca];
  const what = `the ca of ${where}`;
  if (all.length === 0) refuseCredential(what, "it is empty");
  return all.map((one) => materialOf(one, what, CERTIFICATE));
}

const DECODER = new TextDecoder();

/** Marks an encrypted key in PEM, in PKCS #8 and in the older format. */
const ENCRYPTED = /^(?:-----BEGIN ENCRYPTED |Proc-Type: 4,ENCRYPTED)/m;

function pemOf(material: TlsMaterial): string {
  return typeof material === "string" ? material : DECODER.decode(material);
}

/**
 * Returns only the blocks of `kind` in `value`. Not every runtime finds a block
 * behind other text, or fails if there is none. Messages show no part of the
 * value, since a key is secret.
 */
function materialOf(value: unknown, what: string, kind: string): string {
  if (typeof value !== "string" && !(value instanceof Uint8Array)) {
    refuseCredential(
      what,
      `it is ${typeName(value)}, and must be PEM, as text or bytes`,
    );
  }
  const text = pemOf(value);
  const blocks = pemBlocks(text).filter(({ label }) => label.endsWith(kind));
  if (blocks.length === 0) {
    const why = text.trim() === "" ? "it is empty" : "it is not PEM";
    refuseCredential(
      what,
      `${why}: give the text itself, with "-----BEGIN … ${kind}-----", not a path`,
    );
  }
  // Only the first key is used.
  const used = kind === CERTIFICATE ? blocks : blocks.slice(0, 1);
  return used.map(({ label, text }) => {
    if (label === "TRUSTED CERTIFICATE") {
      refuseCredential(
        what,
        `it contains a ${label}, which only OpenSSL reads; "openssl x509" converts it to a ${CERTIFICATE}`,
      );
    }
    return text ??
      refuseCredential(what, `its ${label} is incomplete, or is not base64`);
  }).join("").replaceAll("X509 CERTIFICATE", CERTIFICATE);
}

function typeName(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
