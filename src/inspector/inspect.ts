/**
 * A page that shows what a runtime does.
 *
 * @module
 */

import type { Address } from "../contract/address.ts";
import {
  describeAddress,
  formatAddress,
  parseAddress,
} from "../api/address.ts";
import { InspectorExposedError } from "../api/errors.ts";
import { readOption } from "../api/options/rules.ts";
import { forget } from "../util/forget.ts";
import { ReactRuntime } from "../runtime.ts";
import type { ReactorModule } from "../threads/reactor_module.ts";
import type { ThreadedReactorMgr } from "../threads/threaded_reactor_mgr.ts";
import { Access, isLoopback } from "./access.ts";
import { type Inspected, inspectedOf } from "./inspected.ts";
import { INSPECT_OPTIONS, type InspectOptions } from "./options.ts";
import { Routes } from "./routes.ts";
import { inspectorServer } from "./server.ts";
import { MOST_VISITORS } from "./visitors.ts";
import { Watched } from "./watched.ts";

/**
 * An inspector that is running: see {@linkcode inspect}.
 *
 * @category Statistics
 */
export interface Inspector extends AsyncDisposable {
  /** Where it listens. */
  readonly address: Address;
  /** What to open in a browser; empty for a Unix socket. The token stands behind the `#`, a part that browsers do not send. */
  readonly url: string;
  /**
   * Stops serving.
   *
   * @returns Resolves when it is closed.
   */
  close(): Promise<void>;
}

/**
 * Serves a page that shows what a runtime, or threads, are doing: connections
 * live, sorted and searched; throughput, latency, the time of turns; listeners;
 * why connections were closed. `reactio top` shows the same in a terminal.
 *
 * It listens on this machine unless told otherwise, and is closed when what it
 * shows has ended. The page loads nothing from elsewhere. While nobody looks,
 * it only remembers the last thousand closed connections. While somebody looks,
 * it passes over all connections once a second.
 *
 * @param target What to show.
 * @param options Where it listens, who may look, and what they may do.
 * @returns Resolves to the inspector when it listens.
 * @throws {InvalidArgumentError} If `target` is neither a runtime nor threads.
 * @throws {InspectorExposedError} If other machines can reach the address, and
 * there is no `token`.
 * @throws {InvalidAddressError} If the address is invalid.
 * @throws {InvalidOptionError} If an option is out of range.
 * @throws {ListenError} As {@linkcode ReactRuntime.listen}, and what else that
 * throws.
 *
 * @example
 * ```ts
 * import { inspect, ReactRuntime } from "@reactio/reactio";
 *
 * await using runtime = new ReactRuntime();
 * await using inspector = await inspect(runtime, { allowClose: true });
 * console.log("look at", inspector.url);
 * ```
 *
 * @category Statistics
 */
export async function inspect<
  UserCommand,
  Module extends ReactorModule = ReactorModule,
>(
  target: ReactRuntime<UserCommand> | ThreadedReactorMgr<Module>,
  options: InspectOptions = {},
): Promise<Inspector> {
  forget(options);
  const { token, allowClose, allowDrain, allowTail } = INSPECT_OPTIONS.fill(
    options,
  );
  const tls = readOption(options, "tls");
  const address = parseAddress(readOption(options, "address") ?? "127.0.0.1:0");
  if (address.transport !== "fd") checkExposure(address, token);
  const inspected = inspectedOf(target);
  const runtime = new ReactRuntime({ adapter: target.adapter });
  const watched = new Watched(
    () => inspected.threads(),
    (delayMs, callback) => runtime.after(delayMs, callback),
  );
  const routes = new Routes(watched, {
    close: allowClose,
    drain: allowDrain,
    tail: allowTail,
  });
  const server = inspectorServer(routes, new Access(token));
  const listener = await runtime.listen(address, server, {
    maxConnections: 2 * MOST_VISITORS, // those that make room close a little later
    tls,
  });
  const inspector = new ServedInspector(
    runtime,
    listener.address,
    pageUrl(listener.address, tls === undefined ? "http" : "https", token),
  );
  try {
    // For an inherited socket, or a name, the address is known only now.
    checkExposure(inspector.address, token);
  } catch (error) {
    await inspector.close();
    throw error;
  }
  inspector.endWith(inspected);
  return inspector;
}

class ServedInspector implements Inspector {
  readonly address: Address;
  readonly url: string;
  readonly #runtime: ReactRuntime;
  #forgetEnd: () => void = () => {};

  constructor(runtime: ReactRuntime, address: Address, url: string) {
    this.#runtime = runtime;
    this.address = address;
    this.url = url;
  }

  /** Closes when `inspected` has ended. */
  endWith(inspected: Inspected): void {
    this.#forgetEnd = inspected.onceEnded(() => void this.close());
  }

  close(): Promise<void> {
    this.#forgetEnd();
    return this.#runtime.stop({ drainMs: 0, graceMs: 0 });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function checkExposure(address: Address, token: string | undefined): void {
  if (token !== undefined || address.transport === "unix") return;
  if (address.transport === "tcp" && isLoopback(address.hostname)) return;
  throw new InspectorExposedError(
    `Cannot inspect at ${
      describeAddress(address)
    } without a token: others than this machine can reach it`,
  );
}

function pageUrl(
  address: Address,
  scheme: string,
  token: string | undefined,
): string {
  if (address.transport !== "tcp") return "";
  const secret = token === undefined
    ? ""
    : `#token=${encodeURIComponent(token)}`;
  return `${scheme}://${formatAddress(address)}/${secret}`;
}
