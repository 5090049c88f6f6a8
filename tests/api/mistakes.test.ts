import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  acceptMessages,
  byProperty,
  connectMessages,
  decodeProxyHeader,
  DefaultTcpListenerHandler,
  defineReactors,
  formatAddress,
  formatPrometheus,
  inheritedSockets,
  inspect,
  InvalidAddressError,
  InvalidArgumentError,
  InvalidCallbackError,
  InvalidModuleError,
  InvalidOptionError,
  InvalidSliceError,
  keepConnected,
  lines,
  MessageResult,
  quantile,
  ReactRuntime,
  RequestClient,
  runOnSignals,
  setLogLevel,
  SimNetwork,
  SimpleIoListener,
  simulate,
  toByteStreams,
  toWebStreams,
} from "../../mod.ts";
import { literalOf } from "../../src/util/text.ts";
import { logging, PeerLines, sink } from "../conformance/support.ts";

const network = new SimNetwork();
const runtime = new ReactRuntime({ adapter: network.host("a").adapter });

/** Passes `value` where TypeScript would not allow it. */
const wrong = (value: unknown) => value as never;

describe("the message for a mistake", () => {
  it("shows a text in quotes, so that it is not taken for a number", () => {
    assert.throws(
      () => new ReactRuntime({ maxMessageSize: wrong("1024") }),
      refusal(
        InvalidOptionError,
        'Cannot use maxMessageSize "1024": it must be an integer from 1 to 1073741824',
      ),
    );
    assert.throws(
      () => lines({ ending: wrong("CRLF") }),
      refusal(
        InvalidOptionError,
        'Cannot use ending "CRLF": it must be "\\n" or "\\r\\n"',
      ),
    );
    assert.throws(() => MessageResult.dropMsgSize(wrong("1")), / "1" bytes/);
  });

  it("names one of the options, if what was given for them is not an object", async () => {
    const must = "they must be an object, such as { drainMs: … }";
    for (const [value, text] of [[5000, "5000"], ["5s", '"5s"']]) {
      await assert.rejects(
        runtime.stop(wrong(value)),
        refusal(
          InvalidOptionError,
          `Cannot use ${text} as options: ${must}`,
        ),
      );
    }
    for (const value of [null, 1024, true, "x", () => {}]) {
      assert.throws(() => lines(wrong(value)), InvalidOptionError);
      assert.throws(() => new ReactRuntime(wrong(value)), InvalidOptionError);
      await assert.rejects(
        runtime.connect("a:80", sink(), wrong(value)),
        InvalidOptionError,
      );
    }
    assert.throws(
      () => byProperty("id", wrong(undefined)),
      refusal(
        InvalidOptionError,
        "Cannot use ids undefined: it must be an object with maxId",
      ),
    );
  });

  it("says that a function is missing when it is given, not when it is called", async () => {
    assert.throws(
      () => new DefaultTcpListenerHandler(wrong(sink())),
      refusal(
        InvalidCallbackError,
        "Cannot make reactors by {…}: it must be a function",
      ),
    );
    await assert.rejects(
      simulate({ seeds: 1 }, wrong(undefined)),
      refusal(
        InvalidCallbackError,
        "Cannot simulate undefined: it must be a function",
      ),
    );
  });

  describe("names the value and what it lacks, if it is", () => {
    const codec = lines();
    const make = () => sink();
    const uses: [string, string, (it: never) => unknown][] = [
      ["a runtime", "connect", (it) => keepConnected(it, "a:80", make)],
      ["a runtime", "connect", (it) => connectMessages(it, "a:80", codec)],
      ["a runtime", "connect", (it) => new RequestClient(it, codec)],
      [
        "a runtime",
        "connect",
        (it) => RequestClient.connect(it, "a:80", codec),
      ],
      ["a runtime", "stop", (it) => runOnSignals(it)],
      ["a runtime", "stop", (it) => inspect(it)],
      ["a runtime", "adapter", (it) => inheritedSockets(it)],
      ["statistics", "uptimeMs", (it) => formatPrometheus(it)],
      ["a histogram", "buckets", (it) => quantile(it, 0.5)],
      ["a connection", "receive", (it) => toWebStreams(it)],
      ["a connection", "receive", (it) => toByteStreams(it)],
    ];
    for (const [use, member, call] of uses) {
      it(`not ${use}: ${call}`, async () => {
        for (const [value, text] of NO_KIND) {
          await assert.rejects(
            async () => await call(wrong(value)),
            refusal(
              InvalidArgumentError,
              `Cannot use ${text} as ${use}: it has no ${member}`,
            ),
          );
        }
      });
    }

    it("no bytes of a PROXY header", () => {
      for (const value of [undefined, null, "PROXY", 7, [1], {}, () => 1]) {
        assert.throws(
          () => decodeProxyHeader(wrong(value)),
          (error) =>
            error instanceof InvalidSliceError &&
            /^Cannot decode .*: it must be a view of bytes/
              .test(error.message),
        );
      }
    });

    it("no address to format", () => {
      for (const [value] of NO_KIND) {
        assert.throws(
          () => formatAddress(wrong(value)),
          /^InvalidAddressError: Cannot format .*: it is not an address$/,
        );
      }
    });

    it("no module of reactors, or no factories", () => {
      for (const value of [undefined, null, "x", 7, () => 1]) {
        assert.throws(
          () => defineReactors(wrong(value)),
          /^InvalidModuleError: Cannot define the module as .*: it must be an object$/,
        );
        if (value === undefined) continue;
        for (const name of ["reactors", "listeners", "services"]) {
          assert.throws(
            () => defineReactors({ [name]: value as never }),
            (error) =>
              error instanceof InvalidModuleError &&
              error.message.startsWith(`Cannot define ${name} as `),
          );
        }
      }
    });

    it("no host, or no list of addresses, of a simulated network", () => {
      for (const host of [null, 7, {}, "b"]) {
        assert.throws(() => network.heal(wrong(host)), InvalidOptionError);
        assert.throws(
          () => network.setLink("a", wrong(host), {}),
          InvalidOptionError,
        );
        assert.throws(
          () => network.addName("n", wrong(host)),
          InvalidOptionError,
        );
      }
      for (const name of [undefined, null, Symbol("b"), ["b"]]) {
        assert.throws(() => network.host(wrong(name)), InvalidOptionError);
      }
    });
  });

  it("says what is wrong with the options of connections when they are given, not when one is accepted", () => {
    const refused: [unknown, string][] = [
      [null, "Cannot use null as options"],
      ["x", 'Cannot use "x" as options'],
      [{ maxMessageSize: 0 }, "Cannot use maxMessageSize 0"],
      [
        { sendHighWaterMark: 1, sendLowWaterMark: 2 },
        "Cannot use sendLowWaterMark 2",
      ],
    ];
    for (const [options, message] of refused) {
      for (
        const make of [
          () => new DefaultTcpListenerHandler(() => sink(), wrong(options)),
          () => new SimpleIoListener(() => null, wrong(options)),
          () => acceptMessages(lines(), () => {}, wrong(options)),
        ]
      ) {
        assert.throws(
          make,
          (error) =>
            error instanceof InvalidOptionError &&
            error.message.startsWith(message),
        );
      }
    }
  });

  it("says that a completion is no function when it is given, and sends nothing", async () => {
    const received: number[] = [];
    const { address } = await runtime.listen("a:0", {
      onNewConnection: () => ({
        reactor: sink({
          onInboundMessage(bytes, ctx) {
            received.push(...bytes);
            const all = MessageResult.dropMsgSize(bytes.length);
            if (bytes[0] !== 1) return all;
            for (const completion of [null, 7, "x", {}, []]) {
              for (
                const send of [
                  () => ctx.sendOrQueue(bytes, wrong(completion)),
                  () => ctx.sendOrQueue(bytes.slice(), wrong(completion)),
                  () => ctx.sendSlice(bytes, 0, 1, wrong(completion)),
                  () => {
                    const out = ctx.acquireSend();
                    out.writeUint8(9);
                    try {
                      out.send(wrong(completion));
                    } finally {
                      out.clear();
                      out[Symbol.dispose]();
                    }
                  },
                ]
              ) {
                assert.throws(
                  send,
                  refusal(
                    InvalidCallbackError,
                    `Cannot complete a send by ${
                      literalOf(completion)
                    }: it must be a function`,
                  ),
                );
              }
            }
            ctx.sendOrQueue(Uint8Array.of(2));
            return all;
          },
        }),
      }),
    });
    const client = await runtime.connect(
      address,
      sink({
        onConnected: (ctx) => void ctx.sendOrQueue(Uint8Array.of(1)),
        onInboundMessage(bytes, ctx) {
          received.push(...bytes);
          ctx.close();
          return MessageResult.dropMsgSize(bytes.length);
        },
      }),
    );
    assert.equal(await client.whenClosed, undefined);
    assert.deepEqual(received, [1, 2]);
  });

  it("refuses a log level that would log nothing, without a word", () => {
    for (const level of [undefined, null, "debug", NaN, 5, 0.5, [], {}]) {
      assert.throws(
        () => setLogLevel(wrong(level)),
        (error) =>
          error instanceof InvalidOptionError &&
          /^Cannot use the log level .*: it must be a value of LogLevel$/
            .test(error.message),
      );
    }
  });

  it("refuses to set TCP_NODELAY to anything but true and false", async () => {
    const { port } = (await runtime.listen("a:0", {
      onNewConnection: () => null,
    })).address;
    await runtime.connect(
      `a:${port}`,
      sink({
        onConnected({ socket }) {
          for (const value of [undefined, null, 1, "off"]) {
            assert.throws(
              () => socket.setNoDelay(wrong(value)),
              (error) =>
                error instanceof InvalidOptionError &&
                error.message.startsWith("Cannot use noDelay "),
            );
          }
        },
      }),
    );
  });

  it("tells who connects to port 0 what that stands for, without trying", async () => {
    const told =
      "Cannot connect to a:0: port 0 stands for any free port to listen on; connect to the address of the listener";
    await assert.rejects(
      runtime.connect("a:0", sink()),
      refusal(InvalidAddressError, told),
    );
    assert.throws(
      () => keepConnected(runtime, ["a:80", "a:0"], () => sink()),
      refusal(InvalidAddressError, told),
    );
  });

  it("says what onNewConnection returns, if that is a reactor", async () => {
    const log = new PeerLines();
    await logging(log.sink, async () => {
      await runtime.listen("a:80", { onNewConnection: () => wrong(sink()) });
      const connection = await runtime.connect("a:80", sink());
      await connection.whenClosed;
    });
    assert.match(
      `${log.lines[0].parts[0]}`,
      /InvalidReactorError: Cannot use \{…\} as a connection: onNewConnection returns \{ reactor \} or null/,
    );
  });
});

/** What is of no kind that a function takes, with its text. */
const NO_KIND: [unknown, string][] = [
  [undefined, "undefined"],
  [null, "null"],
  ["x", '"x"'],
  [7, "7"],
  [NaN, "NaN"],
  [[], "[]"],
  [{}, "{…}"],
  [new SimNetwork(), "{…}"],
];

function refusal(
  errorClass: new (message: string) => Error,
  message: string,
): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof errorClass, `${error}`);
    assert.equal(error.message, message);
    return true;
  };
}
