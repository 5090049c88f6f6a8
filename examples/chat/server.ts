// A chat for everybody: over TCP, as with nc, and over WebSockets in a browser.
// The same reactors serve both; rooms are groups, shared by one thread or
// several.
//
// Run:  deno run --allow-net --allow-read=. --allow-env=WS_NO_BUFFER_UTIL,WS_NO_UTF_8_VALIDATE examples/chat/server.ts
// Try:  nc 127.0.0.1 7000, and http://127.0.0.1:7001/ in a browser
// Read: local_guests.ts has the connections of one thread; chat.ts, room.ts and
//       guest.ts are the chat of all; reactors.ts puts them together.

import { integer, listenFlags, readFlags } from "../flags.ts";
import { shareHub } from "../hub.ts";
import { servingFlags, startServer } from "../serve.ts";
import { Chat } from "./chat.ts";
import reactors, { url } from "./reactors.ts";

const flags = readFlags("A chat, for nc and for browsers.", {
  ...servingFlags(7000),
  web: listenFlags(7001).port,
  rooms: integer(100, 1, 100_000, "how many there can be"),
});
const limits = {
  maxConnections: Math.ceil(10_000 / flags.threads),
  maxConnectionsPerAddress: Math.ceil(1000 / flags.threads),
};
const share = () => shareHub(new Chat(flags.rooms));
const server = await startServer(flags, reactors, url, share);
await server.listen("lines", flags, limits);
await server.listen("web", flags, { ...limits, port: flags.web });
await server.run();
