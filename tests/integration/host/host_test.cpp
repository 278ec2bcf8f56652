// The machine's facts against what the system's own tools say, and the accounting of real children.
#include "core/host.h"

#include <gmock/gmock.h>

#include <ctime>

#include "core/proc_table.h"
#include "core/process.h"
#include "integration/process/support.h"

namespace qc {
namespace {

using test::read_all;
using test::wait_until;

std::string said_by(const std::string& script) {
  auto text = capture({.words = {"sh", "-c", script}}, Seconds(5));
  EXPECT_TRUE(text) << text.error().message;
  return text ? text->substr(0, text->find('\n')) : "";
}

TEST(HostInfo, AgreesWithTheSystemsTools) {
  const auto host = host_info();
  EXPECT_EQ(host.kernel, said_by("uname -r"));
  EXPECT_EQ(host.os, said_by(". /etc/os-release; echo \"$PRETTY_NAME\""));
  EXPECT_EQ(host.cpu_model, said_by("sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1"));
  EXPECT_LE(host.cores, std::stoi(said_by("nproc")));  // a container limit may leave less
  EXPECT_GE(host.cores, 1);
  EXPECT_LE(host.physical_cores, host.cores);
  EXPECT_GE(host.physical_cores, 1);
  EXPECT_LE(host.memory_bytes, std::stoll(said_by("expr $(getconf _PHYS_PAGES) '*' $(getconf PAGESIZE)")));
  EXPECT_GT(host.memory_bytes, 256 << 20);
}

TEST(HostInfo, NamesVectorExtensions) {
  const bool avx2 = said_by("grep -c -w avx2 /proc/cpuinfo || true") != "0";
  EXPECT_EQ(host_info().cpu_features.find("avx2") != std::string::npos, avx2);
}

Process helper(const std::string& words, const std::string& name) {
  const auto log = test::scratch() / name;
  auto process = Process::start({.words = {"sh", "-c", QC_BINARY_DIR "/process_helper " + words + " & wait"}}, log);
  EXPECT_TRUE(process);
  EXPECT_TRUE(wait_until([&] { return read_all(log) == "ready\n"; }, 20));
  return std::move(*process);
}

TEST(OwnPeak, StaysWhenTheMemoryIsGivenBack) {
  const auto before = own_peak_resident_bytes();
  EXPECT_GT(before, 1 << 20);
  { const std::vector<char> held(std::size_t{256} << 20, 'x'); EXPECT_EQ(held.back(), 'x'); }
  EXPECT_GE(own_peak_resident_bytes(), 256LL << 20);
}

TEST(ProcessTree, CountsResidentMemoryOfGrandchildren) {
  auto process = helper("hold 64", "hold.log");
  const auto bytes = tree_resident_bytes(process.pid());
  EXPECT_GE(bytes, 64LL << 20);
  EXPECT_LE(bytes, (64LL + 400) << 20);  // a sanitizer's own memory may come on top
}

TEST(ProcessTree, CountsCpuOfGrandchildren) {
  auto process = helper("spin 0.3", "spin.log");
  EXPECT_NEAR(tree_cpu_seconds(process.pid()), 0.3, 0.1);
}

TEST(ProcessTree, NothingWhenGone) {
  auto process = helper("hold 1", "gone.log");
  const auto pid = process.pid();
  process.stop();
  EXPECT_EQ(tree_resident_bytes(pid), 0);
  EXPECT_EQ(tree_cpu_seconds(pid), 0);
}

TEST(ProcessRow, AProgramMayHaveAnyName) {
  const auto program = test::scratch() / "x) S 1 (y";
  std::filesystem::copy_file(said_by("command -v sleep"), program);
  auto process = Process::start({.words = {program.string(), "60"}}, test::scratch() / "name.log");
  ASSERT_TRUE(process);
  EXPECT_EQ(process_row(process->pid())->parent, getpid());
}

TEST(OwnCpu, AgreesWithTheLibrarysClock) {
  while (std::clock() < CLOCKS_PER_SEC / 20) {}
  EXPECT_NEAR(own_cpu_seconds(), static_cast<double>(std::clock()) / CLOCKS_PER_SEC, 0.02);
}

}  // namespace
}  // namespace qc
