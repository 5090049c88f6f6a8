import type { AdapterListenOptions, Listener } from "../contract/listener.ts";
import { SocketFailure } from "../contract/failure.ts";
import { Lazy } from "../util/lazy.ts";
import { failureOf, failureOn } from "./failure_kinds.ts";
import type * as files from "./socket_files.ts";
import { isFile } from "./unix_paths.ts";

/** Loaded for the first Unix socket with a file. */
const FILES: Lazy<typeof files> = /* @__PURE__ */ new Lazy(() =>
  import("./socket_files.ts")
);

/**
 * Listens with `bind`. For the file of a Unix socket, `bind` gets the path
 * where to bind, which differs from that of the address. Rejects with a
 * {@linkcode SocketFailure}.
 */
export async function listenBy(
  { address, mode }: AdapterListenOptions,
  bind: (path?: string) => Promise<Listener> | Listener,
): Promise<Listener> {
  try {
    if (!isFile(address)) return await bind();
    if (!FILES.isLoaded) await FILES.load();
    return await FILES.value.listenAtFile(address, mode, bind);
  } catch (error) {
    throw error instanceof SocketFailure
      ? error
      : failureOn(address, failureOf(error));
  }
}
