// Two GPUs with known figures, as one H100 answered (memory version 2 tells the driver's own part apart); the second is old and
// knows version 1 only. Each reading of a GPU's memory finds 1 MiB more in use. With QC_FAKE_CARD there is one card instead, whose memory
// is what the living servers have written into that folder (support/fake_card.h).
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <unistd.h>

#include "support/fake_card.h"

extern "C" {
struct MemoryV1 { unsigned long long total, free, used; };
struct MemoryV2 { unsigned version; unsigned long long total, reserved, free, used; };

static int devices[2];
static unsigned long long readings[2];
static unsigned long long next_used(void* device) {
  if (const char* card = std::getenv("QC_FAKE_CARD")) return qc::test::used_of(card);
  const auto index = static_cast<int*>(device) - devices;
  return (3000ULL << 20) + (readings[index]++ << 20);
}

int nvmlInit_v2() { return 0; }
int nvmlDeviceGetCount_v2(unsigned* count) { return *count = std::getenv("QC_FAKE_CARD") ? 1 : 2, 0; }
int nvmlDeviceGetHandleByIndex_v2(unsigned index, void** device) { return *device = &devices[index], index < 2 ? 0 : 2; }
int nvmlDeviceGetName(void* device, char* name, unsigned size) {
  std::snprintf(name, size, "%s", device == &devices[0] ? "NVIDIA H100 80GB HBM3" : "Tesla K80");
  return 0;
}
int nvmlDeviceGetUUID(void* device, char* uuid, unsigned size) {
  std::snprintf(uuid, size, "%s", device == &devices[0] ? "GPU-8932f937-d72c-4106-c12f-20bd9faed9f6" : "GPU-17b2a1e6-0000-4106-c12f-20bd9faed9f6");
  return 0;
}
int nvmlDeviceGetCudaComputeCapability(void* device, int* major, int* minor) {
  *major = device == &devices[0] ? 9 : 3, *minor = device == &devices[0] ? 0 : 7;
  return 0;
}
int nvmlSystemGetDriverVersion(char* version, unsigned size) { return std::snprintf(version, size, "580.159.04"), 0; }
int nvmlDeviceGetMemoryInfo(void* device, MemoryV1* memory) {
  *memory = {85520809984ULL, 0, next_used(device) + 503316480ULL};
  return 0;
}
int nvmlDeviceGetMemoryInfo_v2(void* device, MemoryV2* memory) {
  if (memory->version != 0x2000028 || device == &devices[1]) return 25;  // NVML_ERROR_ARGUMENT_VERSION_MISMATCH
  memory->total = 85520809984ULL;
  memory->reserved = 503316480ULL;
  memory->used = next_used(device);
  return 0;
}
}

// As an H100 answered under load; the old card refuses what cards of its time refused (3: not supported).
extern "C" {
static unsigned long long reasons, energy_mj = 17947590;
void fake_nvml_reasons(unsigned long long bits) { reasons = bits; }

static bool old_card(void* device) { return device == &devices[1]; }
int nvmlDeviceGetPowerUsage(void* device, unsigned* milliwatt) { return *milliwatt = 412345, old_card(device) ? 3 : 0; }
int nvmlDeviceGetClockInfo(void* device, unsigned type, unsigned* mhz) {
  if (type != 1 && type != 2) return 2;  // NVML_ERROR_INVALID_ARGUMENT
  *mhz = type == 1 ? (old_card(device) ? 875 : 1755) : 2619;
  return 0;
}
struct ProcessV2 { unsigned pid; unsigned long long used; unsigned gpu_instance, compute_instance; };
// As one H100 told of two servers (fixtures/nvml/two_servers.txt), the second one's id replaced by the caller's; and one whose memory the driver keeps to itself.
int nvmlDeviceGetComputeRunningProcesses_v3(void* device, unsigned* count, ProcessV2* processes) {
  if (old_card(device)) return 3;
  if (*count < 3) return *count = 3, 7;  // NVML_ERROR_INSUFFICIENT_SIZE
  *count = 3;
  processes[0] = {4194305, 1455423488, ~0U, ~0U};   // beyond the largest id that Linux gives
  processes[1] = {static_cast<unsigned>(getpid()), 17274241024, ~0U, ~0U};
  processes[2] = {4194306, ~0ULL, ~0U, ~0U};
  return 0;
}
int nvmlDeviceGetTemperature(void*, unsigned sensor, unsigned* celsius) { return *celsius = 61, sensor == 0 ? 0 : 2; }
int nvmlDeviceGetTotalEnergyConsumption(void* device, unsigned long long* millijoule) {
  *millijoule = energy_mj += 1000;
  return old_card(device) ? 3 : 0;
}
// The name before driver 535: what is missing under the new name is looked for under this one.
int nvmlDeviceGetCurrentClocksThrottleReasons(void* device, unsigned long long* bits) { return *bits = reasons, old_card(device) ? 3 : 0; }
}
