// scripted_server --port N --script NAME [--tokens N] [--first-ms N] [--gap-ms N]: serves until a signal ends it.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include "support/scripted_server.h"

namespace {

int usage() {
  std::puts("scripted_server --port N --script NAME [--tokens N] [--first-ms N] [--gap-ms N]\nscripts:");
  for (const auto& [name, does] : qc::test::script_names()) std::printf("  %-20s %s\n", name.c_str(), does.c_str());
  return 2;
}

}  // namespace

int main(int argc, char** argv) try {
  qc::test::Script script;
  qc::test::ServerOptions options;
  for (int i = 1; i < argc; i += 2) {
    const std::string flag = argv[i];
    if (i + 1 >= argc) return usage();
    const char* value = argv[i + 1];
    if (flag == "--port") options.port = std::atoi(value);
    else if (flag == "--script") script.name = value;
    else if (flag == "--tokens") script.tokens = std::atoi(value);
    else if (flag == "--first-ms") script.first = std::chrono::milliseconds(std::atoi(value));
    else if (flag == "--gap-ms") script.gap = std::chrono::milliseconds(std::atoi(value));
    else return usage();
  }
  const qc::test::ScriptedServer server(script, options);
  std::printf("%s\n", server.url().c_str());
  std::fflush(stdout);
  for (;;) pause();
} catch (const std::exception& e) {
  std::fprintf(stderr, "scripted_server: %s\n", e.what());
  return 1;
}
