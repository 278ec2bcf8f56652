#include "measure/metronome/metronome.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>
#include <queue>
#include <string>
#include <system_error>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "measure/metronome/answer_text.h"

namespace qc {
namespace {

constexpr int kAtOnce = 256;                        // events of a wait, and sends of a turn: neither side waits for all of the other
constexpr Nanos kLongestWait{100'000'000};
constexpr std::size_t kReadSize = std::size_t{64} << 10;
constexpr int kBacklog = 16'384;

void do_not_delay(int socket) {
  const int yes = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
}

/// Waits to the nanosecond; kernels before 5.11 to the millisecond, rounded up.
int wait_for(int epoll, epoll_event* events, Nanos left) {
  const timespec t{static_cast<time_t>(left.count() / 1'000'000'000), static_cast<long>(left.count() % 1'000'000'000)};
  const int n = epoll_pwait2(epoll, events, kAtOnce, &t, nullptr);
  return n >= 0 || errno != ENOSYS ? n : epoll_wait(epoll, events, kAtOnce, static_cast<int>((left.count() + 999'999) / 1'000'000));
}

struct Stream {
  int socket = -1, tokens = 0, left = 0;            // of the answer in hand
  std::string in;                                   // a request, or what there is of it
  Instant next;
  std::size_t answer = 0;
};

class Server {
 public:
  Server(const MetronomeOptions& options, int listener, SendLog& log) : options_(options), listener_(listener), epoll_(epoll_create1(EPOLL_CLOEXEC)), log_(log) { watch(listener, 0); }
  ~Server() {
    for (const auto& [number, stream] : streams_) close(stream.socket);
    close(epoll_);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  void turn() {
    send_due();
    wait();
  }

 private:
  struct Due {
    Instant at;
    std::uint64_t stream;
    friend auto operator<=>(const Due&, const Due&) = default;
  };

  void watch(int socket, std::uint64_t number) const {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = number;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event);
  }

  void wait() {
    std::array<epoll_event, kAtOnce> events;
    const Nanos left = due_.empty() ? kLongestWait : std::clamp(due_.top().at - now(), Nanos(0), kLongestWait);
    const int n = wait_for(epoll_, events.data(), left);
    for (int i = 0; i < n; ++i) events[static_cast<std::size_t>(i)].data.u64 == 0 ? accept_all() : read(events[static_cast<std::size_t>(i)].data.u64);
  }

  void accept_all() {
    for (int socket; (socket = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
      do_not_delay(socket);
      streams_[++count_].socket = socket;
      watch(socket, count_);
    }
  }

  void drop(std::uint64_t number) {
    close(streams_.at(number).socket);
    streams_.erase(number);   // its place in due_ then finds nobody
  }

  void read(std::uint64_t number) {
    const auto at = streams_.find(number);
    if (at == streams_.end()) return;
    const auto n = recv(at->second.socket, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) return drop(number);
    if (n > 0) at->second.in.append(buffer_.data(), static_cast<std::size_t>(n));
    if (at->second.left == 0 && !take_request(at->second, number)) drop(number);
  }

  /// Begins to answer the request that has come, if it is whole. False: the stream is broken.
  bool take_request(Stream& s, std::uint64_t number) {
    const auto request = first_request(s.in);
    if (!request) return true;
    s.in.erase(0, request->bytes);
    if (!request->post) return put(s, empty_answer("404 Not Found"));
    const int step = options_.tokens_per_event;
    const auto answer = log_.begin(request->id, static_cast<std::size_t>((request->tokens + step - 1) / step));
    if (!answer) return put(s, empty_answer("503 Service Unavailable"));
    s.answer = *answer;
    s.tokens = s.left = request->tokens;
    s.next = first_due(options_, now(), *answer);
    due_.push({s.next, number});
    return put(s, stream_head());
  }

  void send_due() {
    const Instant at = now();
    for (int i = 0; i < kAtOnce && !due_.empty() && due_.top().at <= at; ++i) {
      const std::uint64_t number = due_.top().stream;
      due_.pop();
      if (const auto stream = streams_.find(number); stream != streams_.end() && !tick(stream->second, number)) drop(number);
    }
  }

  bool tick(Stream& s, std::uint64_t number) {
    s.left -= std::min(options_.tokens_per_event, s.left);
    const std::string last = s.left > 0 ? std::string() : last_chunks(s.tokens);
    TrueSend send;
    send.before = now();
    const bool sent = put(s, s.left > 0 ? token_chunk() : std::string_view(last));
    send.after = now();
    log_.note(s.answer, send);
    if (s.left == 0) return sent && take_request(s, number);
    s.next = s.next + options_.gap;
    due_.push({s.next, number});
    return sent;
  }

  /// False where not all of it goes out at once: half an event is of no use to anyone.
  static bool put(const Stream& s, std::string_view bytes) { return send(s.socket, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT) == static_cast<ssize_t>(bytes.size()); }

  const MetronomeOptions& options_;
  int listener_, epoll_;
  SendLog& log_;
  std::uint64_t count_ = 0;                         // connections so far; 0 is the listener
  std::unordered_map<std::uint64_t, Stream> streams_;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  std::array<char, kReadSize> buffer_;
};

}  // namespace

Instant first_due(const MetronomeOptions& options, Instant at, std::uint64_t request) {
  const Instant due = at + options.first;
  if (options.rhythm == Rhythm::lock_step) return {due.ns - due.ns % options.gap.count()};
  constexpr std::uint64_t kGolden = 0x9E37'79B9'7F4A'7C15;   // Fibonacci hashing: neighbours get phases far apart
  return due + Nanos(static_cast<std::int64_t>(request * kGolden >> 32) % options.gap.count());
}

Result<Metronome> Metronome::listen(const MetronomeOptions& options) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int yes = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(static_cast<std::uint16_t>(options.port));
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  auto* raw = reinterpret_cast<sockaddr*>(&at);
  if (listener >= 0 && bind(listener, raw, size) == 0 && ::listen(listener, kBacklog) == 0 && getsockname(listener, raw, &size) == 0) return Metronome(options, listener, ntohs(at.sin_port));
  const int why = errno;
  if (listener >= 0) close(listener);
  return fail(Fault::engine, fmt::format("the built-in server can't listen on 127.0.0.1:{}: {}", options.port, std::generic_category().message(why)));
}

Metronome::Metronome(Metronome&& other) noexcept : options_(other.options_), listener_(std::exchange(other.listener_, -1)), port_(other.port_) {}

Metronome::~Metronome() {
  if (listener_ >= 0) close(listener_);
}

void Metronome::run(SendLog& log, const StopFlag& stop) {
  prctl(PR_SET_TIMERSLACK, 1UL);
  Server server(options_, listener_, log);
  while (!stop.finish_in_hand()) server.turn();
}

}  // namespace qc
