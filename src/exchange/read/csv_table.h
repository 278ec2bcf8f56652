#pragma once
// A CSV file as a table of texts: RFC 4180 quoting, commas, semicolons or tabs, with or without a byte order mark.
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace qc {

struct CsvTable {
  struct Row { std::size_t line; std::vector<std::string> cells; };   ///< as many cells as the header
  std::vector<std::string> header;
  std::vector<Row> rows;
  bool decimal_comma = false;              ///< cells are parted by semicolons, and numbers are written as 12,5
};

/// Lines that begin with # and empty ones are left out. Fails as usage, naming the line, where a row has more or fewer cells than the header.
Result<CsvTable> parse_csv(std::string_view text);

}  // namespace qc
