#include "daemon/metrics/series_rewriter.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace grayling {
namespace {

std::string Canonical(absl::string_view name, absl::string_view block,
                      const std::map<std::string, std::string>& target = {}) {
  const auto text = SeriesRewriter::Of({target, false, {}})->Rewrite(name, block);
  return text.ok() ? text->value() : std::string(text.status().message());
}

// What the rules make of name{block}; "dropped" where they drop it.
std::string Relabelled(const std::vector<RelabelRule>& rules, absl::string_view name,
                       absl::string_view block) {
  const auto text = SeriesRewriter::Of({{}, false, rules})->Rewrite(name, block);
  return text.ok() ? text->value_or("dropped") : std::string(text.status().message());
}

RelabelRule Rule(RelabelRule::Action action, const std::string& regex,
                 const std::string& replacement = "$1") {
  RelabelRule rule;
  rule.action = action;
  rule.regex = regex;
  rule.replacement = replacement;
  return rule;
}

TEST(SeriesRewriter, SortsLabelsAndDropsEmptyOnes) {
  EXPECT_EQ(Canonical("m", "b=\"2\",c=\"\",a=\"1\""), "m{a=\"1\",b=\"2\"}");
  EXPECT_EQ(Canonical("m", ""), "m");
  EXPECT_EQ(Canonical("m", "c=\"\""), "m");
}

TEST(SeriesRewriter, WritesEscapesInOneWay) {
  EXPECT_EQ(Canonical("m", "a=\"\\d \\\\d\""), "m{a=\"\\\\d \\\\d\"}");
  EXPECT_EQ(Canonical("m", "a=\"x \"y\" z\""), "m{a=\"x \\\"y\\\" z\"}");
}

TEST(SeriesRewriter, AddsTheTargetsLabelsAndKeepsAClashAsExported) {
  EXPECT_EQ(Canonical("m", "job=\"a\"", {{"job", "t"}, {"zone", "z"}}),
            "m{exported_job=\"a\",job=\"t\",zone=\"z\"}");
  EXPECT_EQ(Canonical("m", "job=\"a\",exported_job=\"b\"", {{"job", "t"}}),
            "m{exported_exported_job=\"a\",exported_job=\"b\",job=\"t\"}");
}

TEST(SeriesRewriter, QuotesANameOutsideTheClassicAlphabet) {
  EXPECT_EQ(Canonical("my.name", "l=\"v\""), "{\"my.name\",l=\"v\"}");
  EXPECT_EQ(Canonical("my.name", ""), "{\"my.name\"}");
  EXPECT_EQ(Canonical("m", "\"my.label\"=\"v\""), "m{\"my.label\"=\"v\"}");
}

TEST(SeriesRewriter, ReplacesBytesThatAreNoUtf8) {
  EXPECT_EQ(Canonical("my\xff.n\xc3\xa9", "l=\"\xff\""),
            "{\"my\xef\xbf\xbd.n\xc3\xa9\",l=\"\xef\xbf\xbd\"}");
}

TEST(SeriesRewriter, RefusesALabelGivenTwice) {
  EXPECT_EQ(SeriesRewriter().Rewrite("m", "a=\"1\",a=\"2\"").status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(SeriesRewriter, RefusesASecondName) {
  EXPECT_THAT(Canonical("m", "__name__=\"n\""), testing::HasSubstr("'__name__'"));
}

TEST(SeriesRewriter, KeepsTheScrapedLabelWhereLabelsAreHonoured) {
  const auto rewriter = SeriesRewriter::Of({{{"job", "t"}, {"zone", "z"}}, true, {}});
  EXPECT_EQ(**rewriter->Rewrite("m", "job=\"a\""), "m{job=\"a\",zone=\"z\"}");
}

TEST(SeriesRewriter, KeepsAndDropsBySelector) {
  RelabelRule keep;
  keep.selector = "{job=~\"a|b\"}";
  EXPECT_EQ(Relabelled({keep}, "m", "job=\"a\""), "m{job=\"a\"}");
  EXPECT_EQ(Relabelled({keep}, "m", "job=\"c\""), "dropped");
  RelabelRule drop = keep;
  drop.action = RelabelRule::Action::kDrop;
  EXPECT_EQ(Relabelled({drop}, "m", "job=\"a\""), "dropped");
  EXPECT_EQ(Relabelled({drop}, "m", ""), "m");
}

TEST(SeriesRewriter, KeepsAndDropsByTheWholeOfTheJoinedSources) {
  RelabelRule drop = Rule(RelabelRule::Action::kDrop, "go_.*;a|x");
  drop.source_labels = {"__name__", "job"};
  EXPECT_EQ(Relabelled({drop}, "go_threads", "job=\"a\""), "dropped");
  EXPECT_EQ(Relabelled({drop}, "go_threads", "job=\"ab\""), "go_threads{job=\"ab\"}");
}

TEST(SeriesRewriter, ReplacesALabelAndRenamesTheMetric) {
  RelabelRule port = Rule(RelabelRule::Action::kReplace, "(.*):(\\d+)", "p${2}");
  port.source_labels = {"instance"};
  port.target_label = "port";
  RelabelRule name = Rule(RelabelRule::Action::kReplace, "old_(.*)", "new_$1");
  name.source_labels = {"__name__"};
  name.target_label = "__name__";
  EXPECT_EQ(Relabelled({port, name}, "old_m", "instance=\"h:80\""),
            "new_m{instance=\"h:80\",port=\"p80\"}");
  EXPECT_EQ(Relabelled({port, name}, "m", "instance=\"h\""), "m{instance=\"h\"}");
}

TEST(SeriesRewriter, MapsDropsAndKeepsLabels) {
  EXPECT_EQ(Relabelled({Rule(RelabelRule::Action::kLabelMap, "k8s_(.*)")}, "m", "k8s_pod=\"p\""),
            "m{k8s_pod=\"p\",pod=\"p\"}");
  EXPECT_EQ(Relabelled({Rule(RelabelRule::Action::kLabelDrop, "i.*|.*name.*")}, "m",
                       "id=\"1\",job=\"j\""),
            "m{job=\"j\"}");
  EXPECT_EQ(Relabelled({Rule(RelabelRule::Action::kLabelKeep, "job")}, "m", "id=\"1\",job=\"j\""),
            "m{job=\"j\"}");
}

TEST(SeriesRewriter, RefusesRulesThatCannotBeUsed) {
  const auto complaint = [](const RelabelRule& rule) {
    return std::string(SeriesRewriter::Of({{}, false, {rule}}).status().message());
  };
  EXPECT_THAT(complaint(Rule(RelabelRule::Action::kDrop, "(")), testing::HasSubstr("'(' is wrong"));
  EXPECT_THAT(complaint(Rule(RelabelRule::Action::kReplace, ".*")),
              testing::HasSubstr("target_label"));
  EXPECT_THAT(complaint(Rule(RelabelRule::Action::kLabelMap, ".*", "$1")),
              testing::HasSubstr("does not fit"));
}

TEST(SeriesRewriter, SaysThatASeriesIsLeftWithoutAName) {
  RelabelRule name = Rule(RelabelRule::Action::kReplace, ".*", "");
  name.target_label = "__name__";
  EXPECT_THAT(Relabelled({name}, "m", ""), testing::HasSubstr("without a name"));
}

}  // namespace
}  // namespace grayling
