import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  AddressInUseError,
  type AddressLike,
  AddressNotAvailableError,
  CommandCancelledError,
  type CommandCompletion,
  type CommandResult,
  ConnectionRefusedError,
  type ConnectOptions,
  ConnectTimeoutError,
  DefaultTcpListenerHandler,
  formatAddress,
  InvalidAddressError,
  InvalidOptionError,
  InvalidReactorError,
  ListenError,
  type ListenOptions,
  NameNotFoundError,
  ReactioError,
  type Reactor,
  ReactRuntime,
  RuntimeStoppedError,
  type TcpListenerHandler,
  UnsupportedTransportError,
} from "../../mod.ts";
import {
  BAD_ADDRESSES,
  BAD_CONNECT_OPTIONS,
  BAD_CONNECTION_OPTIONS,
  BAD_LISTEN_OPTIONS,
} from "./bad_values.ts";
import { breakingPromises } from "./broken_connections.ts";
import { exhaustionPromises } from "./exhaustion.ts";
import type { BlackHole, Environment } from "./environment.ts";
import { watched } from "./peers.ts";
import { echo, quietly, sink, withRuntime } from "./support.ts";

/** Each failure is reported once, with its own error, to those it concerns. */
export function failurePromises(environment: Environment): void {
  const { adapter, anyPort, openBlackHole, sleep } = environment;
  describe(`${adapter.name}: failures`, () => {
    it("a connect where nobody listens fails with ConnectionRefusedError", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const address = await unusedAddress(environment, runtime);
        const error = await connectFailure(environment, runtime, address);
        assert.ok(error instanceof ConnectionRefusedError, String(error));
        assert.ok(error.message.includes(address), error.message);
      }));

    it("a connect to port 0 fails with InvalidAddressError, since only a listener can have any port", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const error = await connectFailure(environment, runtime, anyPort);
        assert.ok(error instanceof InvalidAddressError, String(error));
        assert.ok(error.message.includes(anyPort), error.message);
      }));

    it("an address that the adapter's sockets cannot have is refused with UnsupportedTransportError, to connect and to listen", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const address = adapter.unixPaths?.includes("pipe")
          ? "unix:/no/such.sock"
          : "unix:\\\\.\\pipe\\none";
        for (const failure of [connectFailure, listenFailure]) {
          const error = await failure(environment, runtime, address);
          assert.ok(error instanceof UnsupportedTransportError, String(error));
          assert.ok(error.message.includes(address), error.message);
          assert.ok(error.message.includes(adapter.name), error.message);
        }
      }));

    it("a name that does not resolve fails with NameNotFoundError, to connect and to listen", () =>
      withRuntime(adapter, {}, async (runtime) => {
        for (
          const [address, shown] of [
            ["no-such-name.invalid:80", "no-such-name.invalid:80"],
            ["bücher.invalid:80", "xn--bcher-kva.invalid:80"],
            ["xn--zz:80", "xn--zz:80"], // not a valid encoding of any name
          ]
        ) {
          for (const failure of [connectFailure, listenFailure]) {
            const error = await failure(environment, runtime, address);
            assert.ok(error instanceof NameNotFoundError, String(error));
            assert.ok(error.message.includes(shown), error.message);
          }
        }
      }));

    it("a listen on a port in use fails with AddressInUseError, and the port is free again when that listener is closed", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const listener = await runtime.listen(anyPort, listenerHandler());
        const address = formatAddress(listener.address);
        const error = await listenFailure(environment, runtime, address);
        assert.ok(error instanceof AddressInUseError, String(error));
        assert.ok(error.message.includes(address), error.message);
        await listener.close();
        await runtime.listen(address, listenerHandler());
      }));

    it("a listen on another machine's address fails with AddressNotAvailableError", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const error = await listenFailure(environment, runtime, "192.0.2.1:0");
        assert.ok(error instanceof AddressNotAvailableError, String(error));
        assert.ok(error.message.includes("192.0.2.1:0"), error.message);
      }));

    it("a bad address fails with InvalidAddressError, which shows it, to connect and to listen", () =>
      withRuntime(adapter, {}, async (runtime) => {
        for (const [address, shown] of BAD_ADDRESSES) {
          for (const failure of [connectFailure, listenFailure]) {
            const error = await failure(
              environment,
              runtime,
              address as AddressLike,
            );
            assert.ok(error instanceof InvalidAddressError, `${error}`);
            assert.ok(error.message.includes(shown), error.message);
          }
        }
      }));

    it("an option outside its range fails with InvalidOptionError, which names it and its value", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const address = await unusedAddress(environment, runtime);
        for (const [name, values] of Object.entries(BAD_CONNECT_OPTIONS)) {
          for (const value of values) {
            const options = { [name]: value } as ConnectOptions;
            checkOption(
              await connectFailure(environment, runtime, address, options),
              name,
              value,
            );
          }
        }
        for (const [name, values] of Object.entries(BAD_CONNECTION_OPTIONS)) {
          for (const value of values) {
            assert.throws(
              () => new ReactRuntime({ adapter, [name]: value }),
              (error) => checkOption(error, name, value),
            );
          }
        }
        for (const [name, values] of Object.entries(BAD_LISTEN_OPTIONS)) {
          for (const value of values) {
            const options = { [name]: value } as ListenOptions;
            checkOption(
              await listenFailure(environment, runtime, anyPort, options),
              name,
              value,
            );
          }
        }
        for (const value of [-1, 1.5, NaN, "1"]) {
          for (const name of ["drainMs", "graceMs"]) {
            await assert.rejects(
              runtime.stop({ [name]: value }),
              (error) => checkOption(error, name, value),
            );
          }
        }
      }));

    it("an out-of-range option for an accepted connection drops only that connection", () =>
      quietly(() =>
        withRuntime(adapter, {}, async (runtime) => {
          let maxMessageSize = 0;
          const listener = await runtime.listen(anyPort, {
            onNewConnection: () => ({ reactor: echo(), maxMessageSize }),
          });
          const address = listener.address;
          const first = watched();
          await runtime.connect(address, first.reactor).then(
            () => first.closed,
            () => {}, // the reset arrived before the connection did
          );
          maxMessageSize = 1;
          const second = watched({ onConnected: (ctx) => ctx.close() });
          await runtime.connect(address, second.reactor);
          assert.equal(await second.closed, undefined);
        })
      ));

    it("anything but a reactor or a listener handler fails with InvalidReactorError", () =>
      withRuntime(adapter, {}, async (runtime) => {
        for (const value of [undefined, null, 1, "reactor", {}, () => {}]) {
          for (
            const error of [
              await connectFailure(
                environment,
                runtime,
                anyPort,
                {},
                value as Reactor,
              ),
              await listenFailure(
                environment,
                runtime,
                anyPort,
                {},
                value as unknown as TcpListenerHandler,
              ),
            ]
          ) {
            assert.ok(error instanceof InvalidReactorError, String(error));
            assert.ok(error.message.includes(shown(value)), error.message);
          }
        }
      }));

    if (adapter.reusesPorts) {
      it("with reusePort several listeners share a port", () =>
        withRuntime(adapter, {}, async (runtime) => {
          const reusePort = { reusePort: true };
          const handler = listenerHandler();
          const listener = await runtime.listen(anyPort, handler, reusePort);
          const address = listener.address;
          await runtime.listen(address, handler, reusePort);
          assert.equal(runtime.reactorCount, 2);
        }));
    } else {
      it("reusePort fails with ListenError where ports cannot be shared", () =>
        withRuntime(adapter, {}, async (runtime) => {
          const options = { reusePort: true };
          const error = await listenFailure(
            environment,
            runtime,
            anyPort,
            options,
          );
          assert.ok(error instanceof ListenError, String(error));
          assert.match(error.message, /reusePort/);
        }));
    }
  });

  describe(`${adapter.name}: a connect that never finishes`, () => {
    let blackHole: BlackHole;
    before(async () => blackHole = await openBlackHole());
    after(() => blackHole.close());

    it("fails with ConnectTimeoutError after connectTimeoutMs, and not before", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const connectTimeoutMs = 200;
        const start = adapter.clock.now();
        const error = await connectFailure(
          environment,
          runtime,
          blackHole.address,
          {
            connectTimeoutMs,
          },
        );
        const elapsed = adapter.clock.now() - start;
        assert.ok(error instanceof ConnectTimeoutError, String(error));
        assert.ok(error.message.includes(formatAddress(blackHole.address)));
        assert.match(error.message, / 200 ms/);
        assert.ok(elapsed >= connectTimeoutMs - 1, `${elapsed} ms`);
        assert.ok(elapsed < 10_000, `${elapsed} ms`);
      }));

    it("can be cancelled: CommandCancelledError once, and the reactor is never called", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const results: CommandResult[] = [];
        const client = watched();
        const id = runtime.cmdSender.sendConnect(
          blackHole.address,
          client.reactor,
          {
            completion: (result) => results.push(result),
          },
        );
        await sleep(50);
        assert.equal(runtime.cmdSender.cancel(id), true);
        assert.equal(runtime.cmdSender.cancel(id), false);
        assert.equal(results.length, 0);
        await runtime.run();
        const errors = results.map((result) => result.ok || result.error);
        assert.equal(errors.length, 1);
        assert.ok(errors[0] instanceof CommandCancelledError);
        assert.deepEqual(client.calls, []);
      }));

    it("ends with RuntimeStoppedError when the runtime is stopped", () =>
      withRuntime(adapter, {}, async (runtime) => {
        const failing = connectFailure(environment, runtime, blackHole.address);
        await sleep(50);
        const start = adapter.clock.now();
        await runtime.stop();
        assert.ok(adapter.clock.now() - start < 4000, "at once");
        assert.ok(await failing instanceof RuntimeStoppedError);
      }));
  });

  breakingPromises(environment);
  exhaustionPromises(environment);
}

function checkOption(error: unknown, name: string, value: unknown): true {
  assert.ok(error instanceof InvalidOptionError, String(error));
  assert.ok(
    error.message.includes(`${name} ${shown(value)}:`),
    error.message,
  );
  return true;
}

/** `value` as messages show it, if it is no array. */
function shown(value: unknown): string {
  return typeof value === "string"
    ? `"${value}"`
    : String(value).replace("[object Object]", "{…}");
}

/**
 * The error of a connect, both as a call and as a command. No handler of the
 * reactor may be called.
 */
async function connectFailure(
  environment: Environment,
  runtime: ReactRuntime,
  address: AddressLike,
  options: ConnectOptions = {},
  reactor?: Reactor,
): Promise<Error> {
  const client = watched();
  const given = arguments.length > 4 ? reactor as Reactor : client.reactor;
  const error = await sameFailure(
    environment,
    () => runtime.connect(address, given, options),
    (completion) =>
      runtime.cmdSender.sendConnect(address, given, { ...options, completion }),
  );
  assert.deepEqual(client.calls, []);
  return error;
}

/**
 * The error of a listen, both as a call and as a command. No handler may be
 * called.
 */
async function listenFailure(
  environment: Environment,
  runtime: ReactRuntime,
  address: AddressLike,
  options: ListenOptions = {},
  handler?: TcpListenerHandler,
): Promise<Error> {
  let calls = 0;
  const given = arguments.length > 4 ? handler as TcpListenerHandler : {
    onStartListen: () => void calls++,
    onNewConnection: () => null,
    onCloseListen: () => void calls++,
  };
  const error = await sameFailure(
    environment,
    () => runtime.listen(address, given, options),
    (completion) =>
      runtime.cmdSender.sendListen(address, given, { ...options, completion }),
  );
  assert.equal(calls, 0);
  return error;
}

/**
 * Checks that the promise rejects and the command completes once, with the same
 * error, and returns it.
 */
async function sameFailure(
  { eventually, sleep }: Environment,
  call: () => Promise<unknown>,
  send: (completion: CommandCompletion) => void,
): Promise<Error> {
  const results: CommandResult[] = [];
  send((result) => results.push(result));
  assert.equal(results.length, 0, "not completed from inside the call");
  const error = await call().then(
    () => assert.fail("it did not fail"),
    (error) => error,
  );
  await eventually(() => results.length > 0, "the command is completed");
  await sleep(1);
  assert.ok(error instanceof ReactioError, String(error));
  const errors = results.map((result) => result.ok || result.error);
  assert.deepEqual(errors.map(classOf), [classOf(error)]);
  return error;
}

function classOf(value: unknown): unknown {
  return (value as Error).constructor;
}

function listenerHandler(): TcpListenerHandler {
  return new DefaultTcpListenerHandler(() => sink());
}

/** An address of this machine where nothing listens. */
async function unusedAddress(
  { anyPort }: Environment,
  runtime: ReactRuntime,
): Promise<string> {
  const listener = await runtime.listen(anyPort, listenerHandler());
  const address = formatAddress(listener.address);
  await listener.close();
  return address;
}
