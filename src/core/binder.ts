import type { Adapter } from "../contract/adapter.ts";
import type { SocketFailure } from "../contract/failure.ts";
import type { Listener } from "../contract/listener.ts";
import {
  type AddressLike,
  describeAddress,
  parseAddress,
} from "../api/address.ts";
import { type ListenOptions, listenSettings } from "../api/options/listen.ts";
import type { TcpListenerHandler } from "../api/reactor.ts";
import { tlsListenSettings } from "../api/options/tls.ts";
import { upgradeOf } from "../api/options/upgrade.ts";
import { adapterListenOptions } from "./adapter_options.ts";
import { hasLimits } from "./admission.ts";
import { checkListenerHandler } from "../api/check_reactor.ts";
import { listenError } from "./failures.ts";
import { toError } from "../api/to_error.ts";
import { type ListenerHost, ListenerState } from "./listener_state.ts";
import {
  ADMISSION_LIMITS,
  checkHasTls,
  PROXY_PROTOCOL,
  UPGRADE_ENDS,
  whenLoaded,
} from "./on_demand.ts";
import { type OpenCallbacks, stopped } from "./open_callbacks.ts";
import type { ReactorRegistry } from "./reactor_registry.ts";

/** Binds the listeners of a runtime, and waits until their addresses are free again. */
export class Binder<UserCommand> {
  readonly #host: ListenerHost<UserCommand>;
  readonly #adapter: Adapter;
  readonly #reactors: ReactorRegistry<UserCommand>;
  /** Number of listeners being bound or released. */
  #changingCount = 0;
  #isStopped = false;

  /** `reactors` are those of the runtime. `host` serves the listeners. */
  constructor(
    host: ListenerHost<UserCommand>,
    adapter: Adapter,
    reactors: ReactorRegistry<UserCommand>,
  ) {
    this.#host = host;
    this.#adapter = adapter;
    this.#reactors = reactors;
  }

  /** True while something is being bound or released. */
  get isBusy(): boolean {
    return this.#changingCount > 0;
  }

  /** Refuses to bind anything from now on. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Listens, through the adapter or through `bind`. */
  listen(
    address: AddressLike,
    handler: TcpListenerHandler<UserCommand>,
    options: ListenOptions,
    callbacks: OpenCallbacks<ListenerState<UserCommand>>,
    bind: Adapter["listen"] = (...args) => this.#adapter.listen(...args),
  ): void {
    try {
      checkListenerHandler(handler);
      const target = parseAddress(address);
      const settings = listenSettings(options);
      const action = `listen on ${describeAddress(target)}`;
      const tls = settings.tls && tlsListenSettings(settings.tls);
      const upgrade = upgradeOf(handler);
      if (tls) checkHasTls(this.#adapter, action);
      if (this.#isStopped) throw stopped(action);
      const bindOptions = adapterListenOptions(this.#adapter, target, settings);
      const { loop, tls: { ends } } = this.#host;
      const fail = (error: Error) => {
        this.#endChange();
        callbacks.fail(error);
      };
      const parts = [
        ...(tls ? [ends] : []),
        ...(settings.proxyProtocol ? [PROXY_PROTOCOL] : []),
        ...(hasLimits(settings) ? [ADMISSION_LIMITS] : []),
        ...(upgrade ? [UPGRADE_ENDS] : []),
      ];
      this.#changingCount++;
      whenLoaded(loop, parts, action, () => {
        if (this.#isStopped) throw stopped(action);
        const end = tls && ends.value.server(tls, action);
        const listening = new ListenerState(
          this.#host,
          handler,
          settings,
          end,
          upgrade,
        );
        bind(bindOptions, listening).then(
          (listener) => {
            this.#endChange();
            this.#onBound(listening, listener, callbacks);
          },
          (failure: SocketFailure) => fail(listenError(target, failure)),
        );
      }, fail);
    } catch (thrown) {
      callbacks.fail(toError(thrown, "the adapter"));
    }
  }

  /** Calls `onFree` once the address of a closed listener is free. */
  awaitRelease(isFree: Promise<void>, onFree: () => void): void {
    this.#changingCount++;
    const callback = () => {
      this.#endChange();
      onFree();
    };
    isFree.then(callback, callback);
  }

  /** Starts the listener that was bound, if there is room for one more. */
  #onBound(
    listening: ListenerState<UserCommand>,
    listener: Listener,
    callbacks: OpenCallbacks<ListenerState<UserCommand>>,
  ): void {
    try {
      if (this.#isStopped) throw stopped("listen");
      this.#reactors.add(listening);
    } catch (error) {
      return this.awaitRelease(
        listener.close(),
        () => callbacks.fail(error as Error),
      );
    }
    const error = listening.start(listener);
    if (error === undefined) callbacks.succeed(listening);
    else callbacks.fail(error);
  }

  #endChange(): void {
    this.#changingCount--;
    this.#host.loop.requestTurn();
  }
}
