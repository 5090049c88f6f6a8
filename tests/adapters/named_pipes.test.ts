import assert from "node:assert/strict";
import process from "node:process";
import { describe, it } from "node:test";
import {
  ConnectionRefusedError,
  hostAdapter,
  MessageResult,
  type ReactRuntime,
  UnsupportedTransportError,
} from "../../mod.ts";
import { realEnvironment } from "../conformance/real_environment.ts";
import { openPair } from "../conformance/peers.ts";
import {
  echo,
  eventually,
  pattern,
  PatternChecker,
  sink,
  withRuntime,
} from "../conformance/support.ts";

const adapter = hostAdapter();
const anyPort = `unix:\\\\.\\pipe\\reactio-${process.pid}`;
const environment = { ...realEnvironment(adapter), anyPort };
const withOne = (body: (runtime: ReactRuntime) => Promise<void>) => () =>
  withRuntime(adapter, {}, body);

describe("a named pipe of Windows", () => {
  if (adapter.unixPaths?.includes("pipe")) {
    it(
      "carries a connection, both ways, to its end",
      withOne(async (runtime) => {
        const size = 2 ** 20;
        const checker = new PatternChecker();
        const { server, client, clientCtx } = await openPair(
          environment,
          runtime,
          echo(),
          sink({
            onInboundMessage(buf) {
              checker.check(buf);
              return MessageResult.dropMsgSize(buf.length);
            },
          }),
        );
        clientCtx.sendOrQueue(pattern(0, size));
        await eventually(() => checker.received === size, "all is back");
        clientCtx.close();
        assert.equal(await client.closed, undefined);
        assert.equal(await server.closed, undefined);
      }),
    );

    it(
      "is there while somebody listens",
      withOne(async (runtime) => {
        for (let i = 0; i < 2; i++) {
          await assert.rejects(
            runtime.connect(anyPort, sink()),
            ConnectionRefusedError,
          );
          const handler = { onNewConnection: () => ({ reactor: echo() }) };
          const listener = await runtime.listen(anyPort, handler);
          const connection = await runtime.connect(anyPort, sink());
          await connection.close();
          await listener.close();
        }
      }),
    );
  } else {
    it(
      "is of another system, and refused with UnsupportedTransportError",
      withOne(async (runtime) => {
        await assert.rejects(
          runtime.connect(anyPort, sink()),
          UnsupportedTransportError,
        );
      }),
    );
  }
});
