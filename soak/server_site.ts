import {
  type Address,
  AddressInUseError,
  INVALID_REACTOR_ID,
  type NewStreamConnection,
  type ReactorID,
  type TcpListenerHandler,
} from "../mod.ts";
import type { Random } from "../tests/random.ts";
import type { UserCommand } from "./commands.ts";
import { MischiefError } from "./reasons.ts";
import { ServerEnd } from "./server_end.ts";
import { Site } from "./site.ts";
import type { World } from "./world.ts";
import { asTcp, tcp } from "../tests/tcp.ts";

const HOST = "127.0.0.1";

/** A site that listens. */
export class ServerSite extends Site {
  readonly #random: Random;
  #listenerId = INVALID_REACTOR_ID;
  #address: Address = tcp(HOST, 0);

  constructor(world: World, random: Random) {
    super(world, random, false);
    this.#random = random;
  }

  /** Where it listens, or did last. */
  get address(): Address {
    return this.#address;
  }

  /** Listens on `port`, or elsewhere if another socket has got it meanwhile. */
  async listen(port: number): Promise<void> {
    try {
      this.#listenerId = await this.#listen(port);
    } catch (error) {
      if (!(error instanceof AddressInUseError)) throw error;
      this.world.tally.fault("port taken");
      this.#listenerId = await this.#listen(0);
    }
    this.#address = asTcp(this.runtime.localAddress(this.#listenerId));
  }

  /** Closes the listener; resolves when its port is free. */
  async closeListener(): Promise<void> {
    const closed = await this.commands.sendClose(this.#listenerId, false, 0);
    if (!closed.ok) this.world.tally.breaks(`a listener: ${closed.error}`);
    this.gone(this.#listenerId);
  }

  #listen(port: number): Promise<ReactorID> {
    const maxConnections = this.#random.chance(0.1) ? 10 : 1000;
    return this.runtime.listen(
      { hostname: HOST, port },
      this.#handler(maxConnections),
      { maxConnections },
    );
  }

  #handler(maxConnections: number): TcpListenerHandler<UserCommand> {
    const { tally } = this.world;
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

  #serve(): NewStreamConnection<UserCommand> | null {
    const { tally } = this.world;
    const choice = this.#random.integer(0, 199);
    if (choice === 0) {
      tally.fault("connection not wanted");
      return null;
    }
    if (choice === 1) {
      tally.fault("onNewConnection throws");
      throw new MischiefError("thrown");
    }
    const reactor = new ServerEnd(this.world, this, this.#random);
    return { ...reactor.options, reactor };
  }
}
