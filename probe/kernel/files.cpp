#include "probe/kernel/files.h"

#include <fcntl.h>

#include <filesystem>

namespace grayling::probe {
namespace {

constexpr std::size_t kRoom = 4096;

}  // namespace

Result<std::string> ReadFile(const std::string& path) {
  Result<KeptFile> file = KeptFile::Open(path);
  if (!file.ok()) return file.error();
  std::string buffer;
  Result<std::string_view> text = file->Read(buffer);
  if (!text.ok())
    return Error{"cannot read " + path + ": " + text.error().sentence, text.error().code};
  buffer.resize(text->size());
  return buffer;
}

Status WriteOnce(const std::string& path, std::string_view content) {
  UniqueFd fd(open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
  if (!fd.valid()) return SystemError("cannot open " + path);
  if (write(fd.get(), content.data(), content.size()) != static_cast<ssize_t>(content.size())) {
    return SystemError("cannot write " + path);
  }
  return Done{};
}

Status ReplaceFileDurably(const std::string& path, std::string_view content) {
  const std::string beside = path + ".new";
  {
    UniqueFd fd(open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!fd.valid()) return SystemError("cannot create " + beside);
    std::size_t done = 0;
    while (done < content.size()) {
      const ssize_t n = write(fd.get(), content.data() + done, content.size() - done);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return SystemError("cannot write " + beside);
      done += static_cast<std::size_t>(n);
    }
    if (fsync(fd.get()) != 0) return SystemError("cannot sync " + beside);
  }
  if (rename(beside.c_str(), path.c_str()) != 0) return SystemError("cannot rename to " + path);
  const std::string folder = std::filesystem::path(path).parent_path().string();
  UniqueFd directory(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.valid() || fsync(directory.get()) != 0) {
    return SystemError("cannot sync the folder " + folder);
  }
  return Done{};
}

Result<KeptFile> KeptFile::Open(const std::string& path) {
  KeptFile file;
  file.fd_ = UniqueFd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.fd_.valid()) return SystemError("cannot open " + path);
  return file;
}

Result<std::string_view> KeptFile::Read(std::string& buffer) const {
  std::size_t done = 0;
  while (true) {
    if (buffer.size() < done + kRoom) buffer.resize(done + 2 * kRoom);
    const ssize_t n =
        pread(fd_.get(), buffer.data() + done, buffer.size() - done, static_cast<off_t>(done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Error{std::strerror(errno), errno};
    done += static_cast<std::size_t>(n);
    // The kernel hands out whole records, up to a page at a time: less than half a page is the end.
    // Not asking again for the empty read that proves it saves half of all system calls.
    if (static_cast<std::size_t>(n) < kRoom / 2) break;
  }
  return std::string_view(buffer.data(), done);
}

}  // namespace grayling::probe
