// Loaded on demand, when a connect or a listener uses PROXY headers.

export { encodeHeader } from "../codec/proxy/proxy_encoder.ts";
export { HeaderSending } from "../io/header_sending.ts";
export { HeaderIntake } from "./header_intake.ts";
