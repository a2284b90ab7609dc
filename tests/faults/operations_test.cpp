// Listing, removing, copying and moving through faults.
#include <functional>
#include <set>

#include "tests/faults/faulty.hpp"
#include "tests/support/contains.hpp"

using namespace cairn;
using namespace cairn::faults;

namespace {

std::vector<Fault> curable() {
  return {
      {.kind = Kind::refuse},
      {.kind = Kind::lose_answer},
      {.kind = Kind::silent},
      {.kind = Kind::reset_after_head},
      {.kind = Kind::cut, .at = 20},
      {.kind = Kind::cut_to_length, .at = 20},
      {.kind = Kind::cut_without_length, .at = 20},
      {.kind = Kind::cut_head, .at = 30},
      {.kind = Kind::answer, .reply = dialect().refusal(503)},
      {.kind = Kind::replace_answer, .reply = dialect().refusal(500)},
      {.kind = Kind::answer, .reply = dialect().refusal(429)},
      {.kind = Kind::answer, .reply = dialect().refusal(408)},
      {.kind = Kind::answer, .reply = dialect().refusal(502)},
  };
}

}  // namespace

TEST_CASE("every fault of one exchange of a listing is cured, on each page") {
  Faulty setup;
  std::set<std::string> expected;
  for (int i = 0; i < 25; ++i) expected.insert("d/" + std::to_string(100 + i));
  for (const std::string& name : expected) setup.put("x", name);
  for (int page = 0; page < 3; ++page) {
    for (const Fault& fault : curable()) {
      Faulty f;
      const auto files =
          vfs::FileSystem::open(setup.direct.url, dialect().through(quick(), f.proxy.url()));
      Step step = dialect().list();
      step.skip = page;
      f.once(step, fault);
      std::set<std::string> seen;
      for (const auto& info : files.list("d", {.recursive = true, .page_size = 10})) {
        seen.insert(info.path.string());
      }
      CHECK(seen == expected);
      CHECK(f.proxy.faults() == 1);
    }
  }
}

TEST_CASE("a page of a listing that is nonsense is asked for again or refused, never taken") {
  Faulty f;
  f.put("x", "d/1");
  const HttpMessage reply = dialect().half_a_page(f.key("d/evil"));
  f.always(dialect().list(), {.kind = Kind::replace_answer, .reply = reply});
  CHECK(code_of([&] { static_cast<void>(f.files.list("d")); }) == vfs::ErrorCode::corrupt);
}

TEST_CASE("every fault of one exchange of a removal is cured") {
  for (const Fault& fault : curable()) {
    Faulty f;
    f.put("x");
    f.once(dialect().remove(f.key()), fault);
    f.files.remove("k");
    CHECK(f.proxy.faults() == 1);
    CHECK_FALSE(f.direct.files.exists("k"));
  }
}

TEST_CASE("every fault of one exchange of a removal in bulk is cured") {
  for (const Fault& fault : curable()) {
    Faulty f;
    for (int i = 0; i < 5; ++i) f.put("x", "d/" + std::to_string(i));
    f.once(dialect().remove_together(), fault);
    f.files.remove_all("d");
    CHECK(f.proxy.faults() == 1);
    CHECK_FALSE(f.direct.files.exists("d"));
  }
}

TEST_CASE("what a removal in bulk could not remove is told by name, and the rest is removed") {
  Faulty f;
  for (const char* name : {"d/1", "d/2", "d/3"}) f.put("x", name);
  const auto refuse_second = [&](test::HttpMessage& reply) {
    f.put("x", "d/2");
    dialect().refuse_removal(reply, f.key("d/2"), 1);
  };
  f.once(dialect().remove_together(), {.kind = Kind::edit_answer, .edit = refuse_second});
  std::vector<vfs::Path> paths;
  for (const char* name : {"d/1", "d/2", "d/3"}) paths.push_back(f.direct.in_store(name));

  const auto results = f.files.store().remove(paths, {});

  REQUIRE(results.size() == 3);
  CHECK(results[0].error.empty());
  CHECK(contains(results[1].error, "it is locked"));
  CHECK(results[1].path == paths[1]);
  CHECK(results[2].error.empty());
  CHECK(f.proxy.faults() == 1);
  CHECK_FALSE(f.direct.files.exists("d/1"));
  CHECK(f.direct.files.exists("d/2"));
}

TEST_CASE("an empty 200 that no server gave is no success of a request that reads") {
  struct Case {
    Step step;
    std::function<void(const Faulty&)> act;
  };
  const auto cases_of = [](const Faulty& f) {
    const Dialect& service = dialect();
    return std::vector<Case>{
        {service.read(f.key()), [](const Faulty& g) { CHECK(g.files.read_text("k") == "text"); }},
        {service.read(f.key("big")),
         [](const Faulty& g) { CHECK((g.files.read_text("big") == pattern(9 * kMiB))); }},
        {service.stat(f.key()), [](const Faulty& g) { CHECK(g.files.stat("k")->size == 4); }},
        {service.list(), [](const Faulty& g) { CHECK(g.files.list("").size() == 2); }},
    };
  };
  const std::size_t count = cases_of(Faulty()).size();
  for (std::size_t i = 0; i < count; ++i) {
    Faulty f;
    f.put("text");
    f.put(pattern(9 * kMiB), "big");
    const Case c = cases_of(f)[i];
    INFO(c.step.what);
    f.once(c.step, {.kind = Kind::answer, .reply = answer_of(200, "text/plain", "")});

    c.act(f);

    CHECK(f.proxy.faults() == 1);
  }
}

TEST_CASE("an empty 200 that no server gave is no success of a request that writes") {
  const std::string large = pattern(20 * kMiB + 17);
  const auto check = [](const auto& step_of, const auto& act, const std::string& text) {
    Faulty f;
    f.put("text");
    const Step step = step_of(f);
    INFO(step.what);
    f.once(step, {.kind = Kind::answer, .reply = answer_of(200, "text/plain", "")});
    act(f);
    CHECK(f.proxy.faults() == 1);
    CHECK((f.stored("new") == text));
  };
  check([](const Faulty& f) { return dialect().put(f.key("new")); },
        [](const Faulty& f) { f.files.write("new", "text"); }, "text");
  check([](const Faulty& f) { return dialect().copy(f.key(), f.key("new")); },
        [](const Faulty& f) { f.files.copy("k", "new"); }, "text");
  for (std::size_t i = 0; i < dialect().upload_steps({}).size(); ++i) {
    check([i](const Faulty& f) { return dialect().upload_steps(f.key("new"))[i]; },
          [&](const Faulty& f) { f.files.write("new", large); }, large);
  }
}

TEST_CASE("an empty 200 that no server gave is no success of a removal in bulk") {
  Faulty f;
  f.put("text");
  f.put("text", "l");
  f.once(dialect().remove_together(),
         {.kind = Kind::answer, .reply = answer_of(200, "text/plain", "")});

  f.files.remove_all("");

  CHECK(f.proxy.faults() == 1);
  CHECK_FALSE(f.direct.files.exists("k"));
  CHECK_FALSE(f.direct.files.exists("l"));
}

TEST_CASE("every fault of one exchange of a copy is cured") {
  for (const Fault& fault : curable()) {
    Faulty f;
    f.put("text", "from");
    f.once(dialect().copy(f.key("from"), f.key("to")), fault);
    f.files.copy("from", "to");
    CHECK(f.proxy.faults() == 1);
    CHECK(f.stored("to") == "text");
  }
}

TEST_CASE("every fault of one exchange of a create-only copy is cured") {
  const std::size_t steps = dialect().create_only_copy_steps({}, {}).size();
  for (std::size_t i = 0; i < steps; ++i) {
    for (const Fault& fault : curable()) {
      Faulty f;
      const Step step = dialect().create_only_copy_steps(f.key("from"), f.key("to"))[i];
      INFO(step.what << " " << static_cast<int>(fault.kind));
      f.put(pattern(6 * kMiB), "from");
      f.once(step, fault);
      f.files.copy("from", "to", {.if_absent = true});
      CHECK(f.proxy.faults() == 1);
      CHECK((f.stored("to") == pattern(6 * kMiB)));
    }
  }
}

TEST_CASE("every fault of one exchange of a move is cured, and the file is never lost") {
  const std::size_t steps = dialect().move_steps({}, {}).size();
  for (std::size_t i = 0; i < steps; ++i) {
    for (const Fault& fault : curable()) {
      Faulty f;
      const Step step = dialect().move_steps(f.key("from"), f.key("to"))[i];
      INFO(step.what << " " << static_cast<int>(fault.kind));
      f.put("text", "from");
      f.once(step, fault);
      f.files.move("from", "to");
      CHECK(f.proxy.faults() == 1);
      CHECK(f.stored("to") == "text");
      CHECK_FALSE(f.direct.files.exists("from"));
    }
  }
}

TEST_CASE("every fault of one exchange of stat is cured") {
  for (const Fault& fault : curable()) {
    Faulty f;
    f.put("text");
    f.once(dialect().stat(f.key()), fault);
    CHECK(f.files.stat("k")->size == 4);
    CHECK(f.proxy.faults() == 1);
  }
}
