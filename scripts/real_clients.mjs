// @ts-check
//
// Runs the examples against third-party programs on every runtime, and checks
// the programs' output. Missing programs are installed first, from Debian, if
// permitted.

import process from "node:process";
import { checkActivation } from "./real_clients/activation.mjs";
import { checkChat } from "./real_clients/chat.mjs";
import { checkHaproxy } from "./real_clients/haproxy.mjs";
import { checkHttp } from "./real_clients/http.mjs";
import { checkModbus } from "./real_clients/modbus.mjs";
import { checkInspector } from "./real_clients/inspector.mjs";
import { checkMqtt } from "./real_clients/mqtt.mjs";
import { checkOpenssl } from "./real_clients/openssl.mjs";
import { installMissing } from "./real_clients/packages.mjs";
import { checkProxy } from "./real_clients/proxy.mjs";
import { checkRedis } from "./real_clients/redis.mjs";
import { runtimes } from "./real_clients/program.mjs";

/** The programs, and the Debian packages that contain them. */
const PROGRAMS = {
  mbpoll: "mbpoll",
  haproxy: "haproxy",
  curl: "curl",
  openssl: "openssl",
  mosquitto_sub: "mosquitto-clients",
  socat: "socat",
  wrk: "wrk",
  "systemd-socket-activate": "systemd",
  "redis-cli": "redis-tools",
  "redis-server": "redis-server",
  chromium: "chromium",
  nc: "netcat-openbsd",
};

const CHECKS = [
  checkModbus,
  checkHaproxy,
  checkOpenssl,
  checkActivation,
  checkProxy,
  checkHttp,
  checkMqtt,
  checkRedis,
  checkInspector,
  checkChat,
];

installMissing(PROGRAMS);
const failures = [];
for (const runtime of runtimes(process.argv[2])) {
  for (const check of CHECKS) {
    try {
      for await (const passed of check(runtime)) {
        console.log(`ok      ${runtime.title}: ${passed}`);
      }
    } catch (error) {
      console.error(`FAILED  ${runtime.title}:`, error);
      failures.push(runtime.title);
    }
  }
}
if (failures.length > 0) process.exitCode = 1;
