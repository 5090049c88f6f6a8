import {
  LISTEN_OPTIONS,
  type ListenOptions,
} from "../../api/options/listen.ts";
import { proxyProtocolSettings } from "../../api/options/proxy.ts";
import { plainTls } from "../../api/options/tls.ts";
import { networksOf } from "../../core/trusted_proxies.ts";

/** Checks `options`, and copies those that are given, as plain data. Throws `InvalidOptionError` or `InvalidCredentialError`. */
export function plainListenOptions(options: ListenOptions): ListenOptions {
  const { proxyProtocol, tls, ...rest } = LISTEN_OPTIONS.fill(options);
  const proxy = proxyProtocol && proxyProtocolSettings(proxyProtocol);
  if (proxy !== undefined) networksOf(proxy.trusted);
  return {
    ...rest,
    ...(proxy && { proxyProtocol: proxy }),
    ...(tls && { tls: plainTls(tls) }),
  };
}
