import { readFile } from "node:fs/promises";
import type { TlsListenOptions } from "../mod.ts";
import { fail, file } from "./flags.ts";

/** The flags of a server that speaks TLS if it is given a certificate. */
export const credentialFlags = {
  cert: file("a certificate, in PEM: then clients speak TLS"),
  key: file("its private key"),
};

/** What `flags` say of TLS; undefined if nothing. Ends the program if that cannot be read. */
export async function readCredential(
  { cert, key }: { readonly cert: string; readonly key: string },
): Promise<TlsListenOptions | undefined> {
  if (cert === "" && key === "") return undefined;
  if (cert === "" || key === "") {
    fail(new Error("--cert and --key go together"));
  }
  try {
    return { cert: await readFile(cert), key: await readFile(key) };
  } catch (error) {
    fail(error as Error);
  }
}
