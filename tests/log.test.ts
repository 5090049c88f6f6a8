import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import {
  canLog,
  consoleSink,
  logDebug,
  logError,
  logInfo,
  LogLevel,
  type LogRecord,
  logTrace,
  setLogLevel,
  setLogSink,
} from "../src/util/log.ts";

const logs = [logError, logInfo, logTrace, logDebug];
const levels = [
  LogLevel.Error,
  LogLevel.Info,
  LogLevel.Trace,
  LogLevel.Debug,
];

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
    assert.equal(records.length, 2);
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

  it("what a sink throws is dropped", () => {
    let calls = 0;
    setLogSink(() => {
      calls++;
      throw new Error("from the sink");
    });
    logError("x");
    logInfo("y");
    assert.equal(calls, 2);
  });

  it("the console sink writes one line to the error stream: time, level, parts", () => {
    const lines: unknown[][] = [];
    const { error } = console;
    console.error = (...parts: unknown[]) => void lines.push(parts);
    try {
      const time = new Date(Date.UTC(2026, 0, 31, 12));
      consoleSink({ level: LogLevel.Info, time, parts: ["text", 7] });
      consoleSink({ level: LogLevel.Error, time, parts: [] });
      consoleSink({ level: LogLevel.Trace, time, parts: [] });
      consoleSink({ level: LogLevel.Debug, time, parts: [] });
    } finally {
      console.error = error;
    }
    const at = "[2026-01-31T12:00:00.000Z]";
    assert.deepEqual(lines, [
      [`${at} [INFO]`, "text", 7],
      [`${at} [ERROR]`],
      [`${at} [TRACE]`],
      [`${at} [DEBUG]`],
    ]);
  });
});
