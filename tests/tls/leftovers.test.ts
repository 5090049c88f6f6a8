import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Adapter, hostAdapter, type Socket } from "../../mod.ts";
import {
  ANY_PORT,
  eventually,
  quietly,
  withRuntime,
} from "../conformance/support.ts";
import { server } from "../support/certificates.ts";
import { heldOf } from "../support/garbage.ts";
import { asTcp } from "../support/tcp.ts";
import { WrappedSocket } from "../support/wrapped_adapter.ts";
import { PlainClient } from "./clients.ts";

/** How many handshakes fail, one after another. */
const COUNT = 40;

/** How many may stay reachable for a while through stale values on the stack. */
const FEW = COUNT / 2;

/** The adapter of this runtime with its accepted sockets passed through `wrap`, and weak references to them. */
function watched(wrap: (socket: Socket) => Socket) {
  const host = hostAdapter();
  const sockets: WeakRef<Socket>[] = [];
  const adapter: Adapter = {
    ...host,
    listen: (options, events) =>
      host.listen(options, {
        onAccept(socket) {
          const accepted = wrap(socket);
          sockets.push(new WeakRef(accepted));
          events.onAccept(accepted);
        },
        onAcceptError: (failure) => events.onAcceptError(failure),
      }),
  };
  return { adapter, sockets };
}

/** How a peer makes a handshake fail. */
const FAILURES: Record<string, (client: PlainClient) => void> = {
  "sends something other than TLS": (client) =>
    client.send("GET / HTTP/1.1\r\n\r\n"),
  "ends the connection": (client) => client.end(),
  "breaks off in its first message": (client) => {
    client.send(Uint8Array.of(22, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3));
    client.end();
  },
  "says nothing in time": () => {},
};

const WRAPS: Record<string, (socket: Socket) => Socket> = {
  "of this runtime": (socket) => socket,
  "of any kind": (socket) => new WrappedSocket(socket),
};

for (const [which, wrap] of Object.entries(WRAPS)) {
  describe(`a TLS handshake that has failed on a socket ${which}`, () => {
    for (const [how, fail] of Object.entries(FAILURES)) {
      it(`leaves nothing behind if the peer ${how}`, () =>
        quietly(async () => {
          const { adapter, sockets } = watched(wrap);
          await withRuntime(adapter, {}, async (runtime) => {
            let dropCount = 0;
            const { address } = await runtime.listen(ANY_PORT, {
              onNewConnection: () => null,
              onDrop: () => void dropCount++, // keeps no error, which would retain its context
            }, { tls: { ...server, handshakeTimeoutMs: 300 } });
            const clients = Array.from(
              { length: COUNT },
              () => new PlainClient(asTcp(address)),
            );
            for (const client of clients) fail(client);
            await eventually(() => dropCount === COUNT, "they are dropped");
            await Promise.all(clients.map(({ closed }) => closed));
            assert.equal(sockets.length, COUNT);
            const held = await heldOf(sockets);
            assert.ok(held <= FEW, `${held} of ${COUNT} are held`);
          });
        }));
    }
  });
}
