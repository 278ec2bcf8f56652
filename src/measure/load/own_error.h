#pragma once
// Our own error in a visit's figures: how late we sent, and the figures that lateness would distort.
#include <vector>

#include "record/record.h"

namespace qc {

/// sent - intended of the measured requests that could be sent, in microseconds.
std::vector<double> send_lateness_us(const std::vector<RequestRecord>& requests);
/// first - sent of the measured ok requests, and the gaps between their text events, in microseconds.
std::vector<double> ttft_us(const std::vector<RequestRecord>& requests);
std::vector<double> chunk_gaps_us(const std::vector<RequestRecord>& requests);

}  // namespace qc
