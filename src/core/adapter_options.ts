import { formatAddress } from "../api/address.ts";
import { ListenError, UnsupportedTransportError } from "../api/errors.ts";
import type { ListenSettings } from "../api/options.ts";
import type { Adapter } from "../contract/adapter.ts";
import type { Address } from "../contract/address.ts";
import type { AdapterConnectOptions } from "../contract/connect.ts";
import type { AdapterListenOptions } from "../contract/listener.ts";

/** What `adapter` is given to connect to `address`. Throws {@linkcode UnsupportedTransportError}. */
export function adapterConnectOptions(
  adapter: Adapter,
  address: Address,
): AdapterConnectOptions {
  checkTransport(adapter, "connect to", address);
  return { address };
}

/** What `adapter` is given to listen on `address`. Throws {@linkcode UnsupportedTransportError} or {@linkcode ListenError}. */
export function adapterListenOptions(
  adapter: Adapter,
  address: Address,
  { backlog, reusePort }: Pick<ListenSettings, "backlog" | "reusePort">,
): AdapterListenOptions {
  checkTransport(adapter, "listen on", address);
  if (reusePort && !adapter.reusesPorts) {
    throw new ListenError(
      `Cannot listen on ${
        formatAddress(address)
      } with reusePort: ${adapter.name} cannot share ports here`,
    );
  }
  return { address, backlog, reusePort };
}

function checkTransport(
  { name, transports }: Adapter,
  action: string,
  address: Address,
): void {
  if (transports.includes(address.transport)) return;
  throw new UnsupportedTransportError(
    `Cannot ${action} ${
      formatAddress(address)
    }: the sockets of ${name} are of ${transports.join(" and ")} only`,
  );
}
