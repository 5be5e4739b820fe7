#include "base/proto_time.h"

#include <gtest/gtest.h>

namespace grayling {
namespace {

TEST(ProtoTime, KeepsNanosecondsBothWays) {
  const absl::Time time = absl::FromUnixNanos(1'700'000'000'123'456'789);
  google::protobuf::Timestamp stamp;
  ToProto(time, &stamp);
  EXPECT_EQ(time, FromProto(stamp));
}

TEST(ProtoTime, KeepsNegativeDurations) {
  google::protobuf::Duration duration;
  ToProto(absl::Milliseconds(-1500), &duration);
  EXPECT_EQ(-1, duration.seconds());
  EXPECT_EQ(-500'000'000, duration.nanos());
  EXPECT_EQ(absl::Milliseconds(-1500), FromProto(duration));
}

TEST(ProtoTime, LeavesInstantsThatDidNotHappenUnset) {
  google::protobuf::Timestamp stamp;
  ToProto(absl::InfinitePast(), &stamp);
  EXPECT_EQ(0, stamp.seconds());
  EXPECT_EQ(0, stamp.nanos());
}

}  // namespace
}  // namespace grayling
