#include <algorithm>
#include <filesystem>
#include <string>

#include "core/host.h"
#include "core/proc_table.h"
#include "core/text.h"
#include "doctor/probes.h"

namespace qc {
namespace {
namespace fs = std::filesystem;

std::vector<fs::path> entries(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code none;
  for (const auto& each : fs::directory_iterator(folder, none)) out.push_back(each.path());
  return out;
}

std::string line_of(const fs::path& file) { return std::string(trim(read_proc(file.string()))); }

std::vector<std::string> governors() {
  std::vector<std::string> out;
  for (const fs::path& cpu : entries("/sys/devices/system/cpu"))
    if (std::string name = line_of(cpu / "cpufreq/scaling_governor"); !name.empty()) out.push_back(std::move(name));
  std::ranges::sort(out);
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace

CpuFacts probe_cpu() {
  CpuFacts out;
  out.cores = host_info().cores;
  out.is_virtual = read_proc("/proc/cpuinfo").find(" hypervisor") != std::string::npos;
  out.governors = governors();
  return out;
}

std::optional<bool> probe_battery() {
  std::optional<bool> plugged, has_battery;
  for (const fs::path& supply : entries("/sys/class/power_supply")) {
    const std::string type = line_of(supply / "type");
    if (type == "Battery" && line_of(supply / "scope") != "Device") has_battery = true;   // a mouse has one too
    if (type == "Mains" || type == "USB") plugged = plugged.value_or(false) || line_of(supply / "online") == "1";
  }
  if (!plugged && !has_battery) return std::nullopt;
  return has_battery.value_or(false) && !plugged.value_or(false);
}

}  // namespace qc
