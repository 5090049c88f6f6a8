/**
 * The log of the library and of its users.
 *
 * @module
 */

import { watchPromise } from "./promises.ts";
import { messageOf } from "./text.ts";

/**
 * How much is logged; each level includes those before it.
 *
 * @category Tools
 */
export const LogLevel = {
  /** Nothing. */
  Off: -1,
  /**
   * Failures that need attention, for example an error in one of the program's
   * callbacks, or a listener that had to close.
   */
  Error: 0,
  /**
   * Failures that peers can cause, for example an error in a handler, or a
   * dropped connection. A runtime logs at most ten such lines a second, then
   * how many more there were.
   */
  Warn: 1,
  /** What a program reports about itself. The default level. */
  Info: 2,
  /** What the library does, such as closing a connection, and the stacks of the lines at `Warn`. */
  Debug: 3,
  /** Everything, message by message. */
  Trace: 4,
} as const;

/**
 * One of the values of {@linkcode LogLevel}.
 *
 * @category Tools
 */
export type LogLevel = typeof LogLevel[keyof typeof LogLevel];

/**
 * What a log sink receives.
 *
 * @category Tools
 */
export interface LogRecord {
  /** The level it was logged at. */
  readonly level: LogLevel;
  /** When it was logged. */
  readonly time: Date;
  /** What was logged, unformatted. */
  readonly parts: readonly unknown[];
}

/**
 * Receives the records that pass the level. If it throws, or returns a promise
 * that rejects, the record is lost and the program goes on: a log never breaks
 * what it reports. The first failure of a sink is reported on the console.
 *
 * @param record What was logged.
 *
 * @category Tools
 */
export type LogSink = (record: LogRecord) => void;

const LABELS = ["ERROR", "WARN", "INFO", "DEBUG", "TRACE"];

let currentLevel: LogLevel = LogLevel.Info;
let currentSink: LogSink = consoleSink;
let hasSinkFailed = false;

/**
 * Writes a record to the console's error stream, as
 * `[2026-01-31T12:00:00.000Z] [INFO] text`. The default sink.
 *
 * @param record What to write.
 *
 * @category Tools
 */
export function consoleSink(record: LogRecord): void {
  const { level, time, parts } = record;
  const head = `[${time.toISOString()}] [${LABELS[level]}]`;
  try {
    console.error(head, ...parts);
  } catch {
    // Some values cannot be inspected.
    console.error(head, ...parts.map((part) => messageOf(part)));
  }
}

/** Logs records up to `level` from now on. */
export function logUpTo(level: LogLevel): void {
  currentLevel = level;
}

/**
 * Replaces the sink of this thread. Default: {@linkcode consoleSink}.
 *
 * @param sink Takes the records from now on.
 * @returns The previous sink, so that you can restore it.
 *
 * @category Tools
 */
export function setLogSink(sink: LogSink): LogSink {
  const before = currentSink;
  currentSink = sink;
  hasSinkFailed = false;
  return before;
}

/**
 * Tells whether a record would be logged: check it before you compute costly
 * arguments.
 *
 * @param level The level of the record.
 * @returns True if records of `level` are logged in this thread.
 *
 * @category Tools
 */
export function canLog(level: LogLevel): boolean {
  return level <= currentLevel;
}

/** The level that is set in this thread. */
export function logLevel(): LogLevel {
  return currentLevel;
}

function log(level: LogLevel, parts: readonly unknown[]): void {
  if (!canLog(level)) return;
  const sink = currentSink;
  try {
    const result: unknown = sink({ level, time: new Date(), parts });
    if (result === undefined) return;
    watchPromise(result, (thrown) => onSinkFailed(sink, thrown));
  } catch (thrown) {
    onSinkFailed(sink, thrown);
  }
}

/** Reports the first failure of a sink on the console, since the sink cannot report itself. */
function onSinkFailed(sink: LogSink, thrown: unknown): void {
  if (sink !== currentSink || hasSinkFailed) return;
  hasSinkFailed = true;
  const parts = ["The log sink failed, and may fail again:", messageOf(thrown)];
  try {
    consoleSink({ level: LogLevel.Error, time: new Date(), parts });
  } catch {
    // There is no way left to report it.
  }
}

/**
 * Logs at {@linkcode LogLevel.Error}.
 *
 * @param parts What to log; formatted only if the level is on.
 *
 * @category Tools
 */
export function logError(...parts: unknown[]): void {
  log(LogLevel.Error, parts);
}

/**
 * Logs at {@linkcode LogLevel.Warn}.
 *
 * @param parts What to log; formatted only if the level is on.
 *
 * @category Tools
 */
export function logWarn(...parts: unknown[]): void {
  log(LogLevel.Warn, parts);
}

/**
 * Logs at {@linkcode LogLevel.Info}.
 *
 * @param parts What to log; formatted only if the level is on.
 *
 * @category Tools
 */
export function logInfo(...parts: unknown[]): void {
  log(LogLevel.Info, parts);
}

/**
 * Logs at {@linkcode LogLevel.Debug}.
 *
 * @param parts What to log; formatted only if the level is on.
 *
 * @category Tools
 */
export function logDebug(...parts: unknown[]): void {
  log(LogLevel.Debug, parts);
}

/**
 * Logs at {@linkcode LogLevel.Trace}.
 *
 * @param parts What to log; formatted only if the level is on.
 *
 * @category Tools
 */
export function logTrace(...parts: unknown[]): void {
  log(LogLevel.Trace, parts);
}
