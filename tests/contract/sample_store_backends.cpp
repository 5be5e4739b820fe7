#include "tests/contract/sample_store_backends.h"

#include <utility>

#include "base/status_macros.h"
#include "daemon/metrics/sqlite_sample_store.h"
#include "tests/unit/metrics/memory_sample_store.h"

namespace grayling {
namespace {

absl::StatusOr<std::unique_ptr<SampleStore>> OpenSqlite(const std::string& folder) {
  SqliteSampleStoreOptions options;
  options.transpose_interval = absl::InfiniteDuration();  // the suite says when
  GRAYLING_ASSIGN_OR_RETURN(std::unique_ptr<SqliteSampleStore> store,
                            SqliteSampleStore::Open(folder + "/samples.db", std::move(options)));
  return std::unique_ptr<SampleStore>(std::move(store));
}

absl::Status Transpose(SampleStore& store) {
  GRAYLING_RETURN_IF_ERROR(store.Flush());
  return dynamic_cast<SqliteSampleStore&>(store).TransposeAll();
}

absl::Status FlushOnly(SampleStore& store) { return store.Flush(); }

absl::StatusOr<std::unique_ptr<SampleStore>> OpenMemory(const std::string&) {
  return std::make_unique<MemorySampleStore>();
}

}  // namespace

std::vector<SampleStoreBackend> SampleStoreBackends() {
  return {{"Memory", OpenMemory, /*survives_reopening=*/false},
          {"SqliteInMemory", OpenSqlite},
          {"SqliteRows", OpenSqlite, true, true, FlushOnly},
          {"SqliteChunks", OpenSqlite, true, true, Transpose}};
}

}  // namespace grayling
