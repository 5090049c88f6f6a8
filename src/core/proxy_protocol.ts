// What is loaded when a connect or a listener has PROXY headers.

export { headerOf } from "../codec/proxy/proxy_encoder.ts";
export { HeaderSending } from "../io/header_sending.ts";
export { HeaderIntake } from "./header_intake.ts";
