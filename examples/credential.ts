import { readFile } from "node:fs/promises";
import type { TlsConnectOptions, TlsListenOptions } from "../mod.ts";

/** A certificate that either end may show. */
export type Credential =
  & Pick<TlsListenOptions, "cert" | "key" | "passphrase">
  & Pick<TlsConnectOptions, "cert" | "key" | "passphrase">;
import { fail, file, hostname } from "./flags.ts";

/** The files of a certificate, as flags give them. */
export interface CredentialFlags {
  readonly cert: string;
  readonly key: string;
  readonly passphrase: string;
}

const keyFlags = {
  key: file("its private key"),
  passphrase: file("a file with the passphrase, if the key is encrypted"),
};

/** The flags of a server that speaks TLS if it is given a certificate. */
export const credentialFlags = {
  cert: file("a certificate, in PEM: then clients speak TLS"),
  ...keyFlags,
};

/** The flags of a client that may have to show a certificate. */
export const clientCredentialFlags = {
  cert: file("a certificate to show, in PEM"),
  ...keyFlags,
};

/** The certificate that `flags` name, or undefined. Ends the program if it cannot be read. */
export async function readCredential(
  flags: CredentialFlags,
): Promise<Credential | undefined> {
  const isGiven = [flags.cert, flags.key, flags.passphrase].some((path) =>
    path !== ""
  );
  return isGiven ? await needCredential(flags) : undefined;
}

/** The same for a server that needs a certificate. */
export async function needCredential(
  flags: CredentialFlags,
): Promise<Credential> {
  if (flags.cert === "" || flags.key === "") {
    fail(new Error("--cert and --key go together"));
  }
  return await loadCredential(flags).catch(fail);
}

/** Reads the files that `flags` name. Rejects if one cannot be read. */
export async function loadCredential(
  { cert, key, passphrase }: CredentialFlags,
): Promise<Credential> {
  return {
    cert: await read(cert),
    key: await read(key),
    passphrase: await firstLineOf(passphrase),
  };
}

/** The text of the file at `path` without its last line break; undefined without a path. */
async function firstLineOf(path: string): Promise<string | undefined> {
  if (path === "") return undefined;
  const [line] = new TextDecoder().decode(await read(path)).split(/\r?\n/, 1);
  return line;
}

/** The text of the file at `path`. Its errors name the file, which those of the system may not. */
export async function read(path: string): Promise<Uint8Array> {
  return await readFile(path).catch((cause) => {
    throw new Error(`Cannot read ${path}: ${cause.message}`, { cause });
  });
}

/** The flags of a client that speaks TLS. */
export const trustFlags = {
  ca: file("whom to trust, in PEM; without it whom this runtime trusts"),
  name: hostname("localhost", "the name in the certificate of the server"),
};

/** The options of TLS that `flags` give. Ends the program if a file cannot be read. */
export async function readTrust(
  { ca, name }: { readonly ca: string; readonly name: string },
): Promise<TlsConnectOptions> {
  const serverName = name;
  if (ca === "") return { serverName };
  return { ca: await read(ca).catch(fail), serverName };
}
