// Creates tests/support/certificates.ts: `deno run -A
// scripts/certificates/make.ts`. Its library comes from npm. No job runs it:
// the certificates are valid for a hundred years, except those that are meant
// to be expired.

import * as x509 from "npm:@peculiar/x509@1.14.0";

x509.cryptoProvider.set(crypto);

const ALGORITHM = {
  name: "ECDSA",
  namedCurve: "P-256",
  hash: "SHA-256",
} as const;

const FROM = new Date("2026-01-01T00:00:00Z");
const UNTIL = new Date("2126-01-01T00:00:00Z");

interface Issuer {
  readonly name: string;
  readonly key: CryptoKey;
}

interface Wanted {
  readonly name: string;
  readonly hostnames?: readonly string[];
  readonly ips?: readonly string[];
  readonly from?: Date;
  readonly until?: Date;
  /** The purpose of the certificate; default: both. */
  readonly use?: "server" | "client";
  /** Makes it an authority that is restricted to names in this domain. */
  readonly domain?: string;
}

/** Restricts an authority to names in `domain` (RFC 5280, section 4.2.1.10). */
function constrainedTo(domain: string): x509.Extension {
  const name = [0x82, domain.length, ...new TextEncoder().encode(domain)];
  const tree = [0x30, name.length, ...name];
  const permitted = [0xa0, tree.length, ...tree];
  const value = Uint8Array.of(0x30, permitted.length, ...permitted);
  return new x509.Extension("2.5.29.30", true, value);
}

let serial = 1;

async function make(
  { name, hostnames = [], ips = [], from = FROM, until = UNTIL, use, domain }:
    Wanted,
  issuer?: Issuer | "none",
) {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, [
    "sign",
    "verify",
  ]) as CryptoKeyPair;
  const isCa = issuer === undefined || domain !== undefined;
  const by = issuer === undefined || issuer === "none"
    ? { name, key: keys.privateKey }
    : issuer;
  const { serverAuth, clientAuth } = x509.ExtendedKeyUsage;
  const uses = use === "server"
    ? [serverAuth]
    : use === "client"
    ? [clientAuth]
    : [serverAuth, clientAuth];
  const names: x509.JsonGeneralName[] = [
    ...hostnames.map((value) => ({ type: "dns" as const, value })),
    ...ips.map((value) => ({ type: "ip" as const, value })),
  ];
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: (serial++).toString(16).padStart(2, "0"),
    subject: `CN=${name}`,
    issuer: `CN=${by.name}`,
    notBefore: from,
    notAfter: until,
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: by.key,
    extensions: [
      new x509.BasicConstraintsExtension(isCa, undefined, true),
      ...(isCa
        ? [
          new x509.KeyUsagesExtension(
            x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
            true,
          ),
          ...(domain === undefined ? [] : [constrainedTo(domain)]),
        ]
        : [
          new x509.ExtendedKeyUsageExtension(uses),
          ...(names.length > 0
            ? [new x509.SubjectAlternativeNameExtension(names)]
            : []),
        ]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    cert: certificate.toString("pem") + "\n",
    key: x509.PemConverter.encode(pkcs8, "PRIVATE KEY") + "\n",
    issuer: { name, key: keys.privateKey },
  };
}

const LOCAL = { hostnames: ["localhost"], ips: ["127.0.0.1", "::1"] };

const ca = await make({ name: "Test CA" });
const clientCa = await make({ name: "Test client CA" });
const constrainedCa = await make({
  name: "Test constrained CA",
  domain: "good.example",
}, clientCa.issuer);

/** The encoding of "client authentication" in a certificate. */
const CLIENT_AUTHENTICATION = "\\+\x06\x01\x05\x05\x07\x03\x02";

const made = {
  server: await make({ name: "server", ...LOCAL, use: "server" }, ca.issuer),
  renewed: await make({ name: "renewed", ...LOCAL, use: "server" }, ca.issuer),
  expired: await make({
    name: "expired",
    ...LOCAL,
    from: new Date("2020-01-01T00:00:00Z"),
    until: new Date("2021-01-01T00:00:00Z"),
  }, ca.issuer),
  wrongName: await make(
    { name: "wrong name", hostnames: ["other.example"] },
    ca.issuer,
  ),
  exact: await make(
    { name: "exact", hostnames: ["one.example"] },
    ca.issuer,
  ),
  wildcard: await make(
    { name: "wildcard", hostnames: ["*.many.example"] },
    ca.issuer,
  ),
  selfSigned: await make({ name: "self-signed", ...LOCAL }, "none"),
  client: await make({ name: "client", use: "client" }, clientCa.issuer),
  expiredClient: await make({
    name: "expired client",
    from: new Date("2020-01-01T00:00:00Z"),
    until: new Date("2021-01-01T00:00:00Z"),
    use: "client",
  }, clientCa.issuer),
  evilClient: await make({
    name: "evil client",
    hostnames: ["evil.example"],
    use: "client",
  }, constrainedCa.issuer),
  disguised: await make({
    name: CLIENT_AUTHENTICATION,
    use: "server",
  }, clientCa.issuer),
};

const entries = Object.entries(made).map(([name, { cert, key }]) =>
  `export const ${name}: Credential = {\n  cert: \`${cert}\`,\n  key: \`${key}\`,\n};\n`
);
Deno.writeTextFileSync(
  new URL("../../tests/support/certificates.ts", import.meta.url),
  `// Made by scripts/certificates/make.ts: secret to nobody, and trusted by nobody but the tests.

/** A certificate and its key, in PEM. */
export interface Credential {
  readonly cert: string;
  readonly key: string;
}

/** Who has signed the certificates of the servers. */
export const ca = \`${ca.cert}\`;

/** Who has signed those of the clients. */
export const clientCa = \`${clientCa.cert}\`;

/** Who is allowed by that to sign those of good.example alone. */
export const constrainedCa = \`${constrainedCa.cert}\`;

${entries.join("\n")}`,
);
