#include "sim/scenario/load.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "sim/scenario/check.h"
#include "sim/scenario/complete.h"
#include "sim/scenario/constraint.h"
#include "sim/scenario/keys.h"
#include "sim/scenario/naive_check.h"
#include "sim/scenario/sorted.h"
#include "sim/scenario/tree.h"
#include "sim/scenario/write.h"
#include "sim/scenario/yaml.h"

namespace greytick::scenario {
namespace {

namespace fs = std::filesystem;

constexpr size_t kExtendsMax = 16;

// The bytes of a file, at most one more than is allowed; nothing when it cannot be read.
std::optional<std::string> read_bytes(const fs::path& path) {
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return std::nullopt;
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::string text(kFileBytesMax + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) return std::nullopt;
  text.resize(static_cast<size_t>(in.gcount()));
  return text;
}

// The file of the same folder that was probably meant.
std::string nearest_file(const fs::path& path) {
  std::vector<std::string> names;
  std::error_code error;
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string extension = it->path().extension().string();
    if (extension == ".yaml" || extension == ".yml")
      names.push_back(it->path().filename().string());
  }
  std::ranges::sort(names);
  const std::string name = nearest_name(path.filename().string(), names);
  return name.empty() ? name : (path.parent_path() / name).string();
}

class Loader {
 public:
  explicit Loader(const LoadOptions& options) : options_(options) {
    files_.search = options.search;
  }

  Loaded from_file(const fs::path& path) {
    std::optional<std::string> text = read_bytes(path);
    if (!text) {
      const uint32_t source = out_.report.add_source(path.string(), "");
      out_.report.add({.mark = {.source = source},
                       .message = "no such file, or it cannot be read",
                       .nearest = nearest_file(path)});
      out_.not_found = true;
      return std::move(out_);
    }
    return load(path.string(), std::move(*text), path.parent_path(), path);
  }

  Loaded from_text(std::string name, std::string text, const fs::path& folder) {
    return load(std::move(name), std::move(text), folder, {});
  }

 private:
  Loaded load(std::string name, std::string text, const fs::path& folder, const fs::path& path) {
    if (!path.empty()) chain_.push_back(identity(path));
    std::optional<Node> root = tree(std::move(name), std::move(text), folder);
    if (root && root->is_map()) apply_sets(*root, folder);
    if (root && out_.report.ok()) decode(*root);
    return std::move(out_);
  }

  static fs::path identity(const fs::path& path) {
    std::error_code error;
    const fs::path canonical = fs::weakly_canonical(path, error);
    return error ? path.lexically_normal() : canonical;
  }

  // One file's tree on top of those it extends.
  std::optional<Node> tree(std::string name, std::string text, const fs::path& folder) {
    const uint32_t source = out_.report.add_source(std::move(name), std::move(text));
    files_.folder_of_source[source] = folder.empty() ? fs::path(".") : folder;
    std::optional<Node> root = parse_yaml(out_.report, source);
    if (!root) return std::nullopt;
    if (!root->is_map()) {
      out_.report.add({.mark = root->mark,
                       .message = fmt::format("{} where a scenario belongs", found(*root)),
                       .expected = "a mapping, 'scenario: NAME' and more keys"});
      return std::nullopt;
    }
    expand_short_forms(out_.report, *root);
    const Entry* extends = root->find("extends");
    if (extends == nullptr) return root;
    const Node bases = extends->value;
    root->remove("extends");
    std::optional<Node> below;
    const auto add = [&](const Node& base) {
      std::optional<Node> one = extended(base, source);
      if (!one) return;
      below = below ? merge(std::move(*below), std::move(*one)) : std::move(*one);
    };
    if (bases.is_list()) {
      for (const Node& base : bases.list) add(base);
    } else {
      add(bases);
    }
    return below ? merge(std::move(*below), std::move(*root)) : std::move(*root);
  }

  std::optional<Node> extended(const Node& base, uint32_t source) {
    const auto fail = [&](std::string message, std::string note = {}) {
      out_.report.add({.mark = base.mark,
                       .message = std::move(message),
                       .expected = note.empty() ? "the path of a scenario, relative to this one"
                                                : "files that do not extend each other in a circle",
                       .note = std::move(note)});
      return std::nullopt;
    };
    if (!base.is_scalar() || base.is_empty())
      return fail(fmt::format("{} after extends", found(base)));
    const fs::path path = files_.find(base.text, source);
    if (path.empty()) return fail(fmt::format("cannot find the scenario '{}'", base.text));
    const fs::path self = identity(path);
    if (std::ranges::find(chain_, self) != chain_.end()) {
      std::string round;
      for (const fs::path& p : chain_) round += p.filename().string() + " -> ";
      return fail(fmt::format("'{}' extends itself", base.text), round + self.filename().string());
    }
    if (chain_.size() >= kExtendsMax) return fail("too many files extend each other");
    std::optional<std::string> text = read_bytes(path);
    if (!text) return fail(fmt::format("cannot read the scenario '{}'", base.text));
    chain_.push_back(self);
    std::optional<Node> out = tree(path.string(), std::move(*text), path.parent_path());
    chain_.pop_back();
    return out;
  }

  void apply_sets(Node& root, const fs::path& folder) {
    for (const std::string& set : options_.set) {
      const uint32_t source = out_.report.add_source("--set", set);
      files_.folder_of_source[source] = folder.empty() ? fs::path(".") : folder;
      apply_set(out_.report, root, source);
    }
  }

  void decode(const Node& root) {
    Scenario s;
    Decoder d(out_.report, files_);
    MapVisitor v(d, root);
    describe(v, s);
    for (const std::string_view key : {"users", "gates", "extends", "sweep"}) v.known(key);
    v.finish();
    if (const Entry* sweep = root.find("sweep"); sweep != nullptr) {
      out_.sweep.emplace();
      d.at(".sweep", sweep->value.mark,
           [&] { decode_value(d, sweep->value, *out_.sweep, Limits{}); });
    }
    if (!out_.report.ok()) return;
    if (options_.seed) {
      s.seed = *options_.seed;
      s.seed_random = false;
    }
    complete(d, s, root.find("invariants") != nullptr);
    check(d, s);
    check_naive(d, s);
    // Only now: errors name actions by their place in the file.
    s.script = sorted_stably(s.script, [](const ScriptAction& a) { return a.at; });
    if (out_.sweep && !out_.sweep->constraint.empty() && out_.report.ok()) {
      const auto holds = constraint_holds(out_.sweep->constraint, to_tree(s));
      const Entry* written = root.find("sweep")->value.find("constraint");
      if (!holds) report_constraint(d, written->value, holds.error());
    }
    if (out_.report.ok()) out_.scenario = std::move(s);
  }

  const LoadOptions& options_;
  Loaded out_;
  Files files_;
  std::vector<fs::path> chain_;  // the files being read, outermost first
};

}  // namespace

Loaded load_file(const fs::path& path, const LoadOptions& options) {
  return Loader(options).from_file(path);
}

Loaded load_text(std::string name, std::string text, const fs::path& folder,
                 const LoadOptions& options) {
  return Loader(options).from_text(std::move(name), std::move(text), folder);
}

}  // namespace greytick::scenario
