/**
 * How much is logged.
 *
 * @module
 */

import { LogLevel, logUpTo } from "../util/log.ts";
import { check } from "./options/rules.ts";

/**
 * Sets what is logged in this thread. Default: {@linkcode LogLevel.Info}.
 *
 * @param level The level up to which records are logged.
 * @throws {InvalidOptionError} If it is not a value of {@linkcode LogLevel}.
 *
 * @category Tools
 */
export function setLogLevel(level: LogLevel): void {
  const isLevel = Object.values(LogLevel).includes(level);
  check("the log level", level, isLevel, "a value of LogLevel");
  logUpTo(level);
}
