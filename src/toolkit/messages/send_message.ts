import type { AutoSendBuffer } from "../../api/auto_send_buffer.ts";
import type {
  SendCompletion,
  SendOrQueueResult,
} from "../../api/send_result.ts";
import type { Codec } from "../../codec/codec.ts";
import { checkEncoded } from "../../codec/frames.ts";

/**
 * Encodes `message` straight into what `ctx` sends next; allocates nothing. If
 * the codec throws, nothing of the message goes out.
 */
export function sendMessage<Sent>(
  ctx: { acquireSend(): AutoSendBuffer },
  codec: Codec<unknown, Sent>,
  message: Sent,
  completion?: SendCompletion,
): SendOrQueueResult {
  const out = ctx.acquireSend();
  try {
    checkEncoded(codec.encode(message, out));
    return out.send(completion);
  } catch (error) {
    out.clear();
    throw error;
  } finally {
    out[Symbol.dispose]();
  }
}
