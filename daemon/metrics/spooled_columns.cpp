#include "daemon/metrics/spooled_columns.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace grayling {
namespace {

struct Header {
  uint32_t count = 0;
  uint32_t instants = 0;  // 1 or count
};

template <typename T>
void Put(const T* items, size_t count, std::string& out) {
  out.append(reinterpret_cast<const char*>(items), count * sizeof(T));
}

template <typename T>
void Take(absl::string_view& blob, size_t count, T* items) {
  std::memcpy(items, blob.data(), count * sizeof(T));
  blob.remove_prefix(count * sizeof(T));
}

}  // namespace

std::string SpooledColumns(const SampleBatch& batch) {
  Header header;
  header.count = static_cast<uint32_t>(batch.series.size());
  header.instants = batch.times_ms.empty() ? 1 : header.count;
  std::string blob;
  blob.reserve(sizeof(header) + header.instants * sizeof(int64_t) +
               header.count * (sizeof(SeriesId) + sizeof(double)));
  Put(&header, 1, blob);
  Put(batch.times_ms.empty() ? &batch.time_ms : batch.times_ms.data(), header.instants, blob);
  Put(batch.series.data(), header.count, blob);
  Put(batch.values.data(), header.count, blob);
  return blob;
}

absl::Status AppendSpooledColumns(absl::string_view blob, std::vector<SeriesId>& series,
                                  std::vector<int64_t>& times_ms, std::vector<double>& values) {
  Header header;
  const bool has_header = blob.size() >= sizeof(header);
  if (has_header) Take(blob, 1, &header);
  const size_t count = header.count;
  if (!has_header || (header.instants != 1 && header.instants != count) ||
      blob.size() !=
          header.instants * sizeof(int64_t) + count * (sizeof(SeriesId) + sizeof(double))) {
    return absl::DataLossError("a batch in the spool is damaged");
  }
  const size_t begin = series.size();
  series.resize(begin + count);
  times_ms.resize(begin + count);
  values.resize(begin + count);
  if (header.instants == count) {
    Take(blob, count, times_ms.data() + begin);
  } else {
    int64_t instant = 0;
    Take(blob, 1, &instant);
    std::fill(times_ms.begin() + static_cast<std::ptrdiff_t>(begin), times_ms.end(), instant);
  }
  Take(blob, count, series.data() + begin);
  Take(blob, count, values.data() + begin);
  return absl::OkStatus();
}

}  // namespace grayling
