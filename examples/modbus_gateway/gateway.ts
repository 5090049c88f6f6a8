// A gateway: many masters on one port, few devices behind it, each of which
// takes a few requests at a time.

import { RequestQueueFullError, serve } from "../../mod.ts";
import type { ReactRuntime, TcpListenerHandler } from "../../mod.ts";
import { connectTo } from "./client.ts";
import { Exception, exceptionTo, modbus, ModbusException } from "./protocol.ts";

/** The addresses of the devices, by their unit ids. */
export type Devices = ReadonlyMap<number, string>;

/** Forwards requests to the device with their unit id, and its answers back. It waits for an answer for `timeoutMs`. */
export function gatewayTo(
  devices: Devices,
  runtime: ReactRuntime,
  timeoutMs = 1000,
): TcpListenerHandler {
  const clients = new Map(
    Array.from(devices, ([unitId, address]) => [
      unitId,
      connectTo(runtime, address, { window: 4, maxQueue: 256, timeoutMs }),
    ]),
  );
  return serve(modbus, (request, _peer, { signal }) => {
    const client = clients.get(request.unitId);
    if (client === undefined) throw new ModbusException(Exception.NoPath);
    return client.request(request, { signal });
  }, {
    order: "any",
    concurrency: 64,
    onError: (error, request) => ({
      ...request,
      pdu: exceptionTo(request, codeOf(error)),
    }),
  });
}

function codeOf(error: unknown): number {
  if (error instanceof ModbusException) return error.code;
  if (error instanceof RequestQueueFullError) return Exception.DeviceBusy;
  return Exception.NoAnswer; // the time is over, or the connection is gone
}
