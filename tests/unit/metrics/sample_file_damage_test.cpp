// What a flipped byte in samples.db costs: what it touches, and nothing else.
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "daemon/metrics/sample_file.h"
#include "daemon/metrics/sqlite_sample_store.h"
#include "daemon/store/database.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/store/temporary_folder.h"

namespace grayling {
namespace {

constexpr int64_t kStartMs = 1'700'000'000'000;
constexpr int kSeries = 200;
constexpr int kInstants = 50;

class SampleFileDamageTest : public ::testing::Test {
 protected:
  std::string Path() const { return folder_.File("samples.db"); }

  void Open() {
    store_.reset();
    SqliteSampleStoreOptions options;
    options.transpose_interval = absl::InfiniteDuration();
    auto opened = SqliteSampleStore::Open(Path(), std::move(options));
    ASSERT_TRUE(opened.ok()) << opened.status();
    store_ = *std::move(opened);
  }

  // Target t has the series [100 t, 100 t + 100).
  void Fill() {
    for (int i = 0; i < kSeries; ++i) ASSERT_TRUE(store_->Intern(absl::StrCat("s", i)).ok());
    for (int instant = 0; instant < kInstants; ++instant) {
      for (int target = 0; target < 2; ++target) {
        SampleBatch batch{absl::StrCat("t", target), kStartMs + 1000 * instant, {}, {}};
        for (int i = 0; i < 100; ++i) {
          batch.series.push_back(static_cast<SeriesId>(100 * target + i));
          batch.values.push_back(0.37 * ((i * 7919 + instant * 104729) % 1000));
        }
        ASSERT_TRUE(store_->Append(batch).ok());
      }
    }
    ASSERT_TRUE(store_->Flush().ok());
  }

  // Flips one bit of the blob that `sql` selects, in the closed file.
  void Damage(const std::string& sql) {
    std::string blob;
    {
      const auto file = SampleFile::OpenReader(Path());
      ASSERT_TRUE(file.ok());
      ASSERT_TRUE(Statement(file->db(), "PRAGMA wal_checkpoint(TRUNCATE)").Execute().ok());
      ASSERT_TRUE(Statement(file->db(), sql)
                      .Execute([&blob](const Statement& row) { blob = row.Text(0); })
                      .ok());
    }
    std::ifstream in(Path(), std::ios::binary);
    std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    in.close();
    // The end has the checksum, so that no other blob ends like this; SQLite may have left copies
    // of it in the free parts of pages.
    ASSERT_GE(blob.size(), 60u);
    const std::string end = blob.substr(blob.size() - 16);
    std::fstream out(Path(), std::ios::binary | std::ios::in | std::ios::out);
    int found = 0;
    for (size_t at = bytes.find(end); at != std::string::npos; at = bytes.find(end, at + 1)) {
      ++found;
      out.seekp(static_cast<std::streamoff>(at));
      out.put(static_cast<char>(bytes[at] ^ 0x20));
    }
    ASSERT_GT(found, 0);
  }

  absl::StatusOr<int> CountOf(SeriesId series) {
    int count = 0;
    const std::vector<SeriesId> one = {series};
    const absl::Status status = store_->Read(one, absl::InfinitePast(), absl::InfiniteFuture(),
                                             [&count](SeriesId, const SeriesSamples& samples) {
                                               count += static_cast<int>(samples.values.size());
                                               return absl::OkStatus();
                                             });
    if (!status.ok()) return status;
    return count;
  }

  TemporaryFolder folder_;
  std::unique_ptr<SqliteSampleStore> store_;
};

TEST_F(SampleFileDamageTest, ADamagedChunkCostsItsSeriesAndNoOthers) {
  Open();
  Fill();
  ASSERT_TRUE(store_->TransposeAll().ok());
  store_.reset();
  Damage("SELECT blob FROM chunks WHERE bucket = 0");
  Open();
  EXPECT_TRUE(absl::IsDataLoss(CountOf(0).status())) << CountOf(0).status();
  EXPECT_TRUE(absl::IsDataLoss(CountOf(63).status()));
  EXPECT_EQ(*CountOf(64), kInstants);
  EXPECT_EQ(*CountOf(199), kInstants);
  Fill();
  EXPECT_TRUE(store_->TransposeAll().ok());
  EXPECT_EQ(*CountOf(199), kInstants);
}

TEST_F(SampleFileDamageTest, ADamagedRowCostsItsTargetAndStaysWhereItIs) {
  Open();
  Fill();
  store_.reset();
  Damage("SELECT blob FROM recent WHERE sequence = 1");
  Open();
  EXPECT_TRUE(absl::IsDataLoss(CountOf(7).status())) << CountOf(7).status();
  EXPECT_EQ(*CountOf(107), kInstants);
  EXPECT_TRUE(store_->TransposeAll().ok());
  EXPECT_TRUE(absl::IsDataLoss(CountOf(7).status()));
  EXPECT_EQ(*CountOf(107), kInstants);
  // Behind the damaged instant everything can be read.
  int visits = 0;
  EXPECT_TRUE(store_
                  ->Scan(absl::FromUnixMillis(kStartMs + 1), absl::InfiniteFuture(),
                         [&visits](const SampleBatch&) {
                           ++visits;
                           return absl::OkStatus();
                         })
                  .ok());
  EXPECT_EQ(visits, kInstants - 1);
  EXPECT_TRUE(store_->Expire(absl::InfiniteFuture(), {}).ok());
  EXPECT_EQ(*CountOf(7), 0);
}

TEST_F(SampleFileDamageTest, ADamagedPageOfAnIndexIsDataLossWhereItIsRead) {
  Open();
  Fill();
  ASSERT_TRUE(store_->TransposeAll().ok());
  store_.reset();
  int64_t page = 0;
  {
    const auto file = SampleFile::OpenReader(Path());
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE(Statement(file->db(), "PRAGMA wal_checkpoint(TRUNCATE)").Execute().ok());
    ASSERT_TRUE(
        Statement(file->db(), "SELECT rootpage FROM sqlite_schema WHERE name = 'chunks_by_bucket'")
            .Execute([&page](const Statement& row) { page = row.Integer(0); })
            .ok());
  }
  {
    std::fstream out(Path(), std::ios::binary | std::ios::in | std::ios::out);
    out.seekp(static_cast<std::streamoff>((page - 1) * 4096));
    out.put('\x55');  // no kind of page
  }
  Open();
  EXPECT_TRUE(absl::IsDataLoss(CountOf(0).status())) << CountOf(0).status();
  int visits = 0;
  EXPECT_TRUE(store_
                  ->Scan(absl::InfinitePast(), absl::InfiniteFuture(),
                         [&visits](const SampleBatch&) {
                           ++visits;
                           return absl::OkStatus();
                         })
                  .ok());
  EXPECT_EQ(visits, kInstants);
  EXPECT_TRUE(store_->Append({"t0", kStartMs + 999'999, {0}, {1.0}}).ok());
  EXPECT_TRUE(store_->Flush().ok());
}

}  // namespace
}  // namespace grayling
