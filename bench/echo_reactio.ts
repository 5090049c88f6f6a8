/** Framed echo on Reactio: a callback per message, flushed by the turn. */

import {
  DefaultTcpListenerHandler,
  type DispatchContext,
  hostAdapter,
  MessageResult,
  nodeAdapter,
  type Reactor,
  ReactRuntime,
} from "../mod.ts";
import process from "node:process";
import { HEADER_SIZE } from "./framing.ts";
import { reportWhenDone } from "./report_cpu.ts";

const report = reportWhenDone();

class FramedEcho implements Reactor {
  onConnected(): void {
    report.opened();
  }

  onInboundMessage(
    buf: Uint8Array,
    _newBytes: number,
    decodedMsgSize: number,
    ctx: DispatchContext,
  ): MessageResult {
    let size = decodedMsgSize;
    if (size === 0) {
      if (buf.length < HEADER_SIZE) return MessageResult.expectMsgSize(0);
      size = buf[0] | buf[1] << 8 | buf[2] << 16;
      if (buf.length < size) return MessageResult.expectMsgSize(size);
    }
    ctx.sendSlice(buf, 0, size);
    return MessageResult.dropMsgSize(size);
  }

  onClose(): void {
    report.closed();
  }
}

const adapter = process.argv.includes("--node-net")
  ? nodeAdapter
  : hostAdapter();
const runtime = new ReactRuntime({ adapter });
const listener = await runtime.listen(
  "127.0.0.1:0",
  new DefaultTcpListenerHandler(() => new FramedEcho()),
);
report.listening(runtime.localAddress(listener)!.port);
await runtime.run();
