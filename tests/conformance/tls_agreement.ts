import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import {
  type ConnectOptions,
  type DispatchContext,
  InvalidCredentialError,
  InvalidOptionError,
  MessageResult,
  type ReactRuntime,
  TlsHandshakeError,
  type TlsInfo,
  type TlsListenOptions,
} from "../../mod.ts";
import * as certificates from "../support/certificates.ts";
import { encrypted } from "../support/encrypted_keys.ts";
import type { Environment } from "./environment.ts";
import { watched } from "./peers.ts";
import {
  ANY_PORT,
  echo,
  quietly,
  signal,
  sink,
  withRuntime,
} from "./support.ts";
import { serveTls } from "./tls_server.ts";

const { ca, clientCa, client, server } = certificates;
const BYTES = new TextEncoder();
const PASSPHRASE = "öffne dich";

/**
 * Connects, sends a byte, gets it back, and closes. Resolves to what both ends
 * know about each other.
 */
async function roundTrip(
  runtime: ReactRuntime,
  listen: TlsListenOptions,
  connect: ConnectOptions["tls"],
): Promise<{ server: TlsInfo; client: TlsInfo }> {
  const seen = signal<TlsInfo>();
  const { handle, address } = await serveTls(runtime, listen, () => ({
    ...echo(),
    onConnected: (ctx) => seen.resolve(ctx.socket.tls as TlsInfo),
  }));
  const reactor = watched({
    onConnected: (ctx) => void ctx.sendOrQueue(Uint8Array.of(7)),
    onInboundMessage(buf, ctx) {
      ctx.close();
      return MessageResult.dropMsgSize(buf.length);
    },
  });
  const opened = await runtime.connect(address, reactor.reactor, {
    tls: connect,
  });
  const { socket } = await reactor.connected;
  assert.equal(await opened.whenClosed, undefined);
  await handle.close();
  return { server: await seen.promise, client: socket.tls as TlsInfo };
}

/** What two TLS ends negotiate, and whom they trust. */
export function tlsAgreementPromises(environment: Environment): void {
  const { adapter, eventually } = environment;
  /** Deno reports only failed checks of the name. */
  const isDeno = "Deno" in globalThis && adapter.name !== "sim";
  const withOne = (body: (runtime: ReactRuntime) => Promise<void>) => () =>
    quietly(() => withRuntime(adapter, {}, body));

  describe(`${adapter.name}: TLS: what is agreed on`, () => {
    it(
      "both ends are connected when the handshake is done, and know what it has agreed on",
      withOne(async (runtime) => {
        const { server: there, client: here } = await roundTrip(runtime, {
          ...server,
          alpn: ["one", "two"],
        }, { ca, alpn: ["two"], serverName: "localhost" });
        for (const info of [there, here]) {
          assert.equal(info.version, "TLSv1.3");
          assert.match(info.cipher, /^TLS_/);
          assert.equal(info.alpn, "two");
          assert.equal(info.serverName, "localhost");
        }
        assert.equal(there.peerCertificate, undefined);
        assert.equal(there.isAuthorized, false);
        assert.equal(here.isAuthorized, true);
        const certificate = here.peerCertificate;
        assert.equal(certificate?.subject, "server");
        assert.equal(certificate?.issuer, "Test CA");
        assert.match(certificate?.subjectAltName ?? "", /DNS:localhost/);
        assert.match(certificate?.fingerprint256 ?? "", /^(..:){31}..$/);
        assert.ok((certificate?.raw.length ?? 0) > 300);
      }),
    );

    for (
      const [listens, connects, agreed] of [
        [["one", "two"], ["two", "one"], "one"],
        [["one"], [], undefined],
        [[], ["one"], undefined],
      ] as const
    ) {
      it(
        `a server with the protocols [${listens}] and a client with [${connects}] agree on ${agreed}`,
        withOne(async (runtime) => {
          const both = await roundTrip(runtime, {
            ...server,
            alpn: listens,
          }, { ca, alpn: connects, serverName: "localhost" });
          assert.equal(both.server.alpn, agreed);
          assert.equal(both.client.alpn, agreed);
        }),
      );
    }

    it(
      "does not exist on a plain connection",
      withOne(async (runtime) => {
        const handle = await runtime.listen(ANY_PORT, {
          onNewConnection: () => ({ reactor: echo() }),
        });
        const { reactor, connected } = watched();
        const opened = await runtime.connect(handle.address, reactor);
        assert.equal((await connected).socket.tls, undefined);
        await opened.close();
      }),
    );

    it(
      "takes the certificate of the name that the client asks for, exact or by *, else the first",
      withOne(async (runtime) => {
        const { exact, wildcard } = certificates;
        const sni = { "One.Example": exact, "*.many.example": wildcard };
        for (
          const [serverName, subject] of [
            ["one.example", "exact"],
            ["some.many.example", "wildcard"],
            ["localhost", "server"],
          ]
        ) {
          const { client: here } = await roundTrip(
            runtime,
            { ...server, sni },
            { ca, serverName },
          );
          assert.equal(here.peerCertificate?.subject, subject);
          assert.equal(here.serverName, serverName);
        }
        for (const serverName of ["many.example", "a.b.many.example"]) {
          await assert.rejects(
            roundTrip(runtime, { ...server, sni }, { ca, serverName }),
            { reason: "wrong-name" },
          );
        }
        await assert.rejects(
          roundTrip(runtime, { ...server, ...wildcard }, {
            ca,
            serverName: "a.b.many.example",
          }),
          { reason: "wrong-name" },
        );
      }),
    );

    it(
      "a server gets the name in ASCII, in lower case, without a trailing dot, and no literal address",
      withOne(async (runtime) => {
        const sni = { "one.example": certificates.exact };
        for (
          const [serverName, name, subject] of [
            ["LocalHost.", "localhost", "server"],
            ["One.Example.", "one.example", "exact"],
            ["127.0.0.1", undefined, "server"],
          ] as const
        ) {
          const { server: there, client: here } = await roundTrip(
            runtime,
            { ...server, sni },
            { ca, serverName },
          );
          assert.equal(there.serverName, name);
          assert.equal(here.peerCertificate?.subject, subject);
        }
        for (
          const [serverName, name] of [
            ["127.0.0.1", undefined],
            ["bücher.example", "xn--bcher-kva.example"],
          ]
        ) {
          const { server: alone } = await roundTrip(runtime, server, {
            ca,
            serverName,
            verify: false,
          });
          assert.equal(alone.serverName, name);
        }
      }),
    );

    it(
      "with ca requires a certificate of the client, with request tells what it is",
      withOne(async (runtime) => {
        const mine = { ca, ...client };
        const trusting = { ...server, ca: clientCa };
        const { server: there } = await roundTrip(runtime, trusting, mine);
        assert.equal(there.peerCertificate?.subject, "client");
        assert.equal(there.isAuthorized, true);
        const asking = { ...trusting, clientCert: "request" } as const;
        for (
          const [credential, subject] of [
            [{}, undefined],
            [certificates.selfSigned, "self-signed"],
            [certificates.expiredClient, "expired client"],
            [client, "client"],
          ] as const
        ) {
          const found = await roundTrip(runtime, asking, { ca, ...credential });
          assert.equal(found.server.peerCertificate?.subject, subject);
          assert.equal(found.server.isAuthorized, credential === client);
        }
        const deaf = { ...trusting, clientCert: "none" } as const;
        const found = await roundTrip(runtime, deaf, mine);
        assert.equal(found.server.peerCertificate, undefined);
      }),
    );

    it(
      "rejects a client whose certificate is missing or wrong",
      withOne(async (runtime) => {
        for (
          const [credential, reasons] of [
            [{}, ["no-certificate"]],
            [certificates.selfSigned, ["untrusted"]],
            [server, ["untrusted"]],
            [
              certificates.expiredClient,
              isDeno ? ["expired", "untrusted"] : ["expired"],
            ],
          ] as const
        ) {
          const served = watched();
          const { handle, address, drops } = await serveTls(
            runtime,
            { ...server, ca: clientCa },
            () => served.reactor,
          );
          // In TLS 1.3 a client has finished before it learns the server's
          // verdict.
          const { reactor, closed } = watched();
          const ended = await runtime.connect(address, reactor, {
            tls: { ca, ...credential },
          })
            .then(() => closed, (error: Error) => error);
          assert.ok(ended instanceof Error, "it was told of no good end");
          await eventually(() => drops.length > 0, "it is dropped");
          const [[reason, error]] = drops;
          assert.equal(reason, "handshakeFailed");
          assert.ok(error instanceof TlsHandshakeError);
          assert.ok(
            (reasons as readonly string[]).includes(error.reason),
            error.message,
          );
          assert.equal(handle.dropCounts.handshakeFailed, 1);
          assert.deepEqual(served.calls, []);
          await handle.close();
        }
      }),
    );

    it(
      "a client rejects a server whose certificate is wrong, and says which check failed",
      withOne(async (runtime) => {
        for (
          const [listen, connect, reasons] of [
            [server, true, ["untrusted"]],
            [certificates.selfSigned, { ca }, ["untrusted"]],
            [
              certificates.expired,
              { ca },
              isDeno ? ["expired", "untrusted"] : ["expired"],
            ],
            [certificates.wrongName, { ca }, ["wrong-name"]],
            [server, { ca, serverName: "other.example" }, ["wrong-name"]],
          ] as const
        ) {
          const { reactor, calls } = watched();
          const { handle, address } = await serveTls(runtime, listen);
          await assert.rejects(
            runtime.connect(address, reactor, { tls: connect }),
            (error) => {
              assert.ok(error instanceof TlsHandshakeError);
              assert.match(
                error.message,
                /^Cannot connect to 127\.0\.0\.1:\d+: /,
              );
              return (reasons as readonly string[]).includes(error.reason);
            },
          );
          assert.deepEqual(calls, []);
          await handle.close();
          const { client: here } = await roundTrip(
            runtime,
            listen,
            { ca, verify: false },
          );
          assert.equal(here.isAuthorized, listen === server);
        }
      }),
    );

    it(
      "takes encrypted keys with their passphrase, in PKCS 8 or the older format, as text or bytes",
      withOne(async (runtime) => {
        const [served, older] = encrypted(server, PASSPHRASE);
        const clients = encrypted(client, PASSPHRASE);
        const bytes = {
          ...older,
          cert: BYTES.encode(older.cert),
          key: BYTES.encode(older.key),
        };
        for (
          const [listen, connect] of [
            [served, clients[1]],
            [bytes, clients[0]],
            // An unneeded passphrase does no harm.
            [{ ...server, passphrase: PASSPHRASE }, client],
            [{ ...certificates.exact, sni: { localhost: served } }, client],
          ] as const
        ) {
          const { server: there, client: here } = await roundTrip(
            runtime,
            { ...listen, ca: clientCa },
            { ...connect, ca, serverName: "localhost" },
          );
          assert.equal(there.peerCertificate?.subject, "client");
          assert.equal(here.peerCertificate?.subject, "server");
        }
        const { handle, address } = await serveTls(runtime, server);
        const [renewed] = encrypted(certificates.renewed, PASSPHRASE);
        handle.setTls(renewed);
        const { reactor, connected } = watched();
        await runtime.connect(address, reactor, { tls: { ca } });
        const { socket } = await connected;
        assert.equal(socket.tls?.peerCertificate?.subject, "renewed");
      }),
    );

    it(
      "a missing, wrong or invalid passphrase is refused, as is one without a key, and none is shown",
      withOne(async (runtime) => {
        const handler = { onNewConnection: () => null };
        const { handle } = await serveTls(runtime, server);
        const wrong = `not ${PASSPHRASE}`;
        for (const { cert, key } of encrypted(server, PASSPHRASE)) {
          const bad: [tls: object, why: RegExp][] = [
            [{ cert, key }, /it is encrypted, so it needs a passphrase/],
            [
              { cert, key, passphrase: wrong },
              /the key cannot be decrypted: check the key and its passphrase/,
            ],
            [{ cert, key, passphrase: "" }, /cannot be decrypted/],
            [
              { cert, key, passphrase: BYTES.encode(PASSPHRASE) },
              /the passphrase of tls: it must be a string/,
            ],
          ];
          for (const [tls, why] of bad) {
            const isTold = (error: unknown): boolean => {
              const text = inspect(error, { depth: 9 });
              assert.ok(error instanceof InvalidCredentialError, text);
              assert.match(error.message, why);
              return !text.includes(PASSPHRASE);
            };
            await assert.rejects(
              runtime.listen(ANY_PORT, handler, { tls } as object),
              isTold,
            );
            await assert.rejects(
              runtime.connect("127.0.0.1:1", sink(), { tls } as object),
              isTold,
            );
            assert.throws(() => handle.setTls(tls as TlsListenOptions), isTold);
          }
        }
        await assert.rejects(
          runtime.connect("127.0.0.1:1", sink(), {
            tls: { passphrase: PASSPHRASE },
          }),
          /InvalidCredentialError: Cannot use the cert of tls: it is missing/,
        );
      }),
    );

    it(
      "uses renewed certificates for new connections, while others stay open",
      withOne(async (runtime) => {
        const { handle, address } = await serveTls(runtime, server);
        const subjectOf = (ctx: DispatchContext) =>
          ctx.socket.tls?.peerCertificate?.subject;
        const connect = async () => {
          const { reactor, connected } = watched();
          await runtime.connect(address, reactor, { tls: { ca } });
          return await connected;
        };
        const before = await connect();
        handle.setTls(certificates.renewed);
        const after = await connect();
        assert.deepEqual([before, after].map(subjectOf), ["server", "renewed"]);
        assert.throws(
          () => handle.setTls({ ...server, key: "" }),
          InvalidCredentialError,
        );
        assert.equal(subjectOf(await connect()), "renewed");
        await eventually(() => handle.connectionCount === 3, "three are in");
        const plain = await runtime.listen(ANY_PORT, {
          onNewConnection: () => null,
        });
        assert.throws(() => plain.setTls(server), InvalidOptionError);
      }),
    );

    it(
      "reads certificates and keys as editors and other programs leave them",
      withOne(async (runtime) => {
        const { cert, key } = server;
        const forms: [string, (pem: string) => string | Uint8Array][] = [
          ["a byte order mark", (pem) => `\ufeff${pem}`],
          ["one, in bytes", (pem) => BYTES.encode(`\ufeff${pem}`)],
          ["CR LF", (pem) => pem.replaceAll("\n", "\r\n")],
          ["CR", (pem) => pem.replaceAll("\n", "\r")],
          ["blanks", (pem) => pem.replace(/^/gm, "  ").replace(/$/gm, " ")],
          ["empty lines", (pem) => pem.replaceAll("\n", "\n\n")],
          ["one line", (pem) => pem.replaceAll("\n", " ")],
          ["what else was exported", (pem) => `Bag Attributes\n  a: b${pem}x`],
          ["a key before it", (pem) => pem.includes("KEY") ? pem : key + pem],
          [
            "what it is for behind it",
            (pem) => pem + (pem === key ? cert : ""),
          ],
          ["X509", (pem) => pem.replaceAll(" CERT", " X509 CERT")],
        ];
        for (const [what, form] of forms) {
          const { server: there, client: here } = await roundTrip(
            runtime,
            { cert: form(cert), key: form(key), ca: form(clientCa) },
            {
              cert: form(client.cert),
              key: form(client.key),
              ca: form(ca),
              serverName: "localhost",
            },
          );
          assert.equal(there.peerCertificate?.subject, "client", what);
          assert.equal(here.peerCertificate?.subject, "server", what);
        }
      }),
    );

    it(
      "half a credential, an empty one, a path or garbage is refused, and nothing is bound",
      withOne(async (runtime) => {
        const { cert, key } = server;
        const broken =
          "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        const handler = { onNewConnection: () => null };
        const bad: unknown[] = [
          {},
          { cert },
          { key },
          { cert: "", key },
          { cert, key: "" },
          { cert, key: new Uint8Array(0) },
          { cert: "/etc/cert.pem", key },
          { cert: key, key: cert },
          { cert: broken, key },
          { cert: cert + broken, key },
          { cert: cert + cert.slice(0, 200), key },
          { cert: cert.slice(0, 200) + cert, key },
          { cert: cert.replaceAll("\n", "\\n"), key },
          { cert: cert.replaceAll(" CERT", " TRUSTED CERT"), key },
          { cert: null, key },
          { cert, key, ca: ca + broken },
          { cert, key, ca: [] },
          { cert, key, ca: "" },
          { cert, key, clientCert: "require" },
          { cert, key, sni: { "a.example": { cert } } },
          { cert, key, sni: { "a b": server } },
          {
            cert,
            key,
            sni: { "a.example": { ...certificates.wrongName, key } },
          },
          { cert, key, sni: 1 },
        ];
        for (const tls of bad) {
          await assert.rejects(
            runtime.listen(ANY_PORT, handler, { tls } as object),
            (error) =>
              error instanceof InvalidCredentialError &&
              !error.message.includes("MIG"),
            JSON.stringify(tls),
          );
        }
        for (
          const tls of [
            null,
            "x",
            { ...server, alpn: [""] },
            { ...server, minVersion: "TLSv1" },
            { ...server, handshakeTimeoutMs: 0 },
          ]
        ) {
          await assert.rejects(
            runtime.listen(ANY_PORT, handler, { tls } as object),
            InvalidOptionError,
          );
        }
        assert.equal(runtime.reactorCount, 0);
        for (const tls of [{ cert }, { key }, { ca: "" }, { cert: "", key }]) {
          await assert.rejects(
            runtime.connect("127.0.0.1:1", sink(), { tls }),
            InvalidCredentialError,
          );
        }
      }),
    );
  });
}
