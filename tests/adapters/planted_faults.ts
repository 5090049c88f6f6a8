import net, { type Socket } from "node:net";
import { signal } from "../conformance/support.ts";

/** A member of the host's sockets that throws until the end of the scope. */
export interface HostFault extends Disposable {
  /** How often it has thrown. */
  readonly count: number;
}

/** What is used of the host. */
interface Globals {
  readonly Deno?: {
    listen(options: object): { readonly addr: object; close(): void };
    connect(options: object): Promise<{ close(): void }>;
  };
  readonly Bun?: Record<"listen" | "connect", (options: object) => unknown>;
}

const { Deno, Bun } = globalThis as unknown as Globals;

/** A fault whose count goes up by itself. */
class Planted implements HostFault {
  readonly #error: Error;
  readonly #late: boolean;
  readonly #undo: Disposable[] = [];
  count = 0;
  #isOver = false;

  constructor(error: Error, late: boolean) {
    this.#error = error;
    this.#late = late;
  }

  /** Ends with the fault. */
  use(replacement: Disposable): void {
    this.#undo.push(replacement);
  }

  /** Has `name` of `owner` throw where `isMeant` holds for `this`. */
  breakOn(
    owner: object,
    name: string,
    isMeant: (object: unknown) => boolean = () => true,
  ): void {
    if (this.#isOver) return;
    const broken = (original: PropertyDescriptor | undefined) => {
      const call = (that: unknown, args: unknown[]) =>
        Reflect.apply(original!.value, that, args);
      const fail = (that: unknown, args: unknown[]): never => {
        this.count++;
        const isLate = this.#late && typeof original?.value === "function";
        const result = isLate ? call(that, args) : undefined;
        if (result instanceof Promise) result.catch(() => {});
        throw this.#error;
      };
      return function (this: unknown, ...args: unknown[]) {
        return isMeant(this) ? fail(this, args) : call(this, args);
      };
    };
    this.use(replaced(owner, name, broken));
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    for (const one of this.#undo.reverse()) one[Symbol.dispose]();
  }
}

/**
 * Has the member `name` of every socket that the adapter of this runtime gets
 * from now on throw `error`, a method after it has done its work if `late`.
 */
export async function plantFault(
  name: string,
  error: Error,
  late = false,
): Promise<HostFault> {
  const fault = new Planted(error, late);
  if (Bun !== undefined) {
    // Its prototypes cannot be changed, its sockets can.
    for (const call of ["listen", "connect"] as const) {
      fault.use(replaced(Bun, call, (original) => (options: BunOptions) => {
        const open = (native: object) => {
          fault.breakOn(native, name);
          options.socket.open(native);
        };
        const socket = { ...options.socket, open };
        return original!.value({ ...options, socket });
      }));
    }
  } else if (Deno !== undefined) {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const conn = await Deno.connect(listener.addr);
    conn.close();
    listener.close();
    fault.breakOn(ownerOf(conn, name), name);
  } else {
    const { socket, handle } = await socketOfNode();
    if (name in handle && !(name in socket)) {
      // The adapter makes its sockets of handles, whose prototypes cannot be changed.
      fault.use(
        replaced(net, "Socket", (original) =>
          class extends original!.value {
            constructor(options: { handle?: object }) {
              if (options.handle) fault.breakOn(options.handle, name);
              super(options);
            }
          }),
      );
    } else {
      // What the test runner prints goes through a socket, too.
      const Handle = handle.constructor;
      fault.breakOn(
        Object.getPrototypeOf(socket),
        name,
        (object) => (object as NativeSocket)._handle instanceof Handle,
      );
    }
  }
  return fault;
}

/** The same of listeners: what closes them, or what tells their address. */
export function plantListenerFault(
  what: "close" | "address",
  error: Error,
  late = false,
): HostFault {
  const fault = new Planted(error, late);
  if (Bun !== undefined) {
    const name = what === "close" ? "stop" : "getsockname";
    fault.use(replaced(Bun, "listen", (original) => (options: object) => {
      const listener = original!.value(options);
      fault.breakOn(listener, name);
      return listener;
    }));
  } else if (Deno !== undefined) {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    listener.close();
    const name = what === "close" ? "close" : "addr";
    fault.breakOn(ownerOf(listener, name), name);
  } else {
    fault.breakOn(net.Server.prototype, what);
  }
  return fault;
}

/** Has what the adapter of this runtime connects or listens with throw `error` until the end of the scope. */
export function failing(call: "connect" | "listen", error: Error): Disposable {
  const inNode = call === "connect" ? net : net.Server.prototype;
  return replaced(Bun ?? Deno ?? inNode, call, () => () => {
    throw error;
  });
}

interface BunOptions {
  readonly socket: { open(native: object): void };
}

interface NativeSocket extends Socket {
  readonly _handle: object;
}

/** A socket of `node:net`, closed. */
async function socketOfNode(): Promise<
  { socket: object; handle: object }
> {
  const accepted = signal<Socket>();
  const server = net.createServer(accepted.resolve);
  const listening = signal();
  server.listen(0, "127.0.0.1", listening.resolve);
  await listening.promise;
  const { port } = server.address() as { port: number };
  const peer = net.connect(port, "127.0.0.1");
  const socket = await accepted.promise as NativeSocket;
  const handle = socket._handle;
  peer.destroy();
  socket.destroy();
  server.close();
  return { socket, handle };
}

/** Of `object` and its prototypes the first that has `name` itself. */
function ownerOf(object: object, name: string): object {
  let owner = object;
  while (!Object.hasOwn(owner, name)) owner = Object.getPrototypeOf(owner);
  return owner;
}

/** Has `owner` another member `name` until the end of the scope. */
export function replaced(
  owner: object,
  name: string,
  // deno-lint-ignore no-explicit-any -- of whatever it replaces
  replace: (original: PropertyDescriptor | undefined) => any,
): Disposable {
  const inherited = Object.getOwnPropertyDescriptor(
    ownerOf(owner, name),
    name,
  );
  const own = Object.getOwnPropertyDescriptor(owner, name);
  const replacement = replace(inherited);
  if (own?.configurable === false) Reflect.set(owner, name, replacement);
  else {
    Object.defineProperty(owner, name, {
      configurable: true,
      ...typeof inherited?.value === "function"
        ? { value: replacement, writable: true }
        : { get: replacement },
    });
  }
  return {
    [Symbol.dispose]() {
      if (own === undefined) Reflect.deleteProperty(owner, name);
      else if (!own.configurable) Reflect.set(owner, name, own.value);
      else Object.defineProperty(owner, name, own);
    },
  };
}
