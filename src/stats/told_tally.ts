/** Counts what a thread has told others, and they this one. */
export class ToldTally {
  sent = 0;
  refused = 0;
  failed = 0;
}
