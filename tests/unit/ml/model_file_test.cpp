#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "ml/core/model.h"
#include "ml/core/model_envelope.h"

namespace grayling {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// A whole model of any architecture, with numbers of every size.
class RandomModels {
 public:
  explicit RandomModels(uint32_t seed) : random_(seed) {}

  Model Next() {
    Model model;
    model.description = Text();
    model.provenance = {.dataset = Text(),
                        .dataset_hash = Text(),
                        .groups = {Text(), Text()},
                        .runs = 3,
                        .rows = 1000,
                        .events = 7,
                        .seed = random_(),
                        .architecture = "lstm 6",
                        .loss = "bce",
                        .created_s = 17,
                        .program = "a test",
                        .metrics = {{"pr_auc", 0.5}, {Text(), std::nan("")}}};
    model.period_s = 0.5;
    model.services = {"a", Text()};
    const int columns = 1 + static_cast<int>(random_() % 4);
    const bool cleans = random_() % 2 == 0;
    for (int c = 0; c < columns; ++c) {
      model.input_columns.push_back(Text());
      model.scales.push_back({Number(), std::abs(Number()) + 1e-30F});
      if (!cleans) continue;
      model.cleaning.push_back(
          {c == 0, Number(), c + 3, Number(), 1e-9, Number(), Number(), Number(), c % 3});
    }
    const int features = 1 + static_cast<int>(random_() % 5);
    for (int f = 0; f < features; ++f) model.features.push_back(Text());
    model.network = Network(features);
    model.temperature = 1.7F;
    model.threshold = Number();
    model.alarm_rows = 5;
    model.alarm_votes = 2;
    return model;
  }

 private:
  float Number() {
    const float sign = random_() % 2 == 0 ? 1.0F : -1.0F;
    return sign * std::ldexp(std::uniform_real_distribution<float>(0, 1)(random_),
                             static_cast<int>(random_() % 200) - 140);
  }
  // Column names come from foreign files: any bytes.
  std::string Text() {
    std::string text(random_() % 12, ' ');
    for (char& c : text) c = static_cast<char>(random_() & 0xff);
    return text;
  }
  Matrix RandomMatrix(Eigen::Index rows, Eigen::Index columns) {
    Matrix matrix(rows, columns);
    for (Eigen::Index i = 0; i < matrix.size(); ++i) matrix.data()[i] = Number();
    return matrix;
  }
  NetworkWeights Network(int inputs) {
    NetworkWeights network;
    network.architecture = static_cast<Architecture>(random_() % 4);
    const Eigen::Index units = 1 + random_() % 6;
    Eigen::Index width = inputs;
    if (network.architecture == Architecture::kConvolution) network.taps = 2;
    const auto layers =
        network.architecture == Architecture::kLogistic ? 0 : 1 + static_cast<int>(random_() % 2);
    for (int l = 0; l < layers; ++l) {
      LayerWeights& layer = network.layers.emplace_back();
      const bool lstm = network.architecture == Architecture::kLstm;
      const bool gru = network.architecture == Architecture::kGru;
      const Eigen::Index rows = (lstm ? 4 : gru ? 3 : 1) * units;
      layer.input = RandomMatrix(rows, network.taps * width);
      if (lstm || gru) layer.recurrent = RandomMatrix(rows, units);
      layer.bias = RandomMatrix(rows, 1);
      if (gru) layer.recurrent_bias = RandomMatrix(rows, 1);
      width = units;
    }
    network.head_weights = RandomMatrix(width, 1);
    network.head_bias = -0.0F;
    return network;
  }

  std::mt19937 random_;
};

template <typename Dense>
bool SameBits(const Dense& a, const Dense& b) {
  return a.rows() == b.rows() && a.cols() == b.cols() &&
         std::memcmp(a.data(), b.data(), sizeof(float) * static_cast<size_t>(a.size())) == 0;
}

bool SameNetwork(const NetworkWeights& a, const NetworkWeights& b) {
  if (a.architecture != b.architecture || a.taps != b.taps || a.layers.size() != b.layers.size()) {
    return false;
  }
  for (size_t l = 0; l < a.layers.size(); ++l) {
    const LayerWeights &x = a.layers[l], &y = b.layers[l];
    if (!SameBits(x.input, y.input) || !SameBits(x.recurrent, y.recurrent) ||
        !SameBits(x.bias, y.bias) || !SameBits(x.recurrent_bias, y.recurrent_bias)) {
      return false;
    }
  }
  return SameBits(a.head_weights, b.head_weights) &&
         std::memcmp(&a.head_bias, &b.head_bias, sizeof(float)) == 0;
}

std::string Refusal(absl::string_view file) {
  const auto model = ParseModel(file);
  EXPECT_EQ(model.status().code(), absl::StatusCode::kInvalidArgument) << file.substr(0, 40);
  return std::string(model.status().message());
}

TEST(ModelFile, RestoresTheModelBitForBit) {
  EXPECT_TRUE(rc::check([] {
    const Model model = RandomModels(*rc::gen::arbitrary<uint32_t>()).Next();
    const std::string file = SerializeModel(model);
    const auto read = ParseModel(file);
    RC_ASSERT(read.ok());
    RC_ASSERT(SameNetwork(read->network, model.network));
    RC_ASSERT(read->description == model.description);
    RC_ASSERT(read->services == model.services);
    RC_ASSERT(read->input_columns == model.input_columns);
    RC_ASSERT(read->features == model.features);
    RC_ASSERT(read->threshold == model.threshold);
    RC_ASSERT(read->scales.size() == model.scales.size());
    for (size_t c = 0; c < model.scales.size(); ++c) {
      RC_ASSERT(read->scales[c].median == model.scales[c].median);
      RC_ASSERT(read->scales[c].scale == model.scales[c].scale);
    }
    RC_ASSERT(read->cleaning.size() == model.cleaning.size());
    for (size_t c = 0; c < model.cleaning.size(); ++c) {
      RC_ASSERT(read->cleaning[c].active == model.cleaning[c].active);
      RC_ASSERT(read->cleaning[c].window == model.cleaning[c].window);
      RC_ASSERT(read->cleaning[c].threshold == model.cleaning[c].threshold);
      RC_ASSERT(read->cleaning[c].baseline_high == model.cleaning[c].baseline_high);
      RC_ASSERT(read->cleaning[c].longest_spike == model.cleaning[c].longest_spike);
    }
    RC_ASSERT(read->provenance.groups == model.provenance.groups);
    RC_ASSERT(read->provenance.seed == model.provenance.seed);
    RC_ASSERT(std::isnan(read->provenance.metrics[1].second));
    RC_ASSERT(SerializeModel(*read) == file);
  }));
}

// Two columns, one part of each kind of number.
Model UnlabelledModel() {
  Model model;
  NoveltyModel& novelty = model.novelty.emplace();
  novelty.columns = {"a/x", "\xff"};
  novelty.scales = {{1, 2}, {0.1F, 0.3F}};
  novelty.drift_rate = 0.01F;
  NoveltyPart& part = novelty.parts.emplace_back();
  part.input = NoveltyInput::kLevelAndChange;
  part.mean = Eigen::Vector4f(0, -0.0F, 1, 2);
  part.directions = Matrix::Zero(1, 4);
  part.directions(0, 2) = 1;
  part.weights = Eigen::VectorXf::Constant(1, 0.7F);
  part.rest_weight = 0.2F;
  part.usual = 3;
  novelty.threshold = 1.25;
  novelty.alarm_votes = 2;
  novelty.alarm_rows = 3;
  novelty.training_rows = 1000;
  novelty.usual_strangeness = 0.4F;
  return model;
}

TEST(ModelFile, RestoresADetectorWithoutLabels) {
  const Model model = UnlabelledModel();
  const auto read = ParseModel(SerializeModel(model));
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_TRUE(read->novelty.has_value());
  const NoveltyModel &a = *model.novelty, &b = *read->novelty;
  EXPECT_EQ(b.columns, a.columns);
  EXPECT_EQ(b.scales[1].scale, a.scales[1].scale);
  EXPECT_EQ(b.drift_rate, a.drift_rate);
  ASSERT_EQ(b.parts.size(), 1u);
  EXPECT_EQ(b.parts[0].input, a.parts[0].input);
  EXPECT_TRUE(SameBits(b.parts[0].mean, a.parts[0].mean));
  EXPECT_TRUE(SameBits(b.parts[0].directions, a.parts[0].directions));
  EXPECT_TRUE(SameBits(b.parts[0].weights, a.parts[0].weights));
  EXPECT_EQ(b.parts[0].rest_weight, a.parts[0].rest_weight);
  EXPECT_EQ(b.parts[0].usual, a.parts[0].usual);
  EXPECT_EQ(b.threshold, a.threshold);
  EXPECT_EQ(b.alarm_votes, a.alarm_votes);
  EXPECT_EQ(b.alarm_rows, a.alarm_rows);
  EXPECT_EQ(b.training_rows, a.training_rows);
  EXPECT_EQ(b.usual_strangeness, a.usual_strangeness);
}

TEST(ModelFile, IsRefusedWhenItIsCutShortAnywhere) {
  const std::string file = SerializeModel(RandomModels(1).Next());
  for (size_t size = 1; size < file.size(); ++size) {
    EXPECT_THAT(Refusal(absl::string_view(file).substr(0, size)),
                ::testing::AnyOf(HasSubstr("cut short"), HasSubstr(" bytes of a model of ")))
        << size;
  }
  EXPECT_THAT(Refusal(file + "x"), HasSubstr("bytes of a model of"));
}

TEST(ModelFile, IsRefusedWhenAnyByteChanged) {
  const std::string file = SerializeModel(RandomModels(2).Next());
  for (size_t at = 0; at < file.size(); ++at) {
    for (const int flip : {1, 0x80, 0xff}) {
      std::string damaged = file;
      damaged[at] = static_cast<char>(damaged[at] ^ flip);
      Refusal(damaged);
    }
  }
}

TEST(ModelFile, GarbageBehindAValidChecksumNeitherCrashesNorRuns) {
  std::mt19937 random(3);
  const std::string file = SerializeModel(RandomModels(3).Next());
  const std::string payload(*OpenModel(file));
  int refused = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string garbage = payload.substr(0, random() % (payload.size() + 1));
    for (int flips = static_cast<int>(random() % 8); flips > 0 && !garbage.empty(); --flips) {
      garbage[random() % garbage.size()] = static_cast<char>(random() & 0xff);
    }
    const auto model = ParseModel(SealModel(garbage));
    if (model.ok()) {
      EXPECT_TRUE(CheckModel(*model).ok());
    } else {
      ++refused;
    }
  }
  EXPECT_GT(refused, 2000);
}

TEST(ModelFile, SaysWhatItIsInstead) {
  EXPECT_THAT(Refusal("{\"format\":\"grayling-model/1\",\"hidden\":6}"),
              AllOf(HasSubstr("older grayling-ml"), HasSubstr("fit the model again")));
  EXPECT_THAT(Refusal("grayling-model/3\nwhatever"), HasSubstr("\"grayling-model/3\""));
  for (const char* text : {"{}", "PNG", "time,a\n1,2\n"}) {
    EXPECT_THAT(Refusal(text), HasSubstr("no model file")) << text;
  }
  EXPECT_THAT(Refusal(""), HasSubstr("cut short"));
}

// A model that fits together, to be spoilt in one place.
Model SoundModel() {
  Model model;
  model.input_columns = {"x"};
  model.scales = {{0, 1}};
  model.features = {"value(context:x)"};
  model.network.architecture = Architecture::kLogistic;
  model.network.head_weights = Eigen::VectorXf::Ones(1);
  return model;
}

TEST(ModelCheck, NamesThePartThatDoesNotFit) {
  ASSERT_TRUE(CheckModel(SoundModel()).ok()) << CheckModel(SoundModel());
  const auto expect = [](void (*spoil)(Model&), const std::string& what) {
    Model model = SoundModel();
    spoil(model);
    EXPECT_THAT(std::string(CheckModel(model).message()), HasSubstr(what));
    EXPECT_THAT(Refusal(SerializeModel(model)), HasSubstr(what));
  };
  expect([](Model& m) { m.period_s = 0; }, "period_s is 0");
  expect([](Model& m) { m.temperature = 0; }, "temperature 0");
  expect([](Model& m) { m.threshold = std::nan(""); }, "threshold is not a number");
  expect([](Model& m) { m.alarm_votes = 2; }, "alarm rule is 2 of 1 rows");
  expect([](Model& m) { m.scales.clear(); }, "0 scales for 1 columns");
  expect([](Model& m) { m.scales[0].scale = 0; }, "the column x is not positive");
  expect([](Model& m) { m.cleaning.resize(2); }, "cleans 2 of 1 columns");
  expect([](Model& m) { m.features.clear(); }, "0 features");
  expect([](Model& m) { m.novelty.emplace(); }, "columns of its own");
  expect([](Model& m) { m.network.head_weights.resize(3); }, "head");
  expect([](Model& m) { m.network.head_bias = std::numeric_limits<float>::infinity(); },
         "not finite");
}

}  // namespace
}  // namespace grayling
