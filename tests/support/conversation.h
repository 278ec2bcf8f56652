#pragma once
// One request being answered by the scripted server: the pieces that scripts are made of.
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "support/byte_stream.h"
#include "support/scripted_server.h"

namespace qc::test {

class Conversation {
 public:
  /// `pause` waits; it returns false when the server is stopping.
  Conversation(ByteStream& peer, SeenRequest& request, const Script& script, int earlier_on_connection, std::function<bool(Nanos)> pause,
               std::mutex& mutex);

  const Script& script() const { return script_; }
  int asked_tokens() const { return tokens_; }
  bool asked_continuous_usage() const;
  int earlier_on_connection() const { return earlier_; }

  /// A whole answer with a length.
  void answer(std::string_view status, std::string_view type, std::string_view body, std::string_view more_headers = {});
  void begin_stream();                    ///< 200, chunked, the role event where the endpoint is chat
  void begin_unchunked(std::string_view length_header);
  void event(std::string_view json);      ///< one data line as one chunk
  void raw(std::string_view bytes);       ///< framed as the stream is
  void wire(std::string_view bytes);      ///< as they are
  void token(std::string_view extra = {});   ///< waits its gap, notes the instant, sends one text event with `extra` fields in it
  void tokens(int n);
  void finish(std::string_view reason = "length");
  void usage(int completion_tokens, int cached = 0);
  void done() { raw("data: [DONE]\n\n"); }
  void end();                             ///< the last chunk
  void close() { open_ = false; }         ///< the connection ends after this answer
  void reset();
  bool open() const { return open_; }
  /// False once the server stops or the client left.
  bool wait(Nanos time);
  void wait_for_client_to_leave();
  int sent_tokens() const { return sent_; }

 private:
  ByteStream& peer_;
  SeenRequest& request_;                  ///< read by the test's own thread meanwhile: written under mutex_
  std::mutex& mutex_;
  const Script& script_;
  int earlier_, tokens_ = 16, sent_ = 0;
  bool chat_, chunked_ = true, open_ = true;
  std::function<bool(Nanos)> pause_;
};

using Play = void (*)(Conversation&);
struct ScriptEntry {
  std::string_view name, does;
  Play play;
};
/// Null when there is none of that name.
Play find_script(std::string_view name);

}  // namespace qc::test
