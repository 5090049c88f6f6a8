/**
 * Framed echo on Reactio with a codec of the library: of bytes, or of messages
 * that are decoded and encoded.
 */

import {
  type Codec,
  DefaultTcpListenerHandler,
  framed,
  hostAdapter,
  lengthPrefixed,
  messageCodec,
  nodeAdapter,
  ReactRuntime,
} from "../../mod.ts";
import { announce, IS_ENCODED, USES_NODE_NET } from "./host.ts";

/** Framing of the benchmark's messages. */
const FRAMES = lengthPrefixed({ endian: "little", includesHeader: true });

interface Record {
  readonly kind: number;
  readonly sequence: bigint;
  readonly body: Uint8Array;
}

const RECORDS = messageCodec<Record>(FRAMES, {
  decode: (reader) => ({
    kind: reader.readUint16(true),
    sequence: reader.readBigUint64(true),
    body: reader.readView(),
  }),
  encode({ kind, sequence, body }, writer) {
    writer.writeUint16(kind, true);
    writer.writeBigUint64(sequence, true);
    writer.write(body);
  },
});

/** Sends every message back. */
function echo<Message>(codec: Codec<Message>): DefaultTcpListenerHandler {
  return new DefaultTcpListenerHandler(() =>
    framed(codec, { onMessage: (message, ctx) => void ctx.send(message) })
  );
}

const runtime = new ReactRuntime({
  adapter: USES_NODE_NET ? nodeAdapter : hostAdapter(),
});
const handler = IS_ENCODED ? echo(RECORDS) : echo(FRAMES);
const { address } = await runtime.listen("127.0.0.1:0", handler);
announce({ port: address.port });
await runtime.run();
