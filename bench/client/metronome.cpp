// metronome: a server of streams whose true send times are known. One thread, epoll, 127.0.0.1.
//   metronome [--port N] [--first-ms 50] [--gap-ms 10] [--jitter] [--log FILE] [--per-event 1]
// Answers every POST with as many tokens as its max_tokens asks for: the first after --first-ms, the others every --gap-ms; lock-step streams
// all send at the same instants, --jitter gives each a phase of its own. Prints "ready PORT"; on SIGTERM writes a line a request into --log:
// X-Request-Id, then the instant (CLOCK_MONOTONIC, ns) just before each token was handed to the kernel.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>
#include <queue>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace {

volatile sig_atomic_t stopped = 0;

std::int64_t now() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<std::int64_t>(t.tv_sec) * 1'000'000'000 + t.tv_nsec;
}

struct Options { int port = 0; double first_ms = 50, gap_ms = 10; bool jitter = false; std::string log; int per_event = 1; };

struct Request { std::string id; std::vector<std::int64_t> sent; };

struct Stream {
  int socket = -1, left = 0, all = 0;
  std::string in, unsent;
  std::int64_t next = 0;
  std::size_t request = 0;
};

std::string chunk(std::string_view body) {
  char head[16];
  std::snprintf(head, sizeof head, "%zx\r\n", body.size());
  return head + std::string(body) + "\r\n";
}

class Metronome {
 public:
  explicit Metronome(const Options& o) : options_(o), gap_(static_cast<std::int64_t>(o.gap_ms * 1e6)), first_(static_cast<std::int64_t>(o.first_ms * 1e6)) {
    token_ = chunk("data: {\"id\":\"cmpl-0123456789abcdef\",\"object\":\"text_completion\",\"created\":1764000000,\"model\":\"metronome\",\"choices\":[{\"index\":0,\"text\":\" tick\",\"logprobs\":null,\"finish_reason\":null,\"stop_reason\":null}],\"usage\":null}\n\n");
  }

  int run() {
    if (!listen_on()) return 1;
    std::printf("ready %d\n", options_.port);
    std::fflush(stdout);
    while (!stopped) {
      send_due();
      wait();
    }
    write_log();
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    std::fprintf(stderr, "metronome: %zu requests, %.2f s of CPU\n", requests_.size(), static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6);
    return 0;
  }

 private:
  bool listen_on() {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    const int yes = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(static_cast<std::uint16_t>(options_.port));
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&at), size) != 0 || listen(listener_, 16384) != 0) return std::perror("metronome: listen"), false;
    getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
    options_.port = ntohs(at.sin_port);
    epoll_ = epoll_create1(0);
    add(listener_, nullptr);
    return true;
  }

  void add(int socket, Stream* stream) const {
    epoll_event e{};
    e.events = EPOLLIN;
    e.data.ptr = stream;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &e);
  }

  void wait() {
    epoll_event events[256];
    const std::int64_t left = due_.empty() ? 100'000'000 : std::max<std::int64_t>(0, due_.top().first - now());
    const timespec t{static_cast<time_t>(left / 1'000'000'000), static_cast<long>(left % 1'000'000'000)};
    const int n = epoll_pwait2(epoll_, events, 256, &t, nullptr);
    for (int i = 0; i < n; ++i) events[i].data.ptr ? read(*static_cast<Stream*>(events[i].data.ptr)) : accept_all();
  }

  void accept_all() {
    for (int s; (s = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK)) >= 0;) {
      const int yes = 1;
      setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
      auto stream = std::make_unique<Stream>();
      stream->socket = s;
      add(s, stream.get());
      streams_[s] = std::move(stream);
    }
  }

  void read(Stream& s) {
    char buffer[65536];
    const ssize_t n = recv(s.socket, buffer, sizeof buffer, MSG_DONTWAIT);
    if (n < 0) return;
    if (n == 0) {
      close(s.socket);
      s.socket = -1;
      s.left = 0;
      return;
    }
    s.in.append(buffer, static_cast<std::size_t>(n));
    const auto head = s.in.find("\r\n\r\n");
    if (head == s.in.npos) return;
    const std::string_view text(s.in);
    const auto length_at = find(text.substr(0, head), "Content-Length: ");
    const std::size_t length = length_at == text.npos ? 0 : std::strtoul(s.in.c_str() + length_at, nullptr, 10);
    if (s.in.size() < head + 4 + length) return;
    begin(s, text.substr(0, head), text.substr(head + 4, length));
    s.in.erase(0, head + 4 + length);
  }

  static std::size_t find(std::string_view text, std::string_view key) {
    const auto at = text.find(key);
    return at == text.npos ? at : at + key.size();
  }

  void begin(Stream& s, std::string_view head, std::string_view body) {
    if (!head.starts_with("POST")) return put(s, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    const auto id = find(head, "X-Request-Id: ");
    const auto tokens = find(body, "\"max_tokens\":");
    s.request = requests_.size();
    requests_.push_back({id == head.npos ? "" : std::string(head.substr(id, head.find('\r', id) - id)), {}});
    s.left = s.all = tokens == body.npos ? 16 : std::atoi(std::string(body.substr(tokens, 10)).c_str());
    requests_.back().sent.reserve(static_cast<std::size_t>(s.all));
    put(s, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n");
    s.next = now() + first_;
    if (!options_.jitter && gap_ > 0) s.next -= s.next % gap_;            // lock-step: on one grid
    if (options_.jitter && gap_ > 0) s.next += static_cast<std::int64_t>(s.request * 0x9E3779B97F4A7C15ull >> 32) % gap_;
    due_.emplace(s.next, &s);
  }

  void send_due() {
    for (std::int64_t at = now(); !due_.empty() && due_.top().first <= at;) {
      Stream& s = *due_.top().second;
      due_.pop();
      if (s.left > 0) tick(s);
    }
  }

  void tick(Stream& s) {
    std::int64_t when;
    const int step = std::min(options_.per_event, s.left);
    s.left -= step;
    if (s.left > 0) {
      when = now();
      put(s, token_);
      s.next += gap_;
      due_.emplace(s.next, &s);
    } else {
      const std::string usage = "\"usage\":{\"prompt_tokens\":64,\"total_tokens\":" + std::to_string(64 + s.all) + ",\"completion_tokens\":" + std::to_string(s.all) + "}";
      const std::string last = chunk("data: {\"id\":\"cmpl-0\",\"object\":\"text_completion\",\"created\":1764000000,\"model\":\"metronome\",\"choices\":[{\"index\":0,\"text\":\" end\",\"logprobs\":null,\"finish_reason\":\"length\",\"stop_reason\":null}],\"usage\":null}\n\n")
          + chunk("data: {\"id\":\"cmpl-0\",\"object\":\"text_completion\",\"created\":1764000000,\"model\":\"metronome\",\"choices\":[]," + usage + "}\n\n") + chunk("data: [DONE]\n\n") + "0\r\n\r\n";
      when = now();
      put(s, last);
    }
    requests_[s.request].sent.push_back(when);
  }

  static void put(Stream& s, std::string_view bytes) {
    if (s.socket >= 0 && send(s.socket, bytes.data(), bytes.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(bytes.size())) std::fprintf(stderr, "metronome: a stream's buffer is full\n");
  }

  void write_log() const {
    if (options_.log.empty()) return;
    std::FILE* out = std::fopen(options_.log.c_str(), "w");
    if (!out) return std::perror("metronome: log");
    for (const Request& r : requests_) {
      std::fputs(r.id.c_str(), out);
      for (const std::int64_t at : r.sent) std::fprintf(out, " %lld", static_cast<long long>(at));
      std::fputc('\n', out);
    }
    std::fclose(out);
  }

  using Due = std::pair<std::int64_t, Stream*>;
  Options options_;
  std::int64_t gap_, first_;
  std::string token_;
  int listener_ = -1, epoll_ = -1;
  std::unordered_map<int, std::unique_ptr<Stream>> streams_;
  std::vector<Request> requests_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
};

}  // namespace

int main(int argc, char** argv) {
  Options o;
  for (int i = 1; i < argc; ++i) {
    const std::string_view flag = argv[i];
    const char* value = i + 1 < argc ? argv[i + 1] : "0";
    if (flag == "--jitter") { o.jitter = true; continue; }
    if (flag == "--port") o.port = std::atoi(value);
    else if (flag == "--first-ms") o.first_ms = std::atof(value);
    else if (flag == "--gap-ms") o.gap_ms = std::atof(value);
    else if (flag == "--log") o.log = value;
    else if (flag == "--per-event") o.per_event = std::max(1, std::atoi(value));
    else return std::fprintf(stderr, "metronome: unknown flag %s\n", argv[i]), 2;
    ++i;
  }
  prctl(PR_SET_TIMERSLACK, 1UL);
  const auto stop = [](int) { stopped = 1; };
  struct sigaction action{};
  action.sa_handler = stop;
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGINT, &action, nullptr);
  return Metronome(o).run();
}
