/**
 * `message`, which was just decoded, as it can be kept when its handler has
 * returned: of bytes a copy, since they may lie where they were read.
 */
export function keptMessage<Message>(message: Message): Message {
  return message instanceof Uint8Array
    ? new Uint8Array(message) as Uint8Array & Message
    : message;
}
