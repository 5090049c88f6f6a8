import type { SocketOptions } from "../contract/socket.ts";
import { attempt } from "./host_calls.ts";

/** Sets each option of a socket by a method of the same name. */
export type OptionSetters = {
  readonly [Name in keyof SocketOptions]-?: (
    value: Exclude<SocketOptions[Name], undefined>,
  ) => void;
};

/** Sets those of the `options` that are given. */
export function setEach(setters: OptionSetters, options: SocketOptions): void {
  for (const name of Object.keys(options) as (keyof SocketOptions)[]) {
    const value = options[name];
    if (value !== undefined) attempt(() => setters[name](value as never));
  }
}
