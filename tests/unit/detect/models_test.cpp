#include "daemon/detect/models.h"

#include <gmock/gmock.h>
#include <google/protobuf/util/delimited_message_util.h>

#include <sstream>

#include "detect_fixture.h"

namespace grayling {
namespace {

using ::testing::HasSubstr;

class ModelsTest : public DetectFixture {
 protected:
  RecordStore model_records_{*database_, "models"};
  ModelActivations activations_{*database_};
  Models models_{model_records_, activations_, *detector_, clock_};
  const std::string file_ = SerializeModel(TwoServiceModel());
};

TEST_F(ModelsTest, AnUploadIsNumberedAndKept) {
  const auto uploaded = models_.Upload(file_, "");
  ASSERT_TRUE(uploaded.ok()) << uploaded.status();
  EXPECT_EQ(uploaded->name(), "models/1");
  EXPECT_EQ(uploaded->description(), "made by hand");
  EXPECT_EQ(uploaded->size_bytes(), file_.size());
  EXPECT_EQ(uploaded->threshold(), 0.5);
  EXPECT_EQ(uploaded->create_time().seconds(), kStartS);
  EXPECT_FALSE(uploaded->active());
  const auto got = models_.Get("models/1");
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(got->SerializeAsString(), uploaded->SerializeAsString());
}

TEST_F(ModelsTest, TheUploadersDescriptionGoesBeforeTheFiles) {
  EXPECT_EQ(models_.Upload(file_, "night run")->description(), "night run");
}

TEST_F(ModelsTest, AFileThatCannotRunIsRefusedAndNotKept) {
  EXPECT_EQ(models_.Upload("{}", "").status().code(), absl::StatusCode::kInvalidArgument);
  Model broken = TwoServiceModel();
  broken.features = {"value(absent)"};
  EXPECT_EQ(models_.Upload(SerializeModel(broken), "").status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(models_.List()->empty());
}

TEST_F(ModelsTest, APeriodIsWithinTenMillisecondsAndAnHour) {
  for (const double period_s : {0.01, 3600.0}) {
    Model model = TwoServiceModel();
    model.period_s = period_s;
    EXPECT_TRUE(models_.Upload(SerializeModel(model), "").ok()) << period_s;
  }
  for (const double period_s : {-1.0, 0.0, 0.009, 3600.5, 1e300}) {
    Model model = TwoServiceModel();
    model.period_s = period_s;
    const absl::Status status = models_.Upload(SerializeModel(model), "").status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << period_s;
    EXPECT_THAT(std::string(status.message()), HasSubstr("period_s"));
    EXPECT_EQ(detector_->Activate("models/9", model).code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST_F(ModelsTest, AModelThatCannotRunIsNotTheActiveOneAfterARestart) {
  ASSERT_TRUE(models_.Upload(file_, "").ok());
  ASSERT_TRUE(models_.Activate("models/1").ok());
  Model broken = TwoServiceModel();
  broken.features = {"value(absent)"};
  std::ostringstream record;
  google::protobuf::util::SerializeDelimitedToOstream(v1::Model(), &record);
  record << SerializeModel(broken);
  ASSERT_TRUE(model_records_.Put("models/2", record.str(), At(0)).ok());
  EXPECT_FALSE(models_.Activate("models/2").ok());
  EXPECT_TRUE(models_.Get("models/1")->active());
}

TEST_F(ModelsTest, ExactlyOneIsActive) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(models_.Upload(file_, "").ok());
  ASSERT_TRUE(models_.Activate("models/1").ok());
  ASSERT_TRUE(models_.Activate("models/3")->active());
  const auto models = models_.List();
  ASSERT_EQ(models->size(), 3u);
  EXPECT_FALSE(models->at(0).active());
  EXPECT_FALSE(models->at(1).active());
  EXPECT_TRUE(models->at(2).active());
}

TEST_F(ModelsTest, AfterARestartTheActiveModelRunsAgain) {
  ASSERT_TRUE(models_.Upload(file_, "").ok());
  ASSERT_TRUE(models_.Activate("models/1").ok());
  LiveDetector reborn(store_, *alarms_, feed_, clock_);
  Models restored(model_records_, activations_, reborn, clock_);
  reborn.RunRow(At(1));
  EXPECT_FALSE(reborn.latest().has_value());
  ASSERT_TRUE(restored.Restore().ok());
  reborn.RunRow(At(2));
  EXPECT_TRUE(reborn.latest().has_value());
}

TEST_F(ModelsTest, ARollbackGoesBackToTheModelBefore) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(models_.Upload(file_, "").ok());
  for (const char* name : {"models/1", "models/3", "models/2"}) {
    clock_.Advance(absl::Seconds(1));
    ASSERT_TRUE(models_.Activate(name).ok());
  }
  EXPECT_EQ(models_.Rollback()->name(), "models/3");
  EXPECT_TRUE(models_.Get("models/3")->active());
  EXPECT_FALSE(models_.Get("models/2")->active());
  EXPECT_EQ(models_.Get("models/2")->activate_time().seconds(), kStartS + 3);
  // The next one goes further back, and a new choice begins from there.
  EXPECT_EQ(models_.Rollback()->name(), "models/1");
  ASSERT_TRUE(models_.Activate("models/2").ok());
  EXPECT_EQ(models_.Rollback()->name(), "models/1");
}

TEST_F(ModelsTest, ARollbackWithoutAnEarlierModelIsRefused) {
  EXPECT_EQ(models_.Rollback().status().code(), absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(models_.Upload(file_, "").ok());
  ASSERT_TRUE(models_.Activate("models/1").ok());
  // Activating it again is no other model.
  ASSERT_TRUE(models_.Activate("models/1").ok());
  const absl::Status status = models_.Rollback().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("before models/1"));
  EXPECT_TRUE(models_.Get("models/1")->active());
}

TEST_F(ModelsTest, ARollbackSurvivesARestart) {
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(models_.Upload(file_, "").ok());
  ASSERT_TRUE(models_.Activate("models/1").ok());
  ASSERT_TRUE(models_.Activate("models/2").ok());
  ASSERT_TRUE(models_.Rollback().ok());
  LiveDetector reborn(store_, *alarms_, feed_, clock_);
  ModelActivations read_again(*database_);
  Models restored(model_records_, read_again, reborn, clock_);
  ASSERT_TRUE(restored.Restore().ok());
  EXPECT_TRUE(restored.Get("models/1")->active());
  EXPECT_EQ(read_again.List()->size(), 3u);  // a restart is no activation
}

TEST_F(ModelsTest, TheProvenanceOfTheFileIsShown) {
  Model model = TwoServiceModel();
  model.provenance.dataset = "night \xff";
  model.provenance.groups = {"r1", "r2"};
  model.provenance.events = 36;
  model.provenance.created_s = 1'700'000'000;
  model.provenance.metrics = {{"pr_auc", 0.75}};
  ASSERT_TRUE(models_.Upload(SerializeModel(model), "").ok());
  const v1::ModelProvenance provenance = models_.Get("models/1")->provenance();
  EXPECT_EQ(provenance.dataset(), "night \xef\xbf\xbd");
  EXPECT_EQ(provenance.groups_size(), 2);
  EXPECT_EQ(provenance.events(), 36);
  EXPECT_EQ(provenance.fit_time().seconds(), 1'700'000'000);
  ASSERT_EQ(provenance.metrics_size(), 1);
  EXPECT_EQ(provenance.metrics(0).name(), "pr_auc");
  EXPECT_EQ(provenance.metrics(0).value(), 0.75);
}

TEST_F(ModelsTest, ADamagedFileLeavesNothingBehind) {
  const std::string half = file_.substr(0, file_.size() / 2);
  EXPECT_THAT(std::string(models_.Upload(half, "").status().message()),
              HasSubstr("bytes of a model of"));
  EXPECT_THAT(
      std::string(models_.Upload("{\"format\":\"grayling-model/1\"}", "").status().message()),
      HasSubstr("older grayling-ml"));
  EXPECT_TRUE(models_.List()->empty());
  EXPECT_EQ(models_.Upload(file_, "")->name(), "models/1");
}

TEST_F(ModelsTest, WithoutAnActiveModelThereIsNothingToRestore) {
  EXPECT_TRUE(models_.Restore().ok());
}

TEST_F(ModelsTest, UnknownNamesAreNamed) {
  EXPECT_EQ(models_.Get("models/9").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(models_.Activate("models/9").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(models_.Get("active").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(models_.Get("7").status().message()), HasSubstr("models/7"));
}

}  // namespace
}  // namespace grayling
