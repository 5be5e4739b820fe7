#include "daemon/store/model_activations.h"

#include <sqlite3.h>

#include "daemon/store/migrations.h"
#include "daemon/store/records.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/store/temporary_folder.h"

namespace grayling {
namespace {

constexpr absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

TEST(ModelActivations, AreKeptInOrder) {
  TemporaryFolder folder;
  {
    auto database = Database::Open(folder.File("state.db"));
    ASSERT_TRUE(database.ok()) << database.status();
    ModelActivations activations(**database);
    EXPECT_TRUE(activations.List()->empty());
    ASSERT_TRUE(activations.Append({"models/2", false, kNow}).ok());
    ASSERT_TRUE(activations.Append({"models/1", true, kNow + absl::Nanoseconds(1)}).ok());
  }
  auto database = Database::Open(folder.File("state.db"));
  ASSERT_TRUE(database.ok()) << database.status();
  const auto history = ModelActivations(**database).List();
  ASSERT_TRUE(history.ok()) << history.status();
  ASSERT_EQ(history->size(), 2u);
  EXPECT_EQ(history->at(0).model, "models/2");
  EXPECT_FALSE(history->at(0).rollback);
  EXPECT_EQ(history->at(1).model, "models/1");
  EXPECT_TRUE(history->at(1).rollback);
  EXPECT_EQ(history->at(1).time, kNow + absl::Nanoseconds(1));
}

TEST(ModelActivations, BeginWithTheChoiceThatAnOlderDaemonKept) {
  TemporaryFolder folder;
  auto db = OpenConnection(folder.File("state.db"));
  ASSERT_TRUE(db.ok());
  ASSERT_TRUE(Migrate(*db, Migrations().first(1)).ok());
  ASSERT_TRUE(Statement(*db,
                        "INSERT INTO records (collection, name, body, created_ns) VALUES "
                        "('models', 'active', 'models/4', 1700000000000000000), "
                        "('models', 'models/4', 'x', 5), ('vms', 'active', 'y', 6)")
                  .Execute()
                  .ok());
  sqlite3_close(*db);
  auto database = Database::Open(folder.File("state.db"));
  ASSERT_TRUE(database.ok()) << database.status();
  const auto history = ModelActivations(**database).List();
  ASSERT_EQ(history->size(), 1u);
  EXPECT_EQ(history->at(0).model, "models/4");
  EXPECT_EQ(history->at(0).time, kNow);
  RecordStore models(**database, "models");
  EXPECT_EQ(models.List()->size(), 1u);
  RecordStore vms(**database, "vms");
  EXPECT_EQ(vms.List()->size(), 1u);
}

}  // namespace
}  // namespace grayling
