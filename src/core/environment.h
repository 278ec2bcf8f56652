#pragma once
// What servers that we start inherit beside their command.
#include <map>
#include <string>

namespace qc {

/// This process's variables that inference servers and the libraries below them read (CUDA_VISIBLE_DEVICES, VLLM_*, OMP_NUM_THREADS, HF_HOME ...); values of secrets are hidden.
std::map<std::string, std::string> serving_environment();

}  // namespace qc
