// An echo over WebSockets: an optional entry, and the library that it is built
// on.

import {
  acceptMessages,
  connectMessages,
  lines,
  ReactRuntime,
} from "@reactio/reactio";
import { overWebSocket, webSocketClient } from "@reactio/reactio/websocket";

await using runtime = new ReactRuntime();
const echo = acceptMessages(lines(), async (connection) => {
  for await (const line of connection) await connection.send(line);
});
const { address } = await runtime.listen("127.0.0.1:0", overWebSocket(echo));
const { options } = webSocketClient("ws://localhost/");
const client = await connectMessages(runtime, address, lines(), options);
await client.send("done");
console.log(await client.receive());
await client.close();
