// The events that threads send to the chat, and the commands that it sends back. A
// guest has the number that its thread gave it.

import type { Close, Gone } from "../hub.ts";

/** Something that a guest has done. */
export type ChatEvent =
  | Gone
  | { readonly type: "line"; readonly client: number; readonly line: string }
  /** It sends nothing more, and may still read. */
  | { readonly type: "end"; readonly client: number };

/** What a thread has to do for its guests. */
export type ChatCommand =
  | Close
  | { readonly type: "tell"; readonly client: number; readonly line: string }
  | { readonly type: "enter"; readonly client: number; readonly room: string }
  | { readonly type: "leave"; readonly client: number; readonly room: string }
  /** Goes to all guests in the room. */
  | { readonly type: "say"; readonly room: string; readonly line: string };
