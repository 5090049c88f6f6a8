import type { Adapter, Upgrade, UpgradeHost } from "../../mod.ts";
import { overWebSocket, webSocketClient } from "../../src/entries/websocket.ts";
import { type BeginEnd, layered } from "./layered_adapter.ts";

/** `adapter` as if WebSockets were all that it had: each of its sockets is one. */
export function overWebSockets(adapter: Adapter): Adapter {
  const { options } = webSocketClient("ws://localhost/");
  const handler = overWebSocket({ onNewConnection: () => null });
  return layered(adapter, "WebSockets", {
    server: beginOf(handler.upgrade as Upgrade),
    client: beginOf(options.upgrade as Upgrade),
  });
}

/** The limits of the core are not those of this. */
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
