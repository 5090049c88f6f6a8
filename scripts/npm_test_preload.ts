// Makes dnt emit the modules that tests start as a process or a thread, which
// no test imports.

import type {} from "../tests/children/black_hole.ts";
import type {} from "../tests/children/dying_peer.ts";
import type {} from "../tests/children/echo_server.ts";
