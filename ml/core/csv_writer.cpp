#include "ml/core/csv_writer.h"

#include <zlib.h>

#include <charconv>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace grayling {
namespace {

constexpr size_t kBlock = size_t{1} << 18;

void AppendName(const std::string& name, std::string& out) {
  if (name.find_first_of(",\"\r\n") == std::string::npos) {
    out += name;
  } else {
    absl::StrAppend(&out, "\"", absl::StrReplaceAll(name, {{"\"", "\"\""}}), "\"");
  }
}

void AppendTime(double seconds, std::string& out) {
  char digits[400];
  const auto end =
      std::to_chars(digits, digits + sizeof(digits), seconds, std::chars_format::fixed).ptr;
  out.append(digits, end);
}

void AppendValue(float value, std::string& out) {
  if (std::isnan(value)) return;
  char digits[64];
  out.append(digits, std::to_chars(digits, digits + sizeof(digits), value).ptr);
}

}  // namespace

absl::Status WriteCsv(const std::string& path, const std::vector<std::string>& columns,
                      const std::vector<double>& time, const Matrix& values) {
  const std::string partial = path + ".partial";
  const auto failed = [&] {
    return absl::UnavailableError(
        absl::StrCat(path, " cannot be written; check the folder and the free space"));
  };
  // "T" makes zlib write plain text.
  std::unique_ptr<gzFile_s, int (*)(gzFile)> file(
      gzopen(partial.c_str(), absl::EndsWith(path, ".gz") ? "wb6" : "wbT"), &gzclose);
  if (file == nullptr) return failed();

  std::string out = "time";
  for (const std::string& column : columns) {
    out += ',';
    AppendName(column, out);
  }
  out += "\r\n";
  const auto flush = [&] {
    const bool written =
        out.empty() || gzwrite(file.get(), out.data(), static_cast<unsigned>(out.size())) > 0;
    out.clear();
    return written;
  };
  for (size_t row = 0; row < time.size(); ++row) {
    AppendTime(time[row], out);
    for (Eigen::Index column = 0; column < values.cols(); ++column) {
      out += ',';
      AppendValue(values(static_cast<Eigen::Index>(row), column), out);
    }
    out += "\r\n";
    if (out.size() > kBlock && !flush()) return failed();
  }
  if (!flush() || gzclose(file.release()) != Z_OK) return failed();
  std::error_code error;
  std::filesystem::rename(partial, path, error);
  return error ? failed() : absl::OkStatus();
}

}  // namespace grayling
