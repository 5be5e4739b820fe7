#include "probe/kernel/kernel_text.h"

#include <gtest/gtest.h>

#include "probe/kernel/files.h"
#include "tests/unit/probe/temporary_folder.h"

namespace grayling::probe {
namespace {

TEST(KernelText, AFlatKeyIsNotMistakenForALongerOne) {
  const std::string text = "anon_thp 9\nanon 4096\nfile 8192\n";
  EXPECT_EQ(FlatKeyed(text, "anon"), 4096u);
  EXPECT_EQ(FlatKeyed(text, "file"), 8192u);
  EXPECT_EQ(FlatKeyed(text, "shmem"), std::nullopt);
}

TEST(KernelText, PressureIsTakenFromTheLineAskedFor) {
  const std::string text =
      "some avg10=0.57 avg60=1.26 avg300=2.18 total=19956910\n"
      "full avg10=0.00 avg60=0.00 avg300=0.00 total=17\n";
  EXPECT_EQ(PressureTotalUs(text, "some"), 19956910u);
  EXPECT_EQ(PressureTotalUs(text, "full"), 17u);
  EXPECT_EQ(PressureTotalUs("some avg10=0.00\n", "some"), std::nullopt);
}

TEST(KernelText, IoIsSummedOverDevices) {
  const IoTotals io = IoStat(
      "254:0 rbytes=1000 wbytes=20 rios=3 wios=4 dbytes=0 dios=0\n"
      "254:16 rbytes=1 wbytes=2 rios=5 wios=6 dbytes=0 dios=0\n"
      "7:0 \n");
  EXPECT_EQ(io.read_bytes, 1001u);
  EXPECT_EQ(io.write_bytes, 22u);
  EXPECT_EQ(io.reads, 8u);
}

TEST(KernelText, RunDelayIsTheSecondFieldOfSchedstat) {
  EXPECT_EQ(RunDelayNs("123456 789 12\n"), 789u);
  EXPECT_EQ(RunDelayNs(""), std::nullopt);
}

TEST(KernelText, SnmpValuesAreFoundUnderTheirNames) {
  const std::string text =
      "Ip: Forwarding DefaultTTL\nIp: 1 64\n"
      "Tcp: RtoAlgorithm MaxConn InSegs OutSegs RetransSegs\nTcp: 1 -1 1001 1002 17\n"
      "TcpExt: TCPTimeouts\nTcpExt: 5\n";
  EXPECT_EQ(SnmpValue(text, "Tcp", "RetransSegs"), 17u);
  EXPECT_EQ(SnmpValue(text, "Tcp", "InSegs"), 1001u);
  EXPECT_EQ(SnmpValue(text, "TcpExt", "TCPTimeouts"), 5u);
  EXPECT_EQ(SnmpValue(text, "Tcp", "TCPTimeouts"), std::nullopt);
  EXPECT_EQ(SnmpValue(text, "Udp", "InErrors"), std::nullopt);
}

TEST(KernelText, AnInterfaceIsFoundByItsWholeName) {
  const std::string text =
      "Inter-|   Receive                            |  Transmit\n"
      " face |bytes packets errs drop fifo frame compressed multicast|bytes packets\n"
      "veth12: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\n"
      " veth1: 100 10 0 0 0 0 0 0 200 20 0 0 0 0 0 0\n";
  const std::optional<InterfaceTotals> totals = NetDev(text, "veth1");
  ASSERT_TRUE(totals);
  EXPECT_EQ(totals->receive_bytes, 100u);
  EXPECT_EQ(totals->receive_packets, 10u);
  EXPECT_EQ(totals->transmit_bytes, 200u);
  EXPECT_EQ(totals->transmit_packets, 20u);
  EXPECT_FALSE(NetDev(text, "veth"));
}

TEST(KernelText, SocketsInUseAreToldApartByFamily) {
  const std::string text =
      "sockets: used 31\nTCP: inuse 4 orphan 0 tw 6 alloc 5 mem 3\nUDP: inuse 2\n";
  EXPECT_EQ(SocketsInUse(text, "TCP"), 4u);
  EXPECT_EQ(SocketsInUse(text, "TCP6"), std::nullopt);
  EXPECT_EQ(SocketsInUse("TCP6: inuse 0\nUDP6: inuse 0\n", "TCP6"), 0u);
}

TEST(KernelText, TheUnifiedCgroupIsTheOneWithoutControllers) {
  EXPECT_EQ(UnifiedCgroup("4:memory:/a\n0::/system.slice/docker-1.scope\n"),
            "/system.slice/docker-1.scope");
  EXPECT_EQ(UnifiedCgroup("4:memory:/a\n"), std::nullopt);
}

TEST(KernelText, AProcessNameWithParenthesesDoesNotShiftTheFields) {
  const std::string fields = " 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4242 20 21";
  EXPECT_EQ(StartTicks("77 (a) b (c) S" + fields), 4242u);
  EXPECT_EQ(StartTicks("77 (zombie) Z" + fields), std::nullopt);
  EXPECT_EQ(StartTicks("nonsense"), std::nullopt);
}

TEST(KernelText, RunnableTasksPrecedeTheSlash) {
  EXPECT_EQ(RunnableTasks("0.20 0.18 0.12 3/80 11206\n"), 3u);
}

TEST(KernelText, NumbersComeLineByLineAndRubbishIsSkipped) {
  std::vector<std::uint64_t> seen;
  ForEachNumber("12\n\nx\n34", [&](std::uint64_t number) { seen.push_back(number); });
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{12, 34}));
}

TEST(Files, AKeptFileIsReadWholeAndAgain) {
  const TemporaryFolder folder;
  for (const std::size_t size : {0u, 1u, 2047u, 2048u, 4096u, 8191u, 100000u}) {
    const std::string content(size, 'x');
    Result<KeptFile> file = KeptFile::Open(folder.Write("f", content));
    ASSERT_TRUE(file.ok());
    std::string buffer;
    for (int round = 0; round < 2; ++round) {
      Result<std::string_view> text = file->Read(buffer);
      ASSERT_TRUE(text.ok());
      EXPECT_EQ(*text, content) << size;
    }
  }
}

TEST(Files, AReplacedFileLeavesNothingBeside) {
  const TemporaryFolder folder;
  const std::string path = folder.Write("mark", "old");
  ASSERT_TRUE(ReplaceFileDurably(path, "new").ok());
  EXPECT_EQ(*ReadFile(path), "new");
  EXPECT_FALSE(ReadFile(path + ".new").ok());
  EXPECT_FALSE(ReplaceFileDurably(folder.path() + "/none/mark", "new").ok());
}

}  // namespace
}  // namespace grayling::probe
