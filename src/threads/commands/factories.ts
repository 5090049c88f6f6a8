import type { Adapter } from "../../contract/adapter.ts";
import type { AddressLike } from "../../api/address.ts";
import { ConnectCommand, ListenCommand } from "../../core/commands.ts";
import { checkListenerHandler } from "../../api/check_reactor.ts";
import type { GivenOptions } from "../../core/command_options.ts";
import type { Reactor, TcpListenerHandler } from "../../api/reactor.ts";
import { factoryOf, type ReactorModule } from "../reactor_module.ts";
import type { ReactorThread } from "../reactor_thread.ts";

/** Creates commands that name a factory of the module, which is called when they are executed. */
export class Factories {
  readonly #module: ReactorModule;
  readonly #thread: ReactorThread;

  constructor(module: ReactorModule, thread: ReactorThread) {
    this.#module = module;
    this.#thread = thread;
  }

  connect(
    address: AddressLike,
    name: string,
    param: unknown,
    options: GivenOptions,
  ): ConnectCommand<unknown> {
    const make = (): Reactor => {
      const factory = factoryOf(this.#module.reactors, name, "reactor");
      return factory(param as never, this.#thread);
    };
    return new ConnectCommand(address, make, options);
  }

  listen(
    address: AddressLike,
    name: string,
    param: unknown,
    options: GivenOptions,
    wrap: (handler: TcpListenerHandler) => TcpListenerHandler = (it) => it,
    bind?: Adapter["listen"],
  ): ListenCommand<unknown> {
    const make = (): TcpListenerHandler => {
      const factory = factoryOf(this.#module.listeners, name, "listener");
      const handler = factory(param as never, this.#thread);
      checkListenerHandler(handler);
      return wrap(handler);
    };
    return new ListenCommand(address, make, options, bind);
  }
}
