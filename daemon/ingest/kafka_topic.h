#pragma once

#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

typedef struct rd_kafka_s rd_kafka_t;

namespace grayling {

// One topic of a Kafka cluster, read by librdkafka. Not thread-safe.
class KafkaTopic {
 public:
  // Reads on where the consumer group `group` has committed; from the beginning when it never has.
  static absl::StatusOr<KafkaTopic> Subscribe(const std::string& brokers, const std::string& topic,
                                              const std::string& group);
  // Reads all partitions from their beginning, each time. UNAVAILABLE when the brokers do not
  // answer within `timeout` or have no such topic.
  static absl::StatusOr<KafkaTopic> FromBeginning(const std::string& brokers,
                                                  const std::string& topic, absl::Duration timeout);

  // Waits up to `wait` for a message and gives it to `visit`. False when none came. UNAVAILABLE for
  // an error that librdkafka does not get over by itself.
  absl::StatusOr<bool> Poll(absl::Duration wait, absl::FunctionRef<void(absl::string_view)> visit);
  // Whether Poll has seen the end of every partition; only after FromBeginning.
  bool IsAtEnd() const { return ends_to_see_ <= 0; }
  // Everything polled so far counts as done for the group. Blocks.
  absl::Status Commit();

 private:
  struct Close {
    void operator()(rd_kafka_t* client) const;
  };
  using Client = std::unique_ptr<rd_kafka_t, Close>;

  KafkaTopic(Client client, std::string topic)
      : client_(std::move(client)), topic_(std::move(topic)) {}
  static absl::StatusOr<Client> Connect(const std::string& brokers, const std::string& group);

  Client client_;
  std::string topic_;
  int ends_to_see_ = 0;
};

}  // namespace grayling
