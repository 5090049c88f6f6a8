import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BrokenTlsError, MessageResult, type ReactRuntime } from "../../mod.ts";
import { ca, server } from "../support/certificates.ts";
import { Middlebox } from "./middlebox.ts";
import type { Environment } from "./environment.ts";
import { watched } from "./peers.ts";
import { logging, PeerLines, withRuntime } from "./support.ts";
import { serveTls } from "./tls_server.ts";

/** Bytes inserted between the ends that are not valid records. */
export const NO_RECORDS: Readonly<Record<string, Uint8Array>> = {
  "text": new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"),
};

const HEAD = [23, 3, 3, 0, 100];

/** Valid records that only decryption exposes. */
export const FORGERIES: Readonly<Record<string, Uint8Array>> = {
  "a record that nobody has encrypted": Uint8Array.from(
    { length: HEAD.length + 100 },
    (_, i) => HEAD[i] ?? i,
  ),
  "an alert in plain": Uint8Array.of(21, 3, 3, 0, 2, 1, 0),
};

/**
 * What happens to a TLS connection when bytes arrive that neither end sent:
 * each of `inserted`.
 */
export function tlsBrokenPromises(
  environment: Environment,
  inserted: Readonly<Record<string, Uint8Array>>,
): void {
  const { adapter, eventually } = environment;

  /**
   * Opens a connection that has delivered 1, 2, 3, until `bytes` end it.
   * Resolves to both ends.
   */
  async function breakBy(bytes: Uint8Array, runtime: ReactRuntime) {
    const heard: number[] = [];
    const served = watched({
      onInboundMessage(buf) {
        heard.push(...buf);
        return MessageResult.dropMsgSize(buf.length);
      },
    });
    const { address } = await serveTls(runtime, server, () => served.reactor);
    const between = await Middlebox.open(runtime, address);
    const client = watched<never>();
    await runtime.connect(between.address, client.reactor, { tls: { ca } });
    await served.connected;
    (await client.connected).sendOrQueue(Uint8Array.of(1, 2, 3));
    await eventually(() => heard.length === 3, "it has come");
    between.insert(bytes);
    return await Promise.all([served.closed, client.closed]);
  }

  describe(`${adapter.name}: TLS: what neither end has sent`, () => {
    for (const [what, bytes] of Object.entries(inserted)) {
      it(`${what} closes both with BrokenTlsError, with the same message everywhere, and logs nothing`, async () => {
        const log = new PeerLines();
        const errors: unknown[] = [];
        await logging(
          log.sink,
          () =>
            withRuntime(adapter, {}, async (runtime) => {
              errors.push(...await breakBy(bytes, runtime));
            }),
        );
        for (const error of errors) {
          assert.ok(error instanceof BrokenTlsError, `${error}`);
          assert.ok(error.cause instanceof Error);
          assert.match(
            error.message,
            /^Lost the connection to \S+: what came in is not TLS of this connection$/,
          );
        }
        assert.deepEqual(log.lines, []);
      });
    }
  });
}
