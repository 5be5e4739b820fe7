#include "daemon/metrics/remote_write_body.h"

#include <rapidcheck.h>
#include <snappy.h>

#include <bit>
#include <cstring>
#include <map>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace grayling {
namespace {

using ::testing::ElementsAre;

// A field of a protobuf message: its number, and its bytes or its integer.
struct Field {
  uint64_t number = 0;
  std::string bytes;
  uint64_t integer = 0;
};

uint64_t TakeVarint(absl::string_view& in) {
  uint64_t value = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(in.front());
    in.remove_prefix(1);
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
}

std::vector<Field> FieldsOf(absl::string_view in) {
  std::vector<Field> fields;
  while (!in.empty()) {
    const uint64_t tag = TakeVarint(in);
    Field field;
    field.number = tag >> 3;
    if ((tag & 7) == 0) {
      field.integer = TakeVarint(in);
    } else {
      const size_t size = (tag & 7) == 1 ? 8 : TakeVarint(in);
      field.bytes = std::string(in.substr(0, size));
      in.remove_prefix(size);
    }
    fields.push_back(field);
  }
  return fields;
}

struct Sent {
  std::vector<std::string> labels;  // name=value, in the order sent
  std::vector<std::pair<int64_t, uint64_t>> samples;
};

std::vector<Sent> Decoded(absl::string_view body) {
  std::string plain;
  EXPECT_TRUE(snappy::Uncompress(body.data(), body.size(), &plain));
  std::vector<Sent> all;
  for (const Field& series : FieldsOf(plain)) {
    Sent sent;
    for (const Field& part : FieldsOf(series.bytes)) {
      const std::vector<Field> fields = FieldsOf(part.bytes);
      if (part.number == 1) {
        sent.labels.push_back(absl::StrCat(fields.at(0).bytes, "=", fields.at(1).bytes));
      } else {
        uint64_t bits = 0;
        std::memcpy(&bits, fields.at(0).bytes.data(), 8);
        sent.samples.emplace_back(static_cast<int64_t>(fields.at(1).integer), bits);
      }
    }
    all.push_back(sent);
  }
  return all;
}

TEST(RemoteWriteBodyTest, SortsLabelsAndUnescapesThem) {
  RemoteWriteBody body;
  const auto encoded = body.Encode({0, 1}, {5, 6}, {1, 2}, [](SeriesId id) {
    return absl::StatusOr<std::string>(id == 0 ? R"(m{Z="up",a="x\"\n"})" : "up");
  });
  ASSERT_TRUE(encoded.ok());
  const std::vector<Sent> sent = Decoded(*encoded);
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_THAT(sent[0].labels, ElementsAre("Z=up", "__name__=m", "a=x\"\n"));
  EXPECT_THAT(sent[1].labels, ElementsAre("__name__=up"));
}

TEST(RemoteWriteBodyTest, SendsEverySampleOncePerInstantInTheOrderOfTime) {
  EXPECT_TRUE(rc::check([] {
    const auto count = *rc::gen::inRange<size_t>(0, 200);
    std::vector<SeriesId> series;
    std::vector<int64_t> times;
    std::vector<double> values;
    std::map<SeriesId, std::map<int64_t, uint64_t>> expected;
    for (size_t i = 0; i < count; ++i) {
      series.push_back(*rc::gen::inRange<SeriesId>(0, 5));
      times.push_back(*rc::gen::element<int64_t>(0, 1, 127, 128, 1795933098276, 1795933098277));
      const auto bits = *rc::gen::arbitrary<uint64_t>();
      values.push_back(std::bit_cast<double>(bits));
      expected[series.back()][times.back()] = bits;
    }
    RemoteWriteBody body;
    const auto encoded = body.Encode(series, times, values, [](SeriesId id) {
      return absl::StatusOr<std::string>(absl::StrCat("m{i=\"", id, "\"}"));
    });
    RC_ASSERT(encoded.ok());
    const std::vector<Sent> sent = Decoded(*encoded);
    RC_ASSERT(sent.size() == expected.size());
    size_t at = 0;
    for (const auto& [id, samples] : expected) {
      RC_ASSERT(sent[at].labels.at(1) == absl::StrCat("i=", id));
      RC_ASSERT((sent[at].samples ==
                 std::vector<std::pair<int64_t, uint64_t>>(samples.begin(), samples.end())));
      ++at;
    }
  }));
}

TEST(RemoteWriteBodyTest, PassesAnErrorOn) {
  RemoteWriteBody body;
  EXPECT_EQ(body.Encode({0}, {1}, {1},
                        [](SeriesId) -> absl::StatusOr<std::string> {
                          return absl::NotFoundError("no such series");
                        })
                .status()
                .code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace grayling
