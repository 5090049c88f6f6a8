import { createPrivateKey, type KeyObject } from "node:crypto";
import type { Credential } from "./certificates.ts";

/** A credential whose key is encrypted. */
export interface EncryptedCredential extends Credential {
  readonly passphrase: string;
}

/** Encrypts the key of `credential`, as PKCS 8 and in the older format. */
export function encrypted(
  { cert, key }: Credential,
  passphrase: string,
): EncryptedCredential[] {
  const plain: KeyObject = createPrivateKey(key);
  return (["pkcs8", "sec1"] as const).map((type) => ({
    cert,
    key: plain.export({
      type,
      format: "pem",
      cipher: "aes-256-cbc",
      passphrase,
    }) as string,
    passphrase,
  }));
}
