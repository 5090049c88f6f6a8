/** How much is logged; each level includes those before it. */
export const LogLevel = {
  /** Nothing. */
  Off: -1,
  /** What went wrong: a handler that threw, a listener that had to close. */
  Error: 0,
  /** What a program says of itself. The level to begin with. */
  Info: 1,
  /** What the library does: opened, closed, refused. */
  Trace: 2,
  /** Everything, message by message. */
  Debug: 3,
} as const;

/** One of the values of {@linkcode LogLevel}. */
export type LogLevel = typeof LogLevel[keyof typeof LogLevel];

/** What a log sink receives. */
export interface LogRecord {
  /** The level it was logged at. */
  readonly level: LogLevel;
  /** When it was logged. */
  readonly time: Date;
  /** What was logged, unformatted. */
  readonly parts: readonly unknown[];
}

/** Takes the records that pass the level. What it throws is dropped: a log never breaks what it reports. */
export type LogSink = (record: LogRecord) => void;

const LABELS = ["ERROR", "INFO", "TRACE", "DEBUG"];

let currentLevel: LogLevel = LogLevel.Info;
let currentSink: LogSink = consoleSink;

/**
 * Writes a record to the console's error stream, as
 * `[2026-01-31T12:00:00.000Z] [INFO] text`: the sink to begin with.
 */
export function consoleSink({ level, time, parts }: LogRecord): void {
  console.error(`[${time.toISOString()}] [${LABELS[level]}]`, ...parts);
}

/** Sets what is logged in this thread, {@linkcode LogLevel.Info} to begin with. */
export function setLogLevel(level: LogLevel): void {
  currentLevel = level;
}

/** Replaces where records go in this thread, {@linkcode consoleSink} to begin with. Returns the sink before, to be put back. */
export function setLogSink(sink: LogSink): LogSink {
  const before = currentSink;
  currentSink = sink;
  return before;
}

/** True if a record of `level` would be logged: ask before costly arguments are made. */
export function canLog(level: LogLevel): boolean {
  return level <= currentLevel;
}

/** The level that is set in this thread. */
export function logLevel(): LogLevel {
  return currentLevel;
}

function log(level: LogLevel, parts: readonly unknown[]): void {
  if (!canLog(level)) return;
  try {
    currentSink({ level, time: new Date(), parts });
  } catch {
    // Nobody is left to tell.
  }
}

/** Logs at {@linkcode LogLevel.Error}. The parts are formatted only if the level is on. */
export function logError(...parts: unknown[]): void {
  log(LogLevel.Error, parts);
}

/** Logs at {@linkcode LogLevel.Info}. The parts are formatted only if the level is on. */
export function logInfo(...parts: unknown[]): void {
  log(LogLevel.Info, parts);
}

/** Logs at {@linkcode LogLevel.Trace}. The parts are formatted only if the level is on. */
export function logTrace(...parts: unknown[]): void {
  log(LogLevel.Trace, parts);
}

/** Logs at {@linkcode LogLevel.Debug}. The parts are formatted only if the level is on. */
export function logDebug(...parts: unknown[]): void {
  log(LogLevel.Debug, parts);
}
