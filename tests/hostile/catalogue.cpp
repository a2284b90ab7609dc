#include "tests/hostile/catalogue.hpp"

namespace hostile {

const std::vector<Family>& families() {
  static const std::vector<Family> all{
      {"zips that are cut", truncations},
      {"zips without their beginning", beheaded},
      {"end records that lie", end_records},
      {"64-bit end records that lie", wide_end_records},
      {"headers of the directory that lie", central_headers},
      {"names that lead elsewhere or are not alone", names},
      {"local headers that differ from the directory", local_headers},
      {"descriptors that differ from the directory", descriptors},
      {"gaps, overlaps and what is around a zip", layouts},
      {"entries that are compressed or encrypted", compressed},
      {"zips that are no archives", entry_sets},
      {"records that are damaged", damaged_records},
      {"operations that are none", opcodes},
      {"lengths beyond the pickle, and texts that are none", lengths},
      {"stacks that are too short", stacks},
      {"operations on values of another kind", kinds},
      {"references into the memo", memo},
      {"values that are too deep, or hold themselves", nesting},
      {"keys that can't be keys", keys},
      {"names of types and functions", globals},
      {"work that is asked for again and again", repeated_work},
      {"ends of a pickle", endings},
      {"calls with other arguments", calls},
      {"plain kinds with other arguments", plain_calls},
      {"tensors with attributes", attributes},
      {"objects of unknown classes", objects},
      {"references to storages", persistent_ids},
      {"sizes and types of storages", storages},
      {"views outside of their storage", views},
      {"tensors with other arguments", tensor_arguments},
  };
  return all;
}

}  // namespace hostile
