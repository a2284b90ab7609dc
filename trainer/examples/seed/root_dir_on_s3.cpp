// "To save to a remote filesystem, prepend a protocol like s3:/ to the root_dir used for writing
// and reading model data."
#include "trainer/examples/seed/support.hpp"

namespace {

void example(const std::string& root) {
  seed::Regression model;

  // `default_root_dir` is the default path used for logs and checkpoints: "s3://my_bucket/data/"
  cairn::Trainer trainer({.default_root_dir = root, .max_epochs = 2});
  trainer.fit(model);

  seed::expect(seed::count_files(root, ".ckpt") > 0, "checkpoints are below the root directory");
  seed::expect(seed::count_files(root, "metrics.csv") == 1, "logs are below the root directory");
}

}  // namespace

int main(int argc, char** argv) {
  return seed::run(argc, argv, example);
}
