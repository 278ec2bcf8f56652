#include "measure/engines/python_text.h"

#include <gmock/gmock.h>

namespace qc {
namespace {

TEST(PythonText, IsSplitOutsideOfBracketsAndQuotes) {
  EXPECT_EQ(python_pairs("a=1, b=[1, 2], c='x, y', d=F(e=2, f=3)", '='), (NamedTexts{{"a", "1"}, {"b", "[1, 2]"}, {"c", "'x, y'"}, {"d", "F(e=2, f=3)"}}));
  EXPECT_EQ(python_pairs("'model': 'a:b', 'n': 128", ':'), (NamedTexts{{"model", "'a:b'"}, {"n", "128"}}));
}

TEST(PythonText, DictsAndObjectsAreOpened) {
  EXPECT_EQ(python_leaves("c={'mode': <M.X: 3>, 'pass': {'fuse': True}}, k=K(backend='auto', ops=O(n=['x']))", '='),
            (NamedTexts{{"c.mode", "<M.X: 3>"}, {"c.pass.fuse", "True"}, {"k.backend", "'auto'"}, {"k.ops.n", "['x']"}}));
}

TEST(PythonText, ValuesAreAsWeWriteThem) {
  EXPECT_EQ(plain_value("True") + plain_value("None") + plain_value(" torch.bfloat16") + plain_value("'fp8'"), "onnonebfloat16fp8");
}

// Brackets that never close, quotes that never end: nothing is lost but the rest of the text.
TEST(PythonText, BrokenTextEnds) {
  EXPECT_EQ(python_leaves("a=1, b=[1, 2", '='), (NamedTexts{{"a", "1"}, {"b", "[1, 2"}}));
  EXPECT_EQ(python_leaves("a='x, b=2", '='), (NamedTexts{{"a", "'x, b=2"}}));
  EXPECT_TRUE(python_leaves(std::string(100, '{'), '=').empty());
}

}  // namespace
}  // namespace qc
