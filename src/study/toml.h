#pragma once
// The one door to toml++, for this unit's .cpp files and private headers. Errors come back as values, so that hostile files cannot throw.
// Its assertions are off in every build: 3.3 asserts that `[[=` cannot be, and then handles it well; with NDEBUG and clang it would even
// assume so, which is why NDEBUG is hidden from it.
#define TOML_EXCEPTIONS 0
#define TOML_ASSERT(condition) static_assert(true)
#pragma push_macro("NDEBUG")
#undef NDEBUG
#include <toml++/toml.h>
#pragma pop_macro("NDEBUG")
