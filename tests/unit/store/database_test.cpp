#include "daemon/store/database.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/store/migrations.h"
#include "daemon/store/records.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/store/temporary_folder.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;

constexpr absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

std::string Pragma(Database& database, const std::string& name) {
  std::string value;
  EXPECT_TRUE(database
                  .Run([&](sqlite3* db) {
                    return Statement(db, "PRAGMA " + name).Execute([&](const Statement& row) {
                      value = row.Text(0);
                    });
                  })
                  .ok());
  return value;
}

TEST(Database, OpensWithTheSettingsThatTheJournalRelyOn) {
  TemporaryFolder folder;
  auto database = Database::Open(folder.File("state.db"));
  ASSERT_TRUE(database.ok()) << database.status();
  EXPECT_EQ(Pragma(**database, "journal_mode"), "wal");
  EXPECT_EQ(Pragma(**database, "synchronous"), "2");
  EXPECT_EQ(Pragma(**database, "foreign_keys"), "1");
}

TEST(Database, RefusesASecondOwner) {
  TemporaryFolder folder;
  auto first = Database::Open(folder.File("state.db"));
  ASSERT_TRUE(first.ok());
  auto second = Database::Open(folder.File("state.db"));
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("locked by another process"));
}

TEST(Database, CanBeOpenedAgainAfterItsOwnerIsGone) {
  TemporaryFolder folder;
  { ASSERT_TRUE(Database::Open(folder.File("state.db")).ok()); }
  EXPECT_TRUE(Database::Open(folder.File("state.db")).ok());
}

TEST(Database, SaysWhichFolderIsMissing) {
  auto database = Database::Open("/nonexistent/state.db");
  ASSERT_FALSE(database.ok());
  EXPECT_THAT(std::string(database.status().message()), HasSubstr("/nonexistent/state.db"));
}

TEST(Database, RefusesAFileThatIsNoDatabase) {
  TemporaryFolder folder;
  const std::string path = folder.File("state.db");
  FILE* file = fopen(path.c_str(), "w");
  ASSERT_NE(file, nullptr);
  for (int i = 0; i < 1000; ++i) fputs("not a database ", file);
  fclose(file);
  EXPECT_EQ(Database::Open(path).status().code(), absl::StatusCode::kDataLoss);
}

TEST(Database, RollsBackATransactionWhoseBodyFails) {
  TemporaryFolder folder;
  auto database = Database::Open(folder.File("state.db"));
  ASSERT_TRUE(database.ok());
  const absl::Status status = (*database)->Transaction([](sqlite3* db) {
    Statement insert(db, "INSERT INTO events (time_ns, subject, text) VALUES (1, 'a', 'b')");
    EXPECT_TRUE(insert.Execute().ok());
    return absl::CancelledError("changed my mind");
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
  EXPECT_TRUE(EventLog(**database).Between(absl::InfinitePast(), absl::InfiniteFuture())->empty());
}

TEST(Database, TellsOfAFullDiskAndGoesOnWhenThereIsSpaceAgain) {
  TemporaryFolder folder;
  auto database = Database::Open(folder.File("state.db"));
  ASSERT_TRUE(database.ok());
  RecordStore models(**database, "models");
  ASSERT_TRUE(models.Put("models/1", "small", kNow).ok());

  Pragma(**database, "max_page_count=1");  // SQLite raises this to the present size
  const absl::Status refused = models.Put("models/2", std::string(1 << 20, 'x'), kNow);
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("free space"));
  EXPECT_EQ(models.Get("models/1")->body, "small");

  Pragma(**database, "max_page_count=100000");
  EXPECT_TRUE(models.Put("models/2", std::string(1 << 20, 'x'), kNow).ok());
}

TEST(Database, KeepsWhatWasPutWhenTheProcessIsKilled) {
  TemporaryFolder folder;
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    auto database = Database::Open(folder.File("state.db"));
    const bool put =
        database.ok() && RecordStore(**database, "vms").Put("vms/lab", "body", kNow).ok();
    const char answer = put ? 'y' : 'n';
    if (write(ready[1], &answer, 1) != 1) _exit(1);
    pause();
    _exit(0);
  }
  char answer = 'n';
  ASSERT_EQ(read(ready[0], &answer, 1), 1);
  EXPECT_EQ(answer, 'y');
  EXPECT_EQ(Database::Open(folder.File("state.db")).status().code(),
            absl::StatusCode::kUnavailable);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  close(ready[0]);
  close(ready[1]);

  auto database = Database::Open(folder.File("state.db"));
  ASSERT_TRUE(database.ok()) << database.status();
  EXPECT_EQ(RecordStore(**database, "vms").Get("vms/lab")->body, "body");
}

TEST(Statement, KeepsBytesAndEmptyTextsApartFromNull) {
  TemporaryFolder folder;
  auto database = Database::Open(folder.File("state.db"));
  ASSERT_TRUE(database.ok());
  const std::string bytes("a\0b", 3);
  ASSERT_TRUE((*database)
                  ->Run([&](sqlite3* db) {
                    Statement echo(db, "SELECT ?, ?, ?, ?");
                    echo.Bind(bytes).Bind("").BindNull().Bind(2.5);
                    return echo.Execute([&](const Statement& row) {
                      EXPECT_EQ(row.Text(0), bytes);
                      EXPECT_FALSE(row.IsNull(1));
                      EXPECT_TRUE(row.IsNull(2));
                      EXPECT_EQ(row.Real(3), 2.5);
                    });
                  })
                  .ok());
}

TEST(Statement, ReportsBadSqlInsteadOfRunningIt) {
  TemporaryFolder folder;
  auto database = Database::Open(folder.File("state.db"));
  ASSERT_TRUE(database.ok());
  const absl::Status status =
      (*database)->Run([](sqlite3* db) { return Statement(db, "SELEKT 1").Execute(); });
  EXPECT_THAT(std::string(status.message()), HasSubstr("SELEKT"));
}

TEST(Migrations, ApplyOnlyWhatIsMissing) {
  TemporaryFolder folder;
  auto db = OpenConnection(folder.File("small.db"));
  ASSERT_TRUE(db.ok());
  const char* steps[] = {"CREATE TABLE a (x)", "ALTER TABLE a ADD COLUMN y"};
  EXPECT_TRUE(Migrate(*db, absl::MakeSpan(steps, 1)).ok());
  EXPECT_TRUE(Migrate(*db, steps).ok());
  EXPECT_TRUE(Migrate(*db, steps).ok());
  EXPECT_TRUE(Statement(*db, "INSERT INTO a (x, y) VALUES (1, 2)").Execute().ok());
  sqlite3_close(*db);
}

TEST(Migrations, RefuseANewerSchema) {
  TemporaryFolder folder;
  auto db = OpenConnection(folder.File("small.db"));
  ASSERT_TRUE(db.ok());
  const char* steps[] = {"CREATE TABLE a (x)", "CREATE TABLE b (x)"};
  ASSERT_TRUE(Migrate(*db, steps).ok());
  EXPECT_EQ(Migrate(*db, absl::MakeSpan(steps, 1)).code(), absl::StatusCode::kFailedPrecondition);
  sqlite3_close(*db);
}

TEST(Migrations, LeaveNothingOfAStepThatFails) {
  TemporaryFolder folder;
  auto db = OpenConnection(folder.File("small.db"));
  ASSERT_TRUE(db.ok());
  const char* broken[] = {"CREATE TABLE a (x); CREATE TABLE a (x)"};
  const char* mended[] = {"CREATE TABLE a (x)"};
  EXPECT_FALSE(Migrate(*db, broken).ok());
  EXPECT_TRUE(Migrate(*db, mended).ok());
  sqlite3_close(*db);
}

}  // namespace
}  // namespace grayling
