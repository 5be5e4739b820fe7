#include "probe/fault/blade_disk.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <cstdio>
#include <ctime>
#include <filesystem>

namespace grayling::probe {
namespace {

constexpr double kMib = 1048576;
constexpr double kWhole = 0.99;
constexpr int kPatienceMs = 9000;
constexpr int kPauseMs = 50;

std::string Formatted(const char* format, double first, double second) {
  char text[160];
  std::snprintf(text, sizeof text, format, first, second);
  return text;
}

}  // namespace

std::string BladeFilePath(const FaultOrder& order, const BladeLine& line, const std::string& name) {
  const std::string folder = line.Flag("path").empty() ? "/" : line.Flag("path");
  const std::string root =
      line.IsInContainer() ? "/proc/" + std::to_string(order.pid) + "/root" : "";
  return root + "/" + folder + "/" + name;
}

BladeFillLook::BladeFillLook(const FaultOrder& order, const BladeLine& line)
    : file_(BladeFilePath(order, line, "chaos_filldisk.log.dat")),
      asked_mib_(line.Number("size", 0)),
      keep_free_mib_(order.Parameter("keep_free_mib")) {}

double BladeFillLook::SizeMib() const {
  struct stat file {};
  // Blocks, not length: a file with holes takes no space away.
  return stat(file_.c_str(), &file) == 0 ? static_cast<double>(file.st_blocks) * 512 / kMib : 0;
}

Result<std::map<std::string, std::string>> BladeFillLook::ReadEarlier() {
  if (std::filesystem::exists(file_)) {
    return Error{file_ + " is there already, of another experiment; remove it first"};
  }
  struct statvfs space {};
  const std::string folder = std::filesystem::path(file_).parent_path();
  if (statvfs(folder.c_str(), &space) != 0) return SystemError("cannot look at " + folder);
  const double free_mib =
      static_cast<double>(space.f_bavail) * static_cast<double>(space.f_frsize) / kMib;
  if (free_mib - asked_mib_ < keep_free_mib_) {
    return Error{
        Formatted("%.0f MiB are free, so a file of %g MiB would leave less than "
                  "keep_free_mib; ask for a smaller one",
                  free_mib, asked_mib_)};
  }
  return std::map<std::string, std::string>();
}

Result<ReadBack> BladeFillLook::WaitUntilThere() {
  const timespec pause{0, kPauseMs * 1'000'000L};
  for (int waited = 0; waited < kPatienceMs; waited += kPauseMs) {
    const double size = SizeMib();
    if (size > 0 && size >= kWhole * asked_mib_) {
      return ReadBack{Formatted("a file of %.0f MiB, %g asked", size, asked_mib_), {{"mib", size}}};
    }
    nanosleep(&pause, nullptr);
  }
  return Error{Formatted("its file takes %.0f MiB, and %g were asked for", SizeMib(), asked_mib_)};
}

Status BladeFillLook::StillThere() {
  if (SizeMib() > 0) return Done{};
  return Error{"blade's file has gone before its time"};
}

Result<std::string> BladeFillLook::Residue() {
  return std::filesystem::exists(file_) ? "the file " + file_ : std::string();
}

Status BladeFillLook::CleanUp() {
  std::error_code problem;
  std::filesystem::remove(file_, problem);
  if (problem) return Error{"cannot remove " + file_ + ": " + problem.message()};
  return Done{};
}

}  // namespace grayling::probe
