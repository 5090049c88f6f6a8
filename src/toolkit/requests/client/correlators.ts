import { readOption } from "../../../api/options/rules.ts";
import { ByGivenId, ByOwnId } from "./by_id.ts";
import { checkCorrelation, givesIds } from "../correlation.ts";
import type { Correlator } from "./correlator.ts";
import { IdSequence } from "./id_sequence.ts";
import { InOrder } from "./in_order.ts";
import type { RequestClientOptions } from "../request_client_options.ts";

/** Returns a function that makes a correlator for each connection of a client. Throws `InvalidOptionError` if `correlate` is not a correlation. */
export function newCorrelators<Request, Response>(
  options: RequestClientOptions<Request, Response>,
  window: number,
): () => Correlator<Request, Response> {
  const given = readOption(options, "correlate") ?? "in-order";
  const correlation = checkCorrelation(given);
  if (correlation === "in-order") return () => new InOrder(window);
  if (!givesIds(correlation)) return () => new ByOwnId(correlation, window);
  const ids = new IdSequence(correlation.minId ?? 0, correlation.maxId);
  return () => new ByGivenId(correlation, ids, window);
}
