/**
 * `message`, which was just decoded, in a form that can be kept after its
 * handler has returned: bytes are copied, since they may be a view of what was
 * read.
 */
export function keptMessage<Message>(message: Message): Message {
  return message instanceof Uint8Array
    ? new Uint8Array(message) as Uint8Array & Message
    : message;
}
