#include "tests/contract/sample_store_backends.h"

#include <utility>

#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "daemon/metrics/sqlite_sample_store.h"
#include "daemon/metrics/victoria_metrics_sample_store.h"
#include "tests/contract/victoria_metrics_server.h"
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

// A store with a VictoriaMetrics of its own, which is killed when the store is closed.
class ServedStore final : public SampleStore {
 public:
  explicit ServedStore(const std::string& folder) : server_(folder + "/victoria-metrics") {}

  absl::Status Open(const std::string& spool) {
    if (!server_.Start()) return absl::UnavailableError("victoria-metrics does not start");
    GRAYLING_ASSIGN_OR_RETURN(const VictoriaMetricsAddress address, AddressOf(server_.url(), ""));
    GRAYLING_ASSIGN_OR_RETURN(store_, VictoriaMetricsSampleStore::Open(spool, address));
    return absl::OkStatus();
  }
  absl::Status Deliver() { return store_->Deliver(absl::Now() + absl::Seconds(30)); }

  absl::StatusOr<SeriesId> Intern(absl::string_view series) override {
    return store_->Intern(series);
  }
  absl::StatusOr<std::string> Text(SeriesId id) override { return store_->Text(id); }
  absl::StatusOr<std::vector<std::string>> ListSeries() override { return store_->ListSeries(); }
  absl::Status Append(const SampleBatch& batch) override { return store_->Append(batch); }
  absl::Status Flush() override { return store_->Flush(); }
  absl::Status Scan(absl::Time from, absl::Time to,
                    absl::FunctionRef<absl::Status(const SampleBatch&)> visit) override {
    return store_->Scan(from, to, visit);
  }
  absl::StatusOr<std::vector<SeriesId>> Select(const SeriesSelector& selector) override {
    return store_->Select(selector);
  }
  absl::Status Read(
      absl::Span<const SeriesId> series, absl::Time from, absl::Time to,
      absl::FunctionRef<absl::Status(SeriesId, const SeriesSamples&)> visit) override {
    return store_->Read(series, from, to, visit);
  }
  absl::Status Expire(absl::Time before, absl::Span<const TimeRange> kept) override {
    return store_->Expire(before, kept);
  }
  StoreFigures Figures() override { return store_->Figures(); }

 private:
  VictoriaMetricsServer server_;
  std::unique_ptr<VictoriaMetricsSampleStore> store_;
};

absl::StatusOr<std::unique_ptr<SampleStore>> OpenVictoriaMetrics(const std::string& folder) {
  auto store = std::make_unique<ServedStore>(folder);
  GRAYLING_RETURN_IF_ERROR(store->Open(folder + "/spool.db"));
  return store;
}

absl::Status Deliver(SampleStore& store) { return dynamic_cast<ServedStore&>(store).Deliver(); }

absl::StatusOr<std::unique_ptr<SampleStore>> OpenMemory(const std::string&) {
  return std::make_unique<MemorySampleStore>();
}

}  // namespace

std::vector<SampleStoreBackend> SampleStoreBackends() {
  return {{"Memory", OpenMemory, /*survives_reopening=*/false},
          {"SqliteInMemory", OpenSqlite},
          {"SqliteRows", OpenSqlite, true, true, FlushOnly},
          {"SqliteChunks", OpenSqlite, true, true, Transpose},
          {"VictoriaMetrics", OpenVictoriaMetrics, true, /*can_expire=*/false, Deliver,
           VictoriaMetricsServer::Installed() ? "" : "victoria-metrics is not installed"}};
}

}  // namespace grayling
