import type { UnixAddress } from "../contract/address.ts";
import type { Listener } from "../contract/listener.ts";
import { Lazy } from "../util/lazy.ts";
import { failureOf } from "./failure_kinds.ts";
import type * as files from "./socket_files.ts";

const FILES: Lazy<typeof files> = /* @__PURE__ */ new Lazy(() =>
  import("./socket_files.ts")
);

/** Listens at the file of `address`, by `bind`. What does that is loaded for the first who asks. Rejects with a `SocketFailure`. */
export async function listenAtFile(
  address: UnixAddress,
  mode: number | undefined,
  bind: (path: string) => Promise<Listener>,
): Promise<Listener> {
  if (!FILES.isLoaded) {
    await FILES.load().catch((cause) => {
      throw failureOf(cause);
    });
  }
  return await FILES.value.listenAtFile(address, mode, bind);
}
