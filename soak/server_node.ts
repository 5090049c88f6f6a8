import {
  type AcceptedConnection,
  type Address,
  AddressInUseError,
  type ListenerHandle,
  type SimRandom,
  type TcpListenerHandler,
} from "../mod.ts";
import type { UserCommand } from "./commands.ts";
import { InjectedError } from "./reasons.ts";
import { ServerEnd } from "./server_end.ts";
import { SoakNode } from "./soak_node.ts";
import type { SoakHarness } from "./harness.ts";

const HOST = "127.0.0.1";

/** A node that listens. */
export class ServerNode extends SoakNode {
  readonly #random: SimRandom;
  #listener!: ListenerHandle;

  constructor(harness: SoakHarness, random: SimRandom) {
    super(harness, random, false);
    this.#random = random;
  }

  /** Its address, or its last one. */
  get address(): Address {
    return this.#listener.address;
  }

  /** Listens on `port`, or on another one if that is taken. */
  async listen(port: number): Promise<void> {
    try {
      this.#listener = await this.#listen(port);
    } catch (error) {
      if (!(error instanceof AddressInUseError)) throw error;
      this.harness.tally.fault("port taken");
      this.#listener = await this.#listen(0);
    }
  }

  /** Closes the listener. Resolves when its port is free. */
  async closeListener(): Promise<void> {
    const closed = await this.commands.sendClose(this.#listener.id, false, 0);
    if (!closed.ok) this.harness.tally.breaks(`a listener: ${closed.error}`);
    this.gone(this.#listener.id);
  }

  #listen(port: number): Promise<ListenerHandle> {
    const maxConnections = this.#random.chance(0.1) ? 10 : 1000;
    return this.runtime.listen(
      { hostname: HOST, port },
      this.#handler(maxConnections),
      { maxConnections },
    );
  }

  #handler(maxConnections: number): TcpListenerHandler<UserCommand> {
    const { tally } = this.harness;
    const calls: string[] = [];
    const heard = (handler: string) => {
      const isFirst = calls.length === 0 && handler === "onStartListen";
      if (isFirst || (calls.length === 1 && handler === "onCloseListen")) {
        calls.push(handler);
      } else {
        tally.breaks(`${handler} after ${calls}`);
      }
    };
    return {
      onStartListen: () => heard("onStartListen"),
      onCloseListen: () => heard("onCloseListen"),
      onNewConnection: ({ connectionCount }) => {
        if (calls.length !== 1) tally.breaks(`onNewConnection after ${calls}`);
        if (connectionCount >= maxConnections) {
          tally.breaks(`there are more connections than ${maxConnections}`);
        }
        return this.#serve();
      },
    };
  }

  #serve(): AcceptedConnection<UserCommand> | null {
    const { tally } = this.harness;
    const choice = this.#random.integer(0, 199);
    if (choice === 0) {
      tally.fault("connection not wanted");
      return null;
    }
    if (choice === 1) {
      tally.fault("onNewConnection throws");
      throw new InjectedError("thrown");
    }
    const reactor = new ServerEnd(this.harness, this, this.#random);
    return { ...reactor.options, reactor };
  }
}
