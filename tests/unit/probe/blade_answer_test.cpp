#include "probe/fault/blade_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace grayling::probe {
namespace {

using ::testing::HasSubstr;

constexpr char kUid[] = "00c0ffee00c0ffee";

Result<nlohmann::json> Read(int exit_code, const std::string& out, const std::string& err = "") {
  return ReadBladeAnswer(ProgramRun{exit_code, out, err});
}

std::string ComplaintAbout(int exit_code, const std::string& out, const std::string& err = "") {
  Result<nlohmann::json> answer = Read(exit_code, out, err);
  return answer.ok() ? "believed" : answer.error().sentence;
}

TEST(BladeAnswer, ASuccessIsBelievedWhenAllItsPartsAgree) {
  Result<nlohmann::json> answer =
      Read(0, R"({"code":200,"success":true,"result":"00c0ffee00c0ffee"})"
              "\n");
  ASSERT_TRUE(answer.ok()) << answer.error().sentence;
  EXPECT_EQ(*answer, kUid);
}

TEST(BladeAnswer, AFailureIsReadFromTheErrorsWithWhatToDo) {
  Result<nlohmann::json> answer =
      Read(1, "", R"({"code":52003,"success":false,"error":"`tc`: command not found"})");
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, 52003);
  EXPECT_EQ(answer.error().sentence,
            "blade refused with code 52003, '`tc`: command not found': the guest has no tc; "
            "install iproute2 in it");
  EXPECT_THAT(ComplaintAbout(1, "", R"({"code":47010,"success":false,"error":"x"})"),
              HasSubstr("the container is not known"));
  EXPECT_THAT(ComplaintAbout(1, "", R"({"code":49001,"success":false,"error":"File exists"})"),
              HasSubstr("has a tc fault already"));
  EXPECT_THAT(ComplaintAbout(1, "", R"({"code":99999,"success":false,"error":"x"})"),
              HasSubstr("code is not known"));
}

TEST(BladeAnswer, CobrasWordsAroundAnAnswerDoNotHideIt) {
  const std::string text =
      "Error: {\"code\":43000,\"success\":false,\"error\":\"must be root {\\\"code\\\"\"}\n"
      "Usage:\n  blade create [flags]\n\nFlags:\n  -h, --help   help {for} create\n";
  EXPECT_THAT(ComplaintAbout(1, "", text), HasSubstr("must run as root"));
}

TEST(BladeAnswer, TheLastAnswerCounts) {
  const std::string text =
      "{\"code\":200,\"success\":true,\"result\":\"1\"}\nlogged\n"
      "{\"code\":200,\"success\":true,\"result\":\"2\"} and more\n";
  Result<nlohmann::json> answer = Read(0, text);
  ASSERT_TRUE(answer.ok()) << answer.error().sentence;
  EXPECT_EQ(*answer, "2");
}

TEST(BladeAnswer, AnIndentedAnswerIsReadToo) {
  Result<nlohmann::json> answer = Read(0, "{\n\t\"code\": 200,\n\t\"success\": true\n}\n");
  ASSERT_TRUE(answer.ok()) << answer.error().sentence;
  EXPECT_TRUE(answer->is_null());
}

TEST(BladeAnswer, WhatContradictsItselfIsNotBelieved) {
  const std::vector<std::pair<int, std::string>> contradictions = {
      {1, R"({"code":200,"success":true,"result":"a"})"},
      {0, R"({"code":200,"success":false,"result":"a"})"},
      {0, R"({"code":200,"success":true,"error":"exit status 1","result":"a"})"},
      {0, R"({"code":63061,"success":true,"result":"a"})"},
      {0, R"({"code":63061,"success":false,"error":"x"})"},
      {1, R"({"code":63061,"success":true,"error":"x"})"},
      {0, R"({"code":"200","success":true,"result":"a"})"},
      {0, R"({"code":200,"success":"true","result":"a"})"},
  };
  for (const auto& [exit_code, text] : contradictions) {
    EXPECT_THAT(ComplaintAbout(exit_code, text), HasSubstr("contradicts itself")) << text;
  }
}

TEST(BladeAnswer, AFailureOnOneStreamOutweighsASuccessOnTheOther) {
  EXPECT_NE(ComplaintAbout(1, R"({"code":200,"success":true,"result":"a"})",
                           R"({"code":63061,"success":false,"error":"x"})"),
            "believed");
  EXPECT_NE(ComplaintAbout(0, R"({"code":200,"success":true,"result":"a"})",
                           R"({"code":63061,"success":false,"error":"x"})"),
            "believed");
}

TEST(BladeAnswer, SilenceAndNoiseAreNoAnswer) {
  EXPECT_THAT(ComplaintAbout(0, ""), HasSubstr("no answer that can be read: exit code 0"));
  EXPECT_THAT(ComplaintAbout(2, "panic: runtime error\n\tat main.go"),
              HasSubstr("'panic: runtime error  at main.go'"));
  EXPECT_THAT(ComplaintAbout(0, "{\"code\":200,\"success\":true"), HasSubstr("no answer"));
}

TEST(BladeAnswer, NoOutputAtAllMakesAFailedProgramBelieved) {
  EXPECT_TRUE(rc::check("hostile output", [](const std::string& before, const std::string& after) {
    const std::string text =
        before + "{\"code\":63061,\"success\":false,\"error\":\"x\"}" + after + "\n";
    RC_ASSERT(!Read(1, text, before).ok());
    RC_ASSERT(!Read(1, before, after).ok());
    RC_ASSERT(!Read(0, before + after, "").ok());
  }));
}

TEST(BladeAnswer, ALongErrorIsCutShort) {
  const std::string text =
      R"({"code":63061,"success":false,"error":")" + std::string(100000, 'x') + "\"}";
  EXPECT_LT(ComplaintAbout(1, "", text).size(), 400u);
}

TEST(BladeRecord, ItMustBeOfThisExperimentAndInTheStateThatIsWanted) {
  const nlohmann::json record = {{"Uid", kUid}, {"Status", "Success"}, {"Error", ""}};
  EXPECT_TRUE(ConfirmBladeRecord(record, kUid, "Success").ok());
  EXPECT_TRUE(ConfirmBladeRecord(nlohmann::json::array({record}), kUid, "Success").ok());
  EXPECT_FALSE(ConfirmBladeRecord(record, kUid, "Destroyed").ok());
  EXPECT_FALSE(ConfirmBladeRecord(record, "another", "Success").ok());
  EXPECT_FALSE(ConfirmBladeRecord(nlohmann::json(), kUid, "Success").ok());
  nlohmann::json with_error = record;
  with_error["Error"] = "exit status 1";
  EXPECT_EQ(ConfirmBladeRecord(with_error, kUid, "Success").error().sentence,
            "blade status of 00c0ffee00c0ffee is 'Success', expected Success and no error: exit "
            "status 1");
}

}  // namespace
}  // namespace grayling::probe
