import { type ByteWriter, type Codec, CodecError } from "../../../mod.ts";
import type { HttpResponse } from "../../../examples/http_hello/codec.ts";

/** A request as a client writes it. */
export interface SentRequest {
  readonly method: string;
  readonly target: string;
  readonly fields?: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
  /** In pieces of this size; 0 with its length. */
  readonly chunkSize: number;
}

/** The other end of `HttpCodec`: requests to be sent, and answers with a Content-Length to be received. */
export class ClientCodec implements Codec<HttpResponse, SentRequest> {
  readonly maxFrameSize = 2 ** 20;

  frameSize(bytes: Uint8Array, start: number, end: number): number {
    const text = new TextDecoder("latin1").decode(bytes.subarray(start, end));
    const head = text.indexOf("\r\n\r\n") + 4;
    if (head < 4) {
      if (text.length < 4096) return 0;
      throw new CodecError("no head");
    }
    const [, length] =
      /^Content-Length: (\d{1,6})$/m.exec(text.slice(0, head)) ?? [];
    return head + Number(length ?? 0);
  }

  decode(bytes: Uint8Array, start: number, end: number): HttpResponse {
    const text = new TextDecoder("latin1").decode(bytes.subarray(start, end));
    const head = text.indexOf("\r\n\r\n") + 4;
    const [first, ...lines] = text.slice(0, head - 4).split("\r\n");
    const status = /^HTTP\/1\.1 (\d{3}) /.exec(first);
    if (status === null) throw new CodecError("no status line");
    return {
      status: Number(status[1]),
      fields: lines.map((line) => {
        const [name, ...value] = line.split(": ");
        return [name, value.join(": ")] as const;
      }),
      body: bytes.slice(start + head, end),
    };
  }

  encode(request: SentRequest, out: ByteWriter): void {
    const { method, target, fields = [["Host", "h"]], body, chunkSize } =
      request;
    out.writeText(`${method} ${target} HTTP/1.1\r\n`);
    for (const [name, value] of fields) out.writeText(`${name}: ${value}\r\n`);
    if (chunkSize === 0) {
      out.writeText(`Content-Length: ${body.length}\r\n\r\n`);
      out.write(body);
      return;
    }
    out.writeText("Transfer-Encoding: chunked\r\n\r\n");
    for (let at = 0; at < body.length; at += chunkSize) {
      const chunk = body.subarray(at, at + chunkSize);
      out.writeText(`${chunk.length.toString(16)};x=y\r\n`);
      out.write(chunk);
      out.writeText("\r\n");
    }
    out.writeText("0\r\nTrailer: 1\r\n\r\n");
  }
}
