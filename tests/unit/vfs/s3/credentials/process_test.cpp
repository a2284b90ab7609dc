#include "vfs/base/subprocess.hpp"

#include <csignal>

#include "tests/unit/vfs/s3/credentials/machine.hpp"

using namespace cairn;
using namespace std::chrono_literals;
using test::contains;
using test::Machine;
using vfs::SubprocessResult;

namespace {

/// A profile whose program is a script with these lines.
void add_process(Machine& machine, const std::string& lines, const std::string& arguments = "") {
  const std::string script = machine.file("give keys", "#!/bin/sh\n" + lines, 0700);
  machine.config("[default]\ncredential_process = '" + script + "' " + arguments + "\n");
}

const std::string kOutput =
    R"(echo '{"Version":1,"AccessKeyId":"ASIAPROCESS","SecretAccessKey":"s","SessionToken":"t","Expiration":"2026-02-12T06:00:00Z"}')";

}  // namespace

TEST_CASE("a program gives credentials", "[s3][credentials]") {
  Machine machine;
  add_process(machine, kOutput);
  const auto found = machine.find();
  CHECK(found.access_key_id == "ASIAPROCESS");
  CHECK(found.session_token.reveal() == "t");
  CHECK(*found.expires - machine.clock->now() == 6h);
}

TEST_CASE("an end of credentials may be written as Python writes it", "[s3][credentials]") {
  Machine machine;
  // aws configure export-credentials --format process
  add_process(
      machine,
      R"(echo '{"Version":1,"AccessKeyId":"a","SecretAccessKey":"s","SessionToken":"t","Expiration":"2026-02-12T06:00:00+00:00"}')");
  CHECK(*machine.find().expires - machine.clock->now() == 6h);
}

TEST_CASE("the program's arguments are words, and no shell sees them", "[s3][credentials]") {
  Machine machine;
  const std::string seen = machine.file("seen", "");
  add_process(machine, "printf '%s|' \"$@\" > '" + seen + "'\n" + kOutput,
              R"("two words" $HOME x;rm '*' a\ b)");
  CHECK(machine.find().access_key_id == "ASIAPROCESS");
  std::ifstream file(seen);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  CHECK(text == "two words|$HOME|x;rm|*|a b|");
}

TEST_CASE("a program is not run if others may write the file that names it", "[s3][credentials]") {
  Machine machine;
  const std::string seen = machine.file("seen", "");
  const std::string script = machine.file("give", "#!/bin/sh\necho x > " + seen, 0700);
  machine.file(".aws/config", "[default]\ncredential_process = " + script + "\n", 0666);
  CHECK(contains(machine.failure(), "others may write to that file"));
  CHECK(std::filesystem::file_size(seen) == 0);
}

TEST_CASE("the credentials file may name a program, and is looked at in the same way",
          "[s3][credentials]") {
  Machine machine;
  const std::string script = machine.file("give", "#!/bin/sh\n" + kOutput, 0700);
  const std::string text = "[default]\ncredential_process = " + script + "\n";
  machine.keys(text);
  CHECK(machine.find().access_key_id == "ASIAPROCESS");
  machine.file(".aws/credentials", text, 0620);
  CHECK(contains(machine.failure(), "others may write to that file"));
}

TEST_CASE("a program that fails is an error that tells what it said", "[s3][credentials]") {
  Machine machine;
  add_process(machine, "echo 'log in first' >&2\nexit 3\n");
  const std::string text = machine.failure();
  CHECK(contains(text, "it ended with status 3; it says: log in first"));
}

TEST_CASE("what a program gives has to be credentials of version 1", "[s3][credentials]") {
  Machine machine;
  const auto failure = [&](const std::string& output) {
    add_process(machine, "echo '" + output + "'\n");
    return machine.failure();
  };
  CHECK(contains(failure("not json"), "gave no JSON object"));
  CHECK(contains(failure(R"({"AccessKeyId":"a","SecretAccessKey":"b"})"), "\"Version\": 1"));
  CHECK(contains(failure(R"({"Version":1,"AccessKeyId":"a"})"), "gave no AccessKeyId with"));
  CHECK(
      contains(failure(R"({"Version":1,"AccessKeyId":"a","SecretAccessKey":"b","Expiration":"x"})"),
               "no time"));
  CHECK(contains(
      failure(
          R"({"Version":1,"AccessKeyId":"a","SecretAccessKey":"b","Expiration":"2020-01-01T00:00:00Z"})"),
      "have expired"));
}

TEST_CASE("a program that is not there is named", "[s3][credentials]") {
  Machine machine;
  machine.config("[default]\ncredential_process = /nowhere/at/all\n");
  CHECK(contains(machine.failure(), "/nowhere/at/all"));
  machine.config("[default]\ncredential_process = 'open\n");
  CHECK(contains(machine.failure(), "is no command"));
}

TEST_CASE("a program that does not end is ended, with what it has started", "[subprocess]") {
  const auto begin = std::chrono::steady_clock::now();
  const SubprocessResult result =
      vfs::run_subprocess({"/bin/sh", "-c", "sleep 60 & sleep 60"}, {.time = 50ms});
  CHECK(result.end == SubprocessResult::End::timed_out);
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
}

TEST_CASE("a program that closes its output and goes on is ended, too", "[subprocess]") {
  const auto begin = std::chrono::steady_clock::now();
  const SubprocessResult result =
      vfs::run_subprocess({"/bin/sh", "-c", "exec >&- 2>&-; sleep 60"}, {.time = 50ms});
  CHECK(result.end == SubprocessResult::End::timed_out);
  CHECK(std::chrono::steady_clock::now() - begin < 5s);
}

TEST_CASE("nobody waits for what a program leaves behind", "[subprocess]") {
  const auto begin = std::chrono::steady_clock::now();
  const SubprocessResult result =
      vfs::run_subprocess({"/bin/sh", "-c", "sleep 20 & echo $!; exit 4"}, {});
  CHECK(result.end == SubprocessResult::End::exited);
  CHECK(result.code == 4);
  CHECK(std::chrono::steady_clock::now() - begin < 15s);
  kill(std::stoi(result.output), SIGKILL);
}

TEST_CASE("all that a program has written is read, also if it has ended", "[subprocess]") {
  const SubprocessResult result =
      vfs::run_subprocess({"/bin/sh", "-c", "head -c 60000 /dev/zero; echo bad >&2"}, {});
  CHECK(result.output == std::string(60000, '\0'));
  CHECK(result.errors == "bad\n");
}

TEST_CASE("a program gets the signals as a shell would give them", "[subprocess]") {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const SubprocessResult result =
      vfs::run_subprocess({"/bin/sh", "-c", "kill -TERM $$; echo alive"}, {});
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  CHECK(result.end == SubprocessResult::End::signalled);
  CHECK(result.code == SIGTERM);
}

TEST_CASE("a program is ended when its caller's time is over", "[s3][credentials]") {
  Machine machine;
  add_process(machine, "sleep 60\n");
  const auto call = vfs::CallOptions{.deadline = std::chrono::steady_clock::now() + 50ms};
  try {
    static_cast<void>(vfs::s3::find_credentials(machine.services(), call, nullptr));
    FAIL("no error");
  } catch (const vfs::net::TransportError& error) {
    CHECK(error.failure() == vfs::net::TransportFailure::deadline);
  }
}

TEST_CASE("a program gets this process's variables, and what is set for it", "[subprocess]") {
  setenv("CAIRN_TEST_OWN", "own", 1);
  setenv("CAIRN_TEST_SET", "old", 1);
  const SubprocessResult result =
      vfs::run_subprocess({"/bin/sh", "-c", "echo $CAIRN_TEST_OWN $CAIRN_TEST_SET"},
                          {.variables = {"CAIRN_TEST_SET=new"}});
  CHECK(result.output == "own new\n");
  unsetenv("CAIRN_TEST_OWN");
  unsetenv("CAIRN_TEST_SET");
}

TEST_CASE("a program that never stops writing is ended", "[subprocess]") {
  const SubprocessResult result =
      vfs::run_subprocess({"/bin/sh", "-c", "yes"}, {.output = 64U << 10U});
  CHECK(result.end == SubprocessResult::End::too_much_output);
}

TEST_CASE("a program is ended when its caller is stopped", "[subprocess]") {
  std::stop_source stop;
  stop.request_stop();
  const SubprocessResult result =
      vfs::run_subprocess({"/bin/sleep", "60"}, {.stop = stop.get_token()});
  CHECK(result.end == SubprocessResult::End::stopped);
}
