#pragma once
// A document with a block of each kind and text that means something to a format. Its numbers are made up.
#include "report/report.h"

namespace qc {

/// Pictures carry real specifications, so that a test may draw them.
Document sample_document();

}  // namespace qc
