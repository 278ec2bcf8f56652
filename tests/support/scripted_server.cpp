#include "support/scripted_server.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <list>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>

#include "core/json.h"
#include "core/text.h"
#include "support/byte_stream.h"
#include "support/conversation.h"

namespace qc::test {
namespace {

int listen_on(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  at.sin_port = htons(static_cast<std::uint16_t>(port));
  if (bind(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0 || listen(fd, 256) != 0) throw std::runtime_error(fmt::format("port {} is taken", port));
  return fd;
}

int port_of(int fd) {
  sockaddr_in at{};
  socklen_t size = sizeof at;
  getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size);
  return ntohs(at.sin_port);
}

struct Incoming {
  std::string method;
  SeenRequest request;
};

/// Reads one whole request; false when the client left. `held` keeps what came too early.
bool read_request(ByteStream& peer, std::string& held, Incoming& out) {
  std::size_t head;
  while ((head = held.find("\r\n\r\n")) == held.npos)
    if (!peer.read(held)) return false;
  const auto lines = split(held.substr(0, head), '\n');
  const auto words = split(trim(lines.front()), ' ');
  if (words.size() < 2) return false;
  out.method = words[0];
  out.request.path = words[1];
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::size_t colon = lines[i].find(':');
    if (colon != std::string::npos) out.request.headers[lower(lines[i].substr(0, colon))] = trim(std::string_view(lines[i]).substr(colon + 1));
  }
  const auto length = out.request.headers.find("content-length");
  const std::size_t size = length == out.request.headers.end() ? 0 : std::stoul(length->second);
  held.erase(0, head + 4);
  while (held.size() < size)
    if (!peer.read(held)) return false;
  out.request.body = held.substr(0, size);
  held.erase(0, size);
  out.request.at = monotonic_clock().now();
  return true;
}

std::string tokenize(const std::string& body) {
  const Json ask = Json::parse(body, nullptr, false);
  const std::string text = ask.is_object() && ask.contains("content") && ask["content"].is_string() ? ask["content"].get<std::string>() : "";
  Json tokens = Json::array();
  for (const std::string& word : split(text, ' '))
    if (!word.empty()) tokens.push_back(tokens.size());
  return Json{{"tokens", tokens}}.dump();
}

}  // namespace

/// How a server's /metrics can go wrong while its answers stay good.
static void bad_metrics(Conversation& conversation, const std::string& how, const std::string& page) {
  if (how == "silent") return conversation.wait_for_client_to_leave(), conversation.close();
  if (how == "reset") return conversation.reset();
  if (how == "missing") return conversation.answer("404 Not Found", "text/plain", "no such page");
  if (how == "garbage") return conversation.answer("200 OK", "text/plain", "{\xff}{\nllamacpp:prompt_tokens_total NaN\nvllm:of_another_release 3\n<html>");
  if (conversation.wait(std::chrono::milliseconds(500))) conversation.answer("200 OK", "text/plain", page);
}

struct ScriptedServer::Impl {
  mutable std::mutex mutex;
  std::condition_variable stopped;
  Script script;
  Pages pages;
  std::function<std::optional<Page>(const SeenRequest&)> instead;
  std::shared_ptr<void> tls;
  std::map<std::string, std::string> fixed_pages;
  int listener = -1, port = 0;
  bool stopping = false;
  int connections = 0, open_now = 0, most = 0;
  long came = 0, finished = 0;            ///< completions
  std::list<SeenRequest> seen;
  std::set<int> sockets;
  std::vector<std::thread> threads;
  std::thread acceptor;

  void accept_all();
  void serve(int fd, int connection);
  void answer(ByteStream& peer, Incoming incoming, int earlier, bool& open);
  void complete(Conversation& conversation, Script& script);
  bool pause(Nanos time);
  std::string page(const Incoming& incoming) const;
};

bool ScriptedServer::Impl::pause(Nanos time) {
  std::unique_lock lock(mutex);
  return !stopped.wait_for(lock, time, [this] { return stopping; });
}

void ScriptedServer::Impl::accept_all() {
  for (;;) {
    const int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    const std::lock_guard lock(mutex);
    if (stopping || fd < 0) {
      if (fd >= 0) ::close(fd);
      return;
    }
    const int yes = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    sockets.insert(fd);
    threads.emplace_back([this, fd, n = connections++] { serve(fd, n); });
  }
}

void ScriptedServer::Impl::serve(int fd, int connection) {
  ByteStream peer(fd, tls.get());
  std::string held;
  Incoming incoming;
  bool open = true;
  for (int earlier = 0; open && read_request(peer, held, incoming); ++earlier) {
    incoming.request.connection = connection;
    answer(peer, std::move(incoming), earlier, open);
    incoming = {};
  }
  const std::lock_guard lock(mutex);
  sockets.erase(fd);   // before the stream closes it, so that the number cannot be another's
}

std::string ScriptedServer::Impl::page(const Incoming& incoming) const {
  const std::lock_guard lock(mutex);
  const std::string& path = incoming.request.path;
  if (const auto own = fixed_pages.find(path); own != fixed_pages.end()) return own->second;
  if (path == "/health") return R"({"status":"ok"})";
  if (path == "/v1/models")
    return R"({"object":"list","data":[{"id":"scripted","object":"model","owned_by":"llamacpp","meta":{"vocab_type":2,"n_vocab":49152,"n_ctx":4096,"n_ctx_train":8192,"n_embd":576,"n_params":134515008,"size":103668480,"ftype":"Q4_0"}}]})";
  if (path == "/props")
    return R"({"default_generation_settings":{"params":{"seed":4294967295},"n_ctx":4096},"total_slots":32,"model_alias":"scripted","model_ftype":"Q4_0","model_path":"scripted.gguf","chat_template":"{{ messages }}","build_info":"scripted"})";
  if (path == "/tokenize") return tokenize(incoming.request.body);
  if (path == "/metrics") {
    std::size_t prompts = 0, tokens = 0;   // as they are sent, so that who has an answer finds it counted, however busy the machine
    for (const SeenRequest& request : seen) prompts += !request.tokens_sent.empty(), tokens += request.tokens_sent.size();
    return fmt::format("llamacpp:prompt_tokens_total {}\nllamacpp:prompt_tokens_cached_total 0\nllamacpp:tokens_predicted_total {}\n", 32 * prompts, tokens);
  }
  return {};
}

void ScriptedServer::Impl::answer(ByteStream& peer, Incoming incoming, int earlier, bool& open) {
  const bool wants_completion = incoming.method == "POST" && incoming.request.path.ends_with("/completions");
  std::unique_lock lock(mutex);
  Script now = script;
  const Pages& now_pages = pages;         // set before the first connection, never after
  SeenRequest scratch;
  SeenRequest& request = wants_completion ? seen.emplace_back(incoming.request) : (scratch = incoming.request);
  lock.unlock();
  Conversation conversation(peer, request, now, earlier, [this](Nanos time) { return pause(time); }, mutex);
  auto other = now_pages ? now_pages(incoming.method, incoming.request.path) : std::nullopt;
  if (!other && wants_completion && instead) other = instead(incoming.request);
  if (other) {
    conversation.answer(other->status, "application/json", other->body);
  } else if (wants_completion) {
    complete(conversation, now);
  } else if (incoming.request.path == "/metrics" && now.metrics != "good") {
    bad_metrics(conversation, now.metrics, page(incoming));
  } else if (const std::string text = page(incoming); !text.empty()) {
    conversation.answer("200 OK", incoming.request.path == "/metrics" ? "text/plain" : "application/json; charset=utf-8", text);
  } else {
    conversation.answer("404 Not Found", "application/json", R"({"error":{"message":"File Not Found","type":"not_found_error","code":404}})");
  }
  const auto connection = incoming.request.headers.find("connection");
  open = conversation.open() && !(connection != incoming.request.headers.end() && lower(connection->second) == "close");
}

void ScriptedServer::Impl::complete(Conversation& conversation, Script& now) {
  {
    std::unique_lock lock(mutex);
    most = std::max(most, ++open_now);
    now.first += now.first_each * open_now;   // the conversation looks at it when it comes to the token
    const long mine = came++;
    if (now.one_at_a_time) stopped.wait(lock, [&] { return stopping || finished == mine; });
  }
  find_script(now.name)(conversation);
  const std::lock_guard lock(mutex);
  --open_now, ++finished;
  stopped.notify_all();
}

ScriptedServer::ScriptedServer(Script script, ServerOptions options) : impl_(std::make_unique<Impl>()) {
  play(std::move(script));
  impl_->pages = std::move(options.pages), impl_->instead = std::move(options.instead);
  if (!options.certificate.empty()) impl_->tls = make_server_tls(options.certificate, options.key);
  impl_->fixed_pages = options.fixed_pages;
  impl_->listener = listen_on(options.port);
  impl_->port = port_of(impl_->listener);
  impl_->acceptor = std::thread([this] { impl_->accept_all(); });
}

ScriptedServer::~ScriptedServer() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
    ::shutdown(impl_->listener, SHUT_RDWR);
    for (const int fd : impl_->sockets) ::shutdown(fd, SHUT_RDWR);
  }
  impl_->stopped.notify_all();
  impl_->acceptor.join();
  for (std::thread& t : impl_->threads) t.join();
  ::close(impl_->listener);
}

int ScriptedServer::port() const { return impl_->port; }
std::string ScriptedServer::url() const { return fmt::format("{}://127.0.0.1:{}", impl_->tls ? "https" : "http", impl_->port); }

void ScriptedServer::play(Script script) {
  if (!find_script(script.name)) throw std::runtime_error("no script \"" + script.name + "\"");
  const std::lock_guard lock(impl_->mutex);
  impl_->script = std::move(script);
}

std::vector<SeenRequest> ScriptedServer::requests() const {
  const std::lock_guard lock(impl_->mutex);
  return {impl_->seen.begin(), impl_->seen.end()};
}

int ScriptedServer::connections() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->connections;
}

int ScriptedServer::most_at_once() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->most;
}

}  // namespace qc::test
