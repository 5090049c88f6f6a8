/**
 * One class per failure. Every message names the value and the action; `cause`
 * holds the runtime's own error where there is one.
 *
 * @module
 */

export * from "./errors/reactio_error.ts";
export * from "./errors/arguments.ts";
export * from "./errors/listen_and_connect.ts";
export * from "./errors/opening.ts";
export * from "./errors/connection.ts";
export * from "./errors/time_limits.ts";
export * from "./errors/codec.ts";
export * from "./errors/requests.ts";
export * from "./errors/runtime.ts";
export * from "./errors/threads.ts";
export * from "./errors/testing.ts";
