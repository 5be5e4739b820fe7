#include "daemon/load/jmeter_command.h"

#include <gmock/gmock.h>

#include "daemon/load/jmeter_complaint.h"

namespace grayling {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::StartsWith;

LoadSettings Settings() {
  LoadSettings settings;
  settings.base_url = "http://127.0.0.1:8080";
  settings.users = 35;
  settings.ramp_up = absl::Milliseconds(2500);
  settings.jmeter_plan = "/plans/shop.jmx";
  return settings;
}

std::vector<std::string> Command(const LoadSettings& settings) {
  return JmeterCommand(settings, "/usr/bin/java", "/opt/jmeter", JmeterFiles{"/runs/1"}, 4446);
}

TEST(JmeterCommandTest, RunsThePlanWithoutAWindowOrAShell) {
  const std::vector<std::string> command = Command(Settings());
  EXPECT_EQ(command.front(), "/usr/bin/java");
  EXPECT_THAT(command, IsSupersetOf({"-Xmx512m", "-jar", "/opt/jmeter/bin/ApacheJMeter.jar", "-n",
                                     "-t", "/plans/shop.jmx", "-l", "/runs/1/results.jtl", "-j",
                                     "/runs/1/jmeter.log", "-Jjmeterengine.nongui.port=4446"}));
}

TEST(JmeterCommandTest, TurnsSettingsIntoProperties) {
  EXPECT_THAT(Command(Settings()),
              IsSupersetOf({"-Jthreads=35", "-Jrampup=3", "-Jduration=604800", "-Jprotocol=http",
                            "-Jhost=127.0.0.1", "-Jport=8080", "-Jthink_time_ms=300",
                            "-Jthink_time_deviation_ms=100", "-Jtimeout_ms=10000"}));
}

TEST(JmeterCommandTest, KnowsThePortsOfAddressesWithoutOne) {
  LoadSettings settings = Settings();
  settings.base_url = "https://shop.example";
  EXPECT_THAT(Command(settings),
              IsSupersetOf({"-Jprotocol=https", "-Jhost=shop.example", "-Jport=443"}));
  settings.base_url.clear();
  EXPECT_THAT(Command(settings), Not(Contains(StartsWith("-Jhost="))));
}

TEST(JmeterCommandTest, LetsTheUsersPropertiesWin) {
  LoadSettings settings = Settings();
  settings.jmeter_properties = {{"duration", "60"}, {"greeting", "a=b c;$(d)"}};
  const std::vector<std::string> command = Command(settings);
  EXPECT_THAT(command, Contains("-Jduration=60"));
  EXPECT_THAT(command, Not(Contains("-Jduration=604800")));
  EXPECT_THAT(command, Contains("-Jgreeting=a=b c;$(d)"));
}

TEST(JmeterCommandTest, RefusesPropertiesThatItNeedsForItself) {
  EXPECT_TRUE(CheckJmeterProperty("my.property-1", "any text").ok());
  EXPECT_THAT(
      std::string(CheckJmeterProperty("jmeter.save.saveservice.output_format", "xml").message()),
      HasSubstr("is set by Grayling"));
  EXPECT_FALSE(CheckJmeterProperty("jmeterengine.nongui.port", "1").ok());
  EXPECT_FALSE(CheckJmeterProperty("", "x").ok());
  EXPECT_FALSE(CheckJmeterProperty("a b", "x").ok());
  EXPECT_FALSE(CheckJmeterProperty("-Xmx", "x").ok());
  EXPECT_FALSE(CheckJmeterProperty("a", "two\nlines").ok());
}

TEST(JmeterCommandTest, RefusesSettingsThatMakeNoLoad) {
  EXPECT_TRUE(CheckJmeterSettings(Settings()).ok());
  LoadSettings settings = Settings();
  settings.jmeter_plan = "shop.jmx";
  EXPECT_THAT(std::string(CheckJmeterSettings(settings).message()),
              HasSubstr("'shop.jmx' is no absolute path"));
  settings = Settings();
  settings.users = 0;
  EXPECT_FALSE(CheckJmeterSettings(settings).ok());
  settings = Settings();
  settings.base_url = "127.0.0.1:80";
  EXPECT_FALSE(CheckJmeterSettings(settings).ok());
  settings = Settings();
  settings.ramp_up = absl::InfiniteDuration();
  EXPECT_FALSE(CheckJmeterSettings(settings).ok());
}

TEST(JmeterComplaintTest, FindsTheCauseBeforeTheError) {
  EXPECT_EQ(ComplaintIn("Creating summariser <summary>\nError in NonGUIDriver\n"
                        "\tat org.apache.Thing(error)\nCaused by: no such file\n"),
            "Caused by: no such file");
  EXPECT_EQ(ComplaintIn("starting\nAn error occurred: Could not open /x.jmx\nmore errors\n"),
            "An error occurred: Could not open /x.jmx");
  EXPECT_EQ(ComplaintIn("Error in NonGUIDriver: Problem loading XML from:'/x.jmx'. \nCause:\n"
                        "CannotResolveClassException: nonsense\n\n Detail:x\n"),
            "Error in NonGUIDriver: Problem loading XML from:'/x.jmx'. "
            "CannotResolveClassException: nonsense");
  EXPECT_EQ(ComplaintIn("all is well\n"), "");
}

}  // namespace
}  // namespace grayling
