// What is loaded when a connect or a listener has PROXY headers.

import {
  type ProxyHeaderOptions,
  proxyHeaderSettings,
} from "../api/options/proxy.ts";
import { headerOf } from "../codec/proxy/proxy_encoder.ts";

export { HeaderSending } from "../io/header_sending.ts";
export { HeaderIntake } from "./header_intake.ts";

/** The bytes of a header. Throws `InvalidOptionError` or `InvalidAddressError`. */
export function headerWith(options: ProxyHeaderOptions): Uint8Array {
  return headerOf(proxyHeaderSettings(options));
}
