// sleepy_server serve MODEL --served-model-name NAME --port N [--enable-sleep-mode] [--trick T]: a vLLM with sleep mode, on the card that is
// the folder $QC_FAKE_CARD. It holds 20 GiB awake and 1 GiB asleep, and writes down what it did; "TWO AWAKE" is what must never be there.
// Tricks: old (knows no sleep mode); frees-nothing; no-room-beside (does not start beside a sleeper); wake-500-once, die-asleep-once and die-falling-asleep-once (a server started later behaves); wake-500.
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <map>
#include <thread>

#include <fmt/format.h>

#include "support/fake_card.h"
#include "support/scripted_server.h"

namespace {

using namespace qc::test;
constexpr unsigned long long kAwakeMib = 20 << 10, kAsleepMib = 1 << 10;

struct Sleepy {
  std::filesystem::path card = std::getenv("QC_FAKE_CARD");
  std::string pid = std::to_string(getpid()), name, trick;
  bool sleeps = false;
  std::atomic<bool> asleep = false, broken = false;

  void note(const std::string& what) const { write_down(card, what + " " + name); }
  void take_all() const {
    if (used_of(card, pid) > (kOthersMib + 10 * kAsleepMib) * kMiB) note("TWO AWAKE");
    hold(card, pid, kAwakeMib);
  }
  /// True the first time that any server of this name asks.
  bool first_time() const { return std::filesystem::create_directory(card / ("once-" + name)); }

  Page sleep() {
    note("sleep");
    if (trick == "frees-nothing") return {};
    hold(card, pid, kAsleepMib);
    asleep = true;
    if (trick == "die-asleep-once" && first_time())
      std::thread([] { std::this_thread::sleep_for(std::chrono::milliseconds(20)), _exit(7); }).detach();   // after its answer
    if (trick == "die-falling-asleep-once" && first_time()) _exit(7);
    return {};
  }
  Page wake() {
    note("wake");
    if (trick == "wake-500" || (trick == "wake-500-once" && first_time())) {
      broken = true;
      return {"500 Internal Server Error", R"({"error":{"message":"Call to wake_up method failed: CUDA Error: out of memory at /workspace/csrc/cumem_allocator.cpp:163","type":"InternalServerError","param":null,"code":500}})"};   // as recorded
    }
    take_all();
    asleep = false;
    return {};
  }
  std::optional<Page> page(const std::string& method, const std::string& path) {
    if (broken) return Page{"500 Internal Server Error", "EngineCore encountered an issue"};
    if (path.starts_with("/sleep") || path == "/wake_up") return sleeps && method == "POST" ? path == "/wake_up" ? wake() : sleep() : Page{"404 Not Found", "{}"};
    if (path == "/version") return Page{"200 OK", R"({"version":"0.25.1"})"};
    if (path == "/v1/models") return Page{"200 OK", R"({"object":"list","data":[{"id":")" + name + R"(","max_model_len":256}]})"};
    if (path == "/props" || path == "/tokenize") return Page{"404 Not Found", "{}"};
    if (method == "POST" && asleep) note("ASKED ASLEEP");
    return std::nullopt;
  }
};

}  // namespace

int main(int argc, char** argv) try {
  std::map<std::string, std::string> options;
  for (int i = 1; i + 1 < argc; ++i) options[argv[i]] = argv[i + 1];
  Sleepy server;
  server.name = options["--served-model-name"], server.trick = options["--trick"];
  const char* endpoints = std::getenv("VLLM_SERVER_DEV_MODE");
  bool asked = false;
  for (int i = 1; i < argc; ++i) asked |= std::string(argv[i]) == "--enable-sleep-mode";
  server.sleeps = asked && endpoints && std::string(endpoints) == "1";
  if (server.trick == "old" && asked) {
    std::cout << "usage: api_server.py serve [-h] [--model MODEL]\napi_server.py serve: error: unrecognized arguments: --enable-sleep-mode\n" << std::flush;
    return 2;
  }
  server.note("start");
  if (server.trick == "no-room-beside" && used_of(server.card, server.pid) > kOthersMib * kMiB) {
    std::cout << "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB\n" << std::flush;
    return 1;
  }
  std::cout << "vLLM API server version 0.25.1\nModel loading took 15.0 GiB and 1.9 seconds\nAvailable KV cache memory: 4.5 GiB\nGPU KV cache size: 40,000 tokens\n" << std::flush;
  server.take_all();
  ServerOptions how;
  how.port = std::atoi(options["--port"].c_str());
  how.pages = [&](const std::string& method, const std::string& path) { return server.page(method, path); };
  const ScriptedServer serving(Script{"continuous-usage", 0, std::chrono::milliseconds(60), std::chrono::milliseconds(5), 3}, how);
  for (;;) pause();
} catch (const std::exception& e) {
  std::fprintf(stderr, "sleepy_server: %s\n", e.what());
  return 1;
}
