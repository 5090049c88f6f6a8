/**
 * Sockets that a process inherits from whoever started it.
 *
 * @module
 */

import { checkArgument } from "../api/check_argument.ts";
import type { Adapter } from "../contract/adapter.ts";
import type { FdAddress } from "../contract/address.ts";
import type { ProcessEnvironment } from "../contract/environment.ts";
import { InheritedSocketsError } from "../api/errors.ts";
import { messageOf, textOf } from "../util/text.ts";

/**
 * An inherited socket: its name, and an address to listen on.
 *
 * @category Reactors
 */
export interface InheritedSocket extends FdAddress {
  /** Its name in the unit file of systemd (`FileDescriptorName=`), or `unknown`. */
  readonly name: string;
}

/** The first file descriptor that is inherited. */
const FIRST_FD = 3;

/** No process is given more. */
const MAX_SOCKETS = 65_536;

/** The name of a socket that was given none. */
const UNKNOWN = "unknown";

const PID = "LISTEN_PID";
const COUNT = "LISTEN_FDS";
const NAMES = "LISTEN_FDNAMES";

/**
 * Finds the sockets that this process inherits to listen on, from systemd or
 * from another program that does the same. They are bound already; their file
 * descriptors begin at 3. `LISTEN_FDS` says how many there are, `LISTEN_PID`
 * for which process, and `LISTEN_FDNAMES` has their names; see `sd_listen_fds`
 * of systemd.
 *
 * The variables stay set: child processes have another id, so they do not use
 * them. Threads share them: call this in the main thread, and listen on each
 * socket once.
 *
 * On Deno it needs `--allow-env=LISTEN_PID,LISTEN_FDS,LISTEN_FDNAMES`.
 *
 * @param target A runtime, or threads, whose adapter knows the process.
 * @returns The sockets, in their order; none if the process was given none, or
 * its adapter, such as a simulated one, has no process.
 * @throws {InvalidArgumentError} If `target` has no adapter.
 * @throws {InheritedSocketsError} If what the variables say is nonsense, or they
 * may not be read.
 *
 * @example A server that systemd starts when a client connects, or you start by hand
 * ```ts
 * import { inheritedSockets, ReactRuntime } from "@reactio/reactio";
 *
 * const runtime = new ReactRuntime();
 * const [socket = "127.0.0.1:0"] = inheritedSockets(runtime);
 * await runtime.listen(socket, { onNewConnection: () => null });
 * await runtime.stop();
 * ```
 *
 * @category Reactors
 */
export function inheritedSockets(
  target: { readonly adapter: Pick<Adapter, "environment"> },
): readonly InheritedSocket[] {
  checkArgument(target, "a runtime", "adapter", "object");
  const { environment } = target.adapter;
  if (environment === undefined) return [];
  const pid = numberInVariable(environment, PID);
  if (pid !== environment.processId) return [];
  const count = numberInVariable(environment, COUNT) ?? 0;
  if (count > MAX_SOCKETS) {
    throw nonsense(COUNT, `${count}`, `there are ${MAX_SOCKETS} at most`);
  }
  const list = variable(environment, NAMES);
  const names = list?.split(":") ?? Array(count).fill(UNKNOWN);
  if (names.length !== count && count > 0) {
    throw nonsense(
      NAMES,
      list,
      `${COUNT} is ${count}, and a colon parts the names`,
    );
  }
  return names.slice(0, count).map((name, i) => ({
    transport: "fd",
    fd: FIRST_FD + i,
    name,
  }));
}

/** The variable `name` as a number; undefined if it is not set. */
function numberInVariable(
  environment: ProcessEnvironment,
  name: string,
): number | undefined {
  const text = variable(environment, name);
  if (text === undefined) return undefined;
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw nonsense(name, text, "it is a number");
}

function variable(
  environment: ProcessEnvironment,
  name: string,
): string | undefined {
  try {
    return environment.variable(name);
  } catch (cause) {
    throw new InheritedSocketsError(
      `Cannot read ${name}, which tells of sockets that were handed over: ${
        messageOf(cause)
      }`,
      { cause },
    );
  }
}

function nonsense(
  name: string,
  value: string | undefined,
  rule: string,
): InheritedSocketsError {
  return new InheritedSocketsError(
    `Cannot take over the sockets that ${name}=${
      textOf(value)
    } tells of: ${rule}`,
  );
}
