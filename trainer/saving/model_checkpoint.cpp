// When and what ModelCheckpoint writes; saving/retention.hpp decides what stays.
#include <algorithm>
#include <iostream>
#include <limits>
#include <stdexcept>
#include <utility>

#include <ATen/core/Tensor.h>
#include <ATen/ops/scalar_tensor.h>

#include "checkpoint/tensor.hpp"
#include "trainer/checkpointing.hpp"
#include "trainer/saving/retention.hpp"
#include "trainer/state/names.hpp"
#include "trainer/trainer.hpp"
#include "vfs/error.hpp"
#include "vfs/file_system.hpp"
#include "vfs/url.hpp"

namespace cairn {

using checkpoint::Dict;
using checkpoint::List;
using checkpoint::Value;
using detail::Retention;
using detail::SavedFile;

struct ModelCheckpoint::State {
  std::string dirpath{};
  Retention retention{};
  std::string best_path{};
  std::optional<double> best_score{};
  std::optional<double> current_score{};
  std::string last_path{};
  std::int64_t last_step{-1};
  bool own_directory{
      false};  ///< resumed from a file of this directory: files of the same name are this run's
};

namespace {

// Python's monitors are float32 tensors.
Value score_tensor(const std::optional<double>& score) {
  return score ? Value(at::scalar_tensor(*score)) : Value();
}

std::string relative_to(const std::string& directory, const std::string& url) {
  return url.starts_with(directory + "/") ? url.substr(directory.size() + 1) : url;
}

vfs::WriteResult write_pointer(Trainer& trainer, const std::string& directory,
                               std::string_view name, const CheckpointPointer& pointer) {
  const vfs::Location location =
      trainer.context()->resolve(vfs::Url::parse(directory) / (std::string(name) + ".json"));
  const std::string json = to_json(pointer);
  return location.file_system.write(location.path, vfs::Body(json),
                                    {.content_type = "application/json"});
}

std::string versioned(const std::string& path, int version) {
  return version == 0 ? path : path + "-v" + std::to_string(version);
}

}  // namespace

ModelCheckpoint::ModelCheckpoint(ModelCheckpointOptions options)
    : options_(std::move(options)), state_(std::make_unique<State>()) {
  if (options_.save_top_k < -1)
    throw std::invalid_argument("ModelCheckpoint: save_top_k must be -1, 0 or more");
  if (options_.every_n_train_steps < 0 || options_.every_n_epochs < 0) {
    throw std::invalid_argument(
        "ModelCheckpoint: every_n_train_steps and every_n_epochs must not be negative");
  }
  if (options_.monitor.empty() && options_.save_top_k > 1 && options_.mode == Mode::max) {
    throw std::invalid_argument("ModelCheckpoint: mode without monitor");
  }
  (void)format_checkpoint_name(options_.filename, {});
}

ModelCheckpoint::~ModelCheckpoint() = default;

const std::string& ModelCheckpoint::dirpath() const {
  return state_->dirpath;
}
const std::string& ModelCheckpoint::last_model_path() const {
  return state_->last_path;
}
const std::string& ModelCheckpoint::best_model_path() const {
  return state_->best_path;
}
std::optional<double> ModelCheckpoint::best_model_score() const {
  return state_->best_score;
}

std::string ModelCheckpoint::state_key() const {
  const bool by_steps = options_.every_n_train_steps > 0;
  return "ModelCheckpoint" +
         detail::python_repr(
             Dict{{"monitor", options_.monitor.empty() ? Value() : Value(options_.monitor)},
                  {"mode", options_.mode == Mode::min ? "min" : "max"},
                  {"every_n_train_steps", options_.every_n_train_steps},
                  {"every_n_epochs", by_steps ? 0 : options_.every_n_epochs},
                  {"train_time_interval", Value()}});
}

Value ModelCheckpoint::state_dict() const {
  const std::vector<SavedFile> best = state_->retention.best(options_);
  Dict best_k;
  for (const SavedFile& file : best) best_k[Value(file.path)] = score_tensor(file.score);
  List files;
  for (const SavedFile& file : state_->retention.files) {
    files.push_back(Dict{{"path", relative_to(state_->dirpath, file.path)},
                         {"score", Value(file.score)},
                         {"step", file.step}});
  }
  const double worst = options_.mode == Mode::min ? std::numeric_limits<double>::infinity()
                                                  : -std::numeric_limits<double>::infinity();
  const double kth = best.empty() ? worst : best.back().score.value_or(worst);
  return Dict{{"monitor", options_.monitor.empty() ? Value() : Value(options_.monitor)},
              {"best_model_score", score_tensor(state_->best_score)},
              {"best_model_path", state_->best_path},
              {"current_score", score_tensor(state_->current_score)},
              {"dirpath", state_->dirpath},
              {"best_k_models", options_.monitor.empty() ? Value(Dict{}) : Value(best_k)},
              {"kth_best_model_path",
               best.empty() || options_.monitor.empty() ? std::string() : best.back().path},
              {"kth_value", Value(at::scalar_tensor(kth))},
              {"last_model_path", state_->last_path},
              {"files", std::move(files)}};
}

void ModelCheckpoint::load_state_dict(const Value& saved) {
  state_->best_path = saved.at("best_model_path").as_string();
  // As Lightning: another directory has other files, and is not this run's to manage.
  if (!saved.contains("dirpath") ||
      saved.at("dirpath").as<std::optional<std::string>>() != state_->dirpath)
    return;
  const Value& score = saved.at("best_model_score");
  if (!score.is_none())
    state_->best_score = score.kind() == checkpoint::Kind::tensor
                             ? score.as<at::Tensor>().item<double>()
                             : score.as_double();
  state_->last_path =
      saved.contains("last_model_path") ? saved.at("last_model_path").as_string() : "";
  state_->own_directory = true;
  if (!saved.contains("files")) return;
  for (const Value& file : saved.at("files").as_sequence()) {
    state_->retention.add({.path = state_->dirpath + "/" + file.at("path").as_string(),
                           .score = file.at("score").as<std::optional<double>>(),
                           .step = file.at("step").as_int()});
  }
  const std::vector<SavedFile> best = state_->retention.best(options_);
  if (!best.empty()) state_->best_score = best.front().score;  // in full precision
}

void ModelCheckpoint::setup(Trainer& trainer, Module&, Stage stage) {
  if (stage != Stage::fit) return;
  const vfs::Url directory =
      options_.dirpath.empty() ? vfs::Url::parse(trainer.options().default_root_dir) / "checkpoints"
                               : vfs::Url::parse(options_.dirpath);
  std::string dirpath = directory.string();
  while (dirpath.ends_with('/') && dirpath.size() > 1) dirpath.pop_back();
  state_ = std::make_unique<State>();
  state_->dirpath = std::move(dirpath);
}

void ModelCheckpoint::on_step_boundary(Trainer& trainer, Module&, const StepBoundary& boundary) {
  const std::int64_t step = trainer.global_step();
  const bool by_steps = options_.every_n_train_steps > 0;
  const bool due = by_steps ? step % options_.every_n_train_steps == 0
                            : boundary.epoch_end && options_.every_n_epochs > 0 &&
                                  (trainer.current_epoch() + 1) % options_.every_n_epochs == 0;
  if ((!due && !boundary.last) || step == state_->last_step) return;

  Metrics metrics = trainer.callback_metrics();
  metrics["epoch"] = static_cast<double>(trainer.current_epoch());
  metrics["step"] = static_cast<double>(step);
  std::optional<double> score;
  if (const auto found = metrics.find(options_.monitor); found != metrics.end())
    score = found->second;
  if (!options_.monitor.empty() && !score && boundary.epoch_end && !by_steps) {
    std::string names;
    for (const auto& [name, value] : metrics) names += (names.empty() ? "" : ", ") + name;
    throw std::invalid_argument("ModelCheckpoint monitors '" + options_.monitor +
                                "', which was not logged; there are: " + names);
  }
  save(trainer, metrics, score);
}

void ModelCheckpoint::save(Trainer& trainer, const Metrics& metrics,
                           const std::optional<double>& score) {
  const std::string name =
      format_checkpoint_name(options_.filename, metrics, options_.auto_insert_metric_name);
  const std::string stem = (vfs::Url::parse(state_->dirpath) / name).string();
  for (int version = 0;; ++version) {
    const std::string path = versioned(stem, version) + ".ckpt";
    SavedFile file{.path = path, .score = score, .step = trainer.global_step()};
    if (path == trainer.resumed_from() || state_->retention.keeps(path, file, options_)) continue;
    State next = *state_;
    next.retention.add(std::move(file));
    next.current_score = score;
    next.last_path = path;
    next.last_step = trainer.global_step();
    const std::vector<SavedFile> best = next.retention.best(options_);
    if (!options_.save_last && std::none_of(best.begin(), best.end(), [&](const SavedFile& kept) {
          return kept.path == path;
        }))
      return;
    if (!best.empty()) {
      next.best_path = best.front().path;
      next.best_score = best.front().score;
    }
    if (publish(trainer, std::move(next))) return;
  }
}

// False if somebody else's file has the name.
bool ModelCheckpoint::publish(Trainer& trainer, State next) {
  const std::string path = next.last_path;
  const bool create_only = !state_->own_directory && !state_->retention.owns(path);
  const bool best_moved = next.best_path != state_->best_path || next.best_path == path;
  // The file holds the state that it leads to, so that a resumed run knows of it.
  State before = std::exchange(*state_, std::move(next));
  vfs::WriteResult written;
  try {
    written = trainer.save_checkpoint(
        path, {.weights_only = options_.save_weights_only, .create_only = create_only});
  } catch (const vfs::Error& error) {
    *state_ = std::move(before);
    if (create_only && error.code() == vfs::ErrorCode::already_exists) return false;
    throw;
  } catch (...) {
    *state_ = std::move(before);
    throw;
  }
  move_pointers(trainer, written, best_moved);
  remove_obsolete(trainer);
  return true;
}

void ModelCheckpoint::move_pointers(Trainer& trainer, const vfs::WriteResult& written,
                                    bool best_moved) {
  CheckpointPointer pointer{.url = relative_to(state_->dirpath, state_->last_path),
                            .size = written.size,
                            .etag = written.etag,
                            .epoch = trainer.current_epoch(),
                            .step = state_->last_step,
                            .score = state_->current_score};
  if (options_.save_last) write_pointer(trainer, state_->dirpath, "last", pointer);
  if (!options_.monitor.empty() && best_moved && state_->best_path == state_->last_path)
    write_pointer(trainer, state_->dirpath, "best", pointer);
}

void ModelCheckpoint::remove_obsolete(Trainer& trainer) {
  for (const std::string& path : state_->retention.obsolete(options_, trainer.resumed_from())) {
    const vfs::Location location = trainer.context()->resolve(path);
    try {
      location.file_system.remove(location.path);
    } catch (const vfs::Error& error) {
      // Training is worth more than a tidy folder: it stays in the manifest and goes with the next
      // save.
      std::cerr << "warning: an old checkpoint could not be removed: " << error.what() << '\n';
      continue;
    }
    state_->retention.forget(path);
  }
}

}  // namespace cairn
