// What a thread and the chat tell each other.

/** What has become of a guest of a thread, by the number that the thread gave it. */
export type Told =
  | { readonly type: "line"; readonly guest: number; readonly line: string }
  /** It says no more, and may hear. */
  | { readonly type: "end"; readonly guest: number }
  | { readonly type: "gone"; readonly guest: number };

/** What a thread is to do with its guests. */
export type Order =
  | { readonly type: "tell"; readonly guest: number; readonly line: string }
  | { readonly type: "close"; readonly guest: number }
  | { readonly type: "enter"; readonly guest: number; readonly room: string }
  | { readonly type: "leave"; readonly guest: number; readonly room: string }
  /** To all that are in the room. */
  | { readonly type: "say"; readonly room: string; readonly line: string };
