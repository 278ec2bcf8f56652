#include "measure/telemetry/nvml.h"

#include <dlfcn.h>

#include <array>

namespace qc {
namespace {

// From NVML's API reference: the few types that we use, so that no header of the CUDA toolkit is needed to build.
using Device = void*;
struct MemoryV1 { unsigned long long total, free, used; };
struct MemoryV2 { unsigned version; unsigned long long total, reserved, free, used; };
constexpr unsigned kMemoryV2 = sizeof(MemoryV2) | (2U << 24U);
constexpr int kSuccess = 0;

template <class Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

}  // namespace

struct Nvml::Calls {
  int (*init)() = nullptr;
  int (*count)(unsigned*) = nullptr;
  int (*handle)(unsigned, Device*) = nullptr;
  int (*name)(Device, char*, unsigned) = nullptr;
  int (*driver)(char*, unsigned) = nullptr;
  int (*memory_v1)(Device, MemoryV1*) = nullptr;
  int (*memory_v2)(Device, MemoryV2*) = nullptr;  ///< drivers before 510 have none

  bool load() {
    void* library = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return false;
    find(library, "nvmlDeviceGetMemoryInfo_v2", memory_v2);
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

std::optional<Nvml::Memory> Nvml::memory(unsigned index) const {
  Device device = nullptr;
  if (calls_->handle(index, &device) != kSuccess) return std::nullopt;
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

std::vector<GpuInfo> Nvml::gpus() const {
  std::vector<GpuInfo> gpus;
  unsigned count = 0;
  if (calls_->count(&count) != kSuccess) return gpus;
  std::array<char, 96> text{};
  for (unsigned index = 0; index < count; ++index) {
    Device device = nullptr;
    const auto bytes = memory(index);
    if (!bytes || calls_->handle(index, &device) != kSuccess) continue;
    GpuInfo gpu{.memory_bytes = bytes->total, .used_bytes = bytes->used};
    if (calls_->name(device, text.data(), text.size()) == kSuccess) gpu.name = text.data();
    if (calls_->driver(text.data(), text.size()) == kSuccess) gpu.driver = text.data();
    gpus.push_back(std::move(gpu));
  }
  return gpus;
}

}  // namespace qc
