// Has dnt emit what tests start as a process or a thread: no test imports it.

import type {} from "../tests/children/black_hole.ts";
import type {} from "../tests/children/dying_peer.ts";
import type {} from "../tests/children/echo_server.ts";
