#pragma once
#include "store/sqlite.h"
#include "store/store.h"

namespace qc {
struct Store::Impl {
  Database database;
};
}  // namespace qc
