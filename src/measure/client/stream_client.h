#pragma once
// The transport: many streaming requests at once on one thread, each instant from the kernel where it gives one.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/stop.h"
#include "measure/client/http.h"
#include "measure/client/openai.h"

namespace qc {

struct ClientOptions {
  Address address;
  std::string api_key;
  Seconds byte_timeout{60};               ///< longest wait for any next byte; the whole request: 10 times that
  bool keep_text = false;
};

/// One request to send, and who it is.
struct Outgoing {
  int request_id = 0;
  std::string x_request_id;               ///< goes out as X-Request-Id
  std::string prompt_sha256;
  bool warmup = false;
  Ask ask;
};

/// What came of one closed loop.
struct LoopResult {
  std::vector<RequestRecord> records;     ///< in order of request_id
  int reconnects = 0;
  bool cut_short = false;                 ///< the stop flag ended it before all requests were sent
};

/// Runs `requests` in order over `slots` connections: each slot takes the next request when its last is done (its `intended`).
/// Runs on the calling thread until all are done. The stop flag: once, no new request is taken; twice, open ones are cancelled.
/// `on_done` is called on this thread after each request (progress). Failures are data in the records; this never fails.
LoopResult closed_loop(const ClientOptions& options, const std::vector<Outgoing>& requests, int slots, const StopFlag& stop,
                       const std::function<void(const RequestRecord&)>& on_done);

}  // namespace qc
