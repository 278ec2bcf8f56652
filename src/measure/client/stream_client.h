#pragma once
// The transport: many streaming requests at once, each instant from the kernel where it gives one.
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/stop.h"
#include "measure/client/arrival.h"
#include "measure/client/http.h"
#include "measure/client/openai.h"

namespace qc {

struct ClientOptions {
  Address address;
  std::string api_key;
  Seconds byte_timeout{60};               ///< longest wait for any next byte; the whole request: 10 times that
  bool keep_text = false;
  int threads = 1;                        ///< that the connections are shared out over
  Reading reading = Reading::automatic;
};

/// One request to send, and who it is.
struct Outgoing {
  int request_id = 0;
  std::string x_request_id;               ///< goes out as X-Request-Id; a second sending appends "-2"
  std::string prompt_sha256;
  bool warmup = false;
  Ask ask;
  bool keep_text = false;                 ///< of the answer, also where the options keep none
};

/// What came of one run of a load.
struct LoopResult {
  std::vector<RequestRecord> records;     ///< in the order of the requests
  int reconnects = 0;
  bool cut_short = false;                 ///< the stop flag ended it before all requests were sent
  Instant started;                        ///< all connections open, nothing sent: the first requests' `intended`
  /// Our read instant minus the kernel's stamp, a sample for each read that completed an event. Where the kernel gave no
  /// stamp at all: how late our own timer came, which a late read shares its causes with.
  std::vector<Nanos> read_lags;
  bool by_io_uring = false;               ///< plain connections were read through io_uring
  std::map<std::string, int> warnings;    ///< METRICS.md's warnings, and how many requests had each
};

/// When requests are due. Fixed before the run.
struct Timetable {
  int slots = 0;                          ///< closed loop: so many are in flight at once, each due when the one before it in its slot is done; 0: open loop
  std::vector<Nanos> due = {};            ///< after the start, ascending. Open loop: of request i, and no more are sent. Closed loop: of slot i's first; later slots begin at once
  std::optional<Nanos> until = {};        ///< after the start: none that is due then or later is sent
  std::function<bool()> enough = {};      ///< asked before each sending, on the thread that sends: true: no more are sent
};

/// The request of an index, from 0; empty: that many there are. Called once an index, ahead of time, in order; by several threads at once where there are several.
using RequestAt = std::function<std::optional<Outgoing>(std::size_t)>;

/// Sends requests by a timetable. In an open loop nothing holds a request back: one that is due takes an idle connection or a new one. Connections (those of all slots; in an open loop
/// a few) are opened before the first request is due. Runs on the calling thread, and on others where `threads` says so, until all are done; of n threads the k-th has every n-th request and
/// slot from the k-th on. The stop flag: once, no new request is taken; twice, open ones are cancelled (both seen within 50 ms, as are time limits). `on_done` is called after each
/// request (progress) on the thread that carried it. Failures are data in the records, `done` then is the instant we gave up, and
/// `sent` too where nothing could be sent; this never fails. The soft limit of open files is raised for all slots (open loop: as far as it
/// goes); a stream for which there is no file left fails as connect (stream_limit.h asks beforehand).
LoopResult drive(const ClientOptions& options, const RequestAt& requests, const Timetable& timetable, const StopFlag& stop,
                 const std::function<void(const RequestRecord&)>& on_done);

/// `requests` in order over `slots` connections, each slot's next as soon as its last is done. `enough`: as a Timetable's.
LoopResult closed_loop(const ClientOptions& options, const std::vector<Outgoing>& requests, int slots, const StopFlag& stop,
                       const std::function<void(const RequestRecord&)>& on_done, const std::function<bool()>& enough = {});

}  // namespace qc
