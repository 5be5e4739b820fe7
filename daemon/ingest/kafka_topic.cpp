#include "daemon/ingest/kafka_topic.h"

#include <librdkafka/rdkafka.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace grayling {
namespace {

template <auto Function>
struct Call {
  template <typename T>
  void operator()(T* pointer) const {
    Function(pointer);
  }
};

using Settings = std::unique_ptr<rd_kafka_conf_t, Call<rd_kafka_conf_destroy>>;
using Message = std::unique_ptr<rd_kafka_message_t, Call<rd_kafka_message_destroy>>;
using Partitions =
    std::unique_ptr<rd_kafka_topic_partition_list_t, Call<rd_kafka_topic_partition_list_destroy>>;
using Topic = std::unique_ptr<rd_kafka_topic_t, Call<rd_kafka_topic_destroy>>;

absl::Status Unavailable(absl::string_view topic, absl::string_view reason) {
  return absl::UnavailableError(absl::StrCat("Kafka's topic ", topic, " cannot be read: ", reason));
}

absl::Status StatusOfCode(absl::string_view topic, rd_kafka_resp_err_t code) {
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return absl::OkStatus();
  return Unavailable(topic, rd_kafka_err2str(code));
}

}  // namespace

void KafkaTopic::Close::operator()(rd_kafka_t* client) const {
  rd_kafka_consumer_close(client);
  rd_kafka_destroy(client);
}

absl::StatusOr<KafkaTopic::Client> KafkaTopic::Connect(const std::string& brokers,
                                                       const std::string& group) {
  Settings settings(rd_kafka_conf_new());
  char error[512] = "";
  for (const auto& [name, value] :
       {std::pair<const char*, std::string>{"bootstrap.servers", brokers},
        {"group.id", group},
        {"client.id", "graylingd"},
        {"enable.auto.commit", "false"},
        {"auto.offset.reset", "earliest"},
        {"enable.partition.eof", "true"},
        {"queued.max.messages.kbytes", "16384"}}) {
    if (rd_kafka_conf_set(settings.get(), name, value.c_str(), error, sizeof error) !=
        RD_KAFKA_CONF_OK) {
      return absl::InvalidArgumentError(absl::StrCat("Kafka's setting ", name, ": ", error));
    }
  }
  rd_kafka_t* const client = rd_kafka_new(RD_KAFKA_CONSUMER, settings.get(), error, sizeof error);
  if (client == nullptr) return absl::UnavailableError(absl::StrCat("no Kafka client: ", error));
  settings.release();  // the client's now
  rd_kafka_poll_set_consumer(client);
  return Client(client);
}

absl::StatusOr<KafkaTopic> KafkaTopic::Subscribe(const std::string& brokers,
                                                 const std::string& topic,
                                                 const std::string& group) {
  GRAYLING_ASSIGN_OR_RETURN(Client client, Connect(brokers, group));
  const Partitions wanted(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(wanted.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  GRAYLING_RETURN_IF_ERROR(StatusOfCode(topic, rd_kafka_subscribe(client.get(), wanted.get())));
  return KafkaTopic(std::move(client), topic);
}

absl::StatusOr<KafkaTopic> KafkaTopic::FromBeginning(const std::string& brokers,
                                                     const std::string& topic,
                                                     absl::Duration timeout) {
  GRAYLING_ASSIGN_OR_RETURN(Client client, Connect(brokers, "grayling-metadata"));
  const rd_kafka_metadata_t* raw = nullptr;
  const Topic handle(rd_kafka_topic_new(client.get(), topic.c_str(), nullptr));
  GRAYLING_RETURN_IF_ERROR(
      StatusOfCode(topic, rd_kafka_metadata(client.get(), 0, handle.get(), &raw,
                                            static_cast<int>(absl::ToInt64Milliseconds(timeout)))));
  const std::unique_ptr<const rd_kafka_metadata_t, Call<rd_kafka_metadata_destroy>> metadata(raw);
  if (metadata->topic_cnt != 1 || metadata->topics[0].partition_cnt == 0) {
    return Unavailable(topic, "the cluster has no such topic");
  }
  const int count = metadata->topics[0].partition_cnt;
  const Partitions wanted(rd_kafka_topic_partition_list_new(count));
  for (int i = 0; i < count; ++i) {
    rd_kafka_topic_partition_list_add(wanted.get(), topic.c_str(),
                                      metadata->topics[0].partitions[i].id)
        ->offset = RD_KAFKA_OFFSET_BEGINNING;
  }
  GRAYLING_RETURN_IF_ERROR(StatusOfCode(topic, rd_kafka_assign(client.get(), wanted.get())));
  KafkaTopic reader(std::move(client), topic);
  reader.ends_to_see_ = count;
  return reader;
}

absl::StatusOr<bool> KafkaTopic::Poll(absl::Duration wait,
                                      absl::FunctionRef<void(absl::string_view)> visit) {
  const Message message(
      rd_kafka_consumer_poll(client_.get(), static_cast<int>(absl::ToInt64Milliseconds(wait))));
  if (message == nullptr) return false;
  if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    --ends_to_see_;
    return false;
  }
  // What librdkafka reports while it goes on by itself: a broker away, a topic not there yet.
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (rd_kafka_fatal_error(client_.get(), nullptr, 0) == RD_KAFKA_RESP_ERR_NO_ERROR) return false;
    return Unavailable(topic_, rd_kafka_message_errstr(message.get()));
  }
  visit(absl::string_view(static_cast<const char*>(message->payload), message->len));
  return true;
}

absl::Status KafkaTopic::Commit() {
  const rd_kafka_resp_err_t code = rd_kafka_commit(client_.get(), nullptr, /*async=*/0);
  if (code == RD_KAFKA_RESP_ERR__NO_OFFSET) return absl::OkStatus();
  return StatusOfCode(topic_, code);
}

}  // namespace grayling
