#include "measure/telemetry/nvml.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <functional>
#include <span>

#include "core/host.h"
#include "measure/telemetry/visible.h"

namespace qc {
namespace {

// From NVML's API reference: the few types that we use, so that no header of the CUDA toolkit is needed to build.
using Device = void*;
struct MemoryV1 { unsigned long long total, free, used; };
struct MemoryV2 { unsigned version; unsigned long long total, reserved, free, used; };
struct ProcessV2 { unsigned pid; unsigned long long used; unsigned gpu_instance, compute_instance; };
constexpr unsigned long long kNotTold = ~0ULL;   // NVML_VALUE_NOT_AVAILABLE
constexpr unsigned kMemoryV2 = sizeof(MemoryV2) | (2U << 24U);
constexpr int kSuccess = 0;
constexpr unsigned kCoreSensor = 0, kSmClock = 1, kMemoryClock = 2;

template <class Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

/// What one call tells; empty where the library lacks it or the card refuses.
template <class Number, class Call, class... Arguments>
std::optional<Number> told(Call call, Arguments... arguments) {
  Number value = 0;
  return call != nullptr && call(arguments..., &value) == kSuccess ? std::optional(value) : std::nullopt;
}

}  // namespace

struct Nvml::Calls {
  int (*init)() = nullptr;
  int (*count)(unsigned*) = nullptr;
  int (*handle)(unsigned, Device*) = nullptr;
  int (*name)(Device, char*, unsigned) = nullptr;
  int (*uuid)(Device, char*, unsigned) = nullptr;
  int (*capability)(Device, int*, int*) = nullptr;
  int (*driver)(char*, unsigned) = nullptr;
  int (*memory_v1)(Device, MemoryV1*) = nullptr;
  int (*memory_v2)(Device, MemoryV2*) = nullptr;  ///< drivers before 510 have none
  // Any of these may be missing, and each may be refused by a card: a vGPU shows no power, one before Volta no energy.
  int (*power)(Device, unsigned*) = nullptr;
  int (*clock)(Device, unsigned, unsigned*) = nullptr;
  int (*temperature)(Device, unsigned, unsigned*) = nullptr;
  int (*event_reasons)(Device, unsigned long long*) = nullptr;
  int (*energy)(Device, unsigned long long*) = nullptr;
  int (*processes)(Device, unsigned*, ProcessV2*) = nullptr;   ///< from driver 510 on

  bool load() {
    void* library = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return false;
    find(library, "nvmlDeviceGetMemoryInfo_v2", memory_v2);
    find(library, "nvmlDeviceGetUUID", uuid), find(library, "nvmlDeviceGetCudaComputeCapability", capability);
    find(library, "nvmlDeviceGetPowerUsage", power), find(library, "nvmlDeviceGetClockInfo", clock);
    find(library, "nvmlDeviceGetTemperature", temperature), find(library, "nvmlDeviceGetTotalEnergyConsumption", energy);
    find(library, "nvmlDeviceGetComputeRunningProcesses_v3", processes);
    // Renamed in driver 535; both give the same bits.
    if (!find(library, "nvmlDeviceGetCurrentClocksEventReasons", event_reasons)) find(library, "nvmlDeviceGetCurrentClocksThrottleReasons", event_reasons);
    return find(library, "nvmlInit_v2", init) && find(library, "nvmlDeviceGetCount_v2", count) &&
           find(library, "nvmlDeviceGetHandleByIndex_v2", handle) && find(library, "nvmlDeviceGetName", name) &&
           find(library, "nvmlSystemGetDriverVersion", driver) && find(library, "nvmlDeviceGetMemoryInfo", memory_v1) &&
           init() == kSuccess;
  }
};

const Nvml* Nvml::instance() {
  static Calls calls;
  static const bool loaded = calls.load();
  static const Nvml nvml(calls);
  return loaded ? &nvml : nullptr;
}

Nvml::Nvml(const Calls& calls) : calls_(&calls) {
  unsigned count = 0;
  if (calls.count == nullptr || calls.count(&count) != kSuccess) return;
  std::vector<std::string> uuids(count);
  for (unsigned index = 0; index < count; ++index) {
    Device device = nullptr;
    std::array<char, 96> text{};
    if (calls.uuid != nullptr && calls.handle(index, &device) == kSuccess && calls.uuid(device, text.data(), text.size()) == kSuccess) uuids[index] = text.data();
    visible_.push_back(index);
  }
  if (const char* meant = std::getenv("CUDA_VISIBLE_DEVICES")) visible_ = visible_devices(meant, uuids);
}

void* Nvml::device(unsigned index) const {
  Device device = nullptr;
  return index < visible_.size() && calls_->handle(visible_[index], &device) == kSuccess ? device : nullptr;
}

std::optional<Nvml::Memory> Nvml::memory(unsigned index) const {
  const Device device = this->device(index);
  if (device == nullptr) return std::nullopt;
  MemoryV2 v2{};
  v2.version = kMemoryV2;
  if (calls_->memory_v2 != nullptr && calls_->memory_v2(device, &v2) == kSuccess)
    return Memory{static_cast<std::int64_t>(v2.total), static_cast<std::int64_t>(v2.used)};
  MemoryV1 v1{};
  if (calls_->memory_v1(device, &v1) != kSuccess) return std::nullopt;
  return Memory{static_cast<std::int64_t>(v1.total), static_cast<std::int64_t>(v1.used)};
}

std::optional<std::int64_t> Nvml::used_bytes(unsigned index) const {
  const auto found = memory(index);
  return found ? std::optional(found->used) : std::nullopt;
}

unsigned Nvml::count() const { return static_cast<unsigned>(visible_.size()); }

std::vector<GpuProcess> Nvml::processes(unsigned index) const {
  const Device device = this->device(index);
  constexpr unsigned kMost = 64;              // with more than these the call fails, and none is told
  std::array<ProcessV2, std::size_t{2} * kMost> found{};   // some drivers of release 535 wrote longer records
  unsigned count = kMost;
  if (calls_->processes == nullptr || device == nullptr || calls_->processes(device, &count, found.data()) != kSuccess) return {};
  std::vector<GpuProcess> out;
  for (const ProcessV2& each : std::span(found).first(count)) {
    const auto pid = static_cast<int>(each.pid);
    out.push_back({pid, process_name(pid), each.used == kNotTold ? std::nullopt : std::optional(static_cast<std::int64_t>(each.used))});
  }
  std::ranges::stable_sort(out, std::greater{}, &GpuProcess::used_bytes);
  return out;
}

GpuSample Nvml::sample(unsigned index) const {
  GpuSample out;
  out.device = static_cast<int>(index);
  out.at = monotonic_clock().now();
  const Device device = this->device(index);
  if (device == nullptr) return out;
  if (const auto milliwatt = told<unsigned>(calls_->power, device)) out.power_w = *milliwatt / 1000.0;
  if (const auto mhz = told<unsigned>(calls_->clock, device, kSmClock)) out.sm_mhz = static_cast<int>(*mhz);
  if (const auto mhz = told<unsigned>(calls_->clock, device, kMemoryClock)) out.mem_mhz = static_cast<int>(*mhz);
  if (const auto celsius = told<unsigned>(calls_->temperature, device, kCoreSensor)) out.temp_c = static_cast<int>(*celsius);
  if (const auto bits = told<unsigned long long>(calls_->event_reasons, device)) out.event_reasons = static_cast<std::int64_t>(*bits);
  if (const auto millijoule = told<unsigned long long>(calls_->energy, device)) out.energy_mj = static_cast<std::int64_t>(*millijoule);
  out.used_bytes = used_bytes(index);
  return out;
}

std::vector<GpuInfo> Nvml::gpus() const {
  std::vector<GpuInfo> gpus;
  std::array<char, 96> text{};
  for (unsigned index = 0; index < count(); ++index) {
    const Device device = this->device(index);
    const auto bytes = memory(index);
    if (!bytes || device == nullptr) continue;
    GpuInfo gpu{.memory_bytes = bytes->total, .used_bytes = bytes->used, .index = index};
    if (calls_->name(device, text.data(), text.size()) == kSuccess) gpu.name = text.data();
    if (calls_->driver(text.data(), text.size()) == kSuccess) gpu.driver = text.data();
    int major = 0, minor = 0;
    if (calls_->capability != nullptr && calls_->capability(device, &major, &minor) == kSuccess) gpu.capability = 10 * major + minor;
    gpus.push_back(std::move(gpu));
  }
  return gpus;
}

}  // namespace qc
