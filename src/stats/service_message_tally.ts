/**
 * Counts messages to services: `sent` and `refused` as the sender, `failed` as
 * the receiver.
 */
export class ServiceMessageTally {
  sent = 0;
  refused = 0;
  failed = 0;
}
