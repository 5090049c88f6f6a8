import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { setLogLevel } from "../../src/api/log_level.ts";
import {
  canLog,
  consoleSink,
  logDebug,
  logError,
  logInfo,
  LogLevel,
  type LogRecord,
  logTrace,
  logWarn,
  setLogSink,
} from "../../src/util/log.ts";

const logs = [logError, logWarn, logInfo, logDebug, logTrace];
const levels = [
  LogLevel.Error,
  LogLevel.Warn,
  LogLevel.Info,
  LogLevel.Debug,
  LogLevel.Trace,
];

const failures: Record<string, () => unknown> = {
  throws() {
    throw new Error("from the sink");
  },
  rejects: () => Promise.reject(new Error("from the sink")),
  "returns a thenable that throws": () => ({
    then() {
      throw new Error("from the sink");
    },
  }),
};

/** Resolves when what a promise has rejected with was told, handled or not. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** What `body` writes to the error stream. */
async function onConsole(
  body: () => void | Promise<void>,
): Promise<unknown[][]> {
  const lines: unknown[][] = [];
  const { error } = console;
  console.error = (...parts: unknown[]) => void lines.push(parts);
  try {
    await body();
  } finally {
    console.error = error;
  }
  return lines;
}

function record(): LogRecord[] {
  const records: LogRecord[] = [];
  setLogSink((entry) => void records.push(entry));
  return records;
}

describe("the log", () => {
  afterEach(() => {
    setLogLevel(LogLevel.Info);
    setLogSink(consoleSink);
  });

  it("a level includes those before it; off is off", () => {
    for (const level of [LogLevel.Off, ...levels]) {
      const records = record();
      setLogLevel(level);
      logs.forEach((log) => log("x"));
      const expected = levels.filter((other) => other <= level);
      assert.deepEqual(records.map((entry) => entry.level), expected);
      assert.deepEqual(levels.filter(canLog), expected);
    }
  });

  it("begins at Info", () => {
    const records = record();
    logs.forEach((log) => log("x"));
    assert.deepEqual(
      records.map(({ level }) => level),
      [LogLevel.Error, LogLevel.Warn, LogLevel.Info],
    );
  });

  it("the sink gets the parts as they are, and the time", () => {
    const records = record();
    const part = { a: 1 };
    const before = Date.now();
    logInfo("text", part, undefined);
    const [{ parts, time, level }] = records;
    assert.equal(level, LogLevel.Info);
    assert.deepEqual(parts, ["text", part, undefined]);
    assert.equal(parts[1], part);
    assert.ok(time.getTime() >= before && time.getTime() <= Date.now());
  });

  it("parts are not formatted when their level is off", () => {
    record();
    const costly = {
      toString() {
        throw new Error("formatted");
      },
    };
    logDebug(costly);
    setLogLevel(LogLevel.Off);
    logError(costly);
  });

  for (const [how, fail] of Object.entries(failures)) {
    it(`a sink that ${how} breaks nothing, is asked again, and is told of on the console once`, async () => {
      let calls = 0;
      const lines = await onConsole(async () => {
        setLogSink(() => {
          calls++;
          return fail() as void;
        });
        logError("x");
        logInfo("y");
        await settled();
      });
      assert.equal(calls, 2);
      assert.equal(lines.length, 1);
      assert.match(lines[0].join(" "), /\[ERROR\] The log sink failed.*/);
      assert.ok(lines[0].includes("from the sink"));
    });
  }

  it("a new sink that fails is told of again", async () => {
    const lines = await onConsole(async () => {
      for (let i = 0; i < 2; i++) {
        setLogSink(() => {
          throw new Error(`sink ${i}`);
        });
        logError("x");
      }
      await settled();
    });
    assert.deepEqual(lines.map((parts) => parts.at(-1)), ["sink 0", "sink 1"]);
  });

  it("a console that fails, too, breaks nothing", async () => {
    const { error } = console;
    console.error = () => {
      throw new Error("closed");
    };
    try {
      setLogSink(consoleSink);
      logError("x");
      await settled();
    } finally {
      console.error = error;
    }
  });

  it("what a sink returns is looked at only if it is a promise", () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    for (const returned of [proxy, Symbol("s"), null, { then: 3 }]) {
      setLogSink(() => returned as unknown as void);
      logError("x");
    }
  });

  it("the console sink writes one line to the error stream: time, level, parts", async () => {
    const time = new Date(Date.UTC(2026, 0, 31, 12));
    const lines = await onConsole(() => {
      consoleSink({ level: LogLevel.Info, time, parts: ["text", 7] });
      for (const level of levels) consoleSink({ level, time, parts: [] });
    });
    const at = "[2026-01-31T12:00:00.000Z]";
    assert.deepEqual(lines, [
      [`${at} [INFO]`, "text", 7],
      [`${at} [ERROR]`],
      [`${at} [WARN]`],
      [`${at} [INFO]`],
      [`${at} [DEBUG]`],
      [`${at} [TRACE]`],
    ]);
  });

  it("the console sink writes what cannot be inspected as far as it can be told", () => {
    const time = new Date();
    const unreadable = {};
    const lines: unknown[][] = [];
    const { error } = console;
    console.error = (...parts: unknown[]) => {
      if (parts.includes(unreadable)) throw new Error("inspected");
      lines.push(parts);
    };
    try {
      consoleSink({
        level: LogLevel.Error,
        time,
        parts: ["what", unreadable, new Error("why")],
      });
    } finally {
      console.error = error;
    }
    assert.deepEqual(
      lines.map(([, ...parts]) => parts),
      [["what", "{…}", "why"]],
    );
  });
});
