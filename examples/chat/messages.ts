// What threads tell the chat, and what the chat commands. Guests have the number
// that their thread gave them.

import type { Close, Gone } from "../hub.ts";

/** Something that a guest has done. */
export type ChatEvent =
  | Gone
  | { readonly type: "line"; readonly client: number; readonly line: string }
  /** It says no more, and may hear. */
  | { readonly type: "end"; readonly client: number };

/** What a thread is to do with its guests. */
export type ChatCommand =
  | Close
  | { readonly type: "tell"; readonly client: number; readonly line: string }
  | { readonly type: "enter"; readonly client: number; readonly room: string }
  | { readonly type: "leave"; readonly client: number; readonly room: string }
  /** To all that are in the room. */
  | { readonly type: "say"; readonly room: string; readonly line: string };
