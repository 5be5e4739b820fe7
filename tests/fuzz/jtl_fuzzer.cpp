// JMeter's results of any bytes. They must give the same rows and the same answer, however they are
// cut.

#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "daemon/load/jtl_reader.h"

namespace grayling {
namespace {

// Everything that a reader says of `bytes` when they come in pieces of `piece`.
std::string Told(absl::string_view bytes, size_t piece) {
  JtlReader reader;
  std::string told;
  const auto add = [&told](const JtlRow& row) {
    absl::StrAppend(&told, row.start_ms, "|", row.elapsed_ms, "|", row.label, "|",
                    row.response_code, "|", row.response_message, "|", row.success, "|",
                    row.failure_message, "|", row.bytes, "|", row.all_users.value_or(0), "\n");
  };
  absl::Status status;
  for (size_t at = 0; at < bytes.size(); at += piece) {
    status = reader.Read(bytes.substr(at, piece), add);
  }
  absl::StrAppend(&told, reader.rows(), " ", reader.unreadable_rows(), " ",
                  reader.first_complaint(), " ", status.ToString());
  return told;
}

}  // namespace
}  // namespace grayling

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string whole = grayling::Told(bytes, size + 1);
  for (const size_t piece : {1, 7}) {
    if (grayling::Told(bytes, piece) != whole) std::abort();
  }
  return 0;
}
