// floor: the least that a client of streams can do: one thread, epoll, one read an event, a count of event ends. No clock, no JSON, no record.
//   floor PORT STREAMS REQUESTS MAX_TOKENS
// A closed loop over STREAMS connections, as `quantcase bench --concurrency` sends it. Prints events, seconds and its CPU seconds.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

namespace {

double now_s() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

struct Stream { int socket; };

int connect_to(int port) {
  const int s = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(static_cast<unsigned short>(port));
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(s, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0) {
    std::perror("floor: connect");
    std::exit(3);
  }
  const int yes = 1;
  setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return s;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return std::fprintf(stderr, "floor PORT STREAMS REQUESTS MAX_TOKENS\n"), 2;
  const int port = std::atoi(argv[1]), streams = std::atoi(argv[2]), requests = std::atoi(argv[3]);
  const std::string body = std::string("{\"prompt\":\"") + std::string(1024, 'x') + "\",\"max_tokens\":" + argv[4] + ",\"stream\":true}";
  const std::string request = "POST /v1/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  const int epoll = epoll_create1(0);
  std::vector<Stream> all(static_cast<std::size_t>(streams));
  for (Stream& s : all) {
    s.socket = connect_to(port);
    epoll_event e{};
    e.events = EPOLLIN;
    e.data.ptr = &s;
    epoll_ctl(epoll, EPOLL_CTL_ADD, s.socket, &e);
  }
  int sent = 0, done = 0;
  long events = 0;
  const double start = now_s();
  const auto ask = [&](const Stream& s) {
    if (sent < requests && send(s.socket, request.data(), request.size(), MSG_NOSIGNAL) > 0) ++sent;
  };
  for (const Stream& s : all) ask(s);
  static char buffer[65536];
  epoll_event ready[256];
  while (done < sent) {
    const int n = epoll_wait(epoll, ready, 256, 1000);
    for (int i = 0; i < n; ++i) {
      const Stream& s = *static_cast<Stream*>(ready[i].data.ptr);
      const ssize_t got = read(s.socket, buffer, sizeof buffer);
      if (got <= 0) return std::fprintf(stderr, "floor: a stream ended\n"), 1;
      const char* const end = buffer + got;
      for (const char* at = buffer; (at = static_cast<const char*>(memmem(at, static_cast<std::size_t>(end - at), "\n\n", 2))); at += 2) ++events;
      if (got >= 5 && std::memcmp(end - 5, "0\r\n\r\n", 5) == 0) {
        ++done;
        ask(s);
      }
    }
  }
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const double cpu = static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
  std::printf("{\"events\": %ld, \"requests\": %d, \"seconds\": %.4f, \"cpu_s\": %.4f, \"peak_rss_mib\": %.1f}\n", events, done, now_s() - start, cpu, static_cast<double>(used.ru_maxrss) / 1024);
}
