// CUDA's programming guide on CUDA_VISIBLE_DEVICES, by hand.
#include "measure/telemetry/visible.h"

#include <gmock/gmock.h>

namespace qc {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(VisibleDevices, AreNumbersOrBeginningsOfUuids) {
  const std::vector<std::string> cards = {"GPU-8932f937-d72c", "GPU-17b2a1e6-0000", "GPU-99999999-0000"};
  EXPECT_THAT(visible_devices("1", cards), ElementsAre(1));
  EXPECT_THAT(visible_devices("2, 0", cards), ElementsAre(2, 0));
  EXPECT_THAT(visible_devices("GPU-17b2,0", cards), ElementsAre(1, 0));
  EXPECT_THAT(visible_devices("0,7,1", cards), ElementsAre(0));        // what follows one that is not there counts no more
  EXPECT_THAT(visible_devices("0,0,1", cards), ElementsAre(0));
  EXPECT_THAT(visible_devices("-1", cards), IsEmpty());
  EXPECT_THAT(visible_devices("", cards), IsEmpty());
  EXPECT_THAT(visible_devices("MIG-8932f937", cards), ElementsAre(0, 1, 2));
}

}  // namespace
}  // namespace qc
