#pragma once
// The tables of data/ that are linked into this unit.
#include "core/embedded.h"

extern "C" const qc::EmbeddedFile qc_embedded_qc_catalog[];
