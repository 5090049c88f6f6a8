// What all servers among the examples share: their flags, one thread or several
// that serve, and a clean end by SIGTERM or Ctrl-C.

import {
  type Address,
  formatAddress,
  inspect,
  type InspectOptions,
  type Inspector,
  type ListenOptions,
  type ModuleShape,
  type ReactorThread,
  ReactRuntime,
  runOnSignals,
  type RunsOnSignals,
  type TcpListenerHandler,
  ThreadedReactorMgr,
  type ThreadedReactorOptions,
} from "../mod.ts";
import { address, fail, type Flag, integer, listenFlags } from "./flags.ts";

/** How a server runs, as its flags say. */
export interface ServingFlags {
  readonly hostname: string;
  readonly port: number;
  readonly threads: number;
  readonly drain: number;
  readonly inspect: string;
}

/** The flags of a server whose port is `port` by default. */
export function servingFlags(
  port: number,
): { readonly [Name in keyof ServingFlags]: Flag<ServingFlags[Name]> } {
  return {
    ...listenFlags(port),
    threads: integer(1, 1, 64, "how many serve"),
    drain: integer(5000, 0, 60_000, "ms at the end for what is under way"),
    inspect: address("", 0, "where to show what it does, as 127.0.0.1:9229"),
  };
}

/** The thread that makes a listener. If there are several, it can reach the others, which have the services of `Others`. */
export type ServingThread<Others extends ModuleShape = ModuleShape> =
  & Pick<
    ReactorThread<unknown, Others>,
    "runtime" | "runtimeId" | "threadCount"
  >
  & Partial<ReactorThread<unknown, Others>>;

/** One of several threads that serve: it asks the others, and the main thread. */
export type OneOfSeveral<Others extends ModuleShape = ModuleShape> =
  & ServingThread<Others>
  & Pick<ReactorThread<unknown, Others>, "ask">;

/** True if there are several threads; then the main thread has what they share. */
export function isOneOfSeveral<Others extends ModuleShape>(
  thread: ServingThread<Others>,
): thread is OneOfSeveral<Others> {
  return thread.ask !== undefined;
}

/** What the main thread does for all others, if there are several. */
export interface Shared {
  /** The services that they ask `"main"` for. */
  readonly services: NonNullable<ThreadedReactorOptions["services"]>;
  /** Called when all of them have ended. */
  readonly onStop?: () => void | Promise<void>;
}

/** A module of `defineReactors`, written for one thread as for several. `Params` has the parameter of each listener. */
export interface ServingModule<Params> {
  readonly listeners: {
    readonly [Name in keyof Params]: (
      param: Params[Name],
      thread: ServingThread,
    ) => TcpListenerHandler<never>;
  };
  readonly onStart?: (thread: ServingThread) => void | Promise<void>;
  readonly onStop?: (thread: ServingThread) => void | Promise<void>;
}

/** A server that runs in one thread or in several. */
export interface Server<Params> {
  /** Listens, and prints where. If that fails, ends the program with a plain message. */
  listen<Name extends string & keyof Params>(
    name: Name,
    param: Params[Name],
    options?: ListenOptions & { readonly port?: number },
  ): Promise<void>;

  /** Resolves when a signal has ended the server. */
  run(): Promise<void>;
}

/**
 * Starts a server as `flags` say. `reactors` is the default export of a module,
 * and `url` the `import.meta.url` there, by which other threads load it. If there
 * are several, `share` makes what the main thread has for them.
 */
export async function startServer<Params>(
  flags: ServingFlags,
  reactors: ServingModule<Params>,
  url: string,
  share: () => Shared = () => ({ services: {} }),
): Promise<Server<Params>> {
  const threads =
    await (flags.threads === 1
      ? useThisThread(reactors)
      : useThreads<Params>(url, flags.threads, share)).catch(fail);
  if (flags.inspect !== "") {
    const inspector = await threads.inspect({ ...ALL, address: flags.inspect })
      .catch(fail);
    console.log("inspector at", inspector.url);
  }
  return {
    async listen(name, param, { port = flags.port, ...options } = {}) {
      const address = { hostname: flags.hostname, port };
      const listener = await threads.listen(address, name, param, options)
        .catch(fail);
      console.log("listening on", formatAddress(listener.address));
    },
    async run() {
      await runOnSignals(threads.target, { drainMs: flags.drain });
      await threads.onEnd();
      console.log("ended cleanly");
    },
  };
}

/** Whoever may look may do everything: without a token, only this machine may look. */
const ALL = { allowClose: true, allowDrain: true, allowTail: true };

/** One runtime or several threads, used in the same way. */
interface Threads<Params> {
  readonly target: RunsOnSignals;
  listen<Name extends string & keyof Params>(
    address: { readonly hostname: string; readonly port: number },
    name: Name,
    param: Params[Name],
    options: ListenOptions,
  ): Promise<{ readonly address: Address }>;
  inspect(options: InspectOptions): Promise<Inspector>;
  onEnd(): void | Promise<void>;
}

async function useThisThread<Params>(
  reactors: ServingModule<Params>,
): Promise<Threads<Params>> {
  const runtime = new ReactRuntime<unknown>();
  const thread: ServingThread = { runtime, runtimeId: 0, threadCount: 1 };
  await reactors.onStart?.(thread);
  return {
    target: runtime,
    async listen(address, name, param, options) {
      const handler = reactors.listeners[name](param, thread);
      return await runtime.listen(address, handler, options);
    },
    inspect: (options) => inspect(runtime, options),
    onEnd: () => reactors.onStop?.(thread),
  };
}

async function useThreads<Params>(
  url: string,
  threads: number,
  share: () => Shared,
): Promise<Threads<Params>> {
  const { services, onStop } = share();
  const target = await ThreadedReactorMgr.start({
    threads,
    module: url,
    services,
    restart: true,
  });
  return {
    target,
    listen: (address, name, param, options) =>
      target.listenAll(address, name, param, options),
    inspect: (options) => inspect(target, options),
    onEnd: () => onStop?.(),
  };
}
