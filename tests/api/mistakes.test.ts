import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  byProperty,
  DefaultTcpListenerHandler,
  InvalidAddressError,
  InvalidCallbackError,
  InvalidOptionError,
  keepConnected,
  lines,
  MessageResult,
  ReactRuntime,
  SimNetwork,
  simulate,
} from "../../mod.ts";
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
