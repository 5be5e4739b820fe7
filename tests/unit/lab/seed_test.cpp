#include "deploy/lab/application/seed.h"

#include <fstream>
#include <iterator>

#include "deploy/lab/application/random_text.h"
#include "deploy/lab/application/sqlite.h"
#include "gmock/gmock.h"
#include "tests/unit/lab/lab_application.h"

namespace grayling::lab {
namespace {

constexpr SeedSize kSmall = {.owners = 100, .visits = 300, .vets = 50};

std::string Bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

int64_t Ask(const std::string& path, const std::string& sql) {
  absl::StatusOr<std::unique_ptr<Connection>> db = Connection::Open(path);
  return db.ok() ? (*db)->Integer(sql).value_or(-1) : -1;
}

TEST(SeedTest, MakesTheSameBytesEveryTime) {
  TemporaryFolder folder;
  for (const std::string role : {"customers-service", "visits-service", "vets-service"}) {
    ASSERT_TRUE(SeedDatabase(role, folder.path() + "/a" + role, kSmall).ok());
    ASSERT_TRUE(SeedDatabase(role, folder.path() + "/b" + role, kSmall).ok());
    EXPECT_EQ(Bytes(folder.path() + "/a" + role), Bytes(folder.path() + "/b" + role)) << role;
  }
}

TEST(SeedTest, LeavesAnExistingDatabaseAlone) {
  TemporaryFolder folder;
  const std::string path = folder.path() + "/db";
  ASSERT_TRUE(SeedDatabase("vets-service", path, kSmall).ok());
  ASSERT_TRUE(SeedDatabase("vets-service", path, {.owners = 1, .visits = 1, .vets = 1}).ok());
  EXPECT_EQ(Ask(path, "SELECT count(*) FROM vets"), 50);
}

TEST(SeedTest, GivesOddOwnersTwoPetsAndEvenOnesOne) {
  TemporaryFolder folder;
  const std::string path = folder.path() + "/db";
  ASSERT_TRUE(SeedDatabase("customers-service", path, kSmall).ok());
  EXPECT_EQ(Ask(path, "SELECT count(*) FROM pets"), 150);
  EXPECT_EQ(Ask(path,
                "SELECT count(*) FROM (SELECT owner_id FROM pets GROUP BY owner_id HAVING"
                " count(*) = 2 - (owner_id % 2 = 0))"),
            100);
}

TEST(SeedTest, GivesVisitsToPetsThatExist) {
  TemporaryFolder folder;
  const std::string path = folder.path() + "/db";
  ASSERT_TRUE(SeedDatabase("visits-service", path, kSmall).ok());
  EXPECT_EQ(Ask(path, "SELECT count(*) FROM visits WHERE pet_id BETWEEN 1 AND 150"), 300);
}

TEST(SeedTest, LeavesNothingBehindForAnUnknownRole) {
  TemporaryFolder folder;
  EXPECT_EQ(SeedDatabase("api-gateway", folder.path() + "/db", kSmall).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(RandomTextTest, HasTheLengthAskedFor) {
  EXPECT_EQ(RandomText(1, 1700).size(), 1700u);
  EXPECT_NE(RandomText(1, 100), RandomText(2, 100));
}

}  // namespace
}  // namespace grayling::lab
