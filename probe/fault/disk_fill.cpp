#include "probe/fault/disk_fill.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>

#include "probe/fault/fault_file.h"
#include "probe/fault/intensity.h"

namespace grayling::probe {
namespace {

constexpr double kMebibyte = 1 << 20;

}  // namespace

DiskFill::DiskFill(FaultOrder order) : order_(std::move(order)) {}

Result<ReadBack> DiskFill::Apply() {
  Result<std::int64_t> free = FreeBytes(order_);
  if (!free.ok()) return free.error();
  const double free_mib = static_cast<double>(*free) / kMebibyte;
  const double asked = IntensityOf(order_, 1);
  const double keep = order_.Parameter("keep_free_mib");
  char text[160];
  if (free_mib - asked < keep) {
    std::snprintf(text, sizeof text,
                  "%.0f MiB are free and %g have to stay so (keep_free_mib); ask for at most %.0f",
                  free_mib, keep, free_mib > keep ? free_mib - keep : 0);
    return Error{text};
  }
  Result<UniqueFd> created = MakeUnnamedFile(order_);
  if (!created.ok()) return created.error();
  file_ = std::move(*created);
  if (Status set = SetShare(FirstShare(order_)); !set.ok()) return set.error();
  Result<std::int64_t> taken = TakenBytes();
  if (!taken.ok()) return taken.error();
  free = FreeBytes(order_);
  if (!free.ok()) return free.error();
  const double taken_mib = static_cast<double>(*taken) / kMebibyte;
  const double left_mib = static_cast<double>(*free) / kMebibyte;
  std::snprintf(text, sizeof text, "a file of %.1f MiB; %.0f MiB are left", taken_mib, left_mib);
  return ReadBack{text, {{"mib", taken_mib}, {"keep_free_mib", keep}, {"free_mib", left_mib}}};
}

Status DiskFill::SetShare(double share) {
  const auto wanted = static_cast<off_t>(IntensityOf(order_, share) * kMebibyte);
  struct stat about {};
  if (fstat(file_.get(), &about) != 0) return SystemError("cannot look at the file");
  if (wanted <= about.st_size) {
    if (ftruncate(file_.get(), wanted) != 0) return SystemError("cannot shrink the file");
    return Done{};
  }
  const off_t more = wanted - about.st_size;
  Result<std::int64_t> free = FreeBytes(order_);
  if (!free.ok()) return free.error();
  const double left_mib = static_cast<double>(*free - more) / kMebibyte;
  if (left_mib < order_.Parameter("keep_free_mib")) {
    return Error{
        "others filled the disk: the file cannot grow without leaving less than "
        "keep_free_mib"};
  }
  if (fallocate(file_.get(), 0, about.st_size, more) != 0) {
    return SystemError("cannot make the file as large");
  }
  return Done{};
}

Result<std::int64_t> DiskFill::TakenBytes() const {
  struct stat about {};
  if (fstat(file_.get(), &about) != 0) return SystemError("cannot look at the file");
  return std::int64_t{about.st_blocks} * 512;
}

Status DiskFill::Revert() {
  file_.Reset();
  return Done{};
}

}  // namespace grayling::probe
