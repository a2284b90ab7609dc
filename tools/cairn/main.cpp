// cairn: files on any store, from the shell. Options and exit codes; the work is in commands.cpp.
#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>
#include <memory>
#include <string>
#include <thread>

#include "checkpoint/format/error.hpp"
#include "tools/cairn/ckpt_options.hpp"
#include "tools/cairn/commands.hpp"
#include "tools/cairn/exit_code.hpp"
#include "vfs/context.hpp"
#include "vfs/error.hpp"

namespace {

using namespace cairn;

/// Prints one line per request, for --verbose.
class RequestLog final : public vfs::Observer {
 public:
  void on_request(const vfs::RequestEvent& event) noexcept override {
    std::string line = "cairn: " + std::string(event.method) + ' ' + std::string(event.url) + ' ' +
                       std::to_string(event.status) + ", " + std::to_string(event.bytes_sent) +
                       " bytes out, " + std::to_string(event.bytes_received) + " in, " +
                       std::to_string(event.duration.count() / 1000) + " ms";
    if (event.attempt > 1) line += ", attempt " + std::to_string(event.attempt);
    if (!event.error.empty()) line += ": " + std::string(event.error);
    std::cerr << line + '\n';
  }
};

struct Options {
  vfs::S3Options s3{};
  bool anonymous{false};
  bool verbose{false};
  tools::ListCommand list{};
  std::vector<std::string> cat{};
  std::string stat{};
  tools::RemoveCommand remove{};
  tools::TransferCommand transfer{};
  tools::SignCommand sign{};
  tools::UploadsCommand uploads{};
  tools::CheckpointOptions checkpoint{};
};

void add_commands(CLI::App& app, Options& options) {
  auto* ls = app.add_subcommand("ls", "list a directory: size, time (UTC), name");
  ls->add_option("url", options.list.url)->required();
  ls->add_flag("-r,--recursive", options.list.recursive, "all files below it");

  auto* cat = app.add_subcommand("cat", "write files to the standard output");
  cat->add_option("url", options.cat)->required();

  auto* stat = app.add_subcommand("stat", "show what is known about a file");
  stat->add_option("url", options.stat)->required();

  auto* rm = app.add_subcommand("rm", "remove files");
  rm->add_option("url", options.remove.urls)->required();
  rm->add_flag("-r,--recursive", options.remove.recursive, "directories with all that is in them");

  for (auto* command : {app.add_subcommand("cp", "copy a file, between any two stores"),
                        app.add_subcommand("mv", "move a file, between any two stores")}) {
    const bool streams = command->get_name() == "cp";
    command
        ->add_option("from", options.transfer.from,
                     streams ? "URL, or - for the standard input" : "URL")
        ->required();
    command
        ->add_option("to", options.transfer.to,
                     streams ? "URL, URL/ (keeps the name), or - for the standard output"
                             : "URL, or URL/ (keeps the name)")
        ->required();
    command->add_flag("--if-absent", options.transfer.if_absent, "fail if the destination exists");
  }
}

void add_special_commands(CLI::App& app, Options& options) {
  auto* sign = app.add_subcommand("sign", "make a URL that reads a file without credentials");
  sign->add_option("url", options.sign.url)->required();
  sign->add_option("--expires", options.sign.expires, "seconds until it ends, at most 7 days")
      ->capture_default_str();
  sign->add_flag("--put", options.sign.put, "one that writes the file");

  auto* uploads =
      app.add_subcommand("uploads", "list uploads that nobody has ended: they cost money");
  uploads->add_option("url", options.uploads.url)->required();
  uploads->add_flag("--remove", options.uploads.remove, "remove those that are old enough");
  uploads->add_option("--older-than", options.uploads.older_than, "hours, for --remove")
      ->capture_default_str();
}

void add_options(CLI::App& app, Options& options) {
  app.add_option("--endpoint-url", options.s3.endpoint_url, "S3 endpoint (else $AWS_ENDPOINT_URL)");
  app.add_option("--region", options.s3.region, "S3 region (else $AWS_REGION)");
  app.add_option("--profile", options.s3.profile, "profile of ~/.aws (else $AWS_PROFILE)");
  app.add_flag("--anonymous", options.anonymous, "send no credentials to S3, Google or Azure");
  app.add_flag("-v,--verbose", options.verbose, "one line per request on the standard error");
  app.require_subcommand(1);
  app.failure_message([](const CLI::App*, const CLI::Error& error) {
    return "cairn: " + std::string(error.what()) + "\nhint: cairn --help\n";
  });
  app.footer(
      "URLs: s3://bucket/key, gs://bucket/key, az://container/key (abfs[s]:, wasb[s]:, adl:, too), "
      "http[s]://host/path,\n"
      "file:path, or a path.\n"
      "Credentials: each cloud's own variables and files. S3: AWS_ACCESS_KEY_ID, ~/.aws; Google: "
      "GOOGLE_APPLICATION_CREDENTIALS,\n"
      "gcloud; Azure: AZURE_STORAGE_CONNECTION_STRING, AZURE_STORAGE_ACCOUNT with …_KEY, az "
      "login.\n"
      "Exit status: 0 done, 1 other failure, 2 usage, 3 not found, 4 denied, 5 temporary failure, "
      "6 exists or\n"
      "changed meanwhile, 7 corrupt, 130 interrupted; of ckpt diff, 1 means that the two differ.");
}

tools::ExitCode run(const CLI::App& app, const Options& options, const std::stop_token& stop) {
  vfs::Config config{.s3 = options.s3,
                     .gcs = {.anonymous = options.anonymous},
                     .azure = {.anonymous = options.anonymous}};
  config.s3.anonymous = options.anonymous;
  if (options.verbose) config.observer = std::make_shared<RequestLog>();
  const tools::Session session{.context = vfs::Context::make(std::move(config)),
                               .input = std::cin,
                               .output = std::cout,
                               .stop = stop};
  const CLI::App& chosen = *app.get_subcommands().front();
  const std::string command = chosen.get_name();
  if (command == "ls") tools::list(session, options.list);
  if (command == "cat") tools::cat(session, options.cat);
  if (command == "stat") tools::stat(session, options.stat);
  if (command == "rm") tools::remove(session, options.remove);
  if (command == "cp") tools::copy(session, options.transfer);
  if (command == "mv") tools::move(session, options.transfer);
  if (command == "sign") tools::sign(session, options.sign);
  if (command == "uploads") tools::uploads(session, options.uploads);
  if (command == "ckpt") return tools::run_checkpoint(chosen, session, options.checkpoint);
  return tools::success;
}

/// Turns the first Ctrl-C into a request to stop, so that an upload is taken back; the second ends
/// the process.
std::stop_token stop_on_interrupt() {
  sigset_t interrupt{};
  sigemptyset(&interrupt);
  sigaddset(&interrupt, SIGINT);
  sigaddset(&interrupt, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &interrupt, nullptr);
  std::stop_source source;
  std::thread([source, interrupt]() mutable {
    int received = 0;
    sigwait(&interrupt, &received);
    source.request_stop();
    sigwait(&interrupt, &received);
    std::_Exit(tools::interrupted);
  }).detach();
  return source.get_token();
}

/// What was written may still be in a buffer: a full disk shows here, and a closed pipe (`cairn cat
/// x | head`), which is no failure to tell.
int finish_output() {
  std::cout.flush();
  if (std::cout) return tools::success;
  pollfd output{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
  if (poll(&output, 1, 0) == 1 && (output.revents & POLLERR) != 0) return tools::broken_pipe;
  std::cerr << "cairn: cannot write to the standard output\n";
  return tools::other;
}

}  // namespace

int main(int argc, char* argv[]) {
  std::ios::sync_with_stdio(false);
  std::signal(SIGPIPE, SIG_IGN);
  CLI::App app("Files on S3, Google Cloud Storage, Azure, the web and local disk, by URL.",
               "cairn");
  Options options;
  add_options(app, options);
  add_commands(app, options);
  add_special_commands(app, options);
  tools::add_checkpoint_commands(app, options.checkpoint);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? tools::success : tools::usage;
  }
  try {
    const tools::ExitCode code = run(app, options, stop_on_interrupt());
    const int output = finish_output();
    return output == tools::success ? code : output;
  } catch (const vfs::Error& error) {
    std::cout.flush();
    std::cerr << "cairn: " << error.what() << '\n';
    return tools::exit_code(error.code());
  } catch (const checkpoint::Error& error) {
    std::cout.flush();
    std::cerr << "cairn: " << error.what() << '\n';
    return tools::exit_code(error.code());
  } catch (const std::exception& error) {
    std::cerr << "cairn: " << error.what() << '\n';
    return tools::other;
  }
}
