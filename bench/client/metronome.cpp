// metronome: src/measure/metronome as a program, for clients that are not ours.
//   metronome [--port N] [--first-ms 50] [--gap-ms 10] [--jitter] [--log FILE] [--per-event 1]
// Answers every POST with as many tokens as its max_tokens asks for: the first after --first-ms, the others every --gap-ms; lock-step streams
// all send at the same instants, --jitter gives each a phase of its own. Prints "ready PORT"; on SIGTERM writes a line a request into --log:
// X-Request-Id, then the instant (CLOCK_MONOTONIC, ns) just before each token was handed to the kernel.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "core/host.h"
#include "measure/metronome/metronome.h"

namespace {

using namespace qc;

constexpr std::size_t kMostAnswers = 1'000'000, kMostSends = 64'000'000;   // memory that nobody uses costs nothing

struct Flags { MetronomeOptions options; std::string log; };

Nanos milliseconds(const char* text) { return Nanos(std::max<std::int64_t>(1, static_cast<std::int64_t>(std::atof(text) * 1e6))); }

std::optional<Flags> read_flags(int argc, char** argv) {
  Flags f;
  for (int i = 1; i < argc; ++i) {
    const std::string_view flag = argv[i];
    const char* value = i + 1 < argc ? argv[i + 1] : "0";
    if (flag == "--jitter") { f.options.rhythm = Rhythm::jittered; continue; }
    if (flag == "--port") f.options.port = std::atoi(value);
    else if (flag == "--first-ms") f.options.first = milliseconds(value);
    else if (flag == "--gap-ms") f.options.gap = milliseconds(value);
    else if (flag == "--log") f.log = value;
    else if (flag == "--per-event") f.options.tokens_per_event = std::max(1, std::atoi(value));
    else return std::fprintf(stderr, "metronome: unknown flag %s\n", argv[i]), std::nullopt;
    ++i;
  }
  return f;
}

int write_log(const std::string& path, const std::vector<TrueAnswer>& answers) {
  std::FILE* out = std::fopen(path.c_str(), "w");
  if (!out) return std::perror("metronome: log"), 1;
  for (const TrueAnswer& answer : answers) {
    std::fputs(answer.id.c_str(), out);
    for (const TrueSend& each : answer.sends) std::fprintf(out, " %lld", static_cast<long long>(each.before.ns));
    std::fputc('\n', out);
  }
  return std::fclose(out) == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const auto flags = read_flags(argc, argv);
  if (!flags) return 2;
  auto log = SendLog::make(kMostAnswers, kMostSends);
  if (!log) return std::fprintf(stderr, "metronome: %s\n", log.error().message.c_str()), 1;
  auto metronome = Metronome::listen(flags->options);
  if (!metronome) return std::fprintf(stderr, "metronome: %s\n", metronome.error().message.c_str()), 1;
  install_stop_handlers();
  std::printf("ready %d\n", metronome->port());
  std::fflush(stdout);
  metronome->run(*log, stop_flag());
  const auto answers = log->answers();
  std::fprintf(stderr, "metronome: %zu requests, %.2f s of CPU\n", answers.size(), own_cpu_seconds());
  return flags->log.empty() ? 0 : write_log(flags->log, answers);
}
