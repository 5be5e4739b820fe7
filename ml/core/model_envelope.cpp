#include "ml/core/model_envelope.h"

#include <cstdint>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "ml/core/sha256.h"

namespace grayling {
namespace {

constexpr absl::string_view kMagic = "grayling-model/";
constexpr absl::string_view kFirstLine = "grayling-model/2\n";
constexpr size_t kLengthBytes = 8;
constexpr size_t kDigestBytes = 32;
constexpr size_t kHeaderBytes = kFirstLine.size() + kLengthBytes + kDigestBytes;
constexpr size_t kLongestFirstLine = 64;

std::string LittleEndian(uint64_t number) {
  std::string bytes(kLengthBytes, '\0');
  for (size_t i = 0; i < kLengthBytes; ++i) bytes[i] = static_cast<char>(number >> (8 * i) & 0xff);
  return bytes;
}

uint64_t NumberOf(absl::string_view bytes) {
  uint64_t number = 0;
  for (size_t i = 0; i < bytes.size(); ++i) {
    number |= static_cast<uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  }
  return number;
}

// Why a file that does not begin as one of this version is refused.
absl::Status Foreign(absl::string_view file) {
  if (absl::StartsWith(kFirstLine, file)) {
    return absl::InvalidArgumentError(absl::StrCat("the model file is cut short after ",
                                                   file.size(), " bytes; copy or upload it again"));
  }
  if (absl::StartsWith(file, "{") && absl::StrContains(file, "\"grayling-model/1\"")) {
    return absl::InvalidArgumentError(
        "the model file was made by an older grayling-ml; fit the model again");
  }
  const absl::string_view line = file.substr(0, kLongestFirstLine);
  const size_t end = line.find('\n');
  if (absl::StartsWith(line, kMagic) && end != absl::string_view::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("the model file says \"", absl::CHexEscape(line.substr(0, end)),
                     "\", this program reads \"", absl::StripSuffix(kFirstLine, "\n"),
                     "\"; fit the model again or use the program that fits it"));
  }
  return absl::InvalidArgumentError("this is no model file; name one that grayling-ml fit wrote");
}

}  // namespace

std::string SealModel(absl::string_view payload) {
  return absl::StrCat(kFirstLine, LittleEndian(payload.size()), Sha256::Of(payload), payload);
}

absl::StatusOr<absl::string_view> OpenModel(absl::string_view file) {
  if (!absl::StartsWith(file, kFirstLine)) return Foreign(file);
  if (file.size() < kHeaderBytes) {
    return absl::InvalidArgumentError(absl::StrCat("the model file is cut short after ",
                                                   file.size(), " bytes; copy or upload it again"));
  }
  const uint64_t length = NumberOf(file.substr(kFirstLine.size(), kLengthBytes));
  const absl::string_view payload = file.substr(kHeaderBytes);
  if (payload.size() != length) {
    return absl::InvalidArgumentError(absl::StrCat("the model file holds ", payload.size(),
                                                   " bytes of a model of ", length,
                                                   "; copy or upload it again"));
  }
  if (Sha256::Of(payload) != file.substr(kFirstLine.size() + kLengthBytes, kDigestBytes)) {
    return absl::InvalidArgumentError(
        "the model file is damaged: its checksum does not match; copy or upload it again");
  }
  return payload;
}

}  // namespace grayling
