import type { Adapter, Upgrade, UpgradeHost } from "../../mod.ts";
import { overWebSocket, webSocketClient } from "../../src/entries/websocket.ts";
import { type BeginEnd, layered } from "./layered_adapter.ts";

/** Wraps `adapter` so that every socket is a WebSocket. */
export function overWebSockets(adapter: Adapter): Adapter {
  const { options } = webSocketClient("ws://localhost/");
  const handler = overWebSocket({ onNewConnection: () => null });
  return layered(adapter, "WebSockets", {
    server: beginOf(handler.upgrade as Upgrade),
    client: beginOf(options.upgrade as Upgrade),
  });
}

/** The core's time limits do not apply here. */
const HOST: UpgradeHost = {
  action: "serve a test",
  newLimit: () => ({ arm() {}, disarm() {} }),
};

function beginOf(upgrade: Upgrade): BeginEnd {
  return (socket, onUpgraded, onUpgradeFailed) =>
    upgrade.begin(
      socket,
      { onUpgraded, onUpgradeFailed, onAnswered() {} },
      HOST,
    );
}
