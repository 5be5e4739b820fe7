#include "probe/fault/memory_squeeze.h"

#include <charconv>
#include <cstdio>
#include <limits>

#include "probe/fault/intensity.h"
#include "probe/fault/memory_use.h"

namespace grayling::probe {
namespace {

constexpr char kFile[] = "memory.high";
constexpr char kWorkingSet[] = "working_set";
constexpr std::int64_t kPage = 4096;  // the kernel rounds limits down to whole ones

// Of a limit file; "max" is the largest number.
std::int64_t Bytes(const std::string& content) {
  std::int64_t bytes = std::numeric_limits<std::int64_t>::max();
  std::from_chars(content.data(), content.data() + content.size(), bytes);
  return bytes;
}

}  // namespace

MemorySqueeze::MemorySqueeze(FaultOrder order)
    : order_(std::move(order)), setting_(order_.cgroup, kFile) {}

Result<std::map<std::string, std::string>> MemorySqueeze::ReadEarlier() {
  Result<std::string> earlier = setting_.Read();
  if (!earlier.ok()) return earlier.error();
  Result<MemoryUseReader> reader = MemoryUseReader::Open(order_.cgroup);
  if (!reader.ok()) return reader.error();
  Result<MemoryUse> use = reader->Read();
  if (!use.ok()) return use.error();
  return std::map<std::string, std::string>{{kFile, *earlier},
                                            {kWorkingSet, std::to_string(use->working_set)}};
}

std::int64_t MemorySqueeze::WorkingSet() const { return Bytes(order_.Earlier(kWorkingSet)); }

Result<ReadBack> MemorySqueeze::Apply() {
  const double share = FirstShare(order_);
  if (Status set = SetShare(share); !set.ok()) return set.error();
  Result<MemoryUseReader> reader = MemoryUseReader::Open(order_.cgroup);
  if (!reader.ok()) return reader.error();
  Result<MemoryUse> use = reader->Read();
  if (!use.ok()) return use.error();
  const double before = static_cast<double>(WorkingSet());
  const std::int64_t high = Bytes(in_force_);
  // Read back from the kernel by SetShare. Where nothing is taken away yet, nothing was written.
  const double percent =
      in_force_ == order_.Earlier(kFile) ? 0 : 100 * (1 - static_cast<double>(high) / before);
  char text[128];
  std::snprintf(text, sizeof text, "memory.high %s MiB, %s MiB were in use, now %s MiB",
                percent > 0 ? Mebibytes(high).c_str() : "as before",
                Mebibytes(WorkingSet()).c_str(), Mebibytes(use->working_set).c_str());
  return ReadBack{text,
                  {{"percent", percent},
                   {"memory_bytes", static_cast<double>(use->current)},
                   {"working_set_bytes", static_cast<double>(use->working_set)}}};
}

Status MemorySqueeze::SetShare(double share) {
  const double percent = IntensityOf(order_, share);
  const auto wanted =
      static_cast<std::int64_t>(static_cast<double>(WorkingSet()) * (1 - percent / 100)) / kPage *
      kPage;
  const std::string& earlier = order_.Earlier(kFile);
  if (percent > 0 && wanted >= Bytes(earlier)) {
    return Error{"memory.high is " + Mebibytes(Bytes(earlier)) +
                 " MiB already, which takes as much away; ask for a larger percent"};
  }
  in_force_ = percent > 0 ? std::to_string(wanted) + "\n" : earlier;
  if (Status written = setting_.Write(in_force_); !written.ok()) return written;
  return StillThere();
}

Status MemorySqueeze::StillThere() {
  Result<std::string> now = setting_.Read();
  if (!now.ok()) return now.error();
  if (*now == in_force_) return Done{};
  return Error{"somebody set memory.high to '" + now->substr(0, now->find('\n')) + "'"};
}

Status MemorySqueeze::Revert() { return setting_.Restore(order_.Earlier(kFile)); }

}  // namespace grayling::probe
