// What ModelCheckpoint writes, points to and removes.
#include <atomic>

#include "checkpoint/checkpoint.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/trainer/tiny.hpp"
#include "vfs/error.hpp"
#include "vfs/registry.hpp"

namespace {

using cairn::ModelCheckpoint;
using cairn::ModelCheckpointOptions;
using Names = std::vector<std::string>;

struct Calls {
  std::atomic<int> stat{0}, put{0}, upload{0}, list{0}, remove{0}, read{0};
};

/// Counts what reaches the store, and may refuse.
class CountingStore final : public cairn::vfs::Store {
 public:
  CountingStore(std::shared_ptr<cairn::vfs::Store> inner, std::shared_ptr<Calls> calls,
                std::string refuse)
      : inner_(std::move(inner)), calls_(std::move(calls)), refuse_(std::move(refuse)) {}
  const cairn::vfs::Capabilities& capabilities() const override { return inner_->capabilities(); }
  std::string url(const cairn::vfs::Path& path) const override { return inner_->url(path); }
  std::optional<cairn::vfs::FileInfo> stat(const cairn::vfs::Path& path,
                                           const cairn::vfs::CallOptions& options) override {
    ++calls_->stat;
    return inner_->stat(path, options);
  }
  cairn::vfs::ReadResult read(const cairn::vfs::Path& path, std::uint64_t offset,
                              std::span<std::byte> out,
                              const cairn::vfs::ReadOptions& options) override {
    ++calls_->read;
    return inner_->read(path, offset, out, options);
  }
  cairn::vfs::WriteResult put(const cairn::vfs::Path& path, const cairn::vfs::Body& body,
                              const cairn::vfs::WriteOptions& options) override {
    ++calls_->put;
    check(path);
    return inner_->put(path, body, options);
  }
  std::unique_ptr<cairn::vfs::Upload> start_upload(
      const cairn::vfs::Path& path, const cairn::vfs::WriteOptions& options) override {
    ++calls_->upload;
    check(path);
    return inner_->start_upload(path, options);
  }
  cairn::vfs::ListPage list_page(const cairn::vfs::Path& prefix,
                                 const cairn::vfs::ListOptions& options) override {
    ++calls_->list;
    return inner_->list_page(prefix, options);
  }
  std::vector<cairn::vfs::RemoveResult> remove(std::span<const cairn::vfs::Path> paths,
                                               const cairn::vfs::CallOptions& options) override {
    ++calls_->remove;
    return inner_->remove(paths, options);
  }
  cairn::vfs::WriteResult copy(const cairn::vfs::Path& from, const cairn::vfs::Path& to,
                               const cairn::vfs::WriteOptions& options) override {
    return inner_->copy(from, to, options);
  }
  cairn::vfs::WriteResult move(const cairn::vfs::Path& from, const cairn::vfs::Path& to,
                               const cairn::vfs::WriteOptions& options) override {
    return inner_->move(from, to, options);
  }

 private:
  void check(const cairn::vfs::Path& path) const {
    if (refuse_.empty() || path.string().find(refuse_) == std::string::npos) return;
    throw cairn::vfs::Error(
        cairn::vfs::ErrorCode::no_space,
        {.operation = "write", .url = url(path), .message = "the disk is full"});
  }
  std::shared_ptr<cairn::vfs::Store> inner_;
  std::shared_ptr<Calls> calls_;
  std::string refuse_;
};

std::shared_ptr<cairn::vfs::Context> counting(const std::shared_ptr<Calls>& calls,
                                              const std::string& refuse = {}) {
  cairn::vfs::Registry registry = cairn::vfs::Registry::builtin();
  const cairn::vfs::StoreFactory inner = *registry.find("memory");
  registry.add("memory", [=](const cairn::vfs::Url& root, cairn::vfs::Context& context) {
    return std::make_shared<CountingStore>(inner(root, context), calls, refuse);
  });
  return cairn::vfs::Context::make({}, registry);
}

std::shared_ptr<ModelCheckpoint> fit(cairn::TrainerOptions options,
                                     const ModelCheckpointOptions& saving,
                                     const std::string& ckpt_path = {}) {
  auto saver = std::make_shared<ModelCheckpoint>(saving);
  options.callbacks.push_back(saver);
  tiny::Net net;
  tiny::Data data;
  cairn::Trainer(options).fit(net, data, {.ckpt_path = ckpt_path});
  return saver;
}

/// Logs a score of its choice after each epoch.
struct Scores : cairn::Callback {
  std::vector<double> scores;
  explicit Scores(std::vector<double> values) : scores(std::move(values)) {}
  void on_train_epoch_end(cairn::Trainer& trainer, cairn::Module&) override {
    trainer.log("score", scores.at(static_cast<std::size_t>(trainer.current_epoch())));
  }
};

}  // namespace

TEST_CASE("by default the newest epoch stays, and last.json points to it", "[checkpointing]") {
  const auto options = tiny::options(cairn::vfs::Context::make());

  const auto saver = fit(options, {});

  CHECK(tiny::files(options.context, "memory://run/checkpoints") ==
        Names{"epoch=2-step=15.ckpt", "last.json"});
  CHECK(saver->last_model_path() == "memory://run/checkpoints/epoch=2-step=15.ckpt");
  CHECK(cairn::resolve_pointer("memory://run/checkpoints", "last", options.context) ==
        saver->last_model_path());
  CHECK_FALSE(cairn::resolve_pointer("memory://run/checkpoints", "best", options.context));
}

TEST_CASE("the best k by a monitored metric stay, and the newest that last points to",
          "[checkpointing]") {
  auto options = tiny::options(cairn::vfs::Context::make());
  options.max_epochs = 4;
  options.callbacks = {std::make_shared<Scores>(std::vector<double>{0.5, 0.9, 0.7, 0.1})};

  const auto saver = fit(options, {.filename = "{epoch}-{score:.1f}",
                                   .monitor = "score",
                                   .mode = cairn::Mode::max,
                                   .save_top_k = 2});

  CHECK(tiny::files(options.context, "memory://run/checkpoints") ==
        Names{"best.json", "epoch=1-score=0.9.ckpt", "epoch=2-score=0.7.ckpt",
              "epoch=3-score=0.1.ckpt", "last.json"});
  CHECK(saver->best_model_score() == 0.9);
  CHECK(cairn::resolve_pointer("memory://run/checkpoints", "best", options.context) ==
        "memory://run/checkpoints/epoch=1-score=0.9.ckpt");
}

TEST_CASE("a monitored metric that nobody logs is an error that lists those that are",
          "[checkpointing]") {
  CHECK_THROWS_WITH(fit(tiny::options(cairn::vfs::Context::make()), {.monitor = "accuracy"}),
                    Catch::Matchers::Contains("accuracy") && Catch::Matchers::Contains("val_loss"));
}

TEST_CASE("a save is an upload, a pointer and a removal: no list, no stat", "[checkpointing]") {
  const auto calls = std::make_shared<Calls>();
  auto options = tiny::options(counting(calls));

  fit(options, {.every_n_train_steps = 1});

  CHECK(calls->put + calls->upload == 2 * 15);
  CHECK(calls->remove == 14);
  CHECK(calls->list == 0);
  CHECK(calls->stat == 0);
  CHECK(calls->read == 0);
}

TEST_CASE("a resumed run goes on with the manifest and keeps what it resumed from",
          "[checkpointing]") {
  auto options = tiny::options(cairn::vfs::Context::make());
  options.max_epochs = 2;
  fit(options, {.save_top_k = 2});
  options.max_epochs = 4;

  const auto saver = fit(options, {.save_top_k = 2}, "last");

  CHECK(tiny::files(options.context, "memory://run/checkpoints") ==
        Names{"epoch=1-step=10.ckpt", "epoch=2-step=15.ckpt", "epoch=3-step=20.ckpt", "last.json"});
}

TEST_CASE("another run's files of the same name are neither replaced nor removed",
          "[checkpointing]") {
  auto options = tiny::options(cairn::vfs::Context::make());
  options.max_epochs = 1;
  fit(options, {});
  const auto before = options.context->resolve("memory://run/checkpoints/epoch=0-step=5.ckpt");
  const std::string etag = before.file_system.stat(before.path)->etag;

  const auto saver = fit(options, {});

  CHECK(saver->last_model_path() == "memory://run/checkpoints/epoch=0-step=5-v1.ckpt");
  CHECK(before.file_system.stat(before.path)->etag == etag);
}

TEST_CASE("a checkpoint that can't be written ends the run, and last points to the one before",
          "[checkpointing]") {
  const auto calls = std::make_shared<Calls>();
  auto options = tiny::options(counting(calls, "step=10"));

  CHECK_THROWS_WITH(fit(options, {}), Catch::Matchers::Contains("step=10.ckpt") &&
                                          Catch::Matchers::Contains("the disk is full"));
  CHECK(tiny::files(options.context, "memory://run/checkpoints") ==
        Names{"epoch=0-step=5.ckpt", "last.json"});
  CHECK(cairn::resolve_pointer("memory://run/checkpoints", "last", options.context) ==
        "memory://run/checkpoints/epoch=0-step=5.ckpt");
}

TEST_CASE("a run that ends in the middle of an epoch saves what it has", "[checkpointing]") {
  auto options = tiny::options(cairn::vfs::Context::make());
  options.max_steps = 3;

  CHECK(fit(options, {})->last_model_path() == "memory://run/checkpoints/epoch=0-step=3.ckpt");
}

TEST_CASE("a full checkpoint has Lightning's keys", "[checkpointing]") {
  auto options = tiny::options(cairn::vfs::Context::make());
  options.max_epochs = 1;
  const auto saver = fit(options, {});
  const auto root = cairn::checkpoint::load(saver->last_model_path(), {}, options.context);
  Names keys;
  for (const auto& [key, value] : root.as_dict().items()) keys.push_back(key.as_string());

  CHECK(keys == Names{"epoch", "global_step", "pytorch-lightning_version", "state_dict", "loops",
                      "callbacks", "optimizer_states", "lr_schedulers", "cairn"});
  CHECK(root.at("global_step").as_int() == 5);
}

TEST_CASE("a log goes on where the resumed run does", "[csv]") {
  auto options = tiny::options(cairn::vfs::Context::make());
  options.loggers.reset();
  options.log_every_n_steps = 1;
  options.max_steps = 9;
  fit(options, {.save_top_k = -1, .every_n_train_steps = 1});
  const auto log = options.context->resolve("memory://run/logs/metrics.csv");
  const std::string whole = log.file_system.read_text(log.path);
  options.max_steps = 8;
  auto other = options;

  fit(other, {.save_top_k = -1, .every_n_train_steps = 1},
      "memory://run/checkpoints/epoch=1-step=6.ckpt");
  const std::string shorter = log.file_system.read_text(log.path);
  CHECK(whole.starts_with("epoch,step,loss_epoch,loss_step,val_loss\n"));
  CHECK(whole.starts_with(shorter));
  CHECK(std::count(shorter.begin(), shorter.end(), '\n') + 1 ==
        std::count(whole.begin(), whole.end(), '\n'));
}

TEST_CASE("a test after training adds to the log", "[csv]") {
  auto options = tiny::options(cairn::vfs::Context::make());
  options.loggers.reset();
  options.max_epochs = 1;
  tiny::Net net;
  tiny::Data data;
  cairn::Trainer(options).fit(net, data);

  cairn::Trainer(options).test(net, data);

  const auto log = options.context->resolve("memory://run/logs/metrics.csv");
  const std::string text = log.file_system.read_text(log.path);
  CHECK(text.starts_with("epoch,step,loss_epoch,test_loss,val_loss\n"));
}
