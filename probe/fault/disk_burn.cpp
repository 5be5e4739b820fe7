#include "probe/fault/disk_burn.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "probe/fault/fault_file.h"
#include "probe/fault/intensity.h"
#include "probe/fault/process_identity.h"
#include "probe/kernel/files.h"
#include "probe/kernel/kernel_text.h"
#include "probe/kernel/pause.h"

namespace grayling::probe {
namespace {

constexpr double kMebibyte = 1 << 20;
constexpr std::size_t kBlock = 64 << 10;
constexpr off_t kFileBytes = 8 << 20;
constexpr std::int64_t kLeastFreeBytes = 64 << 20;
constexpr int kProofPatienceMs = 3000;
constexpr int kLeastProofMs = 300;
constexpr double kSlowestProvenMibPerS = 0.1;
constexpr double kEnough = 0.5;

// Memory as O_DIRECT wants it.
class Block {
 public:
  Block() {
    for (std::size_t i = 0; i < kBlock; ++i) room_[i] = static_cast<char>(i * 131);
  }
  char* data() { return room_; }

 private:
  alignas(4096) char room_[kBlock];
};

Status Fill(const UniqueFd& file) {
  Block block;
  for (off_t at = 0; at < kFileBytes; at += kBlock) {
    if (pwrite(file.get(), block.data(), kBlock, at) != static_cast<ssize_t>(kBlock)) {
      return SystemError("cannot write a file of 8 MiB past the page cache");
    }
  }
  return Done{};
}

}  // namespace

DiskBurn::DiskBurn(FaultOrder order)
    : order_(std::move(order)), children_(order_.cgroup, order_.id) {}

Result<ReadBack> DiskBurn::Apply() {
  Result<std::int64_t> free = FreeBytes(order_);
  if (!free.ok()) return free.error();
  if (*free < kLeastFreeBytes) {
    return Error{"less than 64 MiB are free in " + order_.Option("path") + " of the container"};
  }
  Result<UniqueFd> created = MakeUnnamedFile(order_, O_DIRECT);
  if (!created.ok()) return created.error();
  file_ = std::move(*created);
  if (Status filled = Fill(file_); !filled.ok()) return filled.error();
  Result<SharedMemory<std::atomic<double>>> shared = SharedMemory<std::atomic<double>>::Make();
  if (!shared.ok()) return shared.error();
  mib_per_s_ = std::move(*shared);
  static_cast<void>(SetShare(FirstShare(order_)));
  if (Status started = children_.Start([this] { BurnForEver(); }); !started.ok()) {
    return started.error();
  }
  const double asked = *mib_per_s_;
  Result<double> measured = MeasureMibPerS(asked);
  if (!measured.ok()) return measured.error();
  if (Status alive = children_.AllAlive(); !alive.ok()) return alive.error();
  char text[128];
  std::snprintf(text, sizeof text, "disk %s %g MiB/s asked, %.1f measured",
                Reads() ? "reads" : "writes", asked, *measured);
  if (asked >= kSlowestProvenMibPerS && *measured < kEnough * asked) {
    return Error{std::string("the disk does not do as much: ") + text + "; ask for less"};
  }
  return ReadBack{text, {{"mib_per_s", asked}, {"mib_per_s_measured", *measured}}};
}

void DiskBurn::BurnForEver() const {
  // This process has no file of the keeper's open, and the file has no name: through the keeper's
  // own.
  const std::string keepers =
      "/proc/" + std::to_string(getppid()) + "/fd/" + std::to_string(file_.get());
  const UniqueFd file(open(keepers.c_str(), O_RDWR | O_DIRECT | O_CLOEXEC));
  if (!file.valid()) _exit(1);
  Block block;
  off_t at = 0;
  double due = kBlock;  // bytes
  std::int64_t last_ns = MonotonicNs();
  while (true) {
    const std::int64_t now_ns = MonotonicNs();
    const double per_second = *mib_per_s_ * kMebibyte;
    // A slow disk is not asked to catch up with more than 200 ms.
    due = std::min(due + per_second * static_cast<double>(now_ns - last_ns) / 1e9,
                   std::max<double>(kBlock, per_second / 5));
    last_ns = now_ns;
    if (per_second <= 0 || due < kBlock) {
      const double wait_s = per_second > 0 ? (kBlock - due) / per_second : 1;
      PauseNs(static_cast<std::int64_t>(std::min(wait_s, 0.05) * 1e9) + 1);
      continue;
    }
    const ssize_t n = Reads() ? pread(file.get(), block.data(), kBlock, at)
                              : pwrite(file.get(), block.data(), kBlock, at);
    if (n != static_cast<ssize_t>(kBlock)) _exit(1);
    due -= kBlock;
    at = (at + static_cast<off_t>(kBlock)) % kFileBytes;
  }
}

Result<double> DiskBurn::MeasureMibPerS(double asked) const {
  if (asked <= 0) return 0.0;
  const ProcessIdentity burner = ProcessIdentity::Of(children_.pids().front());
  const std::string path = "/proc/" + std::to_string(burner.pid) + "/io";
  const char* key = Reads() ? "read_bytes:" : "write_bytes:";
  const std::int64_t start_ns = MonotonicNs();
  while (true) {
    PauseMs(20);
    Result<std::string> io = ReadFile(path);
    if (!io.ok() || !burner.IsAlive())
      return Error{"the process that burns the disk died at its start"};
    const std::int64_t elapsed_ns = MonotonicNs() - start_ns;
    const double mib = static_cast<double>(FlatKeyed(*io, key).value_or(0)) / kMebibyte;
    const double rate = mib / (static_cast<double>(elapsed_ns) / 1e9);
    if (elapsed_ns < kLeastProofMs * 1'000'000LL) continue;
    if (rate >= kEnough * asked || elapsed_ns >= kProofPatienceMs * 1'000'000LL) return rate;
  }
}

Status DiskBurn::SetShare(double share) {
  *mib_per_s_ = IntensityOf(order_, share);
  return Done{};
}

Status DiskBurn::Revert() {
  file_.Reset();
  return children_.KillAll();
}

}  // namespace grayling::probe
