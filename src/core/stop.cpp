#include "core/stop.h"

#include <csignal>

namespace qc {

StopFlag& stop_flag() {
  static StopFlag flag;
  return flag;
}

void install_stop_handlers() {
  stop_flag();  // made before a handler can run: its construction is not async-signal-safe
  struct sigaction action {};
  action.sa_handler = [](int) { stop_flag().ask(); };
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaction(signal, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace qc
