import { defineReactors, framed, lines } from "../../../mod.ts";
import { overWebSocket } from "../../../src/entries/websocket.ts";

/** Echoes lines over WebSockets, prefixed with the number of its thread. */
export default defineReactors({
  listeners: {
    web: (_param: undefined, { runtimeId }) =>
      overWebSocket({
        onNewConnection: () => ({
          reactor: framed(lines(), {
            onMessage: (line, ctx) => void ctx.send(`${runtimeId}: ${line}`),
          }),
        }),
      }),
  },
});
