// The probes against what the system's own tools say.
#include "doctor/probes.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>

#include "core/process.h"
#include "core/text.h"

namespace qc {
namespace {
namespace fs = std::filesystem;

std::string said_by(const std::string& script) {
  const auto text = capture({.words = {"sh", "-c", script}}, Seconds(5));
  return text ? std::string(trim(*text)) : "";
}

TEST(Probes, AgreeWithTheSystemsTools) {
  const MachineFacts m = look_around();
  EXPECT_EQ(m.kernel, said_by("uname -r"));
  EXPECT_EQ(m.clock.source, said_by("cat /sys/devices/system/clocksource/clocksource0/current_clocksource"));
  EXPECT_EQ(std::to_string(*m.ports.first) + "\t" + std::to_string(*m.ports.last), said_by("cat /proc/sys/net/ipv4/ip_local_port_range"));
  EXPECT_EQ(std::to_string(m.files.soft), said_by("ulimit -Sn"));
  EXPECT_EQ(m.cpu.is_virtual, said_by("grep -c -w hypervisor /proc/cpuinfo") != "0");
  const double free_kib = std::stod(said_by("df -k --output=avail . | tail -n 1"));
  EXPECT_NEAR(static_cast<double>(*m.folders[0].free_bytes) / 1024, free_kib, 0.1 * free_kib + 1e6);   // others write meanwhile
  EXPECT_GT(m.clock.read_ns, 0);
  EXPECT_GE(m.clock.smallest_step_ns, 1);
  EXPECT_LE(m.clock.resolution_ns, 10'000'000);
  ASSERT_EQ(m.engines.size(), 2u);
  for (const auto& each : m.engines) EXPECT_NE(each.program.has_value(), !each.missing.empty()) << each.name;
}

TEST(Probes, TheCardsAreThoseOfNvml) {   // tests/integration/telemetry/fake_nvml.cpp
  const MachineFacts m = look_around();
  ASSERT_EQ(m.gpus.size(), 2u);
  EXPECT_EQ(m.gpus[0].card.name, "NVIDIA H100 80GB HBM3");
  EXPECT_DOUBLE_EQ(*m.gpus[0].now.power_w, 412.345);
  EXPECT_EQ(m.gpus[0].now.sm_mhz, 1755);
  EXPECT_EQ(m.gpus[1].card.name, "Tesla K80");
  EXPECT_FALSE(m.gpus[1].now.power_w);
  EXPECT_EQ(m.gpus[1].now.sm_mhz, 875);
}

TEST(Probes, APortThatSomeoneListensOnIsTaken) {
  const int s = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(30000);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool ours = bind(s, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0 && listen(s, 1) == 0;
  EXPECT_THAT(probe_ports().taken, testing::Contains(30000));
  close(s);
  if (!ours) return;
  EXPECT_THAT(probe_ports().taken, testing::Not(testing::Contains(30000)));
}

TEST(Probes, AFolderThatIsNotThereYetHasTheRoomOfTheOneAboveIt) {
  const auto here = fs::temp_directory_path() / ("qc_probe_" + std::to_string(getpid()));
  const FolderRoom room = probe_folder("cache", (here / "a/b").string());
  EXPECT_EQ(room.path, (here / "a/b").string());
  EXPECT_TRUE(room.writable);
  EXPECT_TRUE(room.free_bytes);
}

TEST(LoadWatch, SeesWhatOthersDo) {
  const LoadWatch watch;
  // Grandchildren that nobody of us waits for are others.
  ASSERT_TRUE(capture({.words = {"sh", "-c", "(timeout 2 sh -c 'while :; do :; done' >/dev/null 2>&1 &) ; sleep 1"}}, Seconds(10)));
  MachineFacts m;
  watch.end(m);
  if (!m.cpu_use.others) GTEST_SKIP() << "/proc/stat tells nothing here";
  EXPECT_GT(*m.cpu_use.others, 0.2);
  EXPECT_GT(m.wall.watched.count(), 0.9);
  EXPECT_TRUE(m.cpu_use.load);
}

}  // namespace
}  // namespace qc
