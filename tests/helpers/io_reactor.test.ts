// The tests of the Rust crate for its SimpleIo family: tests/test_io_reactor.rs.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type OpenResult,
  type ReactorID,
  SimpleIoListener,
  SimpleIoReactor,
  SimpleIoRuntime,
  SimpleIoService,
  type SocketAddress,
} from "../../mod.ts";
import { ANY_PORT, quietly } from "../conformance/support.ts";
import { deadline } from "../support/deadline.ts";

/** What the clients of a test went through. */
class ClientLog {
  readonly responses: string[] = [];
  readonly reasons: (string | undefined)[] = [];
}

/** A client that sends a message in two pieces, and disconnects by an error when the response comes. */
function newClient(log: ClientLog): SimpleIoReactor {
  return new SimpleIoReactor({
    appData: undefined,
    onConnected(ctx) {
      const buffer = ctx.acquireSend();
      buffer.writeText("test ");
      buffer.writeText("msgsend");
      assert.equal(buffer.bytesWritten, 12);
      const written = new TextDecoder().decode(buffer.getWritten());
      assert.equal(written, "test msgsend");
      buffer[Symbol.dispose]();
      buffer[Symbol.dispose]();
    },
    onMessage(buf) {
      log.responses.push(new TextDecoder().decode(buf));
      throw new Error("disconnect on the response");
    },
    onClose(reason) {
      log.reasons.push(reason?.message);
    },
  });
}

/** Has `runtime` listen, by a command, and drives it until it does. */
async function listen(
  runtime: SimpleIoRuntime,
  listener: SimpleIoListener,
): Promise<{ id: ReactorID; address: SocketAddress }> {
  const results: OpenResult[] = [];
  runtime.cmdSender.sendListen(ANY_PORT, listener, {
    completion: (result) => results.push(result),
  });
  const inTime = deadline();
  while (runtime.reactorCount < 1) {
    await runtime.processEvents();
    inTime();
  }
  const [result] = results;
  assert.ok(result.ok);
  return { id: result.reactorId, address: result.localAddress };
}

test("test_io_reactor: a simple reactor calls the user's handlers", () =>
  quietly(async () => {
    const runtime = new SimpleIoRuntime();
    const log = new ClientLog();
    const listenersClosed: ReactorID[] = [];

    const newServer = () =>
      new SimpleIoReactor({
        appData: undefined,
        onConnected(ctx, listenerId) {
          listenersClosed.push(listenerId);
          ctx.cmdSender.sendClose(listenerId);
        },
        onMessage(buf, ctx) {
          ctx.sendOrQueue(buf);
          return buf.length;
        },
      });
    const { id, address } = await listen(
      runtime,
      new SimpleIoListener(newServer),
    );
    runtime.cmdSender.sendConnect(address, newClient(log));
    const inTime = deadline();
    while (await runtime.processEvents()) inTime();

    assert.equal(runtime.reactorCount, 0);
    assert.equal(runtime.deferredCommandCount, 0);
    assert.deepEqual(listenersClosed, [id]);
    assert.deepEqual(log.responses, ["test msgsend"]);
    assert.deepEqual(log.reasons, ["disconnect on the response"]);
  }));

test("test_io_service: one service serves several connections", () =>
  quietly(async () => {
    const clientCount = 3;
    const runtime = new SimpleIoRuntime();
    const log = new ClientLog();

    const service = new SimpleIoService({
      appData: { connections: 0, disconnections: 0, received: 0 },
      onConnected(_ctx, _listenerId, appData) {
        appData.connections++;
      },
      onClose(_reason, _ctx, appData) {
        appData.disconnections++;
      },
      onMessage(buf, ctx, appData) {
        appData.received++;
        ctx.sendOrQueue(buf);
        return buf.length;
      },
    });
    const { address } = await listen(
      runtime,
      SimpleIoListener.withService(service),
    );
    for (let i = 0; i < clientCount; i++) {
      runtime.cmdSender.sendConnect(address, newClient(log));
    }
    const { appData } = service;
    const inTime = deadline();
    while (
      runtime.connectionCount > 0 || appData.disconnections < clientCount
    ) {
      await runtime.processEvents();
      inTime();
    }

    assert.equal(appData.connections, clientCount);
    assert.equal(appData.disconnections, clientCount);
    assert.equal(appData.received, clientCount);
    assert.deepEqual(log.responses, Array(clientCount).fill("test msgsend"));
    assert.equal(log.reasons.length, clientCount);
    assert.equal(runtime.reactorCount, 1, "the listener goes on");
    await runtime.stop();
    assert.equal(runtime.reactorCount, 0);
  }));
