#pragma once
// Each test of the transport runs twice: read through io_uring, and by epoll alone (QC_TEST_READING=epoll).
#include <cstdlib>
#include <string_view>

#include "measure/client/arrival.h"

namespace qc::test {

inline Reading reading() {
  const char* word = std::getenv("QC_TEST_READING");
  return word && std::string_view(word) == "epoll" ? Reading::epoll : Reading::automatic;
}

}  // namespace qc::test
