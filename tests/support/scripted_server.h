#pragma once
// An HTTP server on 127.0.0.1 that plays scripts: a good stream, and every way in which a server can go wrong.
// Answers /health, /v1/models, /props, /tokenize and /metrics as llama-server does.
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/time.h"

namespace qc::test {

/// What /v1/chat/completions and /v1/completions answer with.
struct Script {
  std::string name = "stream";            ///< one of script_names()
  int tokens = 0;                         ///< 0: as many as the request asks for
  Nanos first{0}, gap{0};                 ///< wait before the first token and between tokens
  int good_tokens = 3;                    ///< sent before a script goes wrong in the middle of a stream
  Nanos first_each{0};                    ///< more wait before the first token, times the requests that are open when this one comes
  bool one_at_a_time = false;             ///< a request is begun when all that came before it are done
  std::string metrics = "good";           ///< how /metrics answers: good | silent | slow (half a second) | garbage | reset | missing
};
/// Name and one line of what it does.
const std::vector<std::pair<std::string, std::string>>& script_names();

/// One request for a completion as the server saw it.
struct SeenRequest {
  std::string path, body;
  std::map<std::string, std::string> headers;   ///< names in lower case
  int connection = 0;                     ///< which accepted connection, from 0
  Instant at;                             ///< wholly read
  std::vector<Instant> tokens_sent;       ///< just before each text event was handed to the kernel
};

/// Another answer than the usual one to a request; empty: the usual one.
struct Page { std::string status = "200 OK", body; };
using Pages = std::function<std::optional<Page>(const std::string& method, const std::string& path)>;

struct ServerOptions {
  int port = 0;                           ///< 0: any free one
  Pages pages{};                          ///< asked first, on the connection's thread
  std::function<std::optional<Page>(const SeenRequest&)> instead{};   ///< asked then, of each completion
  std::string certificate, key;           ///< PEM files; set: the server speaks TLS
  std::map<std::string, std::string> fixed_pages = {};   ///< path -> body, over what it answers to GET
};

/// Serves from construction to destruction, a thread a connection. All calls are thread-safe.
class ScriptedServer {
 public:
  explicit ScriptedServer(Script script = {}, ServerOptions options = {});
  ~ScriptedServer();
  int port() const;
  std::string url() const;                ///< "http://127.0.0.1:PORT"
  /// From the next request on.
  void play(Script script);
  std::vector<SeenRequest> requests() const;    ///< for completions only, in order of arrival
  int connections() const;                ///< accepted so far
  int most_at_once() const;               ///< completions open at the same time, at most

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace qc::test
