// What the mocks and the false time of JSR's @std/testing show, on Deno alone.
// Where JSR is not reached, the runner says that this is not run.

import { assertEquals, assertRejects } from "@std/assert";
import { assertSpyCall, assertSpyCalls, spy, stub } from "@std/testing/mock";
import { FakeTime } from "@std/testing/time";
import {
  AddressInUseError,
  ConnectionRefusedError,
  type DispatchContext,
  INVALID_REACTOR_ID,
  logError,
  PermissionDeniedError,
  type ReactorID,
  ReactRuntime,
} from "./mod.ts";
import { ANY_PORT, signal, sink } from "./tests/conformance/support.ts";

Deno.test("each handler of a connection is called once for what happens once", async () => {
  await using runtime = new ReactRuntime();
  const closed = signal();
  const onStartListen = spy(() => {});
  const onNewConnection = spy(() => ({ reactor: sink() }));
  const listener = await runtime.listen(ANY_PORT, {
    onStartListen,
    onNewConnection,
  });
  const onConnected = spy((_ctx: DispatchContext, _listener: ReactorID) => {});
  const onClose = spy(() => closed.resolve());
  const id = await runtime.connect(
    listener.address,
    sink({ onConnected, onClose }),
  );
  runtime.cmdSender.sendClose(id);
  await closed.promise;
  assertSpyCalls(onStartListen, 1);
  assertSpyCall(onStartListen, 0, { args: [listener, runtime.cmdSender] });
  assertSpyCalls(onNewConnection, 1);
  assertSpyCalls(onConnected, 1);
  assertEquals(onConnected.calls[0].args[1], INVALID_REACTOR_ID);
  assertSpyCalls(onClose, 1);
  assertSpyCall(onClose, 0, { args: [id, runtime.cmdSender, undefined] });
});

for (
  const [thrown, kind] of [
    [new Deno.errors.AddrInUse("it is taken"), AddressInUseError],
    [new Deno.errors.PermissionDenied("it may not"), PermissionDeniedError],
  ] as const
) {
  Deno.test(`if Deno.listen throws ${thrown.name}, a listen rejects with ${kind.name}`, async () => {
    await using runtime = new ReactRuntime();
    using listen = stub(Deno, "listen", () => {
      throw thrown;
    });
    const error = await assertRejects(
      () => runtime.listen(ANY_PORT, { onNewConnection: () => null }),
      kind,
    );
    assertEquals(error.cause, thrown);
    assertSpyCalls(listen, 1);
  });
}

Deno.test("if Deno.connect rejects, a connect rejects with an error of the same kind", async () => {
  await using runtime = new ReactRuntime();
  const refused = new Deno.errors.ConnectionRefused("nobody is there");
  using connect = stub(Deno, "connect", () => Promise.reject(refused));
  const error = await assertRejects(
    () => runtime.connect("127.0.0.1:1", sink()),
    ConnectionRefusedError,
  );
  assertEquals(error.cause, refused);
  assertSpyCalls(connect, 1);
});

Deno.test("a line of the log begins with the time at which it was logged", () => {
  using time = new FakeTime("2026-01-31T12:00:00.000Z");
  using written = stub(console, "error");
  logError("first");
  time.tick(1500);
  logError("second");
  assertSpyCalls(written, 2);
  assertSpyCall(written, 0, {
    args: ["[2026-01-31T12:00:00.000Z] [ERROR]", "first"],
  });
  assertSpyCall(written, 1, {
    args: ["[2026-01-31T12:00:01.500Z] [ERROR]", "second"],
  });
});
