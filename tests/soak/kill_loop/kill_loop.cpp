// kill_loop ROUNDS SEED [FOLDER]: a child writes 100,000 samples a second into one sample store and
// says which batches are on disk; it is killed at a random moment, again and again. After each time
// the store is opened and everything acknowledged in this round is compared bit by bit, and all
// rounds' samples are counted. Exits with 1 at the first sample lost, changed or doubled.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bit>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/status_macros.h"
#include "daemon/metrics/sqlite_sample_store.h"
#include "tests/soak/kill_loop/stream.h"

namespace grayling {
namespace {

using Stream = KillLoopStream;
constexpr int kRoundsPerFile = 10;
constexpr int64_t kBatchesPerSecond = 100'000 / Stream::kSeriesPerTarget;

SqliteSampleStoreOptions QuickOptions() {
  SqliteSampleStoreOptions options;
  options.commit_interval = absl::Milliseconds(50);
  options.transpose_interval = absl::Milliseconds(20);  // so that kills hit it
  options.rows_per_chunk = 8;
  return options;
}

absl::Status InternAll(SampleStore& store) {
  for (int i = 0; i < Stream::kTargets * Stream::kSeriesPerTarget; ++i) {
    GRAYLING_RETURN_IF_ERROR(store.Intern(absl::StrCat("s{i=\"", i, "\"}")).status());
  }
  return absl::OkStatus();
}

// The child: from batch `next` on, for ever. Writes the number of batches that are on disk.
absl::Status Write(const std::string& path, uint64_t seed, int64_t next, int acknowledged) {
  GRAYLING_ASSIGN_OR_RETURN(const std::unique_ptr<SqliteSampleStore> store,
                            SqliteSampleStore::Open(path, QuickOptions()));
  GRAYLING_RETURN_IF_ERROR(InternAll(*store));
  const Stream stream(seed);
  SampleBatch batch;
  absl::Time due = absl::Now();
  for (;; ++next) {
    stream.Fill(next, batch);
    GRAYLING_RETURN_IF_ERROR(store->Append(batch));
    if (next % 10 == 9) {
      GRAYLING_RETURN_IF_ERROR(store->Flush());
      const int64_t count = next + 1;
      if (write(acknowledged, &count, sizeof(count)) != sizeof(count)) std::abort();
    }
    due = std::max(due + absl::Seconds(1) / kBatchesPerSecond, absl::Now() - absl::Seconds(1));
    absl::SleepFor(due - absl::Now());
  }
}

class KillLoop {
 public:
  KillLoop(std::string path, uint64_t seed) : path_(std::move(path)), seed_(seed), random_(seed) {}

  absl::Status Round() {
    GRAYLING_ASSIGN_OR_RETURN(const int64_t acknowledged, RunChild());
    return Check(acknowledged);
  }
  // The next round begins with an empty file.
  void StartAnew() {
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path_ + suffix);
    earlier_ += acknowledged_;
    acknowledged_ = 0;
    present_ = 0;
  }
  int64_t acknowledged_samples() const {
    return (earlier_ + acknowledged_) * Stream::kSeriesPerTarget;
  }
  int64_t rounds_with_chunks() const { return rounds_with_chunks_; }

 private:
  // Batches acknowledged until the kill.
  absl::StatusOr<int64_t> RunChild() {
    int ends[2];
    if (pipe(ends) != 0) return absl::InternalError("no pipe");
    const pid_t child = fork();
    if (child == 0) {
      close(ends[0]);
      const absl::Status status = Write(path_, seed_, present_, ends[1]);
      std::fprintf(stderr, "kill-loop: %s\n", std::string(status.message()).c_str());
      _exit(2);
    }
    close(ends[1]);
    const auto alive_ms = std::uniform_int_distribution<int>(200, 1500)(random_);
    std::thread killer([child, alive_ms] {
      absl::SleepFor(absl::Milliseconds(alive_ms));
      kill(child, SIGKILL);
    });
    int64_t acknowledged = present_;
    int64_t count = 0;
    while (read(ends[0], &count, sizeof(count)) == sizeof(count)) acknowledged = count;
    killer.join();
    int how = 0;
    waitpid(child, &how, 0);
    close(ends[0]);
    if (!WIFSIGNALED(how)) return absl::InternalError("the child ended by itself");
    return acknowledged;
  }

  // Every batch before `acknowledged` is there, none twice; the next child goes on after the last
  // batch that is there whole or in part.
  absl::Status Check(int64_t acknowledged) {
    SqliteSampleStoreOptions idle;
    idle.transpose_interval = absl::InfiniteDuration();
    GRAYLING_ASSIGN_OR_RETURN(const std::unique_ptr<SqliteSampleStore> store,
                              SqliteSampleStore::Open(path_, idle));
    acknowledged_ = std::max(acknowledged_, acknowledged);
    std::map<int64_t, int64_t> samples_at;  // by batch
    int64_t batches_there = 0;
    int64_t samples_there = 0;
    std::string wrong;
    const Stream stream(seed_);
    std::map<int64_t, SampleBatch> expected;
    GRAYLING_RETURN_IF_ERROR(
        store->Scan(absl::InfinitePast(), absl::InfiniteFuture(), [&](const SampleBatch& batch) {
          if (batch.target.empty()) chunks_seen_ = true;
          for (size_t i = 0; i < batch.series.size(); ++i) {
            const int64_t n = BatchOf(batch.time_ms, batch.series[i]);
            if (!expected.contains(n)) {
              if (expected.size() > 4000) expected.erase(expected.begin());
              stream.Fill(n, expected[n]);
            }
            const SampleBatch& whole = expected[n];
            const auto position = batch.series[i] % Stream::kSeriesPerTarget;
            if (whole.TimeOf(position) != batch.time_ms ||
                std::bit_cast<uint64_t>(whole.values[position]) !=
                    std::bit_cast<uint64_t>(batch.values[i])) {
              wrong = absl::StrCat("a sample of batch ", n, " changed");
            }
            ++samples_at[n];
            ++samples_there;
          }
          return absl::OkStatus();
        }));
    for (const auto& [n, samples] : samples_at) {
      if (samples != Stream::kSeriesPerTarget) {
        wrong = absl::StrCat("batch ", n, " has ", samples, " samples");
      }
      batches_there = std::max(batches_there, n + 1);
    }
    if (static_cast<int64_t>(samples_at.size()) != batches_there) wrong = "a batch is missing";
    if (batches_there < acknowledged) {
      wrong = absl::StrCat("batches ", batches_there, " to ", acknowledged, " are lost");
    }
    if (!wrong.empty()) return absl::DataLossError(wrong);
    if (chunks_seen_) ++rounds_with_chunks_;
    chunks_seen_ = false;
    present_ = batches_there;
    return absl::OkStatus();
  }

  // What came late lies before the stream's begin, which lasts less than an hour.
  static int64_t BatchOf(int64_t time_ms, SeriesId series) {
    const int64_t scraped_ms = time_ms < Stream::kFirstMs ? time_ms + 3'600'000 : time_ms;
    return (scraped_ms - Stream::kFirstMs) / 100 * Stream::kTargets +
           series / Stream::kSeriesPerTarget;
  }

  const std::string path_;
  const uint64_t seed_;
  std::mt19937_64 random_;
  int64_t present_ = 0;       // batches in the file
  int64_t acknowledged_ = 0;  // batches of this file
  int64_t earlier_ = 0;       // and of those before
  bool chunks_seen_ = false;
  int64_t rounds_with_chunks_ = 0;
};

}  // namespace
}  // namespace grayling

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "kill_loop ROUNDS SEED [FOLDER]\n");
    return 64;
  }
  const int rounds = std::atoi(argv[1]);
  std::string folder =
      argc > 3 ? argv[3] : (std::filesystem::temp_directory_path() / "grayling-XXXXXX").string();
  if (argc <= 3 && mkdtemp(folder.data()) == nullptr) return 1;
  using grayling::kRoundsPerFile;
  grayling::KillLoop loop(folder + "/samples.db", std::strtoull(argv[2], nullptr, 10));
  absl::Status status;
  int done = 0;
  for (; done < rounds && status.ok(); ++done) {
    if (done % kRoundsPerFile == 0) loop.StartAnew();
    status = loop.Round();
  }
  if (argc <= 3 && status.ok()) std::filesystem::remove_all(folder);
  if (!status.ok()) {
    std::printf("kill-loop: round %d: %s; the file stays in %s\n", done,
                std::string(status.message()).c_str(), folder.c_str());
    return 1;
  }
  std::printf("kill-loop: %d rounds, %lld samples acknowledged, 0 lost\n", rounds,
              static_cast<long long>(loop.acknowledged_samples()));
  std::printf("kill-loop: %lld rounds found chunks that a killed writer had made\n",
              static_cast<long long>(loop.rounds_with_chunks()));
  return loop.acknowledged_samples() > 0 ? 0 : 1;
}
