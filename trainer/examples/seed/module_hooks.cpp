// "When you need to change the components of a checkpoint before saving or loading, use the
// on_save_checkpoint() and on_load_checkpoint() of your module."
#include "trainer/examples/seed/cool_object.hpp"
#include "trainer/examples/seed/support.hpp"

namespace {

class LitModel : public seed::Regression {
 public:
  void on_save_checkpoint(cairn::Checkpoint& checkpoint) override {
    checkpoint["something_cool_i_want_to_save"] = my_cool_object;
  }

  void on_load_checkpoint(cairn::Checkpoint& checkpoint) override {
    my_cool_object = checkpoint["something_cool_i_want_to_save"].as<seed::CoolObject>();
  }

  seed::CoolObject my_cool_object;
};

void example(const std::string& root) {
  const seed::CoolObject cool{.name = "cairn", .history = {0.5, 0.25}, .counts = {{"stones", 7}}};

  LitModel model;
  model.my_cool_object = cool;
  cairn::Trainer trainer({.default_root_dir = root, .max_epochs = 1});
  trainer.fit(model);

  LitModel resumed;
  cairn::Trainer second({.default_root_dir = root, .max_epochs = 2});
  second.fit(resumed, {.ckpt_path = "last"});

  seed::expect(resumed.my_cool_object == cool, "the module's object came back from the checkpoint");
}

}  // namespace

int main(int argc, char** argv) {
  return seed::run(argc, argv, example);
}
