import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hostAdapter, nodeAdapter } from "../../mod.ts";
import type { SocketHandle } from "../../src/adapters/node_handles.ts";
import { isAtEnd, refusesReads } from "../../src/adapters/node_reads.ts";
import { hasTlsHandles } from "../../src/adapters/tls/node_tls_handle.ts";
import { quietly, sink, withRuntime } from "../conformance/support.ts";
import { serveTls } from "../conformance/tls_server.ts";
import { server } from "../support/certificates.ts";
import { OpaqueAdapter } from "../support/opaque_adapter.ts";
import { tlsClient } from "./clients.ts";

const EALREADY = -114;

/** A handle whose `readStart` returns `statuses`, one after another, and the calls it got. */
function handleWith(reading: boolean, statuses: number[]) {
  const asked: string[] = [];
  const handle = {
    reading,
    readStart() {
      asked.push("start");
      return statuses.shift() as number;
    },
    readStop() {
      asked.push("stop");
      return 0;
    },
  };
  return { handle: handle as unknown as SocketHandle, asked };
}

describe("TLS on the sockets of Node", () => {
  it("is spoken without a stream on Node, and nowhere else", () => {
    assert.equal(hasTlsHandles(), hostAdapter() === nodeAdapter);
  });

  it("is at the end of the connection where reading has stopped by itself, and then does not begin again", () => {
    const { handle, asked } = handleWith(true, [0]);
    assert.equal(isAtEnd(handle), true);
    assert.deepEqual(asked, ["start", "stop"]);
  });

  it("is not while it is being read, and goes on", () => {
    const { handle, asked } = handleWith(true, [EALREADY]);
    assert.equal(isAtEnd(handle), false);
    assert.deepEqual(asked, ["start"]);
  });

  it("is not where it was told to pause", () => {
    const { handle, asked } = handleWith(false, [0]);
    assert.equal(isAtEnd(handle), false);
    assert.deepEqual(asked, []);
  });

  it("is known once by a handle that is asked twice, and is as it was", () => {
    const { handle, asked } = handleWith(false, [0, EALREADY]);
    const answer = refusesReads(handle);
    assert.equal(answer, true);
    assert.deepEqual(asked, ["start", "start", "stop"]);
    const { length } = asked;
    assert.equal(refusesReads(handle), answer);
    assert.equal(asked.length, length, "nothing is asked anew");
  });

  // The clients of the other runtimes cannot ask for it.
  if (hostAdapter() === nodeAdapter) {
    for (const adapter of [nodeAdapter, new OpaqueAdapter(nodeAdapter)]) {
      it(`refuses a client another handshake, in which it might show another certificate: ${adapter.name}`, () =>
        quietly(() =>
          withRuntime(adapter, {}, async (runtime) => {
            const { address } = await serveTls(runtime, server, () => sink({}));
            const client = await tlsClient(address, { maxVersion: "TLSv1.2" });
            const outcome = await new Promise((resolve) => {
              client.on("error", resolve);
              client.renegotiate({}, resolve);
            });
            assert.match(String(outcome), /no renegotiation/);
            client.destroy();
          })
        ));
    }
  }
});
