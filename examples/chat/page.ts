/** The page of the chat: it needs nothing that it does not bring. */
export const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'">
<link rel="icon" href="data:,">
<title>Chat</title>
<style>
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { display: flex; flex-direction: column; height: 100vh; height: 100dvh; margin: 0 auto; max-width: 48rem; padding: 1rem; box-sizing: border-box; gap: 0.75rem; }
h1 { font-size: 1.25rem; margin: 0; }
#log { flex: 1; overflow: auto; margin: 0; padding: 0.5rem; border: 1px solid; overflow-wrap: anywhere; }
#log p { margin: 0; }
form { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; }
input { flex: 1; min-width: 12rem; }
input, button { font: inherit; padding: 0.5rem; }
</style>
</head>
<body>
<h1>Chat</h1>
<div id="log" role="log" aria-label="What is said" tabindex="0"></div>
<form id="form">
<label for="text">Your name</label>
<input id="text" name="text" autocomplete="off" maxlength="500" required autofocus>
<button>Send</button>
</form>
<p id="state" role="status">Connecting …</p>
<noscript>This page needs scripts.</noscript>
<script>
const [log, form, text, state] = ["log", "form", "text", "state"]
  .map((id) => document.getElementById(id));
const MAX_LINES = 1000;

function show(line) {
  const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  const paragraph = document.createElement("p");
  paragraph.textContent = line;
  log.append(paragraph);
  if (log.childElementCount > MAX_LINES) log.firstElementChild.remove();
  if (isAtEnd) log.scrollTop = log.scrollHeight;
  if (line.startsWith("* Hello ")) {
    document.querySelector("label").textContent = "Your message";
  }
}

let socket;
function connect() {
  const url = new URL("chat", location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  // A message may hold several lines, or a part of one.
  const decoder = new TextDecoder();
  let rest = "";
  socket.onopen = () => {
    state.textContent = "Connected";
    document.querySelector("label").textContent = "Your name";
  };
  socket.onmessage = ({ data }) => {
    const lines = (rest + decoder.decode(data, { stream: true })).split("\\n");
    rest = lines.pop();
    lines.forEach(show);
  };
  socket.onclose = () => {
    state.textContent = "Not connected. Send something to try again.";
  };
}
connect();

form.onsubmit = (event) => {
  event.preventDefault();
  if (socket.readyState > WebSocket.OPEN) return connect();
  if (socket.readyState < WebSocket.OPEN) return;
  socket.send(text.value + "\\n");
  text.value = "";
  text.focus();
};
</script>
</body>
</html>
`;
