// Expected texts are CPython's: repr() and format().
#include <limits>
#include <sstream>

#include "tests/support/catch.hpp"
#include "trainer/checkpointing.hpp"
#include "trainer/progress.hpp"
#include "trainer/saving/retention.hpp"
#include "trainer/state/names.hpp"

using cairn::format_checkpoint_name;
using cairn::checkpoint::Dict;
using cairn::checkpoint::List;
using cairn::checkpoint::Tuple;
using cairn::detail::python_repr;
using cairn::detail::Retention;

namespace app {
template <class T>
struct Named {};
struct Plain {};
}  // namespace app

TEST_CASE("values have CPython's repr", "[names]") {
  CHECK(python_repr({}) == "None");
  CHECK(python_repr(true) == "True");
  CHECK(python_repr(-3) == "-3");
  CHECK(python_repr(1.0) == "1.0");
  CHECK(python_repr(0.1) == "0.1");
  CHECK(python_repr(1e16) == "1e+16");
  CHECK(python_repr(1e-05) == "1e-05");
  CHECK(python_repr(123456789012345.0) == "123456789012345.0");
  CHECK(python_repr(-std::numeric_limits<double>::infinity()) == "-inf");
  CHECK(python_repr("it's") == "\"it's\"");
  CHECK(python_repr("a'b\"c\\\n\x01") == "'a\\'b\"c\\\\\\n\\x01'");
  CHECK(python_repr(List{1, "x"}) == "[1, 'x']");
  CHECK(python_repr(Tuple{1}) == "(1,)");
  CHECK(python_repr(Dict{{"a", Dict{}}, {1, nullptr}}) == "{'a': {}, 1: None}");
}

TEST_CASE("a class is named as Python's qualname", "[names]") {
  CHECK(cairn::detail::class_name(typeid(app::Plain)) == "Plain");
  CHECK(cairn::detail::class_name(typeid(app::Named<app::Plain>)) == "Named<app::Plain>");
}

TEST_CASE("ModelCheckpoint's state is under Lightning's key", "[names]") {
  // str of pytorch_lightning 2.6.1: ModelCheckpoint(monitor="val_loss").state_key
  CHECK(cairn::ModelCheckpoint({.monitor = "val_loss"}).state_key() ==
        "ModelCheckpoint{'monitor': 'val_loss', 'mode': 'min', 'every_n_train_steps': 0, "
        "'every_n_epochs': 1, 'train_time_interval': None}");
}

TEST_CASE("file names are filled as in Lightning", "[names]") {
  CHECK(format_checkpoint_name("{epoch}-{step}", {{"epoch", 0}, {"step", 2}}) == "epoch=0-step=2");
  CHECK(format_checkpoint_name("{epoch:02d}-{a/b:.2f}", {{"epoch", 3}, {"a/b", 0.123}}) ==
        "epoch=03-a/b=0.12");
  CHECK(format_checkpoint_name("{missing:d}", {}) == "missing=0");
  CHECK(format_checkpoint_name("best-{loss:+08.3f}|{x:>6.1e}|{y:<5d}|{z:*^7.0%}",
                               {{"loss", 1.5}, {"x", 12345}, {"y", 7}, {"z", 0.25}},
                               false) == "best-+001.500|1.2e+04|7    |**25%**");
  CHECK(format_checkpoint_name("model", {}) == "model");
}

TEST_CASE("a file name that is no template is refused", "[names]") {
  CHECK_THROWS_AS(format_checkpoint_name("{epoch", {}), std::invalid_argument);
  CHECK_THROWS_AS(format_checkpoint_name("{epoch:s}", {}), std::invalid_argument);
}

TEST_CASE("the best k stay, ties keep the older, and NaN is worst", "[retention]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  Retention files;
  files.add({.path = "a", .score = 2.0});
  files.add({.path = "b", .score = nan});
  files.add({.path = "c", .score = 1.0});
  files.add({.path = "d", .score = 2.0});
  files.add({.path = "e", .score = 3.0});
  const cairn::ModelCheckpointOptions options{.monitor = "loss", .save_top_k = 2};

  const auto best = files.best(options);
  REQUIRE(best.size() == 2);
  CHECK(best[0].path == "c");
  CHECK(best[1].path == "a");
  CHECK(files.obsolete(options, "d") ==
        std::vector<std::string>{"b"});  // d is pinned, e is the newest
}

TEST_CASE("without a monitor the newest k stay", "[retention]") {
  Retention files;
  for (const char* path : {"a", "b", "c"}) files.add({.path = path});

  CHECK(files.obsolete({.save_top_k = 2}, "") == std::vector<std::string>{"a"});
  CHECK(files.obsolete({.save_top_k = -1}, "").empty());
  CHECK(files.obsolete({.save_top_k = 0}, "") == std::vector<std::string>{"a", "b"});
}

TEST_CASE("pointers survive their JSON", "[pointer]") {
  const cairn::CheckpointPointer pointer = cairn::parse_pointer(
      R"({"version": 1, "url": "epoch=0-step=3.ckpt", "size": 12, "etag": "\"ab\"", "epoch": 0, "step": 3, "score": 0.5})");

  CHECK(pointer.url == "epoch=0-step=3.ckpt");
  CHECK(pointer.etag == "\"ab\"");
  CHECK(pointer.score == 0.5);
  CHECK(cairn::parse_pointer(cairn::to_json(pointer)).step == 3);
  CHECK_THROWS_AS(cairn::parse_pointer("{}"), cairn::checkpoint::Error);
  CHECK_THROWS_AS(cairn::parse_pointer("<html>"), cairn::checkpoint::Error);
}

TEST_CASE("the progress line says what there is", "[progress]") {
  const cairn::ProgressState state{
      .label = "Epoch 3", .done = 45, .total = 100, .seconds = 9.0, .metrics = {{"loss", 0.12345}}};

  CHECK(cairn::render_line(state) == "Epoch 3: 45/100 (45%) 5.00 it/s loss=0.1235");
  CHECK(cairn::render_bar(state, 200).find("Epoch 3:  45%|") == 0);
  CHECK(cairn::render_bar(state, 200).find("| 45/100 [00:09<00:11, 5.00 it/s, loss=0.1235]") !=
        std::string::npos);
}

TEST_CASE("progress in a pipe is throttled and has no control characters", "[progress]") {
  std::ostringstream out;
  cairn::ProgressWriter writer(out, {.terminal = false});
  const cairn::ProgressWriter::TimePoint start(std::chrono::seconds(100));

  REQUIRE(writer.due(start));
  writer.show({.label = "Epoch 0", .done = 1, .total = 2}, start);
  CHECK_FALSE(writer.due(start + std::chrono::seconds(5)));
  CHECK(writer.due(start + std::chrono::seconds(10)));
  CHECK(out.str() == "Epoch 0: 1/2 (50%) 0.00 it/s\n");
}
