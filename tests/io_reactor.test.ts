// The tests of the Rust crate for its SimpleIo family: tests/test_io_reactor.rs.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  INVALID_REACTOR_ID,
  type ReactorID,
  SimpleIoListener,
  SimpleIoReactor,
  SimpleIoRuntime,
  SimpleIoService,
} from "../mod.ts";
import { ANY_PORT, quietly } from "./conformance/support.ts";
import { deadline } from "./deadline.ts";

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
      using buffer = ctx.acquireSend();
      buffer.writeText("test ");
      buffer.writeText("msgsend");
      assert.equal(buffer.bytesWritten, 12);
      const written = new TextDecoder().decode(buffer.getWritten());
      assert.equal(written, "test msgsend");
    },
    onSockMsg(buf) {
      log.responses.push(new TextDecoder().decode(buf));
      throw new Error("disconnect on the response");
    },
    onClosed(_reactorId, _cmdSender, _appData, reason) {
      log.reasons.push(reason?.message);
    },
  });
}

/** Has `runtime` listen, by a command, and drives it until it does. */
async function listen(
  runtime: SimpleIoRuntime,
  listener: SimpleIoListener,
): Promise<ReactorID> {
  let listenerId = INVALID_REACTOR_ID;
  runtime.cmdSender.sendListen(ANY_PORT, listener, {
    completion(result) {
      if (result.ok) listenerId = result.reactorId;
    },
  });
  const inTime = deadline();
  while (runtime.reactorCount < 1) {
    await runtime.processEvents();
    inTime();
  }
  return listenerId;
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
        onSockMsg(buf, ctx) {
          ctx.sendOrQueue(buf);
          return buf.length;
        },
      });
    const listener = await listen(runtime, new SimpleIoListener(newServer));
    const address = runtime.localAddress(listener)!;
    runtime.cmdSender.sendConnect(address, newClient(log));
    const inTime = deadline();
    while (await runtime.processEvents()) inTime();

    assert.equal(runtime.reactorCount, 0);
    assert.equal(runtime.deferredCommandCount, 0);
    assert.deepEqual(listenersClosed, [listener]);
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
      onClosed(_reactorId, _cmdSender, appData) {
        appData.disconnections++;
      },
      onSockMsg(buf, ctx, appData) {
        appData.received++;
        ctx.sendOrQueue(buf);
        return buf.length;
      },
    });
    const listener = await listen(
      runtime,
      SimpleIoListener.withService(service),
    );
    const address = runtime.localAddress(listener)!;
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
