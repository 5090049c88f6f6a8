import { defineReactors, keepConnected, MessageResult } from "../../../mod.ts";

export default defineReactors({
  listeners: {
    /** Its thread stays connected to `address`. Nobody is to connect to the listener itself. */
    stay: (
      { address }: { readonly address: string },
      { runtime, runtimeId },
    ) => {
      keepConnected(runtime, address, () => ({
        onConnected: (ctx) => void ctx.sendOrQueue(Uint8Array.of(runtimeId)),
        onInboundMessage: (buf) => MessageResult.dropMsgSize(buf.length),
      }), { backoff: { minMs: 5, maxMs: 50 }, onState() {} });
      return { onNewConnection: () => null };
    },
  },
});
