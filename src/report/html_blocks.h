#pragma once
// The blocks of a section as HTML.
#include <map>
#include <string>
#include <vector>

#include "report/html_text.h"
#include "report/report.h"

namespace qc {

/// Pictures that follow one another stand in one group, side by side where there is room. A picture that is not in `svgs`
/// shows its alternative text.
std::string html_blocks(const std::vector<Block>& blocks, const std::map<std::string, RenderedPicture>& svgs, Ids& ids);

}  // namespace qc
