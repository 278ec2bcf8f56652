#pragma once
// The transport: many streaming requests at once on one thread, each instant from the kernel where it gives one.
#include <functional>
#include <map>
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
  std::string x_request_id;               ///< goes out as X-Request-Id; a second sending appends "-2"
  std::string prompt_sha256;
  bool warmup = false;
  Ask ask;
};

/// What came of one closed loop.
struct LoopResult {
  std::vector<RequestRecord> records;     ///< in the order of `requests`
  int reconnects = 0;
  bool cut_short = false;                 ///< the stop flag ended it before all requests were sent
  Instant started;                        ///< all connections open, nothing sent: the first requests' `intended`
  /// Our read instant minus the kernel's stamp, a sample for each read that completed an event. Where the kernel gave no
  /// stamp at all: how late our own timer came, which a late read shares its causes with.
  std::vector<Nanos> read_lags;
  std::map<std::string, int> warnings;    ///< METRICS.md's warnings, and how many requests had each
};

/// Runs `requests` in order over `slots` connections: each slot takes the next request when its last is done (its `intended`).
/// Connections are opened before the first request is due. Runs on the calling thread until all are done. The stop flag: once,
/// no new request is taken; twice, open ones are cancelled (both seen within 50 ms, as are time limits). `on_done` is called on
/// this thread after each request (progress). Failures are data in the records, `done` then is the instant we gave up, and
/// `sent` too where nothing could be sent; this never fails.
LoopResult closed_loop(const ClientOptions& options, const std::vector<Outgoing>& requests, int slots, const StopFlag& stop,
                       const std::function<void(const RequestRecord&)>& on_done);

}  // namespace qc
