import { CodecError } from "../api/errors.ts";
import { withRefusals } from "../toolkit/messages/with_refusals.ts";
import { serve } from "../toolkit/requests/serve.ts";
import type { RequestServer } from "../toolkit/requests/serve.ts";
import type { Access } from "./access.ts";
import { HttpCodec } from "./http/http_codec.ts";
import {
  answerTo,
  BadRequest,
  type HttpRequest,
  type HttpResponse,
  isLast,
  refusal,
} from "./http/http_message.ts";
import type { Routes } from "./routes.ts";
import { Visitors } from "./visitors.ts";

/** Milliseconds after which a silent browser is forgotten. */
const IDLE_MS = 60_000;

/** Milliseconds that a request may take to come in whole. */
const REQUEST_MS = 10_000;

/** Serves `routes` to whoever has `access`. */
export function inspectorServer(
  routes: Routes,
  access: Access,
): RequestServer {
  const visitors = new Visitors();
  return serve(withRefusals(new HttpCodec()), async (request, peer) => {
    if (request instanceof CodecError) {
      peer.drain();
      return answerTo(request, refusal(statusOf(request), request.message));
    }
    if (isLast(request.headers)) peer.drain();
    const refused = withoutHost(request) ?? routes.page(request) ??
      access.refuse(request);
    if (refused !== undefined) return answerTo(request, refused);
    visitors.welcome(peer);
    return answerTo(request, await routes.answer(request));
  }, {
    concurrency: 8,
    readIdleTimeoutMs: IDLE_MS,
    messageTimeoutMs: REQUEST_MS,
    onConnected: (peer) => visitors.enter(peer),
    onClose: (_, peer) => void visitors.leave(peer),
    onError: (_, request) =>
      answerTo(request, refusal(500, "the inspector has failed")),
  });
}

/** The status for refused bytes. Only a head can be too large: a large body is a bad request. */
function statusOf(error: CodecError): number {
  return error instanceof BadRequest ? error.status : 431;
}

/** Refuses a request that does not name exactly one host (RFC 9112, 3.2). */
function withoutHost({ headers }: HttpRequest): HttpResponse | undefined {
  const host = headers.get("host");
  return host === undefined || host.includes(",")
    ? refusal(400, "a request names one host")
    : undefined;
}
