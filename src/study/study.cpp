#include "study/study.h"

namespace qc {

std::string_view to_string(EngineKind kind) {
  switch (kind) {
    case EngineKind::llama: return "llama";
    case EngineKind::vllm: return "vllm";
    case EngineKind::sglang: return "sglang";
    case EngineKind::openai: return "openai";
  }
  return "";
}

std::string_view to_string(Switch way) {
  switch (way) {
    case Switch::automatic: return "auto";
    case Switch::resident: return "resident";
    case Switch::sleep: return "sleep";
    case Switch::restart: return "restart";
  }
  return "";
}

std::string_view to_string(AaControl control) {
  switch (control) {
    case AaControl::middle: return "middle";
    case AaControl::all: return "all";
    case AaControl::none: return "none";
  }
  return "";
}

}  // namespace qc
