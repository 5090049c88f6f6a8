import { defineReactors, framed, lines } from "../../../mod.ts";
import { overWebSocket } from "../../../src/entries/websocket.ts";

/** An echo of lines over WebSockets, which says in which thread it is. */
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
