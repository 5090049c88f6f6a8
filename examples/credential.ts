import { readFile } from "node:fs/promises";
import type { TlsConnectOptions, TlsListenOptions } from "../mod.ts";
import { fail, file, hostname } from "./flags.ts";

/** The files of a certificate, as flags give them. */
export interface CredentialFlags {
  readonly cert: string;
  readonly key: string;
  readonly passphrase: string;
}

/** The flags of a server that speaks TLS if it is given a certificate. */
export const credentialFlags = {
  cert: file("a certificate, in PEM: then clients speak TLS"),
  key: file("its private key"),
  passphrase: file("a file with the passphrase, if the key is encrypted"),
};

/** The certificate that `flags` name, or undefined. Ends the program if it cannot be read. */
export async function readCredential(
  flags: CredentialFlags,
): Promise<TlsListenOptions | undefined> {
  const isGiven = [flags.cert, flags.key, flags.passphrase].some((path) =>
    path !== ""
  );
  return isGiven ? await needCredential(flags) : undefined;
}

/** The same for a server that needs a certificate. */
export async function needCredential(
  flags: CredentialFlags,
): Promise<TlsListenOptions> {
  if (flags.cert === "" || flags.key === "") {
    fail(new Error("--cert and --key go together"));
  }
  return await loadCredential(flags).catch(fail);
}

/** Reads the files that `flags` name. Rejects if one cannot be read. */
export async function loadCredential(
  { cert, key, passphrase }: CredentialFlags,
): Promise<TlsListenOptions> {
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
async function read(path: string): Promise<Uint8Array> {
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
