// A small program for the tests of core/process and core/host.
//   parent LOG WORD...   starts WORD... through Process, prints "ready", and then waits to be killed
//   hold MIB             touches that much memory, prints "ready", waits
//   spin SECONDS         uses that much CPU, prints "ready", waits
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "core/host.h"
#include "core/process.h"

namespace {

int ready() {
  std::puts("ready");
  std::fflush(stdout);
  sleep(120);
  return 0;
}

int parent(const std::vector<std::string>& words) {
  auto child = qc::Process::start({.words = {words.begin() + 1, words.end()}}, words.front());
  return child ? ready() : 1;
}

int hold(std::size_t mib) {
  std::vector<char> bytes(mib << 20, 'x');
  return bytes[mib] == 'x' ? ready() : 1;
}

int spin(double cpu_s) {
  while (qc::own_cpu_seconds() < cpu_s) {}
  return ready();
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() >= 3 && words[0] == "parent") return parent({words.begin() + 1, words.end()});
  if (words.size() == 2 && words[0] == "hold") return hold(std::stoul(words[1]));
  if (words.size() == 2 && words[0] == "spin") return spin(std::stod(words[1]));
  return 2;
}
